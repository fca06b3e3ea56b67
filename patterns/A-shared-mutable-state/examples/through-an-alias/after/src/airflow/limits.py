from airflow.pools import PoolLimit


def check_limits(task, context):
    """Give the first limit that a task runs into."""
    limits = context.limits
    if task.pool:
        limits.append(PoolLimit(task.pool))
    for limit in limits:
        if limit.hit_by(task):
            return limit
    return None
