"""Secrets out of many texts at once: only lines that a vectorised look marks are read in Python."""

from __future__ import annotations

import polars as pl

from workbench.text.redact import redact
from workbench.text.secret_groups import SPANS_MEMBERS
from workbench.text.secret_pairs import SPANS_LINES
from workbench.text.secret_triggers import MARKED

BATCH_BYTES = 32_000_000
"""Texts that are split into lines together; the lines of one batch are in memory twice."""


def redact_lines(lines: pl.Series) -> pl.Series:
    """Return the values redacted, each read on its own, as :func:`redact` does; nulls stay.

    Equal values are read once.
    """
    marked = lines.filter(lines.str.contains(MARKED)).unique()
    if not marked.len():
        return lines
    redacted = pl.Series("redacted", [redact(line) for line in marked.to_list()], pl.String)
    found = pl.DataFrame([marked.alias("line"), redacted]).filter(pl.col("line") != redacted)
    return (
        lines.to_frame("line")
        .join(found, on="line", how="left", maintain_order="left")
        .select(pl.coalesce("redacted", "line").alias(lines.name))
        .to_series()
    )


def redact_texts(texts: pl.Series) -> pl.Series:
    """Return texts of several lines redacted, as :func:`redact` does one by one; nulls stay."""
    sizes = texts.str.len_bytes().fill_null(0).cast(pl.UInt64)
    if int(sizes.sum() or 0) <= BATCH_BYTES:
        return _redacted(texts)
    batches = (sizes.cum_sum() // BATCH_BYTES).rle().struct.field("len").to_list()
    pieces: list[pl.Series] = []
    at = 0
    for length in batches:
        pieces.append(_redacted(texts.slice(at, length)))
        at += length
    return pl.concat(pieces, rechunk=False)


def _redacted(texts: pl.Series) -> pl.Series:
    rows = texts.to_frame("text").with_row_index("row")
    marked = rows.filter(pl.col("text").str.contains(MARKED))
    if not marked.height:
        return texts
    spanning = pl.col("text").str.contains(f"{SPANS_LINES}|{SPANS_MEMBERS}")
    whole = marked.filter(spanning)
    whole = whole.with_columns(redact_lines(whole["text"]))
    lines = marked.filter(~spanning).select("row", pl.col("text").str.split("\n")).explode("text")
    joined = (
        lines.with_columns(redact_lines(lines["text"]))
        .group_by("row", maintain_order=True)
        .agg(pl.col("text").str.join("\n"))
    )
    found = pl.concat([whole, joined]).rename({"text": "redacted"})
    return (
        rows.join(found, on="row", how="left", maintain_order="left")
        .select(pl.coalesce("redacted", "text").alias(texts.name))
        .to_series()
    )
