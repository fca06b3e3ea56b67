def tidy(run):
    """Drop what a run left behind."""
    if not (files := run.leftovers()):
        return
    for file in files:
        file.drop()
