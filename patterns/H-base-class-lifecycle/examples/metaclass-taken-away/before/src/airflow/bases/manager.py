class Single(type):
    pass


class Manager(metaclass=Single):
    def start(self):
        return 1
