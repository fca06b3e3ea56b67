from typing import overload


class Box:
    @overload
    def get(self, key: str) -> str: ...

    @overload
    def get(self, key: str, default: int) -> str | int: ...

    def get(self, key, default=None):
        """Take something out."""
        return self.things.get(key, default)
