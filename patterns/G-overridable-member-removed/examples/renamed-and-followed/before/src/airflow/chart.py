def chart(timer):
    return [timer.next_after(0)]
