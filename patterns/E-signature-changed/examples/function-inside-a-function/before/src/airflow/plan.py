def plan(tasks):
    """Order tasks."""

    def rank(task, base=0):
        return task.weight

    return sorted(tasks, key=rank)
