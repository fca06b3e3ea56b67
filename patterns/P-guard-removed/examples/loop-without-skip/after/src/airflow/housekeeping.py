def tidy(runs):
    """Drop what runs left behind."""
    for run in runs:
        for file in run.files:
            file.drop()
