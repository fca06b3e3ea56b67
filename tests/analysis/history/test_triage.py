"""Triage: rules alone skip, a single other file wins, import maps only divide the rest."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.histories import SHAS, changes, commits, history, hunks
from workbench.analysis.history.triage import triage, watched
from workbench.domain.patterns import PathRule

RULES = (
    PathRule(id="tests", globs=("tests/**", "**/tests/**"), means="SKIP", why="no release"),
    PathRule(id="docs", globs=("**/*.md", "docs/**"), means="SKIP", why="words"),
    PathRule(id="vendor", globs=("vendor/**", "!vendor/ours/**"), means="SKIP", why="pinned"),
)


def sorted_by(*paths: str, **more: list[str]) -> tuple[str, str]:
    """Class and rule of one commit with these paths."""
    one = history(
        {"commits": commits(1), "file_changes": changes(*((0, p) for p in paths), **more)}
    )
    row = triage(one, RULES).row(0, named=True)
    return row["class"], row["rule"]


@pytest.mark.parametrize(
    ("paths", "answer"),
    [
        (["docs/a.rst"], ("SKIP", "docs")),
        (["docs/a.rst", "tests/a.py", "tests/b.py"], ("SKIP", "tests")),
        (["docs/a.rst", "tests/a.py"], ("SKIP", "tests")),
        (["tests/README.md"], ("SKIP", "tests")),
        (["docs/a.rst", "src/pkg/a.py"], ("FULL", "src/pkg/a.py")),
        (["tests/a.py"] * 1 + ["z.py", "src/pkg/a.py"], ("FULL", "z.py")),
        (["vendor/x/a.py"], ("SKIP", "vendor")),
        (["vendor/ours/a.py"], ("FULL", "vendor/ours/a.py")),
        ([], ("SKIP", "no files")),
    ],
)
def test_the_rule_that_decides(paths: list[str], answer: tuple[str, str]) -> None:
    """Most files name the skip rule, the earlier rule in a tie; the first other path wins."""
    assert sorted_by(*paths) == answer


def test_a_file_that_leaves_the_watched_code_is_seen() -> None:
    """A rename is skipped only when the old path is, too."""
    moved = {"old_path": ["src/pkg/a.py"]}
    assert sorted_by("vendor/x/a.py", **moved) == ("FULL", "src/pkg/a.py")
    assert sorted_by("vendor/x/a.py", old_path=["docs/a.py"])[0] == "SKIP"


@pytest.mark.parametrize(
    ("imported", "touched", "expected"),
    [
        ("pkg.models.dag", "src/pkg/models/dag.py", "FULL"),
        ("pkg.models.dag", "src/pkg/models/__init__.py", "FULL"),
        ("pkg.models.dag", "src/pkg/__init__.py", "FULL"),
        ("pkg.models", "src/pkg/models/dag.py", "FULL"),
        ("pkg.models.dag", "src/pkg/models/dagrun.py", "TARGETED"),
        ("pkg.models.dag", "src/pkg/models/config.yml", "TARGETED"),
        ("pkg", "src/pkg/models/dag.py", "TARGETED"),
        ("pkg", "src/pkg/__init__.py", "FULL"),
        ("other.models.dag", "src/pkg/models/dag.py", "TARGETED"),
    ],
)
def test_import_maps_divide_the_rest(imported: str, touched: str, expected: str) -> None:
    """FULL is what is imported, holds it or stands below it; the top-level package alone is not."""
    one = history({"commits": commits(1), "file_changes": changes((0, touched))})
    found = triage(one, RULES, imported=pl.DataFrame({"module": [imported, None]}))
    assert found["class"].to_list() == [expected]


def test_an_import_map_never_skips() -> None:
    """What no rule skips is looked at, whatever is imported; an empty map makes it TARGETED."""
    one = history(
        {"commits": commits(2), "file_changes": changes((0, "docs/a.md"), (1, "src/pkg/a.py"))}
    )
    empty = pl.DataFrame({"module": []}, schema={"module": pl.String})
    assert triage(one, RULES, imported=empty)["class"].to_list() == ["SKIP", "TARGETED"]


def test_an_imported_path_names_the_rule() -> None:
    """Among paths that are not skipped, one that is imported is the reason given."""
    paths = changes((0, "src/pkg/a.py"), (0, "src/pkg/b.py"))
    one = history({"commits": commits(1), "file_changes": paths})
    found = triage(one, RULES, imported=pl.DataFrame({"module": ["pkg.b"]}))
    assert found.row(0) == (SHAS[0], "FULL", "src/pkg/b.py")


def test_commits_come_oldest_first_and_all_of_them() -> None:
    """Each commit has one row, in the order of the history."""
    many = history({"commits": commits(5), "file_changes": changes((3, "a.py"), (1, "docs/x"))})
    assert triage(many, RULES)["sha"].to_list() == SHAS[:5]


def test_detectors_never_see_a_skipped_path() -> None:
    """A commit that is looked at keeps its other files only; its hunks follow them."""
    mixed = history(
        {
            "commits": commits(2),
            "file_changes": changes((0, "tests/a.py"), (0, "src/a.py"), (1, "docs/a.md")),
            "hunks": hunks((0, "x", "y"), (1, "x", "y")),
        }
    )
    seen = watched(mixed, RULES)
    assert seen["commits"]["sha"].to_list() == [SHAS[0]]
    assert seen["file_changes"]["path"].to_list() == ["src/a.py"]
    assert seen["hunks"].height == 2  # joined to the file changes by whoever reads them


PATHS = st.sampled_from(["docs/a.md", "tests/a.py", "src/a.py", "vendor/x.py", "vendor/ours/x.py"])


@given(st.lists(PATHS, max_size=6, unique=True))
def test_skipped_and_watched_agree(paths: list[str]) -> None:
    """A commit is skipped exactly when no file of it is left to look at."""
    one = history({"commits": commits(1), "file_changes": changes(*((0, p) for p in paths))})
    skipped = triage(one, RULES)["class"].to_list() == ["SKIP"]
    assert skipped == watched(one, RULES).commits.is_empty()
