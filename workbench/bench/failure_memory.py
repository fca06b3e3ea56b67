"""The memory of a bench: what is loaded and what its ledger says, ready to be asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from workbench.analysis.failures.digests import digest_frame
from workbench.analysis.failures.embeddings import Embed, Fallback
from workbench.analysis.failures.memory import Memory, memory_of, remembered
from workbench.analysis.failures.similarity import Similarity
from workbench.bench.failure_digests import (
    digested_failures,
    embedding,
    known_clusters,
    remember_clusters,
)
from workbench.domain.loading import Known
from workbench.knowledge.cluster_anchors import keep_anchors, read_anchors
from workbench.knowledge.resolution_frames import first_words, pairs, resolutions
from workbench.sources.task_logs import read_failures
from workbench.store import digest_rows
from workbench.text.digests import DIGESTER

if TYPE_CHECKING:
    from workbench.analysis.failures.calibration import Calibration
    from workbench.analysis.failures.clusters import Clusters
    from workbench.bench import Bench
    from workbench.domain.history import Rejection

FAILURES = "failures"
WORDS = "words"
"""The name of the model that is none."""
REPLAYED = 1_000
"""Failures at most that labels are won from by replaying the ledger: the last ones."""
AS_ASKED = "As asked, no sentence model is used: vectors are words reduced by SVD."


@dataclass(frozen=True, kw_only=True)
class FailureDesk:
    """Loaded failures with their digests, what people say of them, and what makes them comparable.

    ``failures`` are the loaded ones, oldest first, each id once, with ``digest_id, digest,
    template_id`` beside and the exception and template that the digest names; ``folder`` is the
    catalogue's; ``bench`` has their texts, and what was answered before, if there is one; ``note``
    is what everybody who sees an answer should know of the vectors.
    """

    failures: pl.DataFrame
    folder: Path
    embed: Embed | None = None
    bench: Bench | None = None
    note: str = ""

    def texts(self) -> pl.DataFrame:
        """Return ``failure_id, text`` of what is loaded."""
        rows = self.failures if self.bench is None else self.bench.failures()
        return rows.select("failure_id", "text").unique("failure_id", maintain_order=True)

    @property
    def resolutions(self) -> pl.DataFrame:
        """What stands in the ledger now, under the ids that are loaded."""
        said = resolutions(self.folder)
        away = said.join(self.failures, on="failure_id", how="anti")
        # texts are read only when a verdict has to be found by what it judged
        return said if away.is_empty() else resolutions(self.folder, failures=self.texts())

    @property
    def first_words(self) -> pl.DataFrame:
        """What people said first of each failure, and when."""
        return first_words(self.folder)

    def memory(self) -> Memory:
        """Make the memory of what is resolved, or of all while nothing is."""
        said = self.resolutions
        kept = remembered(self.failures, said)
        similar = Similarity(_unique(kept), embed=self.embed)
        return memory_of(self.failures, said, similar=similar)

    @cached_property
    def everything(self) -> Similarity:
        """Every digest that is loaded, ready to be compared."""
        return Similarity(_unique(self.failures), embed=self.embed)

    @property
    def scorer(self) -> str:
        """What makes similarities here; those of another one mean something else."""
        return Similarity(_unique(self.failures.clear()), embed=self.embed).scorer

    def labels(self) -> pl.DataFrame:
        """Labels of the first gate: verdicts on what was shown, else the replay of the ledger.

        Only the last failures that somebody spoke of are replayed, so that asking stays quick.
        """
        from workbench.analysis.failures.calibration import spoken_labels
        from workbench.analysis.failures.learning import learning_curve, replayed_labels

        said = self.resolutions.join(
            self.failures.select("failure_id", "exception"), on="failure_id", how="left"
        )
        spoken = spoken_labels(said, scorer=self.scorer)
        told = self.failures.join(said, on="failure_id", how="semi", maintain_order="left")
        last = told.drop_nulls("at_utc").tail(REPLAYED)
        if last.is_empty():
            return spoken
        similar = Similarity(_unique(last), embed=self.embed)
        replayed = replayed_labels(learning_curve(last, said, similar))
        return pl.concat([spoken, replayed.join(spoken, on="failure_id", how="anti")])

    def calibration(self, *, precision: float) -> Calibration:
        """Calibrate the first gate on :meth:`labels`."""
        from workbench.analysis.failures.calibration import calibrate

        return calibrate(self.labels(), precision=precision)

    def clusters(self) -> Clusters:
        """Put what is loaded into clusters, as people kept, merged and split them.

        What was answered before keeps its ids; a bench remembers what is answered now.
        """
        from workbench.analysis.failures.clusters import cluster

        linked = pairs(self.folder)
        merged = linked.filter("must_link").select("failure_id", "other_id").rows()
        split = linked.filter(~pl.col("must_link")).select("failure_id", "other_id").rows()
        asked = partial(
            cluster,
            self.failures,
            self._with_tries(),
            anchors=read_anchors(self.folder)[0],
            known=known_clusters(self.bench.store) if self.bench else (),
            cannot_link=split,
        )
        alone = asked()
        if self.bench:
            remember_clusters(self.bench.store, alone.anchors)
        # Ids stand for what was there before people merged it: a merge is taken back by a line.
        return replace(asked(must_link=merged), anchors=alone.anchors) if merged else alone

    def _with_tries(self) -> pl.DataFrame:
        """The failures, and how many tries their DAGs had where a source told of all of them."""
        from workbench.analysis.failures.rates import with_tries

        if self.bench is None:
            return self.failures
        tries = digest_rows.task_tries(self.bench.store)
        return self.failures if tries.is_empty() else with_tries(self.failures, tries)

    def keep(self, made: Clusters) -> int:
        """Write what the clusters' ids stand for to the catalogue; gives the lines that changed."""
        return keep_anchors(self.folder, made.anchors)


def open_desk(bench: Bench, *, model: str | None = None, keep: bool = True) -> FailureDesk:
    """Read what a bench holds of failures; digests that are missing are worked out.

    Parameters
    ----------
    bench : Bench
        Its failures, and the folder of its catalogue.
    model : str, optional
        A sentence model's name or folder, ``words`` for none; the installed one unless given.
    keep : bool
        Whether digests and vectors that are new are kept in the bench.

    Raises
    ------
    SourceError
        A model was asked for that is not there.
    """
    embed: Embed = Fallback()
    if model != WORDS:
        embed = embedding(bench.store, model=model, progress=bench.progress, keep=keep)
    rows = digested_failures(bench.store, progress=bench.progress) if keep else _digested(bench)
    return FailureDesk(
        failures=rows.unique("failure_id", keep="first", maintain_order=True),
        folder=bench.catalogue.folder,
        embed=embed,
        bench=bench,
        note=AS_ASKED if model == WORDS else embed.note,
    )


def _digested(bench: Bench) -> pl.DataFrame:
    """Return what is loaded with digests, without keeping those that have to be worked out."""
    missing = digest_rows.failures_without_digest(bench.store, digester=DIGESTER)
    if next(missing, None) is None:
        return digest_rows.digested_failures(bench.store)
    return with_digests(bench.failures())


def with_digests(failures: pl.DataFrame) -> pl.DataFrame:
    """Return failures with their digests beside; the digest's exception and template stand in."""
    made = digest_frame(failures).drop("failure_id")
    return failures.drop("exception", "template").hstack(made)


def incoming(path: Path) -> tuple[pl.DataFrame, tuple[Rejection, ...]]:
    """Read failures from a file or a tree without loading them: rows with digests, rejections.

    Raises
    ------
    SourceError
        There is nothing to read.
    """
    batches = list(read_failures(path).read(Known()))
    frames = [batch.frames[FAILURES] for batch in batches if FAILURES in batch.frames]
    rejected = tuple(r for batch in batches for r in batch.rejections)
    return with_digests(pl.concat(frames)), rejected


def _unique(failures: pl.DataFrame) -> pl.DataFrame:
    return failures.select("digest_id", "digest", "exception").unique(
        "digest_id", keep="first", maintain_order=True
    )
