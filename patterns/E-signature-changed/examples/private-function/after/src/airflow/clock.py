def _parse(text):
    return text.strip()


class _Clock:
    def read(self, text):
        return _parse(text)
