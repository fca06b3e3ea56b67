def choose_queues(tasks):
    """Name the queues that tasks go to."""
    return [task.queue for task in tasks]
