"""Small histories made of rows, for tests of analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from workbench.domain.facts import FAMILIES
from workbench.domain.frames import FILE_CHANGES, HUNKS
from workbench.domain.histories import HISTORY_COMMITS, HISTORY_TABLES, History

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
SHAS = [f"{n:040x}" for n in range(200)]


def commits(count: int, **more: Sequence[Any]) -> pl.DataFrame:
    """``count`` commits, one a day from 2026-01-01."""
    rows = [
        {
            "commit_id": n,
            "sha": SHAS[n],
            "parent_sha": SHAS[n - 1] if n else None,
            "position": n,
            "author": "someone",
            "authored_utc": START + timedelta(days=n),
            "committed_utc": START + timedelta(days=n),
            "subject": f"Change {n}",
            "message": f"Change {n}",
            "repository": "upstream",
            "repository_kind": "git",
        }
        | {name: values[n] for name, values in more.items()}
        for n in range(count)
    ]
    return HISTORY_COMMITS.frame(rows)


def changes(*paths: tuple[int, str], **more: Sequence[Any]) -> pl.DataFrame:
    """One modified file per (commit, path)."""
    rows = [
        {
            "change_id": n,
            "commit_id": commit,
            "status": "M",
            "old_path": path,
            "path": path,
            "added_lines": 1,
            "removed_lines": 1,
            "is_core": path.endswith(".py") and "tests/" not in path,
            "is_binary": False,
        }
        | {name: values[n] for name, values in more.items()}
        for n, (commit, path) in enumerate(paths)
    ]
    return FILE_CHANGES.frame(rows)


def hunks(*texts: tuple[int, str, str]) -> pl.DataFrame:
    """One block at line 10 per (change, removed, added)."""
    rows: list[dict[str, object]] = [
        {
            "change_id": change,
            "old_start": 10,
            "old_lines": len(removed.splitlines()),
            "new_start": 10,
            "new_lines": len(added.splitlines()),
            "removed": removed,
            "added": added,
        }
        for change, removed, added in texts
    ]
    return HUNKS.frame(rows)


def deltas(family: str, *rows: Mapping[str, Any]) -> pl.DataFrame:
    """Deltas of one family; what a row leaves out is what most rows say."""
    empty: dict[str, Any] = dict.fromkeys(FAMILIES[family].columns)

    def whole(row: Mapping[str, Any]) -> dict[str, Any]:
        gone = row.get("change") == "removed"
        made = {
            "change_id": 0,
            "change": "added",
            "line": 1,
            "side": "before" if gone else "after",
            "module": "pkg.mod",
            "qualname": "f",
            "scope_change": "kept",
            "before": None,
            "after": None,
        } | dict(row)
        for side in ("before", "after"):
            if made[side] is not None:
                made[side] = empty | made[side]
        return made

    return FAMILIES[family].delta_table.frame([whole(row) for row in rows])


def history(frames: Mapping[str, pl.DataFrame]) -> History:
    """A history of frames at hand."""
    assert set(frames) <= set(HISTORY_TABLES)
    return History.of(frames)
