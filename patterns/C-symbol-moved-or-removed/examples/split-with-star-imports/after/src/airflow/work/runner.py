class Runner:
    slots = 4

    def free(self):
        """Count free slots."""
        return self.slots - len(self.running)
