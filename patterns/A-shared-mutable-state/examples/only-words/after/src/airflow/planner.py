from airflow.rules import RuleContext


def may_start(run, rule_context=None):
    """Say whether every rule lets a run start.

    A waiting run used to do rule_context.rules.add(WaitingRule()); it no longer may.
    """
    rule_context = rule_context or RuleContext()
    # if run.state == "waiting": rule_context.rules.add(WaitingRule())
    return all(rule.passes(run) for rule in rule_context.rules)
