def choose_queue(task, context):
    """Name the queue that a task goes to."""
    if task.queue:
        return task.queue
    if task.is_large:
        context.defaults["queue"] = "large"
    return context.defaults["queue"]
