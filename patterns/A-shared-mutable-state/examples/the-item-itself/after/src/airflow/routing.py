def choose_queues(tasks):
    """Name the queues that tasks go to."""
    if tasks:
        tasks[0].marks.add("first")
    return [task.queue for task in tasks]
