"""Failed tries, and what a source tells around them, handed to the store in one transaction."""

from __future__ import annotations

from workbench.bench.batches import Progress, closed
from workbench.domain.failures import FAILURES
from workbench.domain.history import Rejection
from workbench.domain.loading import Known, Source
from workbench.store import failure_rows, writers
from workbench.store.database import Store

Counts = tuple[int, int, list[Rejection], list[str]]


def load_failure_rows(store: Store, source: Source, progress: Progress) -> Counts:
    """Write every record of a source of failures; one failed try stays one row.

    Returns
    -------
    tuple
        Failures new or changed (rows of the source's own unit, if that is another table), records
        that are as they were, rejections, notes.
    """
    rejected: list[Rejection] = []
    notes: list[str] = []
    unchanged = joined = failures = 0
    rows: dict[str, int] = {}
    with store.writing(doing=f"loading {source.kind} {source.name}") as connection:
        failure_rows.begin(connection)
        for batch in closed(source.read(Known())):
            for name, frame in batch.frames.items():
                if name == FAILURES.name:
                    done = failure_rows.write_failures(connection, frame)
                    failures, joined = failures + done.loaded, joined + done.joined
                    unchanged += done.unchanged
                    rejected += done.rejections
                else:
                    new = failure_rows.upsert(connection, name, frame)
                    rows[name] = rows.get(name, 0) + new
                    unchanged += frame.height - new if name == source.unit else 0
            unchanged += batch.unchanged
            rejected += batch.rejections
            notes += [batch.note] if batch.note else []
            progress(f"loading {source.name}", failures, None)
        failure_rows.finish(connection)
        writers.forget_rejections(connection, kind=source.kind, name=source.location)
        writers.insert_rejections(connection, rejected, kind=source.kind, name=source.location)
    if joined:
        notes.append(f"{joined} records tell of tries that others tell of too: joined")
    around = {n: c for n, c in rows.items() if c and n != source.unit}
    if around:
        notes.append("also loaded: " + ", ".join(f"{c} {n}" for n, c in sorted(around.items())))
    loaded = failures if source.unit == FAILURES.name else rows.get(source.unit, 0)
    return loaded, unchanged, rejected, notes
