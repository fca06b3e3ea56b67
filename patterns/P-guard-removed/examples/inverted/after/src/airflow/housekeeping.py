def tidy(run):
    """Drop what a run left behind."""
    if not run.is_tidy:
        for file in run.files:
            file.drop()
