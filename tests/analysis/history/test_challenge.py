"""The challenge: every reason on texts, the severity it comes to, and who may say more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.analysis.histories import SHAS, changes, commits, deltas, history, hunks
from tests.analysis.history.miniatures import Miniature, hit, miniature
from tests.analysis.history.test_impact import hits, sites
from tests.analysis.patterns import pattern
from workbench.analysis.history.challenge import challenge
from workbench.analysis.history.challenge_further import Arguer, Further
from workbench.analysis.history.impact import impact
from workbench.analysis.history.verify import SIGNATURE, verify
from workbench.domain.findings import FINDINGS
from workbench.domain.history import Severity
from workbench.domain.patterns import FailureMode, HotPath

A, USED = "src/pkg/a.py", "ours/main.py"
BOTH = "def used():\n    return 1\n\n\ndef kept():\n    return 2\n"
LEFT = "def kept():\n    return 2\n"
CLASS = "class Box:\n    def open(self, key, depth=1):\n        return key, depth\n"
SLOW = [pattern("", failure_mode=FailureMode.SLOW)]
HOT = [HotPath(qualname="pkg.a.Box.*", multiplicity="per-task-instance", why="each is asked.")]


def reviewed(made: Miniature, arguer: Arguer | None = None) -> dict[str, Any]:
    """The only finding after the challenge."""
    told = challenge(
        made.findings,
        made.known,
        hits=made.hits,
        history=made.history,
        further=Further(arguer),
    )
    (row,) = told.to_dicts()
    return dict(row)


def gone(folder: Path, used: str, *, path: str = USED, severity: str = "HIGH") -> Miniature:
    """A function that is gone, and a downstream that uses it."""
    return miniature(
        folder, {A: BOTH}, {A: LEFT}, {path: used}, hit("pkg.a.used", severity=severity)
    )


@pytest.mark.parametrize(
    ("used", "path", "argument", "severity", "kind"),
    [
        (
            "try:\n    from pkg.a import used\nexcept ImportError:\n    used = None\n",
            USED,
            "guarded",
            "LOW",
            "deprecated",
        ),
        (
            "import pkg\n\nif pkg.__version__ > '3':\n    from pkg.a import used\n",
            USED,
            "check of the version",
            "LOW",
            "deprecated",
        ),
        (
            "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from pkg.a import used\n",
            USED,
            "type checker",
            "LOW",
            "deprecated",
        ),
        ("from pkg.a import used\n", "tests/test_main.py", "only tests", "LOW", "break"),
        (
            "import pkg.a\n\n\ndef _f():\n    return pkg.a.used()\n",
            USED,
            "nothing refers",
            "MEDIUM-HIGH",
            "break",
        ),
        (
            "import pkg.a\n\n\ndef _f():\n    return pkg.a.used()\n\n\nprint(_f())\n",
            USED,
            None,
            "HIGH",
            "break",
        ),
        ("import pkg.a\n\n\ndef f():\n    return pkg.a.used()\n", USED, None, "HIGH", "break"),
    ],
)
def test_a_missing_name_is_less_bad(
    tmp_path: Path, used: str, path: str, argument: str | None, severity: str, kind: str
) -> None:
    """Where there is another way to go, or nobody who goes."""
    row = reviewed(gone(tmp_path, used, path=path))
    assert (row["severity"], row["kind"]) == (severity, kind)
    assert row["review"]["from"] == "HIGH"
    assert row["review"]["to"] == severity
    said = [reason["argument"] for reason in row["review"]["reasons"]]
    assert len(said) == (argument is not None)
    if argument:
        assert argument in said[0]
        assert row["review"]["verdict"] == "downgraded"
        (reason,) = row["review"]["reasons"]
        lines = used.split("\n")
        assert (reason["where"], reason["path"]) == ("downstream", path)
        assert lines[reason["line"] - 1].strip() == reason["text"]


@pytest.mark.parametrize(
    ("severity", "comes_to", "verdict"),
    [
        ("MEDIUM", "HIGH", "upgraded"),
        ("MEDIUM-HIGH", "HIGH", "upgraded"),
        ("HIGH", "HIGH", "confirmed"),
        ("CRITICAL", "CRITICAL", "confirmed"),
    ],
)
def test_a_crash_at_import_time_is_high_at_least(
    tmp_path: Path, severity: str, comes_to: str, verdict: str
) -> None:
    """Before anything else runs, the module is not there."""
    row = reviewed(gone(tmp_path, "from pkg.a import used\n", severity=severity))
    assert (row["severity"], row["review"]["verdict"]) == (comes_to, verdict)
    assert [r["direction"] for r in row["review"]["reasons"]] == ["up"]


def test_a_crash_while_things_start_is_high_at_least(tmp_path: Path) -> None:
    """An attribute that raises until an init runs, read in a constructor."""
    after = (
        "class Box:\n    @property\n    def size(self):\n        raise RuntimeError('init first')\n"
    )
    used = (
        "from pkg.a import Box\n\n\nclass Mine(Box):\n    def __init__(self):\n        self.size\n"
    )
    made = miniature(
        tmp_path,
        {A: "class Box:\n    size = 1\n"},
        {A: after},
        {USED: used},
        hit("pkg.a.Box.size", severity="MEDIUM-HIGH"),
        patterns=[pattern("")],
    )
    row = reviewed(made)
    assert row["severity"] == "HIGH"
    assert [r["line"] for r in row["review"]["reasons"]] == [6]


def test_a_shim_makes_it_low(tmp_path: Path) -> None:
    """The line that keeps the old name is the reason."""
    body = "def used(a, b):\n    first = a + b\n    second = first * 2\n    return second - a\n"
    made = miniature(
        tmp_path,
        {A: body, "src/pkg/b.py": ""},
        {A: "from pkg.b import used\n", "src/pkg/b.py": body},
        {USED: "from pkg.a import used\n"},
        hit("pkg.a.used"),
    )
    row = reviewed(made)
    assert (row["severity"], row["kind"]) == ("LOW", "deprecated")
    (reason,) = row["review"]["reasons"]
    assert (reason["path"], reason["text"]) == (A, "from pkg.b import used")


def test_an_override_that_swallows_keywords_stays(tmp_path: Path) -> None:
    """It takes what upstream passes, whatever that is."""
    used = "from pkg.a import Box\n\n\nclass Mine(Box):\n    def open(self, key, **more): ...\n"
    made = miniature(
        tmp_path,
        {A: CLASS},
        {A: CLASS.replace("depth=1", "*, lock, depth=1")},
        {USED: used},
        hit("pkg.a.Box.open"),
        patterns=[pattern("", tags=(SIGNATURE,))],
    )
    row = reviewed(made)
    assert row["severity"] == "LOW"
    assert [r["line"] for r in row["review"]["reasons"]] == [5]


LOAN = """
from sqlalchemy import Column, Index, Integer


class Loan(Base):
    __tablename__ = "loan"
    id = Column(Integer, primary_key=True)
    due = Column(Integer)
    reader = Column(Integer)
    __table_args__ = (Index("idx_loan_reader_due", reader, due),)
"""


@pytest.mark.parametrize(
    ("hot", "body", "severity", "said"),
    [
        ([], "return [key]", "MEDIUM", ["it is not reached from any path that runs often"]),
        (HOT, "return [key]", "HIGH", ["it runs for every task instance"]),
        (
            HOT,
            "return select(Loan).where(Loan.due == key)",
            "HIGH",
            ["it runs for every task instance", "no index leads to what it filters by: Loan.due"],
        ),
        # One argument on each side: it stands as it was.
        (
            [],
            "return select(Loan).where(Loan.due == key)",
            "MEDIUM-HIGH",
            ["it is not reached", "no index leads"],
        ),
        (
            [],
            "return select(Loan).where(Loan.due == key, Loan.reader == 1)",
            "MEDIUM",
            ["it is not reached"],
        ),
    ],
)
def test_cost_depends_on_how_often_it_is_paid(
    tmp_path: Path, hot: list[HotPath], body: str, severity: str, said: list[str]
) -> None:
    """Per task instance is worse, on no hot path less bad, without an index worse."""
    made = miniature(
        tmp_path,
        {A: CLASS},
        {A: CLASS.replace("return key", body), "src/pkg/loan.py": LOAN},
        {USED: "from pkg.a import Box\n\nBox().open(1)\n"},
        hit("pkg.a.Box.open", severity="MEDIUM-HIGH"),
        patterns=SLOW,
        hot_paths=hot,
    )
    row = reviewed(made)
    assert row["severity"] == severity
    told = [reason["argument"] for reason in row["review"]["reasons"]]
    assert all(argument.startswith(words) for argument, words in zip(told, said, strict=True))


@pytest.mark.parametrize(
    ("message", "until", "severity"),
    [
        (f'Revert "Change 0"\n\nThis reverts commit {SHAS[0]}.', 3, "MEDIUM-HIGH"),
        ('Revert "Change 0" (#12)', 3, "MEDIUM-HIGH"),
        ('Revert "Change 0" (#12)', 2, "HIGH"),
        ('Revert "Change 1"', 3, "HIGH"),
        ("Mention Change 0", 3, "HIGH"),
    ],
)
def test_a_change_that_was_taken_back(message: str, until: int, severity: str) -> None:
    """Only by a commit of the span that says so, named by its sha or its subject."""
    subjects = ["Change 0", "Change 1", message.split("\n")[0]]
    said = {"subject": subjects, "message": ["Change 0", "Change 1", message]}
    fact = {"change": "removed", "module": "pkg.models.dag", "before": {"kind": "class"}}
    upstream = history(
        {
            "commits": commits(3, **said).head(until),
            "file_changes": changes((0, A), (1, A), (2, A)),
            "hunks": hunks((0, "class Dag:", ""), (2, "", "class Dag:")),
            "definitions_deltas": deltas("definitions", {**fact, "qualname": "Dag"}),
        }
    )
    called = sites(("pkg.models.dag.Dag", "call")).with_columns(scope=pl.lit("f"))
    found = impact(hits({}), called)
    told, known = verify(found, called, patterns=[], history=upstream)
    (row,) = challenge(told, known, hits=hits({}), history=upstream).to_dicts()
    assert row["severity"] == severity
    if severity != "HIGH":
        (reason,) = row["review"]["reasons"]
        assert (reason["path"], reason["line"], reason["text"]) == (A, 10, "class Dag:")
        assert SHAS[2][:12] in reason["argument"]


@pytest.mark.parametrize(
    ("other", "hot", "severity"),
    [
        ({"pattern": "Y-test"}, [], "HIGH"),
        ({"pattern": "X-test"}, [], "MEDIUM-HIGH"),
        ({"pattern": "Y-test", "severity": "MEDIUM"}, [], "MEDIUM-HIGH"),
        ({"pattern": "Y-test", "qualname": "pkg.a.Box.shut"}, [], "MEDIUM-HIGH"),
        ({"pattern": "Y-test", "qualname": "pkg.a.Box.shut"}, HOT, "HIGH"),
    ],
)
def test_several_patterns_at_one_place_are_worse(
    tmp_path: Path, other: dict[str, Any], hot: list[HotPath], severity: str
) -> None:
    """Two loud ones in one function, or on one hot path; the same pattern twice is one."""
    loud = {"severity": "MEDIUM-HIGH"}
    kinds = [pattern("", id=name, failure_mode=FailureMode.WRONG_DATA) for name in ("X-test", "Y")]
    made = miniature(
        tmp_path,
        {A: CLASS},
        {A: CLASS.replace("return key", "return [key]")},
        {USED: "from pkg.a import Box\n\n\ndef f():\n    Box().open(1)\n"},
        hit("pkg.a.Box.open", **loud),
        patterns=kinds,
        hot_paths=hot,
    )
    beside = hits({"sha": made.finding["sha"], "names": ["pkg.z"], "qualname": "pkg.a.Box.open"}
                  | loud | other)  # fmt: skip
    every = pl.concat([made.hits, beside])
    told = challenge(made.findings, made.known, hits=every, history=made.history)
    assert told["severity"].to_list() == [severity]


def says(*arguments: Mapping[str, Any]) -> Arguer:
    """Somebody who gives these arguments for any finding."""

    def arguer(shown: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        assert "password=hunter2hunter2" not in str(shown)
        return [{"argument": "I think so.", "where": "downstream", **a} for a in arguments]

    return arguer


@pytest.mark.parametrize(
    ("said", "severity", "kept"),
    [
        ([{"direction": "down", "path": USED, "line": 5}], "MEDIUM-HIGH", 1),
        ([{"direction": "up", "path": USED, "line": 5}], "HIGH", 1),
        ([{"direction": "down", "path": USED, "line": 5}] * 3, "MEDIUM-HIGH", 3),
        # What cites no line that exists is dropped.
        ([{"direction": "down", "path": USED, "line": 50}], "HIGH", 0),
        ([{"direction": "down", "path": USED, "line": 2}], "HIGH", 0),
        ([{"direction": "down", "path": "ours/none.py", "line": 5}], "HIGH", 0),
        ([{"direction": "down", "path": USED, "line": "5"}], "HIGH", 0),
        ([{"direction": "down", "path": USED}], "HIGH", 0),
        ([{"direction": "sideways", "path": USED, "line": 5}], "HIGH", 0),
        ([{"direction": "down", "path": USED, "line": 5, "where": "elsewhere"}], "HIGH", 0),
        ([{"direction": "down", "path": A, "line": 1, "where": "upstream"}], "MEDIUM-HIGH", 1),
        ([], "HIGH", 0),
    ],
)
def test_somebody_else_may_argue_with_lines(
    tmp_path: Path, said: list[dict[str, Any]], severity: str, kept: int
) -> None:
    """A model's word counts with a line that exists, one step at most, and sees no secret."""
    used = "import pkg.a\n\n\ndef f():\n    return pkg.a.used('password=hunter2hunter2')\n"
    row = reviewed(gone(tmp_path, used), says(*said))
    assert row["severity"] == severity
    assert len(row["review"]["reasons"]) == kept


def test_somebody_else_does_not_outvote_evidence(tmp_path: Path) -> None:
    """Where a line proves one side, a guess for the other changes nothing."""
    made = gone(tmp_path, "from pkg.a import used\n", severity="MEDIUM-HIGH")
    row = reviewed(made, says({"direction": "down", "path": USED, "line": 1}))
    assert row["severity"] == "HIGH"
    assert [r["direction"] for r in row["review"]["reasons"]] == ["up", "down"]


def test_nothing_to_challenge() -> None:
    """An empty frame stays one, of the declared shape."""
    upstream = history({"commits": commits(1)})
    none = FINDINGS.empty()
    told, known = verify(none, sites(), patterns=[], history=upstream)
    assert challenge(told, known, hits=hits(), history=upstream).is_empty()
    assert Severity.HIGH.rank == 3
