from airflow.rules import RuleContext


def may_start(run, rule_context=None):
    """Say whether every rule lets a run start."""
    rule_context = rule_context or RuleContext()
    return all(rule.passes(run) for rule in rule_context.rules)
