def choose_queue(task, ctx):
    """Name the queue that a task goes to."""
    if task.is_large:
        ctx.defaults["queue"] = "large"
    return ctx.defaults["queue"]
