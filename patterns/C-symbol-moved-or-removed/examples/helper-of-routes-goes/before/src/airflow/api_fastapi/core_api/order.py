def page(limit):
    """Cut a page."""
    return slice(limit)


def order(text):
    """Read an order."""
    return text.split(",")
