"""Pattern A: every way to spell the same leak is the same hit."""

from __future__ import annotations

import ast
from pathlib import Path

import polars as pl
import pytest

from workbench.analysis.history.detect import detect
from workbench.knowledge.catalogue import open_catalogue
from workbench.knowledge.example_history import example_history, sha_of

MADE_HERE = "def ready(task, ctx=None):\n    ctx = ctx or Context()\n"
HANDED_IN = "def ready(task, ctx):\n"
REST = "    return all(rule.passes(task) for rule in ctx.rules)\n"
LEAKS = [
    "ctx.rules.add(Late())",
    "ctx.rules.pop()",
    "ctx.rules.clear()",
    "ctx.rules |= {Late()}",
    "ctx.rules += [Late()]",
    "ctx.rules = ctx.rules | {Late()}",
    "ctx.rules = {*ctx.rules, Late()}",
    "ctx.rules[:] = [Late()]",
    'ctx.flags["late"] = True',
    'ctx.flags.update(late="yes")',
    'ctx.flags.setdefault("late", []).append(task)',
    'ctx.flags.__setitem__("late", 1)',
    'del ctx.flags["early"]',
    'setattr(ctx, "rules", ctx.rules | {Late()})',
    'getattr(ctx, "rules").add(Late())',
    'vars(ctx)["rules"].add(Late())',
    "set.add(ctx.rules, Late())",
    "operator.ior(ctx.rules, {Late()})",
    "heapq.heappush(ctx.queue, task)",
    "list(map(ctx.rules.add, [Late()]))",
    "rules = ctx.rules; rules.add(Late())",
    "rules, count = ctx.rules, 1; rules.add(Late())",
    "push = ctx.rules.append; push(Late())",
    "(rules := ctx.rules).add(Late())",
]
NO_LEAKS = [
    "rules = set(ctx.rules); rules.add(Late())",
    "rules = ctx.rules | {Late()}; rules.add(Later())",
    "rules = ctx.rules.copy(); rules.add(Late())",
    "ctx = copy.copy(ctx); ctx.rules = ctx.rules | {Late()}",
    "ctx = dataclasses.replace(ctx, rules=set()); ctx.rules.add(Late())",
    "late = []; late.append(ctx.rules)",
    "task.tries += 1",
    "task.state = ctx.state",
    'text = "ctx.rules.add(Late())"',
]


def hits(heads: list[str], bodies: list[str]) -> pl.DataFrame:
    """Hits of the pattern on one commit for each head and body, named by both."""
    trees = {
        f"{head}{body}": (
            {"src/app/plan.py": head + REST},
            {"src/app/plan.py": f"{head}    if task.late:\n        {body}\n{REST}"},
        )
        for head in heads
        for body in bodies
    }
    for _, after in trees.values():
        ast.parse(after["src/app/plan.py"])
    history, rejected = example_history(trees)
    assert not any(rejected.values())
    catalogue = open_catalogue(Path(__file__).parents[2] / "patterns")
    found = detect(catalogue.pattern("A"), history, hot_paths=catalogue.hot_paths())
    names = pl.DataFrame({"sha": [sha_of(t) for t in trees], "tree": list(trees)})
    return found.join(names, on="sha")


@pytest.mark.parametrize(
    ("head", "severity"), [(MADE_HERE, "HIGH"), (HANDED_IN, "MEDIUM-HIGH")], ids=["made", "given"]
)
def test_every_spelling_is_one_hit(head: str, severity: str) -> None:
    """Each leak is hit once; one whose object may also be made here is the worse one."""
    found = hits([head], LEAKS)
    missed = {head + body for body in LEAKS} - set(found["tree"])
    assert missed == set()
    assert found.height == len(LEAKS)
    assert set(found["severity"]) == {severity}
    assert set(found["qualname"]) == {"app.plan.ready"}


def test_copies_and_items_are_left_alone() -> None:
    """What is made in the function, or is the item itself, leaks into no other call."""
    assert hits([MADE_HERE, HANDED_IN], NO_LEAKS)["tree"].to_list() == []
