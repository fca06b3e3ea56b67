class TaskData:
    queue = "default"
    retries = 0

    def key(self):
        """Identify the task."""
        return self.queue, self.retries
