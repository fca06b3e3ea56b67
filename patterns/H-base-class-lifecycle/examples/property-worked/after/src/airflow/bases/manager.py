class Manager:
    @property
    def tokens(self):
        raise RuntimeError("not ready")
