def page(limit):
    """Cut a page."""
    return slice(limit)
