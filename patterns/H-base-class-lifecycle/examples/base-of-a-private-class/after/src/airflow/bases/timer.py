class _Timer:
    def next(self):
        return 1
