import logging


class ShelfHandler(logging.Handler):
    def __init__(self, folder):
        super().__init__()
        self.folder = folder

    def set_context(self, shelf):
        self.shelf = shelf
