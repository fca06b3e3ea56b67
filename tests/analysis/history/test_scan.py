"""The scan: phases in order, each with its count."""

from __future__ import annotations

import polars as pl

from tests.analysis.histories import SHAS, changes, commits, deltas, history
from tests.analysis.history.test_impact import sites
from tests.analysis.patterns import pattern
from workbench.analysis.history.scan import scan
from workbench.domain.history import Severity
from workbench.domain.patterns import FailureMode, HotPath, PathRule

SQL = """
    SELECT sha, path, line, 'before' AS side, module || '.' || qualname AS qualname
    FROM definitions_deltas WHERE change = 'removed'
"""
RULES = [PathRule(id="docs", globs=("docs/**",), means="SKIP", why="words")]
HOT = [HotPath(qualname="pkg.loop.*", multiplicity="per-loop", why="the loop calls it")]


def test_the_funnel_and_what_comes_out() -> None:
    """Skipped commits give no hit; a re-exported name reaches its import; a hot one everyone."""
    gone = {"change": "removed", "before": {"kind": "function"}}
    offered = {"name": "used", "how": "reexport", "target": "pkg.a.used"}
    seen = history(
        {
            "commits": commits(4),
            "file_changes": changes(
                (0, "src/pkg/__init__.py"),
                (1, "src/pkg/a.py"),
                (2, "docs/conf.py"),
                (3, "src/pkg/loop.py"),
            ),
            "exports_deltas": deltas(
                "exports", {"module": "pkg", "qualname": "used", "after": offered}
            ),
            "definitions_deltas": deltas(
                "definitions",
                {**gone, "change_id": 1, "module": "pkg.a", "qualname": "used"},
                {**gone, "change_id": 1, "module": "pkg.a", "qualname": "unused", "line": 2},
                {**gone, "change_id": 2, "module": "docs.conf", "qualname": "setup"},
                {**gone, "change_id": 3, "module": "pkg.loop", "qualname": "step"},
            ),
        }
    )
    high = {"message": "{qualname} is gone.", "severity": Severity.HIGH}
    told = scan(
        [
            pattern(f"{SQL} AND module <> 'pkg.loop'", tags=("missing-name",), **high),
            pattern(
                f"{SQL} AND module = 'pkg.loop'", id="Y-loop", failure_mode=FailureMode.SLOW, **high
            ),
        ],
        seen,
        call_sites=sites(("pkg.used", "import"), ("docs.conf.setup", "call")),
        rules=RULES,
        hot_paths=HOT,
    )
    assert dict(told.funnel) == {
        "commits": 4,
        "skipped": 1,
        "targeted": 0,
        "full": 3,
        "examined": 3,
        "hits": 3,
        "reached": 2,
        "folded": 0,
        "dismissed": 0,
        "findings": 2,
        "verified": 1,  # what the step asks a database is not known
        "downgraded": 0,
        "upgraded": 0,
    }
    assert told.examined == [SHAS[0], SHAS[1], SHAS[3]]
    assert told.findings.select("sha", "kind", "downstream", "message").rows() == [
        (SHAS[1], "break", "ours", "pkg.a.used is gone."),
        (SHAS[3], "everyone", None, "pkg.loop.step is gone."),
    ]
    assert [step["relation"] for step in told.findings["trace"][0]] == [
        "takes the name away",
        "imports pkg.a.used, which is gone: ImportError at import time",
    ]


def test_the_figures_add_up_and_stay_the_same() -> None:
    """However often and in whatever order patterns and call sites are given."""
    names = ("one", "two", "three", "four")
    gone = {"change": "removed", "before": {"kind": "function"}, "module": "pkg.a"}
    seen = history(
        {
            "commits": commits(4),
            "file_changes": changes(*((n, "src/pkg/a.py") for n in range(4))),
            "definitions_deltas": deltas(
                "definitions",
                *({**gone, "change_id": n, "qualname": name} for n, name in enumerate(names)),
            ),
        }
    )
    patterns = [
        pattern(SQL, id=f"{letter}-test", tags=("missing-name",), severity=Severity.HIGH)
        for letter in "XYZ"
    ]
    used = sites(*((f"pkg.a.{name}", "import") for name in names))
    first = scan(patterns, seen, call_sites=used)
    second = scan(patterns[::-1], seen, call_sites=used.reverse())
    assert first.funnel == second.funnel
    assert first.findings.equals(second.findings)
    funnel = first.funnel
    assert funnel["commits"] == funnel["skipped"] + funnel["targeted"] + funnel["full"]
    assert funnel["examined"] == funnel["targeted"] + funnel["full"]
    assert (funnel["reached"], funnel["folded"]) == (12, 8)
    assert funnel["findings"] == funnel["reached"] - funnel["folded"] - funnel["dismissed"] == 4
    assert first.findings["also"].to_list() == [["Y-test", "Z-test"]] * 4


def test_who_is_shown_to_fit_is_dismissed_and_counted() -> None:
    """A signature that only who inherits could feel; a break that was argued away."""
    changed = """
        SELECT sha, path, line, 'pkg.a.Box' AS qualname FROM definitions_deltas
    """
    gone = {"change": "changed", "module": "pkg.a", "qualname": "Box.open"}
    fact = {"kind": "method"}
    seen = history(
        {
            "commits": commits(1),
            "file_changes": changes((0, "src/pkg/a.py")),
            "definitions_deltas": deltas("definitions", {**gone, "before": fact, "after": fact}),
        }
    )
    used = sites(("pkg.a.Box", "import"))
    kinds = [pattern(changed, tags=("signature",), severity=Severity.HIGH)]
    told = scan(kinds, seen, call_sites=used)
    assert told.findings.is_empty()
    assert (told.funnel["reached"], told.funnel["dismissed"]) == (1, 1)
    kept = scan([pattern(changed, severity=Severity.HIGH)], seen, call_sites=used)
    assert kept.findings["outcome"].to_list() == ["not-verified"]
    tested = used.with_columns(path=pl.lit("tests/test_main.py"))
    away = scan([pattern(changed, severity=Severity.HIGH)], seen, call_sites=tested)
    assert (away.funnel["reached"], away.funnel["dismissed"]) == (1, 1)


def test_a_span_knows_re_exports_from_before_it() -> None:
    """With the past at hand, a name that was re-exported long ago is reached."""
    offered = {"name": "used", "how": "reexport", "target": "pkg.a.used"}
    gone = {"change": "removed", "before": {"kind": "function"}, "module": "pkg.a"}
    past = history(
        {
            "commits": commits(2),
            "file_changes": changes((0, "src/pkg/__init__.py"), (1, "src/pkg/a.py")),
            "exports_deltas": deltas(
                "exports", {"module": "pkg", "qualname": "used", "after": offered}
            ),
            "definitions_deltas": deltas(
                "definitions", {**gone, "change_id": 1, "qualname": "used"}
            ),
        }
    )
    span = past.between(since=past.commits["committed_utc"][1])
    used = sites(("pkg.used", "import"))
    patterns = [pattern(SQL, severity=Severity.HIGH)]
    assert scan(patterns, span, call_sites=used).findings.is_empty()
    assert scan(patterns, span, call_sites=used, past=past).findings.height == 1


def test_cost_on_no_hot_path_is_dismissed() -> None:
    """Who names a model shows nothing of what its queries cost."""
    fact = {"kind": "class"}
    other = {"change": "changed", "before": fact, "after": fact, "module": "pkg.a"}
    other |= {"qualname": "Box"}
    seen = history(
        {
            "commits": commits(1),
            "file_changes": changes((0, "src/pkg/a.py")),
            "definitions_deltas": deltas("definitions", other),
        }
    )
    used = sites(("pkg.a.Box", "attribute"))
    slow = pattern(
        SQL.replace("removed", "changed"), severity=Severity.HIGH, failure_mode=FailureMode.SLOW
    )
    told = scan([slow], seen, call_sites=used)
    assert (told.funnel["reached"], told.funnel["dismissed"]) == (1, 1)
    hot = [HotPath(qualname="pkg.a.*", multiplicity="per-loop", why="the loop calls it")]
    kept = scan([slow], seen, call_sites=used, hot_paths=hot)
    assert kept.funnel["findings"] == 1
