import copy

from airflow.rules import RuleContext, WaitingRule


def may_start(run, rule_context=None):
    """Say whether every rule lets a run start."""
    rule_context = rule_context or RuleContext()
    if run.state == "waiting":
        rule_context = copy.copy(rule_context)
        rule_context.rules = rule_context.rules | {WaitingRule()}
    return all(rule.passes(run) for rule in rule_context.rules)
