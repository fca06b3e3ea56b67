def tidied(runs):
    """Count what is dropped."""
    for run in runs:
        run.tidy()
