"""Vectors of digests: the model that is found, the one that is read in numpy, and the fallback."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from workbench.analysis.failures.embeddings import (
    DEFAULT_MODEL,
    Fallback,
    Reduced,
    batches,
    encoder,
    find_model,
    weights_of,
)
from workbench.analysis.failures.plain_bert import is_plain, plain_encoder
from workbench.errors import SourceError

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "no", "space", "left", "disk", "full", "refused"]
WIDTH, WIDE = 8, 16


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sentence model of one small layer, with weights that are drawn."""
    tokenizers = pytest.importorskip("tokenizers")
    safetensors = pytest.importorskip("safetensors.numpy")
    config = {
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": WIDTH,
        "num_attention_heads": 2,
        "num_hidden_layers": 1,
        "layer_norm_eps": 1e-12,
        "intermediate_size": WIDE,
        "max_position_embeddings": 16,
    }
    modules = [
        {"type": f"sentence_transformers.models.{kind}"} for kind in ("Transformer", "Pooling")
    ]
    (tmp_path / "1_Pooling").mkdir()
    for name, content in (
        ("config.json", config),
        ("modules.json", modules),
        ("1_Pooling/config.json", {"pooling_mode_mean_tokens": True}),
        ("sentence_bert_config.json", {"max_seq_length": 12}),
    ):
        (tmp_path / name).write_text(json.dumps(content))
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from tokenizers.processors import TemplateProcessing

    made = tokenizers.Tokenizer(
        WordLevel({word: n for n, word in enumerate(WORDS)}, unk_token="[UNK]")
    )
    made.pre_tokenizer = Whitespace()
    made.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    made.save(str(tmp_path / "tokenizer.json"))
    safetensors.save_file(_weights(), str(tmp_path / "model.safetensors"))
    return tmp_path


def _weights() -> dict[str, np.ndarray]:
    draw = np.random.default_rng(3)
    shapes = {
        "embeddings.word_embeddings.weight": (len(WORDS), WIDTH),
        "embeddings.position_embeddings.weight": (16, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
    }
    layer = "encoder.layer.0"
    dense = {
        **{f"{layer}.attention.self.{part}": (WIDTH, WIDTH) for part in ("query", "key", "value")},
        f"{layer}.attention.output.dense": (WIDTH, WIDTH),
        f"{layer}.intermediate.dense": (WIDE, WIDTH),
        f"{layer}.output.dense": (WIDTH, WIDE),
    }
    for name, shape in dense.items():
        shapes |= {f"{name}.weight": shape, f"{name}.bias": shape[:1]}
    made = {name: draw.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
    for name in ("embeddings", f"{layer}.attention.output", f"{layer}.output"):
        made[f"{name}.LayerNorm.weight"] = np.ones(WIDTH, np.float32)
        made[f"{name}.LayerNorm.bias"] = np.zeros(WIDTH, np.float32)
    return made


def test_a_text_has_its_vector_whatever_it_is_read_with(folder: Path) -> None:
    """Length 1, the same alone and in a batch, another one for another text or another order."""
    encode = plain_encoder(folder)
    texts = ["no space left", "disk full", "space no left", "refused", "no space left"]
    made = encode(texts)
    assert made.shape == (5, WIDTH)
    assert np.allclose(np.linalg.norm(made, axis=1), 1, atol=1e-6)
    for n, text in enumerate(texts):
        assert np.allclose(encode([text])[0], made[n], atol=1e-6)
    assert np.allclose(made[0], made[4], atol=1e-6)
    assert not np.allclose(made[0], made[2], atol=1e-3)


def test_a_text_that_is_too_long_counts_by_its_beginning(folder: Path) -> None:
    """Twelve words of the model, its own two marks among them."""
    encode = plain_encoder(folder)
    assert np.allclose(encode(["disk " * 10]), encode(["disk " * 10 + "refused " * 30]), atol=1e-6)


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("config.json", {"model_type": "roberta"}),
        ("config.json", {"hidden_act": "relu"}),
        ("1_Pooling/config.json", {"pooling_mode_mean_tokens": False}),
        ("1_Pooling/config.json", {"pooling_mode_cls_token": True}),
    ],
)
def test_a_model_of_another_shape_is_left_to_its_library(
    folder: Path, file: str, change: dict[str, object]
) -> None:
    """What is read here is known exactly; anything else is not guessed at."""
    assert is_plain(folder)
    told = json.loads((folder / file).read_text())
    (folder / file).write_text(json.dumps({**told, **change}))
    assert not is_plain(folder)


def test_a_model_is_found_by_its_folder_and_told_by_its_files(folder: Path) -> None:
    """Other weights or another vocabulary make another model."""
    found = find_model(folder)
    assert found is not None
    assert found.weights == weights_of(folder)
    assert encoder(found)(["disk full"]).shape == (1, WIDTH)
    (folder / "config.json").write_text((folder / "config.json").read_text() + " ")
    assert weights_of(folder) != found.weights


def test_what_is_not_there_is_said_and_nothing_is_fetched(tmp_path: Path) -> None:
    """An unknown name is the caller's mistake."""
    with pytest.raises(SourceError) as told:
        find_model("all-mpnet-base-v2")
    assert DEFAULT_MODEL in str(told.value)
    with pytest.raises(SourceError):
        find_model(tmp_path)


def test_the_fallback_gives_the_same_vectors_each_time() -> None:
    """Words reduced by SVD: length 1, nearer where words are shared, and it says what it is."""
    texts = ["disk full on node", "disk full on worker", "peer refused the handshake", "odd row"]
    one, other = Reduced(texts).vectors(texts), Fallback().fitted(texts).vectors(texts)
    assert np.array_equal(one, other)
    assert one[0] @ one[1] > one[0] @ one[2]
    assert "No sentence model" in Fallback().note
    assert Reduced(texts).vectors(["nothing that is known"]).shape[0] == 1
    assert Reduced([]).vectors(["some text"]).shape[0] == 1


def test_batches_hold_every_text_once() -> None:
    """Short ones first, none lost."""
    texts = ["ccc", "a", "bb", "dddd", "e"]
    made = list(batches(texts, size=2))
    assert [len(batch) for batch in made] == [2, 2, 1]
    assert sorted(text for batch in made for text in batch) == sorted(texts)
