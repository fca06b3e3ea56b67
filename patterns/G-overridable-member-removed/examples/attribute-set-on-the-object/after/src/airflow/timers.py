class Timer:
    """Says when a plan runs."""

    label = "timer"

    def __init__(self, start):
        self.start = start
        self.active = True

    def next_after(self, moment):
        """Give the next moment."""
        return max(self.start, moment)

    @property
    def summary(self):
        """Describe it."""
        return f"from {self.start}"

    def _round(self, moment):
        return moment
