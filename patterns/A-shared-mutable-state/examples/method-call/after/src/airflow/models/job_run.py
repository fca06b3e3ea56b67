from __future__ import annotations

from airflow.rules import RuleContext, WaitingRule


class JobRun:
    state = "none"

    def may_start(self, rule_context: RuleContext | None = None) -> bool:
        """Say whether every rule lets this run start."""
        rule_context = rule_context or RuleContext()
        if self.state == "waiting":
            # Waiting runs must not start before their time.
            rule_context.rules.add(WaitingRule())
        return all(rule.passes(self, rule_context) for rule in rule_context.rules)
