class Manager:
    limit = 5

    @property
    def tokens(self):
        if self.limit < 0:
            raise RuntimeError("a limit is never negative")
        return {}
