"""A small BERT sentence model in numpy: what sentence-transformers gives, without torch.

Importing torch takes longer than reading all of a match's texts. Only the common shape is read:
BERT with absolute positions, the mean over words, length 1; any other model is left to
sentence-transformers, so that the vectors of one model always come the same way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from importlib.util import find_spec
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float32]

WORDS_A_BATCH = 1_024
"""Words that are read together: what comes between two layers of them stays near the processor."""
WORKERS = 2
"""Batches that are read at once, each by one thread: numpy's own threads help only products."""
GELU_AT_ONCE = 1 << 15
ERF_SCALE = 0.3275911
ERF = (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)


def is_plain(folder: Path) -> bool:
    """Whether a folder holds a model of the shape that is read here, and its readers are there."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        modules = [
            each["type"] for each in json.loads((folder / "modules.json").read_text("utf-8"))
        ]
        pooling = json.loads((folder / "1_Pooling" / "config.json").read_text("utf-8"))
    except (OSError, ValueError, LookupError, TypeError):
        return False
    readers = all(find_spec(name) is not None for name in ("tokenizers", "safetensors"))
    kinds = [kind.rpartition(".")[2] for kind in modules]
    return (
        readers
        and config.get("model_type") == "bert"
        and config.get("hidden_act") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and kinds in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])
        and pooling.get("pooling_mode_mean_tokens", pooling.get("pooling_mode") == "mean") is True
        and not pooling.get("pooling_mode_cls_token", False)
        and (folder / "model.safetensors").is_file()
        and (folder / "tokenizer.json").is_file()
    )


def plain_encoder(folder: Path) -> Callable[[Sequence[str]], Array]:
    """Read a model; what comes back turns texts into vectors of length 1."""
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    config = json.loads((folder / "config.json").read_text("utf-8"))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length=_longest(folder, config))
    loaded = load_file(folder / "model.safetensors")
    weights = {name.removeprefix("bert."): each for name, each in loaded.items()}

    def encode(texts: Sequence[str]) -> Array:
        import numpy as np

        made = np.empty((len(texts), int(config["hidden_size"])), np.float32)
        ids = [each.ids for each in tokenizer.encode_batch(list(texts))]

        def read(rows: list[int]) -> None:
            made[rows] = _vectors(np.array([ids[row] for row in rows]), weights, config)

        together = list(_of_one_length(ids))
        if len(together) == 1:
            read(together[0])
            return made
        with _one_thread_a_product(), ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(read, together))
        return made

    return encode


def _of_one_length(ids: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Yield rows with the same number of words: nothing is padded, no text changes another's."""
    for length, rows in groupby(sorted(range(len(ids)), key=lambda r: len(ids[r])), _length(ids)):
        most = max(WORDS_A_BATCH // max(length, 1), 1)
        while some := list(islice(rows, most)):
            yield some


def _length(ids: Sequence[Sequence[int]]) -> Callable[[int], int]:
    return lambda row: len(ids[row])


def _one_thread_a_product() -> AbstractContextManager[object]:
    """Keep a product of matrices to the thread that asks for it: threads that wait burn time."""
    if find_spec("threadpoolctl") is None:
        return nullcontext()
    limits: Callable[..., AbstractContextManager[object]]
    limits = import_module("threadpoolctl").threadpool_limits
    return limits(1, user_api="blas")


def _longest(folder: Path, config: dict[str, Any]) -> int:
    settings = folder / "sentence_bert_config.json"
    told = json.loads(settings.read_text("utf-8")) if settings.is_file() else {}
    return int(told.get("max_seq_length") or config["max_position_embeddings"])


def _vectors(ids: Any, weights: dict[str, Any], config: dict[str, Any]) -> Array:
    """Return vectors of texts that have the same number of words."""
    import numpy as np

    eps, heads = float(config["layer_norm_eps"]), int(config["num_attention_heads"])
    x = (
        weights["embeddings.word_embeddings.weight"][ids]
        + weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        + weights["embeddings.token_type_embeddings.weight"][0]
    )
    x = _normed(x, weights, "embeddings.LayerNorm", eps)
    for number in range(int(config["num_hidden_layers"])):
        at = f"encoder.layer.{number}"
        seen = _attended(x, weights, f"{at}.attention.self", heads)
        x = x + _linear(seen, weights, f"{at}.attention.output.dense")
        x = _normed(x, weights, f"{at}.attention.output.LayerNorm", eps)
        wide = _gelu(_linear(x, weights, f"{at}.intermediate.dense"))
        x = x + _linear(wide, weights, f"{at}.output.dense")
        x = _normed(x, weights, f"{at}.output.LayerNorm", eps)
    mean = x.mean(axis=1)
    return np.asarray(mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-9))


def _linear(x: Any, weights: dict[str, Any], name: str) -> Any:
    flat = x.reshape(-1, x.shape[-1]) @ weights[f"{name}.weight"].T
    return (flat + weights[f"{name}.bias"]).reshape(*x.shape[:-1], -1)


def _attended(x: Any, weights: dict[str, Any], name: str, heads: int) -> Any:
    import numpy as np

    texts, words, width = x.shape

    def split(part: str) -> Any:
        made = _linear(x, weights, f"{name}.{part}")
        return made.reshape(texts, words, heads, width // heads).transpose(0, 2, 1, 3)

    scores = (
        split("query") @ split("key").transpose(0, 1, 3, 2) / np.float32((width // heads) ** 0.5)
    )
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
    scores /= scores.sum(axis=-1, keepdims=True)
    return (scores @ split("value")).transpose(0, 2, 1, 3).reshape(texts, words, width)


def _normed(x: Any, weights: dict[str, Any], name: str, eps: float) -> Any:
    import numpy as np

    x = x - x.mean(axis=-1, keepdims=True)
    spread = np.sqrt((x * x).mean(axis=-1, keepdims=True) + np.float32(eps))
    return x / spread * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def _gelu(x: Any) -> Any:
    """Return x times the normal distribution's share below it, in place, piece by piece."""
    import numpy as np

    flat = x.reshape(-1)
    for start in range(0, len(flat), GELU_AT_ONCE):
        piece = flat[start : start + GELU_AT_ONCE]
        piece *= np.float32(0.5) * (1 + _erf(piece * np.float32(2**-0.5)))
    return x


def _erf(x: Any) -> Any:
    """Return the error function to 2 in 10 million: Abramowitz and Stegun, 7.1.26."""
    import numpy as np

    size = np.abs(x)
    t = 1 / (1 + np.float32(ERF_SCALE) * size)
    tail = np.float32(ERF[0]) * t
    for factor in ERF[1:]:
        tail += np.float32(factor)
        tail *= t
    size *= -size
    tail *= np.exp(size, out=size)
    return np.copysign(1 - tail, x)
