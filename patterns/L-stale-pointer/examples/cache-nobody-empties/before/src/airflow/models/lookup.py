_LABEL_CACHE = {}


def label(book):
    return book.load_label()
