"""Names in quotes: what reaches them, what is shown of them, and which names the finding holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.analysis.history.miniatures import hit, miniature
from tests.analysis.patterns import pattern
from workbench.domain.findings import Outcome

A = "src/pkg/a.py"
CONFIG = "src/pkg/config_templates/config.yml"
USED = "ours/main.py"
KINDS = 'from enum import Enum\n\n\nclass Kind(str, Enum):\n    LATE = "{}"\n    OPEN = "open"\n'
MODEL = """
from sqlalchemy import Column, Integer, String


class {name}(Base):
    __tablename__ = "{table}"
    id = Column(Integer, primary_key=True)
    {column} = Column(String(20), nullable={nullable})
"""
OPTIONS = """
{section}:
  description: ~
  options:
    {option}:
      description: ~
      type: integer
      default: "{default}"
    other:
      description: ~
      type: integer
      default: "1"
"""


def finding(
    folder: Path, before: str, after: str, used: str, name: str, *, path: str = A
) -> list[dict[str, Any]]:
    """The findings of one hit on a name, by a pattern of its own."""
    kinds = [pattern("", tags=())]
    made = miniature(
        folder, {path: before}, {path: after}, {USED: used}, hit(name, path=path), patterns=kinds
    )
    return list(made.findings.to_dicts())


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        ('def f(x):\n    return x == "late_one"\n', Outcome.STRING),
        ('def f(x):\n    return x in ("late_one", "open")\n', Outcome.STRING),
        ('def f(x):\n    return x in ("late_one", "overdue")\n', Outcome.FITS),
        ('def f(x):\n    return x == "late_one.x"\n', None),
        ('def f(x):\n    return x == "open"\n', None),
        ('def f(x):\n    return x == "late"\n', None),
    ],
)
def test_a_word_that_is_another_one(tmp_path: Path, used: str, expected: Outcome | None) -> None:
    """The old value is compared with, the new one is not; a word that goes on differs from it."""
    name = "pkg.a.Kind.LATE"
    used = f"from pkg import b\n\n\n{used}"
    found = finding(tmp_path, KINDS.format("late_one"), KINDS.format("overdue"), used, name)
    assert [(row["outcome"], row["names"]) for row in found] == (
        [(expected, [name])] if expected else []
    )
    for row in found:
        assert row["verified"]
        assert row["trace"][1]["text"] == 'LATE = "overdue"'
        assert row["trace"][-1]["where"] == "downstream"


@pytest.mark.parametrize(
    ("name", "after", "used", "expected"),
    [
        ("pkg.a.Loan.due", {"column": "late"}, "SELECT due FROM loan", (Outcome.STRING, True)),
        ("loan.due", {"column": "late"}, "SELECT l.due FROM loan l", (Outcome.STRING, True)),
        ("pkg.a.Loan.due", {"column": "late"}, "SELECT id FROM loan", None),
        ("pkg.a.Loan.due", {"nullable": "True"}, "SELECT due FROM loan", ("not-verified", False)),
        ("pkg.a.Loan", {"table": "lease", "name": "Lease"}, "SELECT id FROM loan", ("", True)),
        ("pkg.a.Loan", {"name": "Lease"}, "SELECT id FROM loan", None),
    ],
)
def test_a_table_in_a_statement(
    tmp_path: Path,
    name: str,
    after: dict[str, str],
    used: str,
    expected: tuple[Outcome, bool] | None,
) -> None:
    """What is gone cannot be asked for; what holds something else may do harm; the rest none."""
    given = {"name": "Loan", "table": "loan", "column": "due", "nullable": "False"}
    text = f'import pkg\n\n\ndef f(session):\n    session.execute("{used}")\n'
    before, now = MODEL.format(**given), MODEL.format(**(given | after))
    found = finding(tmp_path, before, now, text, name)
    if expected is None:
        assert found == []
        return
    (row,) = found
    assert (row["outcome"], row["verified"]) == (expected[0] or Outcome.STRING, expected[1])
    assert row["names"] == [name]


@pytest.mark.parametrize(
    ("after", "used", "expected"),
    [
        ({"option": "renamed"}, 'conf.getint("server", "age")', (Outcome.STRING, True)),
        ({"section": "desk"}, 'conf.getint("server", "age")', (Outcome.NOT_VERIFIED, False)),
        ({"default": "9"}, 'conf.getint("server", "age")', (Outcome.BEHAVIOUR, True)),
        ({"default": "9"}, 'conf.getint("server", "age", fallback=3)', (Outcome.FITS, True)),
        ({"default": "9"}, 'conf.set("server", "age", "3")', (Outcome.FITS, True)),
        ({"option": "renamed"}, 'conf.getint("server", "other")', None),
    ],
)
def test_an_option(
    tmp_path: Path, after: dict[str, str], used: str, expected: tuple[Outcome, bool] | None
) -> None:
    """One that is gone answers nothing; another default is felt by who brings none."""
    given = {"section": "server", "option": "age", "default": "3"}
    text = f"from pkg.configuration import conf\n\n\ndef f():\n    return {used}\n"
    before, now = OPTIONS.format(**given), OPTIONS.format(**(given | after))
    found = finding(tmp_path, before, now, text, "server.age", path=CONFIG)
    told = [(row["outcome"], row["verified"]) for row in found]
    assert told == ([expected] if expected else [])


@pytest.mark.parametrize(("word", "shown"), [("late", False), ("lateToday", True)])
def test_a_plain_word_may_be_anybodys(tmp_path: Path, word: str, shown: bool) -> None:
    """It is found and not claimed."""
    used = f'from pkg import b\n\n\ndef f(x):\n    return x == "{word}"\n'
    before, after = KINDS.format(word), KINDS.format("overdue")
    (row,) = finding(tmp_path, before, after, used, "pkg.a.Kind.LATE")
    assert row["verified"] is shown
