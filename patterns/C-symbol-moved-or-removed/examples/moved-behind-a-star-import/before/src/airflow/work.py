class Task:
    queue = "default"

    def key(self):
        """Identify the task."""
        return self.queue


class Runner:
    slots = 4

    def free(self):
        """Count free slots."""
        return self.slots - len(self.running)
