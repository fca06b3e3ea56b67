def weigh(tasks, base, limit=10):
    """Sum up the weights of tasks."""
    total = base
    for task in tasks[:limit]:
        total += task.weight
    return total
