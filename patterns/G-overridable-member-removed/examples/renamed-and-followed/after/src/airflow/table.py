def table(timer):
    return [timer.after(0)]
