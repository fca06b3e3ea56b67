def tidy(runs):
    """Drop what runs left behind."""
    for run in runs:
        if run.is_tidy:
            continue
        for file in run.files:
            file.drop()
