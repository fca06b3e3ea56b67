class Run:
    def __init__(self, tasks):
        self.tasks = tasks

    def tasks_in(self, state):
        """Give tasks in a state."""
        return [task for task in self.tasks if task.state == state]

    def may_see(self, user, view):
        """Say whether a user may see a view."""
        allowed = user.views
        return view in allowed or user.is_admin

    def _count(self):
        """Count tasks."""
        return len(self.tasks)
