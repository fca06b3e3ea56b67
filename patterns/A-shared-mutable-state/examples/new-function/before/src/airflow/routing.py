def choose_queue(task, context):
    """Name the queue that a task goes to."""
    return task.queue or context.defaults["queue"]
