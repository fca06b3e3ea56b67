"""What is known of each cluster: how often, when, which DAGs, how far apart, in a sentence why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from workbench.analysis.failures.signs import shared_words, signs
from workbench.domain.tables import table
from workbench.text.counted import counted_each
from workbench.text.digests import template_of
from workbench.text.error_classes import error_classes

TEXT = pl.String
UTC = pl.Datetime("us", "UTC")
ASSIGNMENTS = table(
    "cluster_assignments",
    {
        "failure_id": (TEXT, "a failure"),
        "template_id": (TEXT, "its template"),
        "cluster_id": (TEXT, "its cluster; one that is alone has its own"),
    },
)
CLUSTERS = table(
    "clusters",
    {
        "cluster_id": (TEXT, "keeps its meaning when more failures come"),
        "template": (TEXT, "the template that the cluster began with, which all others are like"),
        "exception": (TEXT, "its exception; null when there is none"),
        "error_class": (TEXT, "class of trouble that it tells of"),
        "failures": (pl.UInt32, "failed tries"),
        "templates": (pl.UInt32, "templates"),
        "distance": (pl.Float64, "how far the farthest template is from it: 0 the same, 1 nothing"),
        "first_seen_utc": (UTC, ""),
        "last_seen_utc": (UTC, ""),
        "dags": (pl.List(TEXT), "DAGs that it hit, the most often hit first, at most twenty"),
        "dags_hit": (pl.UInt32, "how many DAGs it hit"),
        "dag_failures": (pl.List(pl.UInt32), "failed tries of each of these DAGs"),
        "dag_shares": (pl.List(pl.Float64), "their share of all failed tries of the DAG"),
        "dag_tries": (
            pl.List(pl.UInt32),
            "tries of each of these DAGs that ended, as a metadata database or the REST API told; "
            "null where none told",
        ),
        "dag_rates": (
            pl.List(pl.Float64),
            "share of these tries that failed and are of the cluster; null where none of its "
            "failures is among them",
        ),
        "is_kept": (pl.Boolean, "its anchor stands in patterns/state/clusters.jsonl"),
        "why": (TEXT, "in a sentence, why these are one cluster"),
    },
    key=("cluster_id",),
)
MOST_DAGS = 20
OF_DAGS = ("dags", "dag_failures", "dag_shares", "dag_tries", "dag_rates")


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """What a cluster's id stands for: the template it began with, and all that were put into it."""

    cluster_id: str
    template: str
    members: tuple[str, ...]
    """Template ids, sorted."""


def described(
    assigned: pl.DataFrame,
    templates: Mapping[str, str],
    anchors: Sequence[Anchor],
    failures: pl.DataFrame | None,
    *,
    kept: Sequence[Anchor],
) -> pl.DataFrame:
    """Return what is known of each cluster that has failures, the most frequent first.

    Parameters
    ----------
    assigned : polars.DataFrame
        As ASSIGNMENTS declares.
    templates : mapping
        Texts of the templates, by their ids.
    anchors : sequence of Anchor
        What the clusters' ids stand for.
    failures : polars.DataFrame, optional
        ``failure_id, dag_id, at_utc``, and ``is_known_try, dag_tries`` where
        :func:`~workbench.analysis.failures.rates.with_tries` said them.
    kept : sequence of Anchor
        Those that people kept.
    """
    places = _places(assigned if failures is None else failures)
    rows = assigned.join(places, on="failure_id", how="left")
    counted = rows.group_by("cluster_id").agg(
        failures=pl.len().cast(pl.UInt32),
        templates=pl.col("template_id").n_unique().cast(pl.UInt32),
        first_seen_utc=pl.col("at_utc").min(),
        last_seen_utc=pl.col("at_utc").max(),
        dags_hit=pl.col("dag_id").drop_nulls().n_unique().cast(pl.UInt32),
    )
    facts = [_facts(anchor, templates) for anchor in anchors]
    told = pl.DataFrame(
        facts,
        schema={
            "cluster_id": TEXT,
            "template": TEXT,
            "exception": TEXT,
            "error_class": TEXT,
            "distance": pl.Float64,
        },
        orient="row",
    )
    ids = [anchor.cluster_id for anchor in kept]
    return CLUSTERS.check(
        counted.join(told, on="cluster_id")
        .join(_by_dag(rows), on="cluster_id", how="left")
        .with_columns(
            is_kept=pl.col("cluster_id").is_in(ids),
            why=pl.concat_str(_why(), pl.col("of_dag").fill_null(""), separator=""),
            **{name: pl.col(name).fill_null([]) for name in OF_DAGS},
        )
        .sort(["failures", "cluster_id"], descending=[True, False])
        .select(list(CLUSTERS.columns))
    )


def _facts(anchor: Anchor, templates: Mapping[str, str]) -> tuple[object, ...]:
    first = signs(anchor.template)
    here = [signs(templates[member]) for member in anchor.members if member in templates]
    distance = max((1 - shared_words(first, each) for each in here), default=0.0)
    return (
        anchor.cluster_id,
        template_of(anchor.template),
        first.exception or None,
        error_classes(anchor.template)[0],
        round(distance, 4),
    )


def _places(failures: pl.DataFrame) -> pl.DataFrame:
    """Return when and where failures were, with nulls for what is not known."""
    missing = {
        "dag_id": pl.lit(None, TEXT),
        "at_utc": pl.lit(None, UTC),
        "is_known_try": pl.lit(value=False),
        "dag_tries": pl.lit(None, pl.UInt32),
    }
    absent = {name: value for name, value in missing.items() if name not in failures.columns}
    return failures.with_columns(**absent).select("failure_id", *missing).unique("failure_id")


def _by_dag(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the DAGs of each cluster, their share of the DAG's failures and of its tries."""
    whole = rows.drop_nulls("dag_id").group_by("dag_id").agg(all=pl.len())
    found = (
        rows.drop_nulls("dag_id")
        .group_by("cluster_id", "dag_id")
        .agg(
            here=pl.len().cast(pl.UInt32),
            known=pl.col("is_known_try").sum(),
            tries=pl.col("dag_tries").max(),
        )
        .join(whole, on="dag_id")
        # of failures that nobody counted among tries, no tries say how often they come
        .with_columns(rate=pl.when(pl.col("known") > 0).then(pl.col("known") / pl.col("tries")))
        .with_columns(of_dag=_of_dag())
        .sort(["cluster_id", "here", "dag_id"], descending=[False, True, False])
    )
    return found.group_by("cluster_id", maintain_order=True).agg(
        of_dag=pl.col("of_dag").first(),
        dags=pl.col("dag_id").head(MOST_DAGS),
        dag_failures=pl.col("here").head(MOST_DAGS),
        dag_shares=(pl.col("here") / pl.col("all")).round(4).head(MOST_DAGS),
        dag_tries=pl.col("tries").head(MOST_DAGS),
        dag_rates=pl.col("rate").round(4).head(MOST_DAGS),
    )


def _of_dag() -> pl.Expr:
    """How often a DAG fails like this: of its tries where they are known, else of its failures."""
    of_tries = pl.format(
        "; of {} of {}, {} failed like this ({}%)",
        counted_each("tries", "try", "tries"), "dag_id", "known",
        (pl.col("rate") * 100).round(1),
    )  # fmt: skip
    of_failures = pl.format(
        "; {} of {} of {} (out of how many tries is unknown)",
        "here", counted_each("all", "failure"), "dag_id",
    )  # fmt: skip
    return pl.when(pl.col("rate").is_not_null()).then(of_tries).otherwise(of_failures)


def _why() -> pl.Expr:
    alone = pl.format("one template, {} with other values", counted_each("failures", "failure"))
    alike = pl.format(
        "{} templates with the same exception, codes and names; the farthest shares {}% of words",
        "templates",
        ((1 - pl.col("distance")) * 100).round(0).cast(pl.Int32),
    )
    once = pl.col("failures") == 1
    return (
        pl.when(once)
        .then(pl.lit("one failure so far"))
        .when(pl.col("templates") == 1)
        .then(alone)
        .otherwise(alike)
    )
