class SerializedShelf:
    retries = 5

    def __init__(self, name):
        self.name = name
