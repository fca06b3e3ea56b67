class Run:
    def __init__(self, plan):
        self._state = None
        self.plan = plan

    @property
    def state(self):
        """Say how it goes."""
        return self._state
