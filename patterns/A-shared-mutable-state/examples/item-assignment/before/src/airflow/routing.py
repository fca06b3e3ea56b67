def choose_queue(task, context):
    """Name the queue that a task goes to."""
    if task.queue:
        return task.queue
    return context.defaults["queue"]
