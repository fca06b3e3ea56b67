def ticks():
    return 0
