class Box:
    def get(self, key, default=None):
        """Take something out."""
        return self.things.get(key, default)
