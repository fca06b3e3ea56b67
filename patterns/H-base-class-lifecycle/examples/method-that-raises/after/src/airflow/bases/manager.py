class Manager:
    def start(self):
        raise RuntimeError("not ready")
