"""Every example of every DAG rule behaves, and every fix leads where it says."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from workbench.analysis.dag_rules.check import check_text, fix_text
from workbench.domain.dag_rules import AirflowVersion, DagRule, RuleExample
from workbench.knowledge.dag_rules import read_dag_rules
from workbench.shipped_files import shipped

LIBRARY = read_dag_rules(shipped("patterns") / "dag-rules")
NEW = AirflowVersion(text="3.3.2", has_store=True, source="test")
OLD = AirflowVersion(text="3.2.1", has_store=False, source="test")
UNKNOWN = AirflowVersion()
NOT_YET = re.compile(r"task_state_store|asset_state_store|ResumableJobMixin|3\.3 on|NEVER_EXPIRE")
USE_WHAT_IS_THERE = ("S5", "S8", "S9")
"""Rules about code that is written for the stores already: below 3.3 they say it does not run."""


def _examples() -> list[tuple[DagRule, RuleExample]]:
    return [(rule, example) for rule in LIBRARY.rules for example in rule.examples]


def _text(rule: DagRule, name: str | None) -> str | None:
    assert rule.folder is not None
    return None if name is None else (rule.folder / "examples" / name).read_text("utf-8")


def _found(
    rule: DagRule, example: RuleExample, version: AirflowVersion, rules: tuple[DagRule, ...] = ()
) -> list[tuple[int, str]]:
    text = _text(rule, example.file)
    assert text is not None
    before = _text(rule, example.before)
    found = check_text(
        text, path="dags/one.py", rules=rules or [rule], version=version, before=before
    )
    return [(finding.line, finding.rule) for finding in found]


def test_the_shipped_rules_have_no_problems() -> None:
    """Files, examples, codes: one list of everything that is wrong."""
    assert [str(problem) for problem in LIBRARY.problems] == []
    assert [rule.id.partition("-")[0] for rule in LIBRARY.rules] == [f"S{n}" for n in range(1, 10)]


def test_every_example_behaves() -> None:
    """A hit is found on its lines by its rule; a clean file gives nothing from any rule."""
    offenders = []
    for rule, example in _examples():
        if example.lines:
            expected = [(line, rule.id) for line in example.lines]
            found = _found(rule, example, NEW)
        else:
            expected, found = [], _found(rule, example, NEW, LIBRARY.rules)
        if found != expected:
            offenders.append(f"{rule.id} {example.file}: {found} instead of {expected}")
    assert not offenders, "\n".join(offenders)


def test_every_fix_leads_to_the_fixed_file() -> None:
    """All patches of a file together give the file beside it, which that rule finds clean."""
    offenders = []
    for rule, example in _examples():
        text, wanted = _text(rule, example.file), _text(rule, example.fixed)
        assert text is not None
        made = fix_text(text, rules=[rule], version=NEW, before=_text(rule, example.before))
        if made != (wanted or text):
            offenders.append(f"{rule.id} {example.file}: {made}")
        elif wanted and check_text(made, path="x.py", rules=[rule], version=NEW):
            offenders.append(f"{rule.id} {example.fixed} is not clean")
    assert not offenders, "\n".join(offenders)


def test_every_rule_that_can_repair_shows_it() -> None:
    """Only what S6 asks for, one operator instead of two tasks, a person has to write."""
    fixing = {rule.id[:2] for rule, example in _examples() if example.fixed}
    assert fixing == {"S1", "S2", "S3", "S4", "S5", "S7", "S8", "S9"}


@pytest.mark.parametrize("version", [NEW, UNKNOWN], ids=["3.3", "unknown"])
def test_every_patch_applies_and_compiles(tmp_path: Path, version: AirflowVersion) -> None:
    """`git apply` takes each patch alone, and what it leaves is Python."""
    applied = 0
    for rule, example in _examples():
        text = _text(rule, example.file)
        assert text is not None
        before = _text(rule, example.before)
        for finding in check_text(
            text, path="dags/one.py", rules=LIBRARY.rules, version=version, before=before
        ):
            if finding.fix is None:
                continue
            file = tmp_path / "dags" / "one.py"
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
            subprocess.run(
                ["git", "apply", "-"],
                input=finding.fix.encode(),
                cwd=tmp_path,
                check=True,
                capture_output=True,
            )
            ast.parse(file.read_text("utf-8"))
            applied += 1
    assert applied == 25


def test_below_3_3_nothing_is_recommended_that_does_not_exist() -> None:
    """The same lines are found, the advice is another, and no patch leans on 3.3."""
    for rule, example in _examples():
        text = _text(rule, example.file)
        assert text is not None
        assert _found(rule, example, OLD) == _found(rule, example, NEW)
        before = _text(rule, example.before)
        for finding in check_text(text, path="x.py", rules=[rule], version=OLD, before=before):
            assert finding.primitive is None
            added = [x for x in (finding.fix or "").splitlines() if x.startswith("+")]
            said = "" if NOT_YET.search(text) else "".join(added)
            if rule.id[:2] in USE_WHAT_IS_THERE:
                assert "before Airflow 3.3" in finding.advice
            else:
                said += finding.advice + finding.why + finding.message
                assert not NOT_YET.search(said), said


def test_an_unknown_version_is_said() -> None:
    """Both ways are told, and that the version is not known."""
    rule = LIBRARY.rules[0]
    text = _text(rule, rule.examples[0].file)
    assert text is not None
    (finding,) = check_text(text, path="x.py", rules=[rule], version=UNKNOWN)
    assert "version is not known" in finding.advice
    assert rule.below in finding.advice
