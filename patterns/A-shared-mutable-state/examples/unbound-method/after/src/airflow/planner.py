from airflow.rules import LateRule, Rules


def start(task, rules=None):
    """Start a task whose rules all pass."""
    rules = rules or Rules()
    if task.is_late:
        set.add(rules.extra, LateRule())
    return rules.pass_for(task)
