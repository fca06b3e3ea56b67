def can_run(task, context):
    """Say whether a task can run now."""
    return all(rule.passes(task) for rule in context.rules)
