import warnings


def resize(pool, slots):
    if isinstance(slots, list):
        warnings.warn("give a number", DeprecationWarning, stacklevel=2)
        slots = len(slots)
    pool.slots = slots
