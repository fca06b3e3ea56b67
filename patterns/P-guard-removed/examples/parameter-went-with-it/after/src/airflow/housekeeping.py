def tidy(run):
    """Drop what a run left behind."""
    for file in run.files:
        file.drop()
