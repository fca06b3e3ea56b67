def resize(pool, slots):
    pool.slots = slots
