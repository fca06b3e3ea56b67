class Run:
    def __init__(self, tasks):
        self.tasks = tasks

    def is_allowed(self, user, view):
        """Say whether a user may see a view."""
        allowed = user.views
        return view in allowed or user.is_admin
