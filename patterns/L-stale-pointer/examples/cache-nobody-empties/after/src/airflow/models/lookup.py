_LABEL_CACHE = {}


def label(book):
    _LABEL_CACHE[book.id] = book.load_label()
    return _LABEL_CACHE[book.id]
