class _Timer(list):
    def next(self):
        return 1
