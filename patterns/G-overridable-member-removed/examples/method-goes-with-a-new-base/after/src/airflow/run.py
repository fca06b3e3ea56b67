from airflow.state import Stateful


class Run(Stateful):
    def __init__(self, tasks):
        self.tasks = tasks

    def may_see(self, user, view):
        """Say whether a user may see a view."""
        allowed = user.views
        return view in allowed or user.is_admin

    def _count(self):
        """Count tasks."""
        return len(self.tasks)
