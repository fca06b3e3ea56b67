def _parse(text, zone):
    return zone.read(text)


class _Clock:
    def read(self, text, zone):
        return _parse(text, zone)
