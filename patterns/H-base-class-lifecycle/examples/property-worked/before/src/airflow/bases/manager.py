from functools import cached_property


class Manager:
    @cached_property
    def tokens(self):
        return {}
