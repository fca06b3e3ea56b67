"""Text detectors: both sides of a hunk, what must be absent, lines, groups, paths."""

from __future__ import annotations

import pytest

from tests.analysis.histories import SHAS, changes, commits, history, hunks
from tests.analysis.patterns import pattern
from workbench.analysis.history.detect import detect
from workbench.domain.histories import History
from workbench.domain.patterns import TextDetector
from workbench.errors import DetectorError


@pytest.fixture(scope="module")
def texts() -> History:
    return history(
        {
            "commits": commits(3),
            "file_changes": changes(
                (0, "src/pkg/a.py"), (1, "src/pkg/b.py"), (2, "tests/test_c.py"), (2, "doc.rst")
            ),
            "hunks": hunks(
                (0, "one\nlimit = 1\nthree", "é\nlimit = 2"),
                (0, "", "kept: limit"),
                (1, "limit = 3", ""),
                (2, "limit = 4", "limit = 5"),
                (3, "limit = 6", "limit = 7"),
            ),
        }
    )


def hit(
    texts: History, message: str = "{qualname}", **detector: object
) -> list[tuple[object, ...]]:
    found = detect(pattern(TextDetector(**detector), message=message), texts)  # type: ignore[arg-type]
    return found.select("path", "line", "side", "message").rows()


LIMIT = r"limit = (?P<value>\d)"


@pytest.mark.parametrize(
    ("detector", "places"),
    [
        (
            {"removed": LIMIT},
            [
                ("src/pkg/a.py", 11, "before"),
                ("src/pkg/b.py", 10, "before"),
                ("doc.rst", 10, "before"),
                ("tests/test_c.py", 10, "before"),
            ],
        ),
        ({"removed": LIMIT, "added": LIMIT, "paths": ("src/**",)}, [("src/pkg/a.py", 11, "after")]),
        ({"added": "(?m)^kept"}, [("src/pkg/a.py", 10, "after")]),
        (
            {"removed": LIMIT, "absent": "kept", "paths": ("**/*.py",)},
            [("src/pkg/b.py", 10, "before"), ("tests/test_c.py", 10, "before")],
        ),
        (
            {"removed": LIMIT, "skip_paths": ("tests/**", "*.rst")},
            [("src/pkg/a.py", 11, "before"), ("src/pkg/b.py", 10, "before")],
        ),
        ({"removed": LIMIT, "paths": ("nowhere/**",)}, []),
    ],
)
def test_what_matches_and_where(
    texts: History, detector: dict[str, object], places: list[tuple[str, int, str]]
) -> None:
    """The line is that of the match, counted on the side that decides."""
    assert [row[:3] for row in hit(texts, **detector)] == places


def test_named_groups_fill_the_message(texts: History) -> None:
    """Groups of both expressions are fields."""
    said = hit(
        texts,
        "{old} became {new} in {qualname}",
        removed=r"limit = (?P<old>\d)",
        added=r"limit = (?P<new>\d)",
        paths=("src/**",),
    )
    assert [row[3] for row in said] == ["1 became 2 in pkg.a"]


def test_a_file_that_is_no_module_is_named_by_its_path(texts: History) -> None:
    """There is no dotted name to give."""
    assert hit(texts, removed=LIMIT, paths=("*.rst",))[0][3] == "doc.rst"


def test_a_group_may_not_take_the_name_of_a_column(texts: History) -> None:
    """The hit's own columns are not the expression's to fill."""
    with pytest.raises(DetectorError, match="called path"):
        hit(texts, removed=r"(?P<path>limit)")


def test_only_commits_of_the_span_are_looked_at(texts: History) -> None:
    """Text in a commit outside the history does not hit."""
    late = texts.between(since=texts.commits["committed_utc"][1])
    found = detect(pattern(TextDetector(removed=LIMIT, paths=("src/**",))), late)
    assert found["sha"].to_list() == [SHAS[1]]
