import warnings


def build(plan, runner, sub_plan=None):
    """Build a plan."""
    if sub_plan is not None:
        warnings.warn("sub_plan is deprecated", DeprecationWarning, stacklevel=2)
    return runner.build(plan)
