def choose_queue(task, context):
    """Name the queue that a task goes to."""
    return context.defaults["queue"]
