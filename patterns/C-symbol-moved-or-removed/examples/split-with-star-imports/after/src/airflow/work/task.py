class Task:
    queue = "default"

    def key(self):
        """Identify the task."""
        return self.queue
