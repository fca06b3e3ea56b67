def tidy(run):
    """Drop what a run left behind."""
    files = run.find_files()
    if files:
        for file in files:
            file.drop()
