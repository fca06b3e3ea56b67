"""Templates of log lines: what many lines share, with one mark for each part that varies.

Two stages make it quick: runs of digits become one zero, so that a million lines become some
thousand keys; only those are masked in full, and only what the masks leave apart is joined by
Drain3. Keys are sorted before Drain3 sees them, so the order of the lines decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from drain3.drain import Drain

VARIABLE = "<*>"
SIMILARITY = 0.6
"""The share of a line's words that two lines of one template have in common, at least."""
LONGEST = 2_000
"""Characters of a line that are looked at."""
DEPTH = 4
PART = 10_000
"""Lines from which on it pays to squash them in two places."""

# In order, on text whose runs of digits are one zero each: what is longer and more telling first.
# A minus belongs to a number, but not behind a word: block ids may be negative.
MASKS = (
    r"\b[0-9A-Fa-f]*0?[0-9A-Fa-f]*(?:-[0-9A-Fa-f]+){4}\b",  # a UUID
    r"(?:[A-Za-z]+://|www\.)[^\s\"'<>]+",
    r"\b0(?:\.0){3}(?::0)?\b",  # an address, a port
    r"(?:^|\b)0[xX][0-9A-Fa-f]+\b",
    r"\b(?:[a-f]+0|0[a-f]+0)[0-9a-f]*\b|\b(?:[A-F]+0|0[A-F]+0)[0-9A-F]*\b",
    r"(?:/[\w.@+-]+){2,}/?",  # a path
    r"-?\b0(?:[.,:]0)*\b",
    r"-?0",
)
SQUASHED = re.compile(r"<\*>(?:(?:, ?|[ ;:|])<\*>)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTemplates:
    """Which template each line has, and the templates.

    ``ids`` has a template's id for each line, in the order of the lines, null for null.
    ``templates`` has ``template_id``, ``template`` and ``lines``, how many have it.
    """

    ids: pl.Series
    templates: pl.DataFrame


def line_templates(
    lines: pl.Series, *, known: Iterable[str] = (), similarity: float = SIMILARITY
) -> LineTemplates:
    """Return the template of each line.

    Parameters
    ----------
    lines : polars.Series
        Lines of logs without what every line has of its own: its time and its place.
    known : iterable of str
        Templates found before. A line that one of them fits gets it, and none of them changes: so
        an id keeps its lines when a month of logs is added.
    similarity : float
        The share of words in common from which on Drain3 joins two lines.

    Examples
    --------
    >>> found = line_templates(pl.Series(["took 5 s", "took 17 s", "lost worker a"]))
    >>> found.templates["template"].to_list()
    ['lost worker a', 'took <*> s']
    """
    rows = _keys(lines)
    keys = rows.drop_nulls().group_by("key").len("lines")
    masked = keys.with_columns(masked=_masked(keys["key"]))
    found = templates_of(masked["masked"].unique(), known=known, similarity=similarity)
    named = masked.join(found, on="masked", how="left")
    templates = (
        named.group_by("template_id", "template").agg(pl.col("lines").sum()).sort("template")
    )
    ids = rows.join(named.select("key", "template_id"), on="key", how="left", maintain_order="left")
    return LineTemplates(ids=ids["template_id"].alias(lines.name), templates=templates)


def templates_of(
    masked: pl.Series, *, known: Iterable[str] = (), similarity: float = SIMILARITY
) -> pl.DataFrame:
    """Return ``masked``, ``template`` and ``template_id`` for each distinct masked line."""
    texts = sorted(masked.to_list())
    before = _drain(similarity, sorted(set(known)))
    fresh = _drain(similarity, ())
    joined: dict[str, object] = {}
    template_of: dict[str, str] = {}
    for text in texts:
        # one word has nothing in common with another, and Drain3 would compare it with them all
        if len(text.split(None, 1)) < 2:
            template_of[text] = text.strip()
        elif old := before.match(text, full_search_strategy="fallback"):
            template_of[text] = old.get_template()
        else:
            joined[text], _ = fresh.add_log_message(text)
    # a template is read when all lines have shaped it
    template_of |= {text: cluster.get_template() for text, cluster in joined.items()}  # type: ignore[attr-defined]
    names = [template_of[text] for text in texts]
    return pl.DataFrame(
        {"masked": texts, "template": names, "template_id": [template_id(name) for name in names]},
        schema={"masked": pl.String, "template": pl.String, "template_id": pl.String},
    )


def template_id(template: str) -> str:
    """Return the id of a template: a digest of its text, the same wherever it is found."""
    return blake2b(template.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _keys(lines: pl.Series) -> pl.DataFrame:
    """Return the ``key`` of each line; each part is squashed by a thread, as polars uses one."""
    key = pl.col("line").str.slice(0, LONGEST).str.replace_all("[0-9]+", "0").alias("key")
    size = max(-(-len(lines) // pl.thread_pool_size()), PART)
    parts = lines.to_frame("line").iter_slices(size)
    squashed = pl.collect_all([part.lazy().select(key) for part in parts])
    return pl.concat(squashed) if squashed else pl.DataFrame(schema={"key": pl.String})


def _masked(keys: pl.Series) -> pl.Series:
    masked = keys.to_frame("key").select(
        pl.col("key").str.replace_all("|".join(f"(?:{mask})" for mask in MASKS), VARIABLE)
    )
    # a list is one variable, however long it is
    return masked.to_series().str.replace_all(SQUASHED.pattern, VARIABLE).str.strip_chars()


def _drain(similarity: float, templates: Iterable[str]) -> Drain:
    from drain3.drain import Drain, LogCluster

    drain = Drain(depth=DEPTH, sim_th=similarity, max_children=100, param_str=VARIABLE)
    for template in templates:
        drain.clusters_counter += 1
        cluster = LogCluster(template.split(), drain.clusters_counter)
        drain.id_to_cluster[cluster.cluster_id] = cluster
        drain.add_seq_to_prefix_tree(drain.root_node, cluster)
    return drain
