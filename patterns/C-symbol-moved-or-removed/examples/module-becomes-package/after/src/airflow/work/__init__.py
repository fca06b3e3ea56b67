class Task:
    queue = "default"
    retries = 0

    def key(self):
        """Identify the task."""
        return self.queue, self.retries


class Runner:
    slots = 4

    def free(self):
        """Count free slots."""
        return self.slots - len(self.running)
