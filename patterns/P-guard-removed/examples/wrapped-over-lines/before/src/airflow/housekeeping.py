def tidy(run, rooms, session):
    """Drop what a run left behind."""
    if run.is_tidy or run.is_kept or not rooms.open_to(run.owner):
        return
    for file in run.files:
        session.delete(file)
