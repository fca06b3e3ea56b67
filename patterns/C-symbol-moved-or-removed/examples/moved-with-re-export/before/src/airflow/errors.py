class Stop(Exception):
    """Stops everything."""


class Skip(Exception):
    """Skips one task."""

    def __init__(self, task, reason):
        super().__init__(task, reason)
        self.task = task
        self.reason = reason
