class Sensor:
    def poke(self, **kwargs):
        """Look once."""
        return self.look(**kwargs)
