def build(plan, runner):
    """Build a plan."""
    return runner.build(plan)
