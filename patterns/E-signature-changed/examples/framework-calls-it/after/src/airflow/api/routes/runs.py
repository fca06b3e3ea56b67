@router.get("/runs/{run_id}")
def get_run(run_id, session, user):
    """Show a run."""
    return session.get(run_id)
