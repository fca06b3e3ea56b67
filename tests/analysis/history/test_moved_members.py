"""Modules that go as a whole: the finding names everything that a downstream asks them for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.history.miniatures import hit, miniature
from workbench.domain.findings import Outcome

OLD, NEW, PACKAGE = "src/pkg/old.py", "src/pkg/new.py", "src/pkg/__init__.py"
NAMES = [f"name_{n}" for n in range(8)]
BODY = "\n\n".join(
    f"def {name}(first, second):\n    made = first * {n + 2}\n    return made - second\n"
    for n, name in enumerate(NAMES)
)
SHIM = f"from pkg.new import {', '.join(NAMES)}\n"
PASSED = "from pkg.old import name_6\n"


@pytest.mark.parametrize(
    ("used", "names"),
    [
        ("from pkg.old import name_7, name_6\n", ["pkg.old.name_6", "pkg.old.name_7"]),
        ("import pkg.old\n\n\ndef f():\n    return pkg.old.name_7(1, 2)\n", ["pkg.old.name_7"]),
    ],
)
@pytest.mark.parametrize(
    ("left", "outcome"), [(None, Outcome.MISSING_NAME), (SHIM, Outcome.STILL_WORKS)]
)
def test_the_finding_holds_what_is_asked_for(
    tmp_path: Path, used: str, names: list[str], left: str | None, outcome: Outcome
) -> None:
    """However many names went, and by whatever spelling, with or without something in place."""
    after = {NEW: BODY} | ({OLD: left} if left else {})
    five = [f"pkg.old.{name}" for name in NAMES[:5]]
    made = miniature(
        tmp_path,
        {OLD: BODY},
        after,
        {"ours/main.py": used},
        hit(*five, qualname="pkg.old", path=OLD),
    ).finding
    assert [name for name in made["names"] if name != "pkg.old"] == names
    assert made["outcome"] == outcome
    assert made["qualname"] == "pkg.old"


def test_a_name_that_the_package_passed_on(tmp_path: Path) -> None:
    """One of the many is reached by the spelling that the package offered until then."""
    five = [f"pkg.old.{name}" for name in NAMES[:5]]
    made = miniature(
        tmp_path,
        {OLD: BODY, PACKAGE: PASSED},
        {NEW: BODY, PACKAGE: ""},
        {"ours/main.py": "from pkg import name_6\n"},
        hit(*five, qualname="pkg.old", path=OLD),
    ).finding
    assert (made["names"], made["outcome"]) == (["pkg.old.name_6"], Outcome.MISSING_NAME)
