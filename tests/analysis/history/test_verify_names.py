"""Names that lead elsewhere: which of them are on their way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.history.miniatures import hit, miniature
from workbench.domain.findings import Outcome

OLD = "src/pkg/a.py"
BODY = "def used(a, b):\n    first = a + b\n    second = first * 2\n    return second - a\n"
WARNED = 'import warnings\n\nwarnings.warn("Use pkg.b.", DeprecationWarning)\n'


@pytest.mark.parametrize(
    ("place", "shim", "expected"),
    [
        ("pkg._shared.b", "from pkg._shared.b import used\n", Outcome.FITS),
        ("pkg.b", "from pkg.b import used\n", Outcome.STILL_WORKS),
        ("pkg._shared.b", WARNED + "from pkg._shared.b import used\n", Outcome.STILL_WORKS),
        ("pkg._shared.b", "# Deprecated.\nfrom pkg._shared.b import used\n", Outcome.STILL_WORKS),
        ("pkg.__main__", "from pkg.__main__ import used\n", Outcome.STILL_WORKS),
        ("pkg._shared.b", "kept = 1\n", Outcome.MISSING_NAME),
    ],
)
def test_a_name_that_is_kept_in_a_private_place(
    tmp_path: Path, place: str, shim: str, expected: Outcome
) -> None:
    """The place that offers it without a warning is its public one; others are shims."""
    made = miniature(
        tmp_path,
        {OLD: BODY},
        {OLD: shim, f"src/{place.replace('.', '/')}.py": BODY},
        {"ours/main.py": "from pkg.a import used\n"},
        hit("pkg.a.used"),
    ).finding
    assert made["outcome"] == expected


AROUND = "src/pkg/__init__.py"
TABLE = 'offer({\n    "z": 1,\n    "a": {\n        "*": "pkg.b",\n    },\n})\n'


@pytest.mark.parametrize(
    ("before", "after", "expected", "line"),
    [
        # The package lists the module that went among its stand-ins.
        ({AROUND: ""}, {AROUND: TABLE}, Outcome.STILL_WORKS, 3),
        ({AROUND: ""}, {AROUND: TABLE, "src/pkg/b.py": BODY}, Outcome.STILL_WORKS, 3),
        ({AROUND: ""}, {AROUND: TABLE.replace('"a"', '"other"')}, Outcome.MISSING_NAME, None),
        # It was listed before: then it is no news, and nothing of the commit says that it works.
        ({AROUND: TABLE}, {AROUND: TABLE}, Outcome.MISSING_NAME, None),
        # The module stays, and answers for any name by now.
        (
            {AROUND: ""},
            {AROUND: "", OLD: "def __getattr__(name):\n    return find(name)\n"},
            Outcome.NOT_VERIFIED,
            None,
        ),
    ],
)
def test_something_around_it_may_answer_for_the_name(
    tmp_path: Path,
    before: dict[str, str],
    after: dict[str, str],
    expected: Outcome,
    line: int | None,
) -> None:
    """A table of stand-ins keeps a module working; a function that answers for names may."""
    made = miniature(
        tmp_path,
        {OLD: BODY, **before},
        after,
        {"ours/main.py": "from pkg.a import used\n"},
        hit("pkg.a.used"),
    ).finding
    assert made["outcome"] == expected
    cited = [(s["path"], s["line"]) for s in made["trace"] if s["path"] == AROUND]
    assert cited == ([(AROUND, line)] if line else [])
