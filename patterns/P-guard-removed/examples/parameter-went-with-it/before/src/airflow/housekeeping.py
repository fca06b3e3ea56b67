def tidy(run, dry_run=False):
    """Drop what a run left behind."""
    if dry_run:
        return
    for file in run.files:
        file.drop()
