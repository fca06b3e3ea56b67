def size(pool):
    return pool.slots
