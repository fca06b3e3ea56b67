from airflow.rules import LateRule

def can_run(task, context):
    """Say whether a task can run now."""
    if task.is_late:
        setattr(context, "rules", context.rules | {LateRule()})
    return all(rule.passes(task) for rule in context.rules)
