from abc import ABC, abstractmethod


class Manager(ABC):
    """Decides who may do what."""

    @abstractmethod
    def may_read(self, user):
        """Say whether a user may read."""
