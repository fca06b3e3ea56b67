class Sensor:
    def poke(self, **kwargs):
        """Look once."""
        if self.strict:
            self.seen["strict"] = True
            kwargs["strict"] = True
        return self.look(**kwargs)
