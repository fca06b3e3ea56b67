class SerializedShelf:
    retries = 3

    def __init__(self, name):
        self.name = name
