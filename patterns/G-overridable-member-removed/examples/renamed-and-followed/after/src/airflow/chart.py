def chart(timer):
    return [timer.after(0)]
