def notify(who, text, urgent=False):
    """Send a message."""
    return who.send(text, urgent=urgent)
