class Run:
    """One run of a plan."""

    def __init__(self, plan, started, note=None):
        self.plan = plan
        self.started = started
        self.note = note

    def fetch(self, task, session, limit=10):
        """Find what a task left."""
        return session.find(self.plan, task)[:limit]
