class Single(type):
    pass


class Manager:
    def start(self):
        return 1
