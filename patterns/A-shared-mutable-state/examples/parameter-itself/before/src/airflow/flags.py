def is_due(task, flags):
    """Say whether a task is due."""
    return task.ready and "hold" not in flags


def send(task, headers):
    """Hand a task on."""
    return task.post(headers)
