from airflow.rules import Rules


def start(task, rules=None):
    """Start a task whose rules all pass."""
    rules = rules or Rules()
    return rules.pass_for(task)
