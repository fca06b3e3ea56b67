class Manager:
    def start(self):
        return {}
