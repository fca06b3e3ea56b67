def tidy(run):
    """Drop what a run left behind."""
    if run.is_tidy:
        return
    for file in run.files:
        file.drop()
