def tidy(run, rooms, session):
    """Drop what a run left behind."""
    if (
        not run.is_tidy
        and not run.is_kept
        and rooms.open_to(run.owner)
    ):
        for file in run.files:
            session.delete(file)
