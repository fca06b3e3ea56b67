"""Digests and vectors of what is loaded: fetched where they are kept, made where they are not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import polars as pl

from workbench.analysis.failures.cluster_facts import Anchor
from workbench.analysis.failures.digests import digest_frame
from workbench.analysis.failures.embeddings import (
    Embed,
    Fallback,
    Model,
    batches,
    encoder,
    find_model,
    told,
)
from workbench.bench.loads import Progress
from workbench.store import digest_rows
from workbench.store.database import Store
from workbench.text.digests import DIGESTER

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


def ensure_digests(store: Store, *, progress: Progress) -> int:
    """Work out the digests that are missing, batch by batch; gives how many there were."""
    total, done = digest_rows.count_failures(store), 0
    for rows in digest_rows.failures_without_digest(store, digester=DIGESTER):
        made = rows.select("case_id", "content").hstack(digest_frame(rows))
        digest_rows.write_digests(store, made, digester=DIGESTER)
        done += rows.height
        progress("digests of failures", done, total)
    return done


def digested_failures(
    store: Store, *, progress: Progress, case_id: str | None = None
) -> pl.DataFrame:
    """Return the loaded failures with their digests and without their texts, oldest first."""
    ensure_digests(store, progress=progress)
    return digest_rows.digested_failures(store, case_id=case_id)


class Kept:
    """A sentence model whose vectors are kept: it is loaded only for a text that is new.

    Parameters
    ----------
    store : Store
        Where vectors are kept.
    model : Model
        The model; vectors of another one, or of other weights, are never used.
    progress : callable
        Told how many texts are done.
    load : callable
        Loads a model.
    keep : bool
        Whether vectors that are new are kept; a question that may write nothing keeps none.
    """

    def __init__(
        self,
        store: Store,
        model: Model,
        *,
        progress: Progress,
        keep: bool = True,
        load: Callable[[Model], Callable[[Sequence[str]], NDArray[np.float32]]] = encoder,
    ) -> None:
        self._store, self._model, self._progress, self._load = store, model, progress, load
        self._encode: Callable[[Sequence[str]], NDArray[np.float32]] | None = None
        self._keep = keep
        self._made: dict[str, NDArray[np.float32]] = {}
        self.name, self.note = f"{model.name}@{model.weights[:8]}", ""

    def fitted(self, texts: Sequence[str]) -> Kept:
        """Return itself: a sentence model needs no texts to be fitted to."""
        del texts
        return self

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return vectors of length 1, in the order of the texts; each batch is kept when made."""
        import numpy as np

        given = [told(text) for text in texts]
        names = {"model": self._model.name, "weights": self._model.weights}
        known = digest_rows.vectors(self._store, sorted(set(given)), **names)
        known = {**self._made, **known}
        missing = sorted(set(given) - known.keys())
        if missing and self._encode is None:
            self._encode = self._load(self._model)
        done = 0
        for batch in batches(missing):
            assert self._encode is not None
            made = self._encode(batch)
            vectors = dict(zip(batch, made, strict=True))
            if self._keep:
                digest_rows.write_vectors(self._store, batch, made, **names)
            else:
                self._made |= vectors
            known |= vectors
            done += len(batch)
            self._progress("vectors of failure texts", done, len(missing))
        if not given:
            return np.zeros((0, 0), np.float32)
        return np.stack([known[text] for text in given])


def embedding(
    store: Store, *, model: str | Path | None = None, progress: Progress, keep: bool = True
) -> Embed:
    """Return what makes vectors: the named model, else the default, else words reduced by SVD.

    Parameters
    ----------
    store : Store
        Where vectors are kept.
    model : str or Path, optional
        A model by name or folder.
    progress : callable
        Told how many texts are done.
    keep : bool
        Whether vectors that are new are kept.

    Raises
    ------
    SourceError
        A model was asked for that is not there.
    """
    found = find_model(model)
    return Fallback() if found is None else Kept(store, found, progress=progress, keep=keep)


def known_clusters(store: Store) -> tuple[Anchor, ...]:
    """Return the clusters that were answered before."""
    rows = digest_rows.cluster_members(store)
    grouped = rows.group_by("cluster_id", "template").agg(pl.col("template_id").sort())
    return tuple(
        Anchor(cluster_id=name, template=template, members=tuple(members))
        for name, template, members in grouped.sort("cluster_id", "template").iter_rows()
    )


def remember_clusters(store: Store, anchors: Sequence[Anchor]) -> None:
    """Keep the clusters that were answered, so that their ids stay when more failures come."""
    rows = [(a.cluster_id, a.template, member) for a in anchors for member in a.members]
    schema = {"cluster_id": pl.String, "template": pl.String, "template_id": pl.String}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    digest_rows.write_cluster_members(store, frame.sort(pl.all()))
