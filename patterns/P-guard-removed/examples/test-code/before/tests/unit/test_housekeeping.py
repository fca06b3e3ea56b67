def tidied(runs):
    """Count what is dropped."""
    for run in runs:
        if run.is_tidy:
            continue
        run.tidy()
