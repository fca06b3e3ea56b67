def size(pool):
    return pool.slots


def resize(pool, slots):
    if slots == 0:
        raise ValueError("a pool needs slots")
    pool.slots = slots
