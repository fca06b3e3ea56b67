"""What stands on both sides of an example: its trees as spans of segments, with their facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from workbench.analysis.history.spans import segment_spans
from workbench.domain.standing import BASE_SEGMENTS, STANDING_FACTS
from workbench.knowledge.tree_changes import blob_id
from workbench.sources.patches import is_core_path
from workbench.sources.python_facts import extract


def standing_frames(
    trees: Mapping[str, Mapping[str, str]],
    frames: Mapping[str, pl.DataFrame],
    facts: Mapping[str, pl.DataFrame],
) -> dict[str, pl.DataFrame]:
    """Give the frames that views of what stood at a commit are told from.

    Parameters
    ----------
    trees : mapping
        Repository -> the texts by path before its one commit.
    frames : mapping
        ``commits`` and ``file_changes`` of the examples.
    facts : mapping
        Facts of their changes, by table.
    """
    files = [
        (repository, path, text)
        for repository, tree in trees.items()
        for path, text in tree.items()
        if is_core_path(path)
    ]
    ids = pl.Series("change_id", range(len(files)), dtype=pl.UInt32)
    places = pl.DataFrame(
        [(repository, path) for repository, path, _ in files],
        schema={"repository": pl.String, "path": pl.String},
        orient="row",
    ).insert_column(0, ids)
    blobs = [blob_id(text) for _, _, text in files]
    texts = dict(zip(blobs, (text.encode() for _, _, text in files), strict=True))

    def read(wanted: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
        return ((blob, texts.get(blob)) for blob in wanted)

    changes = places.select(
        "change_id",
        old_path="path",
        path="path",
        old_blob=pl.lit(None, pl.String),
        new_blob=pl.Series(blobs, dtype=pl.String),
    )
    batches = [batch.frames for batch in extract(changes, blobs=read, workers=1)]
    base = [
        batch["change_segments"]
        .join(batch["change_facts"].select("change_id", module="module_after"), on="change_id")
        .join(places, on="change_id")
        .with_columns(pair=pl.lit(None, pl.UInt32))
        .select(list(BASE_SEGMENTS.columns))
        for batch in batches
    ]
    known = {
        name: pl.concat(
            [table.empty(), *(f[name].select(list(table.columns)) for f in (facts, *batches))]
        ).unique(maintain_order=True)
        for name, table in STANDING_FACTS.items()
    }
    spans = segment_spans(
        frames["file_changes"],
        facts["change_facts"],
        facts["change_segments"],
        frames["commits"],
        base=pl.concat([BASE_SEGMENTS.empty(), *base]),
    )
    return {"segment_spans": spans, **known}
