class Run:
    @property
    def leftovers(self):
        """Paths that a run left behind."""
        return self.paths
