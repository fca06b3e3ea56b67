"""Impact: which call sites a hit reaches, and what that makes of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from tests.analysis.histories import SHAS, commits
from workbench.analysis.history.impact import impact
from workbench.domain.findings import FINDINGS
from workbench.domain.frames import CALL_SITES, HITS
from workbench.domain.patterns import HotPath

HOT = [
    HotPath(qualname="pkg.loop.*", multiplicity="per-loop", why="the loop calls it"),
    HotPath(qualname="pkg.models.dag.Dag.run", multiplicity="per-dag-run", why="each run"),
]


def hits(*rows: dict[str, Any]) -> pl.DataFrame:
    return HITS.frame(
        [
            {
                "sha": SHAS[0],
                "path": "src/pkg/models/dag.py",
                "line": 3,
                "side": "before",
                "pattern": "X-test",
                "stage": "trial",
                "severity": "HIGH",
                "qualname": "pkg.models.dag.Dag",
                "names": ["pkg.models.dag.Dag"],
                "message": "It changed.",
            }
            | ({"qualname": row["names"][0]} if row.get("names") else {})
            | row
            for row in rows
        ]
    )


def sites(*rows: tuple[str, str] | tuple[str, str, str]) -> pl.DataFrame:
    """Call sites, one a line, of (target, kind) or (target, kind, downstream)."""
    return CALL_SITES.frame(
        [
            {
                "downstream": row[2] if len(row) == 3 else "ours",
                "path": "ours/main.py",
                "line": 10 + n,
                "target": row[0],
                "kind": row[1],
                "expression": f"use {n}",
                "scope": "",
            }
            for n, row in enumerate(rows)
        ]
    )


@pytest.mark.parametrize(
    ("name", "target", "kind", "reached"),
    [
        ("pkg.models.dag.Dag", "pkg.models.dag.Dag", "import", True),
        ("pkg.models.dag.Dag", "pkg.models.dag.Dag.run", "call", True),
        ("pkg.models.dag", "pkg.models.dag.Dag", "import", True),
        ("pkg.models.dag.Dag.run", "pkg.models.dag.Dag.run", "override", True),
        ("pkg.models.dag.Dag.run", "pkg.models.dag.Dag", "subclass", True),
        ("pkg.models.dag.Dag.run", "pkg.models.dag.Dag", "import", False),
        ("pkg.models.dag.Dag.run", "pkg.models.dag.Dag", "call", False),
        ("pkg.models.dag.Dag.run", "pkg.models.dag.Dag.stop", "call", False),
        ("pkg.models.dag.Dag.run", "pkg.models.dag", "import", False),
        ("pkg.models.dag.Dag", "other.models.dag.Dag", "import", False),
        ("pkg.models.dag.Dag", "pkg.serial.Dag", "import", False),
        ("pkg.models.dag.Dag", "pkg.models.dag.DagModel", "import", False),
        ("pkg.models.dag.Dag", "pkg.models.dagrun.Dag", "import", False),
        ("pkg.models.dag.Dag", "models.dag.Dag", "import", False),
    ],
)
def test_what_a_name_reaches(name: str, target: str, kind: str, reached: bool) -> None:
    """The name itself, what hangs on it, who inherits from its class; no namesake elsewhere."""
    found = impact(hits({"names": [name]}), sites((target, kind)))
    assert found["downstream"].to_list() == (["ours"] if reached else [])


@pytest.mark.parametrize(
    ("kind", "target", "reached"),
    [
        ("subclass", "pkg.models.dag.Dag", False),
        ("override", "pkg.models.dag.Dag.run", True),
        ("call", "pkg.models.dag.Dag.run", True),
    ],
)
def test_a_name_that_is_gone_is_reached_by_use_alone(kind: str, target: str, reached: bool) -> None:
    """Who inherits from the class that lost a method may never ask for it."""
    lost = hits({"names": ["pkg.models.dag.Dag.run"]})
    found = impact(lost, sites((target, kind)), missing={"X-test"})
    assert found.is_empty() is not reached
    assert impact(lost, sites((target, kind)), missing={"Y-test"}).height == 1


def test_a_spelling_must_be_proven() -> None:
    """A re-exported name is reached through its other spelling, and only where one is given."""
    through_package = sites(("pkg.models.Dag", "import"), ("pkg.models.Dag.run", "call"))
    assert impact(hits({}), through_package).is_empty()
    known = pl.DataFrame(
        {"sha": [SHAS[0]], "name": ["pkg.models.dag.Dag"], "alias": ["pkg.models.Dag"]}
    )
    found = impact(hits({}), through_package, aliases=known)
    assert [s["target"] for s in found["call_sites"][0]] == ["pkg.models.Dag", "pkg.models.Dag.run"]
    assert found["names"].to_list() == [["pkg.models.dag.Dag"]]
    later = hits({"sha": SHAS[1]})
    assert impact(later, through_package, aliases=known).is_empty()


def test_one_finding_for_each_commit_pattern_and_downstream() -> None:
    """Hits of a pattern in a commit are one finding, told by the worst, with all its sites."""
    several = hits(
        {"line": 9, "severity": "MEDIUM", "names": ["pkg.a.one"], "message": "Milder."},
        {"line": 7, "names": ["pkg.a.two", "pkg.a.three"], "message": "Worst."},
        {"line": 8, "names": ["pkg.a.unused"], "message": "Reaches nobody."},
        {"line": 7, "names": ["pkg.a.one"], "pattern": "Y-test"},
        {"line": 7, "names": ["pkg.a.one"], "sha": SHAS[1]},
    )
    used = sites(
        ("pkg.a.one", "import"),
        ("pkg.a.three", "import"),
        ("pkg.a.two", "import"),
        ("pkg.a.one", "call", "theirs"),
    )
    found = impact(several, used)
    assert FINDINGS.check(found).select(
        "sha", "line", "pattern", "downstream", "message"
    ).rows() == [
        (SHAS[0], 7, "X-test", "ours", "Worst."),
        (SHAS[0], 7, "Y-test", "ours", "It changed."),
        (SHAS[0], 7, "Y-test", "theirs", "It changed."),
        (SHAS[0], 9, "X-test", "theirs", "Milder."),
        (SHAS[1], 7, "X-test", "ours", "It changed."),
        (SHAS[1], 7, "X-test", "theirs", "It changed."),
    ]
    first = found.row(0, named=True)
    assert first["names"] == ["pkg.a.two", "pkg.a.three", "pkg.a.one"]
    assert [(s["line"], s["target"]) for s in first["call_sites"]] == [
        (10, "pkg.a.one"),
        (11, "pkg.a.three"),
        (12, "pkg.a.two"),
    ]


def test_what_a_hit_is_in_stands_for_names_that_had_to_be_cut() -> None:
    """A module that went with more than five names is reached by whoever uses any of them."""
    gone = {"qualname": "pkg.old", "names": [f"pkg.old.n{n}" for n in range(5)]}
    found = impact(hits(gone), sites(("pkg.old.n7", "import"), ("pkg.older.n7", "import")))
    assert [site["target"] for site in found["call_sites"][0]] == ["pkg.old.n7"]


def test_low_still_works() -> None:
    """A hit of LOW becomes a deprecated finding, any other one a break."""
    two = hits({"severity": "LOW"}, {"sha": SHAS[1], "severity": "MEDIUM"})
    found = impact(two, sites(("pkg.models.dag.Dag", "import")))
    assert found.select("sha", "kind").rows() == [(SHAS[0], "deprecated"), (SHAS[1], "break")]


@pytest.mark.parametrize(
    ("qualname", "severity", "kinds"),
    [
        ("pkg.loop.Loop.step", "MEDIUM-HIGH", ["everyone"]),
        ("pkg.loop.Loop.step", "CRITICAL", ["everyone"]),
        ("pkg.loop.Loop.step", "MEDIUM", []),
        ("pkg.models.dag.Dag.run", "HIGH", ["everyone"]),
        ("pkg.models.dag.Dag.runner", "HIGH", []),
        ("pkg.loopy.f", "HIGH", []),
    ],
)
def test_for_everyone(qualname: str, severity: str, kinds: list[str]) -> None:
    """Without a call site a hit concerns everyone when it is bad and stands on a hot path."""
    one = hits({"qualname": qualname, "severity": severity, "names": ["pkg.x.y"]})
    found = impact(one, CALL_SITES.empty(), hot_paths=HOT)
    assert found["kind"].to_list() == kinds
    assert found["downstream"].to_list() == [None] * len(kinds)


def test_a_name_that_is_gone_concerns_nobody_who_does_not_use_it() -> None:
    """Upstream takes away what it no longer asks for, on a hot path as anywhere."""
    one = hits({"qualname": "pkg.loop.f", "names": ["pkg.loop.f"]})
    assert impact(one, CALL_SITES.empty(), hot_paths=HOT, missing={"X-test"}).is_empty()


def test_what_reaches_a_downstream_is_not_for_everyone() -> None:
    """The same hit is no second finding; another hit of the commit that reaches nobody is."""
    hot = {"qualname": "pkg.loop.f", "names": ["pkg.loop.f"]}
    used = sites(("pkg.loop.f", "call"))
    assert impact(hits(hot), used, hot_paths=HOT)["kind"].to_list() == ["break"]
    both = hits(hot, {"qualname": "pkg.loop.g", "names": ["pkg.loop.g"], "line": 8})
    assert impact(both, used, hot_paths=HOT)["kind"].to_list() == ["break", "everyone"]


def test_nothing_reaches_nothing() -> None:
    """Without hits or call sites there are no findings, of the declared shape."""
    assert FINDINGS.check(impact(HITS.empty(), sites(("pkg.a", "import")))).is_empty()
    assert FINDINGS.check(impact(hits({}), CALL_SITES.empty())).is_empty()


def stood(since: int | None, until: int | None) -> pl.DataFrame:
    """One call site that stood from one day of January 2026 to before another one."""
    days = [None if d is None else datetime(2026, 1, d, tzinfo=UTC) for d in (since, until)]
    span = [pl.lit(day, pl.Datetime("us", "UTC")) for day in days]
    used = sites(("pkg.models.dag.Dag", "import"))
    return used.with_columns(since_utc=span[0], until_utc=span[1])


@pytest.mark.parametrize(
    ("since", "until", "reached"),
    [
        (None, None, True),
        (2, None, True),
        (4, None, False),
        (None, 4, True),
        (None, 3, False),
        (1, 2, False),
        (3, 5, True),
    ],
)
def test_a_call_site_counts_while_it_stood(
    since: int | None, until: int | None, reached: bool
) -> None:
    """The commit of 3 January at noon reaches what stood then; nothing else."""
    landed = commits(3).with_columns(committed_utc=datetime(2026, 1, 3, tzinfo=UTC))
    found = impact(hits({}), stood(since, until), commits=landed)
    assert found["downstream"].to_list() == (["ours"] if reached else [])
    # Without the dates of the commits all that was ever there counts.
    assert impact(hits({}), stood(since, until)).height == 1


def test_a_call_site_says_what_it_is() -> None:
    """Kind, scope and guard of each use are kept: what happens there depends on them."""
    used = sites(("pkg.models.dag.Dag", "call")).with_columns(
        scope=pl.lit("f"), guard=pl.lit("try")
    )
    (site,) = impact(hits({}), used)["call_sites"][0]
    assert (site["kind"], site["scope"], site["guard"]) == ("call", "f", "try")
