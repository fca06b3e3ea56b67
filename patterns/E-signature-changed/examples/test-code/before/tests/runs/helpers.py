def make_run(plan, session):
    return plan.run(session)
