def choose_queue(task, context):
    """Name the queue that a task goes to."""
    return task.queue or context.defaults["queue"]


def route(task, context):
    """Keep large tasks on a queue of their own from here on."""
    if task.is_large:
        context.defaults["queue"] = "large"
    return choose_queue(task, context)
