"""Re-exports: under which names a changed name could be imported at that time."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from tests.analysis.histories import SHAS, changes, commits, deltas, history
from tests.analysis.history.test_impact import hits
from workbench.analysis.history.reexports import aliases

RUN = "pkg.models.dag.Dag"


def offer(change_id: int, module: str, target: str | None, name: str = "Dag") -> dict[str, Any]:
    how = "reexport" if target else "definition"
    return {
        "change_id": change_id,
        "change": "added",
        "module": module,
        "qualname": name,
        "after": {"name": name, "how": how, "target": target},
    }


def withdrawn(row: dict[str, Any], change_id: int) -> dict[str, Any]:
    gone = {"change_id": change_id, "change": "removed", "before": row["after"], "after": None}
    return row | gone


def spellings(*rows: dict[str, Any], at: int = 3, name: str = RUN) -> list[str]:
    """Aliases of one name that a hit at commit ``at`` changes; change n is of commit n."""
    seen = history(
        {
            "commits": commits(6),
            "file_changes": changes(*((n, "src/pkg/__init__.py") for n in range(6))),
            "exports_deltas": deltas("exports", *rows),
        }
    )
    one = hits({"sha": SHAS[at], "names": [name]})
    used = pl.Series(["pkg.models.Dag.run.x", "pkg.dag.Dag", "pkg.Dag"])
    return aliases(one, seen, targets=used)["alias"].to_list()


PACKAGE = offer(1, "pkg.models", RUN)


@pytest.mark.parametrize(
    ("rows", "at", "expected"),
    [
        ([PACKAGE], 3, ["pkg.models.Dag"]),
        ([PACKAGE], 1, []),
        ([PACKAGE], 0, []),
        ([PACKAGE, withdrawn(PACKAGE, 2)], 3, []),
        ([PACKAGE, withdrawn(PACKAGE, 3)], 3, ["pkg.models.Dag"]),
        ([withdrawn(PACKAGE, 4)], 3, ["pkg.models.Dag"]),
        ([withdrawn(PACKAGE, 2)], 3, []),
        ([PACKAGE, withdrawn(PACKAGE, 2), offer(2, "pkg.models", RUN)], 3, ["pkg.models.Dag"]),
        ([offer(1, "pkg.models", "pkg.models.dag.Other")], 3, []),
        ([offer(1, "pkg.models", None)], 3, []),
    ],
)
def test_a_spelling_holds_from_its_commit_until_it_is_taken_away(
    rows: list[dict[str, Any]], at: int, expected: list[str]
) -> None:
    """What counts is what could be imported just before the commit of the hit."""
    assert spellings(*rows, at=at) == expected


def test_what_hangs_on_a_name_moves_with_it() -> None:
    """A method is spelled through the re-exported class, a class through its module."""
    assert spellings(PACKAGE, name=f"{RUN}.run") == ["pkg.models.Dag.run"]
    module = offer(0, "pkg", "pkg.models.dag", "dag")
    assert spellings(module) == ["pkg.dag.Dag"]


def test_chains_are_followed() -> None:
    """A re-export of a re-export is a spelling, too; a ring of them ends."""
    top = offer(1, "pkg", "pkg.models.Dag")
    assert spellings(PACKAGE, top) == ["pkg.Dag", "pkg.models.Dag"]
    ring = offer(1, "pkg.models.dag", "pkg.models.Dag")
    assert spellings(PACKAGE, ring) == ["pkg.models.Dag"]


def test_a_spelling_that_nobody_uses_is_left_out() -> None:
    """Every module that imports a package offers all of it; only what is used is worth a look."""
    everywhere = [offer(n, f"pkg.m{n}", "pkg", "pkg") for n in range(3)]
    assert spellings(*everywhere, PACKAGE) == ["pkg.models.Dag"]
