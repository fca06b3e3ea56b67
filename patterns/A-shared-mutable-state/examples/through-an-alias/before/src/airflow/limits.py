def check_limits(task, context):
    """Give the first limit that a task runs into."""
    for limit in context.limits:
        if limit.hit_by(task):
            return limit
    return None
