def is_due(task, flags):
    """Say whether a task is due."""
    return task.ready and "hold" not in flags
