"""The lab's commands: one document that fits its schema, files kept, mistakes that exit with 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from workbench.exports.documents import check


def test_a_ladder_as_a_document(run: Run, tmp_path: Path) -> None:
    """Engine, ratios (null on SQLite) and the ladder; measurements stand beside the bench."""
    words = ("lab", "run", "task-reschedule-lookup", "--rows", 3000, "--sizes", 2)
    said = run(*words, "--engine", "sqlite", "--bench", tmp_path / "a" / "b.duckdb", "--json")
    assert said.code == 0, said.err
    document = said.document
    check(document, schema="lab-run")
    assert document["engine"].startswith("sqlite")
    assert document["ratio_server"] is None
    assert document["ratio_client"] is None
    assert [row["rows"] for row in document["ladder"]] == [1000] * 6 + [3000] * 6
    assert document["rows"] == 3000
    assert document["seconds"] > 0
    assert len(list((tmp_path / "a" / "measurements").glob("*/*/rows-*/*.parquet"))) == 6
    shown = run(*words, "--engine", "sqlite")
    assert "no ratios are given" in shown.out
    assert (tmp_path / "measurements").is_dir()


def test_a_scenario_of_ones_own(run: Run, tmp_path: Path) -> None:
    """Written, changed and run; a file that is there is not written over."""
    assert run("lab", "new", "mine.toml").code == 0
    assert run("lab", "new", "mine.toml").code == 2
    check(run("lab", "new", "other.toml", "--json").document, schema="lab-new")
    said = run("lab", "run", "mine.toml", "--rows", 200, "--engine", "sqlite", "--json")
    assert said.document["scenario"] == "mine"
    assert run("lab", "new", tmp_path / "no" / "where.toml").code == 2


def test_a_map_of_plans(run: Run) -> None:
    """Each cell says whether the index is used, under which settings."""
    words = ("lab", "phases", "template", "--index", "composite", "--engine", "sqlite")
    said = run(*words, "--rows", 500, "--rows", 50, "--rows-per-key", 10, "--json")
    check(said.document, schema="lab-phases")
    assert [(cell["rows"], cell["used"]) for cell in said.document["cells"]] == [
        (50, True),
        (500, True),
    ]
    shown = run(*words, "--rows", 50, "--rows-per-key", 10, "--setting", "jit=off")
    assert shown.out.count("used") >= 2


@pytest.mark.parametrize(
    "words",
    [
        ("run", "no-such-scenario"),
        ("run", "missing.toml"),
        ("run", "template", "--rows", "0"),
        ("run", "template", "--rows", "-5"),
        ("run", "template", "--rows", "nan"),
        ("run", "template", "--sizes", "0"),
        ("run", "template", "--rows-per-key", "0"),
        ("run", "template", "--profile", "hit"),
        ("run", "template", "--engine", "oracle"),
        ("run", "template", "--bin-dir", "/nowhere"),
        ("run", "template", "--engine", "sqlite", "--dsn", "host=db"),
        ("phases", "template", "--rows", "9", "--rows-per-key", "0"),
        ("phases", "template", "--rows", "9", "--rows-per-key", "3", "--setting", "jit"),
        ("phases", "template", "--rows", "9", "--rows-per-key", "3", "--index", "none"),
        ("calls", "latest"),
        ("calls", "3.1.7", "--task-instances", "0"),
    ],
)
def test_mistakes_exit_with_2(run: Run, words: tuple[str, ...]) -> None:
    """What cannot be is said in a sentence, without a traceback, and leaves nothing."""
    said = run("lab", *words)
    assert said.code == 2
    assert "Traceback" not in said.err
    assert said.out == ""
    assert not list(Path().iterdir())


STATS = "dbid,queryid,query,calls,total_exec_time,stats_since\n"


def test_what_production_asked_between_two_snapshots(run: Run, tmp_path: Path) -> None:
    """Of one database, one query, per loop; another database's rows are left out and counted."""
    (tmp_path / "one.csv").write_text(STATS + "5,1,SELECT a,10,5.0,x\n6,1,SELECT a,900,900.0,x\n")
    (tmp_path / "two.csv").write_text(
        STATS + "5,1,SELECT a,2010,25.0,x\n6,1,SELECT a,9900,9900.0,x\n5,2,SELECT b,3,1.0,x\n"
    )
    words = ("lab", "queries", "one.csv", "two.csv")
    said = run(*words, "--database", 5, "--query", "select A", "--loops", 4, "--json")
    check(said.document, schema="lab-queries")
    (row,) = said.document["queries"]
    assert (row["calls"], row["total_ms"], row["calls_per_loop"]) == (2000, 20.0, 500.0)
    assert row["sure"] is True
    assert "1 rows of other databases were left out" in said.err
    both = run(*words)
    assert "2 databases of one server are added up" in both.err
    assert "11,000 calls" in both.out
    (tmp_path / "bare.csv").write_text("queryid,query,calls,total_exec_time\n1,SELECT a,1,1.0\n")
    assert run("lab", "queries", "bare.csv", "two.csv", "--database", 5).code == 2
    loaded = run("load", "stats", "one.csv", "--database", 6, "--json")
    assert loaded.document["loaded"] == 1
