class Run:
    @property
    def leftovers(self):
        """Files that a run left behind."""
        if self.paths is None:
            return None
        return [File(path) for path in self.paths]
