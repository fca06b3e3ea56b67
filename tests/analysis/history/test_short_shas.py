"""A beginning of a sha means the one commit that has it, and no other."""

from __future__ import annotations

import pytest

from workbench.analysis.history.short_shas import Shas

ONE, TWO, THREE = "abcdef0" + "1" * 33, "abcdef0" + "2" * 33, "b" * 40
PAIR = "release:1.0..1.1"


@pytest.mark.parametrize(
    ("named", "meant"),
    [
        (ONE, ONE),
        (ONE[:8], ONE),
        (TWO[:39], TWO),
        (THREE[:7], THREE),
        (PAIR, PAIR),
        # Of two, too short, of none, no sha, the name of a pair cut off.
        (ONE[:7], None),
        (THREE[:6], None),
        ("c" * 40, None),
        ("", None),
        (PAIR[:5], None),
        ("zzzzzzz", None),
    ],
)
def test_a_beginning_is_one_commit_or_none(named: str, meant: str | None) -> None:
    """Seven digits at least, and nobody else begins so."""
    assert Shas([THREE, TWO, ONE, PAIR, ONE]).whole(named) == meant
