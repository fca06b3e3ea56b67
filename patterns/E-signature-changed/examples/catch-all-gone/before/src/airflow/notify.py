def notify(who, text, **options):
    """Send a message."""
    return who.send(text, urgent=options.get("urgent", False))
