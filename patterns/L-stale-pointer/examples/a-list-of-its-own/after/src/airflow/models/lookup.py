_LABELS = {}


def label(book):
    _LABELS[book.id] = book.load_label()
    return _LABELS[book.id]
