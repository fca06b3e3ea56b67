def _resize(pool, slots):
    """Give a pool another size."""
    pool.slots = slots
