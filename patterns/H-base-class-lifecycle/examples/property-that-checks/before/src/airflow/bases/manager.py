class Manager:
    limit = 5

    @property
    def tokens(self):
        return {}
