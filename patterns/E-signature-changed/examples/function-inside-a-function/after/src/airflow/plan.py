def plan(tasks):
    """Order tasks."""

    def rank(task):
        return task.weight

    return sorted(tasks, key=rank)
