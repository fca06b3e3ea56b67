"""The memory of a bench: what is loaded and what its ledger says, ready to be asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from workbench.analysis.failures.digests import digest_frame
from workbench.analysis.failures.memory import Memory, memory_of, remembered
from workbench.analysis.failures.similarity import Similarity
from workbench.domain.loading import Known
from workbench.knowledge.resolution_frames import first_words, resolutions
from workbench.sources.task_logs import read_failures

if TYPE_CHECKING:
    from workbench.analysis.failures.calibration import Calibration
    from workbench.analysis.failures.clusters import Clusters
    from workbench.analysis.failures.embeddings import Embed
    from workbench.bench import Bench
    from workbench.domain.history import Rejection

FAILURES = "failures"


@dataclass(frozen=True, kw_only=True)
class FailureDesk:
    """Loaded failures with their digests, what people say of them, and what makes them comparable.

    ``failures`` are the loaded ones, oldest first, with ``digest_id, digest, template_id`` beside
    and the exception and template that the digest names; ``folder`` is the catalogue's.
    """

    failures: pl.DataFrame
    folder: Path
    embed: Embed | None = None

    @property
    def resolutions(self) -> pl.DataFrame:
        """What stands in the ledger now, under the ids that are loaded."""
        return resolutions(self.folder, failures=self.failures)

    @property
    def first_words(self) -> pl.DataFrame:
        """What people said first of each failure, and when."""
        return first_words(self.folder)

    @property
    def note(self) -> str:
        """What everybody who sees an answer should know of the vectors; empty when nothing."""
        return self.embed.note if self.embed else NO_VECTORS

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

    def curve(self) -> pl.DataFrame:
        """Replay what is loaded, in time order, with what the ledger said by then."""
        from workbench.analysis.failures.learning import learning_curve

        return learning_curve(self.failures, self.resolutions, self.everything)

    def labels(self) -> pl.DataFrame:
        """Labels of the first gate: verdicts on what was shown, else the replay of the ledger."""
        from workbench.analysis.failures.calibration import spoken_labels
        from workbench.analysis.failures.learning import replayed_labels

        said = self.resolutions.join(
            self.failures.select("failure_id", "exception"), on="failure_id", how="left"
        )
        spoken = spoken_labels(said, scorer=self.everything.scorer)
        if said.is_empty():
            return spoken
        replayed = replayed_labels(self.curve())
        return pl.concat([spoken, replayed.join(spoken, on="failure_id", how="anti")])

    def calibration(self, *, precision: float) -> Calibration:
        """Calibrate the first gate on :meth:`labels`."""
        from workbench.analysis.failures.calibration import calibrate

        return calibrate(self.labels(), precision=precision)

    def clusters(self) -> Clusters:
        """Put what is loaded into clusters, as people kept, merged and split them."""
        from workbench.analysis.failures.clusters import cluster
        from workbench.knowledge.resolution_frames import pairs

        linked = pairs(self.folder)
        return cluster(
            self.failures,
            self.failures,
            must_link=linked.filter("must_link").select("failure_id", "other_id").iter_rows(),
            cannot_link=linked.filter(~pl.col("must_link"))
            .select("failure_id", "other_id")
            .iter_rows(),
        )


def open_desk(bench: Bench, *, model: str | None = None) -> FailureDesk:
    """Read what a bench holds of failures and work out their digests.

    Parameters
    ----------
    bench : Bench
        Its failures, and the folder of its catalogue.
    model : str, optional
        A sentence model's name or folder, ``words`` for none; the installed one unless given.
    """
    embed = None
    return FailureDesk(
        failures=with_digests(bench.failures()), folder=bench.catalogue.folder, embed=embed
    )


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


NO_VECTORS = "No sentence model is used: failures are compared by their words alone."
