class Timer:
    """Says when a plan runs."""

    label = "timer"

    def __init__(self, start):
        self.start = start

    @property
    def active(self):
        return self.start > 0

    def next_after(self, moment):
        """Give the next moment."""
        return max(self.start, moment)

    @property
    def summary(self):
        """Describe it."""
        return f"from {self.start}"

    def _round(self, moment):
        return moment
