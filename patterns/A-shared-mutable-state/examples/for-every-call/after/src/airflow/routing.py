def choose_queue(task, context):
    """Name the queue that a task goes to."""
    context.defaults["queue"] = task.queue
    return context.defaults["queue"]
