def is_due(task, flags):
    """Say whether a task is due."""
    if task.is_late:
        flags.add("hold")
    return task.ready and "hold" not in flags
