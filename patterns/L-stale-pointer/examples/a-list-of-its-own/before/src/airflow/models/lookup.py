_LABELS = {}


def label(book):
    return book.load_label()
