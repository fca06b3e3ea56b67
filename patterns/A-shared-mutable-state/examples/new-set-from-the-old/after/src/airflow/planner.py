from airflow.rules import RuleContext, WaitingRule


def may_start(run, rule_context=None):
    """Say whether every rule lets a run start."""
    rule_context = rule_context or RuleContext()
    rules = set(rule_context.rules)
    if run.state == "waiting":
        rules.add(WaitingRule())
    return all(rule.passes(run) for rule in rules)
