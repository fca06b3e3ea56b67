def make_run(plan):
    return plan.run()
