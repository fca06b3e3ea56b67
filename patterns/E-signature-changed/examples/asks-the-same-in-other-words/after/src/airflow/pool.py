def resize(pool, slots):
    if not slots:
        raise TypeError("a pool needs slots")
    pool.slots = slots
