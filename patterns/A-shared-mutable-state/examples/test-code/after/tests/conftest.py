def may_start(run, context=None):
    """Stand in for the real check."""
    context = context or {}
    if run.state == "waiting":
        context.rules.add("waiting")
    return True
