"""Facts and deltas of texts at hand, for tests."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha1

import polars as pl

from workbench.analysis.history.deltas import deltas
from workbench.domain.facts import FACT_TABLES
from workbench.domain.frames import CHANGE_FACTS, CHANGE_SEGMENTS, SEGMENTS
from workbench.domain.history import Rejection
from workbench.sources.python_facts import extract

Tree = Mapping[str, str | bytes]


class Blobs:
    """Blobs in memory, by the digest of their content; picklable."""

    def __init__(self, texts: Sequence[str | bytes | None]) -> None:
        self.data = {blob_of(text): as_bytes(text) for text in texts if text is not None}
        self.asked: list[str] = []

    def __call__(self, wanted: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
        self.asked += wanted
        return ((blob, self.data.get(blob)) for blob in wanted)


def as_bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def blob_of(text: str | bytes | None) -> str | None:
    return None if text is None else sha1(as_bytes(text), usedforsecurity=False).hexdigest()


def changes_of(
    before: Tree, after: Tree, *, renamed: Mapping[str, str] | None = None, commit: int = 0
) -> pl.DataFrame:
    """File changes of one commit; ``renamed`` gives old paths by new path."""
    old_of = dict(renamed or {})
    rows = []
    for path in sorted({*after, *before} - set(old_of.values())):
        old_path = old_of.get(path, path)
        old, new = before.get(old_path), after.get(path)
        if old != new or old_path != path:
            rows.append((len(rows), commit, old_path, path, blob_of(old), blob_of(new)))
    texts = ("old_path", "path", "old_blob", "new_blob")
    schema = {"change_id": pl.UInt32, "commit_id": pl.UInt32, **dict.fromkeys(texts, pl.String)}
    return pl.DataFrame(rows, schema=schema, orient="row")


def read(
    changes: pl.DataFrame, texts: Sequence[str | bytes | None], **options: object
) -> tuple[dict[str, pl.DataFrame], list[Rejection], str]:
    """Frames of all batches, what was rejected, and the note."""
    batches = list(extract(changes, blobs=Blobs(texts), **options))
    frames = {
        table.name: pl.concat([table.empty(), *(batch.frames[table.name] for batch in batches)])
        for table in (SEGMENTS, CHANGE_SEGMENTS, CHANGE_FACTS, *FACT_TABLES.values())
    }
    rejections = [rejection for batch in batches for rejection in batch.rejections]
    return frames, rejections, batches[-1].note if batches else ""


def facts(text: str | bytes, family: str, *, path: str = "pkg/mod.py") -> list[dict[str, object]]:
    """Facts of a file that is new, with full qualname and line from 1, in the order of lines."""
    frames, rejections, _ = read(changes_of({}, {path: text}), [text])
    assert not rejections
    placed = frames["change_segments"].join(
        frames[f"fact_{family}"], on="segment_id", suffix="_local"
    )
    rows = []
    for row in placed.iter_rows(named=True):
        name = ".".join(part for part in (row["owner"], row["qualname"]) if part)
        line = row["line"] + row["line_local"]
        kept = {k: v for k, v in row.items() if k not in placed_only}
        rows.append({**kept, "qualname": name, "line": line})
    return sorted(rows, key=lambda row: (row["line"], row["qualname"]))


placed_only = {"change_id", "side", "segment_id", "owner", "line_local"}


def deltas_of(
    before: Tree, after: Tree, *, renamed: Mapping[str, str] | None = None
) -> dict[str, pl.DataFrame]:
    """Deltas of one commit by family."""
    changes = changes_of(before, after, renamed=renamed)
    frames, _, _ = read(changes, [*before.values(), *after.values()])
    made = deltas(changes, frames["change_facts"], frames["change_segments"], frames)
    return {name.removesuffix("_deltas"): frame for name, frame in made.items()}


def of_function(body: str, signature: str = "def f(ctx, items):") -> str:
    """A module with one function."""
    return f"{signature}\n{textwrap.indent(textwrap.dedent(body).strip(), '    ')}\n"
