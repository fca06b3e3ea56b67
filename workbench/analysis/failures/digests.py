"""Failures to digests: what each comes down to, worked out once for those that say the same."""

from __future__ import annotations

import hashlib

import polars as pl

from workbench.text.digests import digest
from workbench.text.evidence import UNSPECIFIC, Evidence, evidence

DIGESTS = {
    "failure_id": pl.String,
    "digest_id": pl.String,
    "digest": pl.String,
    "exception": pl.String,
    "template_id": pl.String,
    "template": pl.String,
}
CONTENT = ("exception", "message", "text")
"""The log's own content: nothing else can influence a digest."""
SAID = ("exception", "message", "told", "place")
# What certainly varies is made the same, character class by class, before messages are compared:
# masking then reads one of each kind. Runs of up to five digits may be codes, and stay.
VARYING = (
    (
        r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}",
        "0a1b2c3d-89ab-4cde-8f01-2a3b4c5d6e7f",
    ),
    (r"\b0x[0-9a-f]{6,16}\b", "0x7f0123456789"),
    (r"\b\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\b", "2020-01-02${1}03:04:05"),
    (r"\b\d{8}T\d{6}\b", "20200102T030405"),
    (r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b(?::\d{1,5}\b)?", "10.0.0.1"),
    (r"\d{6,}", "123456"),
    (r"([A-Za-z_/])\d{4,5}\b", "${1}1234"),
)


def digest_frame(failures: pl.DataFrame) -> pl.DataFrame:
    """Return each failure's digest, in the order of the failures.

    Parameters
    ----------
    failures : polars.DataFrame
        ``failure_id, exception, message, text``; other columns are not looked at.

    Returns
    -------
    polars.DataFrame
        ``failure_id, digest_id, digest, exception, template_id, template``. ``template_id`` and
        ``digest_id`` are digests of these texts: the same on every machine, in every order.
        ``exception`` is the one that the template names.
    """
    said = failures.select("failure_id", *CONTENT).with_columns(_around(failures)).drop("text")
    for pattern, same in VARYING:
        said = said.with_columns(pl.col("message", "told").str.replace_all(pattern, same))
    unique = said.select(SAID).unique(maintain_order=True)
    texts = [digest(e, m or "", told=t, place=p) for e, m, t, p in unique.rows()]
    made = unique.with_columns(pl.Series("digest", texts, pl.String))
    made = made.join(_named(made["digest"]), on="digest", maintain_order="left")
    return (
        said.select("failure_id", *SAID)
        .join(made, on=SAID, nulls_equal=True, how="left", maintain_order="left")
        .select("failure_id", "digest_id", "digest", "name", "template_id", "template")
        .rename({"name": "exception"})
        .cast(DIGESTS)  # type: ignore[arg-type]
    )


def _named(digests: pl.Series) -> pl.DataFrame:
    """Return ids, template and exception of each text."""
    made = digests.unique(maintain_order=True).to_frame("digest")
    made = made.with_columns(template=pl.col("digest").str.extract(r"^([^\n]*)", 1))
    return made.with_columns(
        digest_id=pl.Series([content_id(each) for each in made["digest"]], dtype=pl.String),
        template_id=pl.Series([content_id(each) for each in made["template"]], dtype=pl.String),
        name=pl.col("template").str.extract(r"^([A-Za-z_]\w*)(?:: |$)", 1),
    )


def content_id(text: str) -> str:
    """Return the id of a text: 16 hex digits that only its content decides."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def _around(failures: pl.DataFrame) -> list[pl.Series]:
    """Return what the logs say around their failures."""
    none = Evidence()
    found = [
        evidence(text, exception=exception, message=message or "") if text else none
        for exception, message, text in failures.select(CONTENT).iter_rows()
    ]
    told = [
        each.told or (each.cause if exception in UNSPECIFIC else "")
        for each, exception in zip(found, failures["exception"], strict=True)
    ]
    return [
        pl.Series("told", told, pl.String),
        pl.Series("place", [each.place for each in found], pl.String),
    ]
