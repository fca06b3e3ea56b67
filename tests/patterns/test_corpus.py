"""Every example of every shipped pattern behaves; all offenders are listed."""

from __future__ import annotations

from workbench.knowledge.catalogue import open_catalogue
from workbench.shipped import shipped


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
