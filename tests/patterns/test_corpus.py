"""Every example of every shipped pattern behaves; all offenders are listed."""

from __future__ import annotations

import re
import tomllib

from workbench.analysis.sql import VIEWS
from workbench.domain.facts import FAMILIES
from workbench.knowledge.catalogue import open_catalogue
from workbench.knowledge.shapes import faults
from workbench.shipped_files import shipped


def test_the_shipped_library_has_no_problems() -> None:
    """Files, queries, links and examples: one list of everything that is wrong."""
    offenders = [str(problem) for problem in open_catalogue(shipped("patterns")).check()]
    assert not offenders, "\n".join(offenders)


def test_every_pattern_has_cases_of_both_kinds() -> None:
    """What runs without being asked for has shown that it hits and that it stays silent."""
    library = open_catalogue(shipped("patterns")).patterns(running=False)
    assert library
    lacking = [
        pattern.id
        for pattern in library
        if {bool(example.expect) for example in pattern.examples} != {True, False}
    ]
    assert not lacking


def test_the_page_about_patterns_is_true() -> None:
    """Its example is a sound file, and it names every view a query may use."""
    page = (shipped("patterns") / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert faults(tomllib.loads(example), "pattern") == []
    for name in {*VIEWS, *FAMILIES} - {f"{family}_deltas" for family in FAMILIES}:
        assert re.search(rf"\b{name}\b", page), name
