"""Task logs written into a tree as Airflow lays them out, and what the source reads of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

import polars as pl

from workbench.domain.failures import FAILURES
from workbench.domain.loading import Batch, Known
from workbench.sources.task_logs import read_failures

TRY = "dag_id=d/run_id=r/task_id=t/attempt=1.log"


def write(root: Path, content: str | bytes, path: str = TRY) -> Path:
    """Write one log, dedented, and answer the tree."""
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    raw = content if isinstance(content, bytes) else dedent(content).lstrip("\n").encode()
    target.write_bytes(raw)
    return root


def entry(event: str, *, level: str = "info", **fields: Any) -> str:
    """One line of an Airflow 3 log."""
    at = {"timestamp": "2026-02-10T06:00:00.250000Z"}
    return json.dumps({**at, "level": level, "event": event, "logger": "task", **fields}) + "\n"


def raised(*chain: tuple[str, str], **fields: Any) -> str:
    """The line that an Airflow 3 task fails with: what was raised, then what it came from."""
    detail = [
        {"exc_type": kind, "exc_value": said, "is_cause": n > 0, "is_group": False, "frames": []}
        for n, (kind, said) in enumerate(chain)
    ]
    return entry("Task failed with exception", level="error", error_detail=detail, **fields)


def batches(path: Path, *, case_id: str | None = None) -> list[Batch]:
    """Everything that is read, together, its frames as declared."""
    read = list(read_failures(path, case_id=case_id).read(Known()))
    frames = [FAILURES.check(batch.frames["failures"]) for batch in read]
    return [
        Batch(
            frames={"failures": pl.concat(frames)},
            rejections=tuple(r for batch in read for r in batch.rejections),
            unchanged=sum(batch.unchanged for batch in read),
            note="; ".join(batch.note for batch in read if batch.note),
        )
    ]


def rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a path that is read without a rejection."""
    read = batches(path)
    assert [r for batch in read for r in batch.rejections] == []
    frame: pl.DataFrame = pl.concat([batch.frames["failures"] for batch in read])
    return frame.to_dicts()


def failure(root: Path, content: str | bytes) -> dict[str, Any]:
    """The one row of one log."""
    (row,) = rows(write(root, content))
    return row


def faults(read: Sequence[Batch]) -> list[tuple[str, str]]:
    """Place and reason of what was rejected."""
    return [(r.at, r.reason) for batch in read for r in batch.rejections]
