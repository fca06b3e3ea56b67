"""Facts of a loaded history: of its code, and of the files that declare its options."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.builders import Commit, make_repository
from workbench.bench import Bench, open_bench
from workbench.sources.git import read_git

CONFIG = "air/config_templates/config.yml"
PROVIDER = "providers/one/provider.yaml"
CODE = "def f():\n    return conf.get('core', 'home')\n"
DECLARED = "core:\n  options:\n    home:\n      default: {}\n"
PROVIDED = "name: one\nconfig:\n  one:\n    options:\n      port:\n        default: 1\n"
COMMITS = [
    Commit(files={"air/a.py": CODE, CONFIG: DECLARED.format("1"), "README.md": "x\n"}),
    Commit(files={PROVIDER: PROVIDED, "tests/config_templates/config.yml": DECLARED}),
    Commit(files={CONFIG: DECLARED.format("2"), "README.md": "y\n"}),
    Commit(files={CONFIG: DECLARED.format("[")}),
]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A bench beside a repository that declares an option, changes it and breaks it."""
    make_repository(tmp_path / "r.git", COMMITS)
    return open_bench(tmp_path / "b.duckdb")


def options(bench: Bench) -> list[tuple[object, ...]]:
    """Path, core or not, change, kind and option of every delta."""
    history = bench.history()
    fact = pl.coalesce("after", "before").struct
    told = history["options_deltas"].join(history["file_changes"], on="change_id")
    return (
        told.select("path", "is_core", "change", fact.field("kind"), fact.field("option"))
        .sort("path", "change")
        .rows()
    )


CORE_OPTIONS = [
    (CONFIG, False, "added", "declared", "home"),
    (CONFIG, False, "changed", "declared", "home"),
]


@pytest.mark.parametrize("core_only", [True, False])
def test_declared_options_are_facts_like_those_that_code_reads(
    bench: Bench, tmp_path: Path, *, core_only: bool
) -> None:
    """With all of history also those of providers; a file that is broken is refused by line."""
    bench.load(read_git(tmp_path / "r.git", core_only=core_only))
    bench.ensure_facts()
    provided = [] if core_only else [(PROVIDER, False, "added", "declared", "port")]
    assert options(bench) == [
        ("air/a.py", True, "added", "read", "home"),
        *CORE_OPTIONS,
        *provided,
    ]
    rejected = bench.rejections()
    assert rejected.select("path", "at").rows() == [(CONFIG, "line 4")]
    assert bench.ensure_facts() == ()


def test_a_later_load_adds_what_is_new(bench: Bench, tmp_path: Path) -> None:
    """Blocks that are stored are known; the deltas of both loads stand."""
    first = make_repository(tmp_path / "s.git", COMMITS[:2])
    assert len(first) == 2
    bench.load(read_git(tmp_path / "s.git", core_only=True, name="r"))
    bench.ensure_facts()
    assert [row[2] for row in options(bench)] == ["added", "added"]
    bench.load(read_git(tmp_path / "r.git", core_only=True, name="r"))
    bench.ensure_facts()
    assert options(bench)[1:] == CORE_OPTIONS
