"""Digests and vectors of a bench: made once, made anew when a failure changes, never mixed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from workbench.analysis.failures.clusters import cluster
from workbench.analysis.failures.embeddings import Model
from workbench.bench import Bench, open_bench
from workbench.bench.failure_digests import (
    Kept,
    digested_failures,
    ensure_digests,
    known_clusters,
    remember_clusters,
)
from workbench.sources.task_logs import read_failures

MODEL = Model(name="fake", folder=Path("nowhere"), weights="w1")


def _quiet(what: str, done: int, total: int | None) -> None:
    del what, done, total


def _bench(folder: Path, count: int = 6) -> Bench:
    rows = [
        {
            "id": f"f{n}",
            "text": f"Task failed with exception\nValueError: part {n % 3 * 'x'}y is odd",
        }
        for n in range(count)
    ]
    file = folder / "given.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    bench = open_bench(folder / "a.duckdb")
    bench.load(read_failures(file))
    return bench


class Counting:
    """A model that counts the texts it is given."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, model: Model) -> Counting.encode:
        assert model.name == "fake"
        return self.encode

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.seen += texts
        made = np.array([[len(text), 1.0] for text in texts], np.float32)
        return made / np.linalg.norm(made, axis=1, keepdims=True)


def test_digests_are_made_once_and_again_for_what_changed(tmp_path: Path) -> None:
    """A second look makes none; a row that was written anew gets another digest."""
    bench = _bench(tmp_path)
    assert ensure_digests(bench.store, progress=_quiet) == 6
    assert ensure_digests(bench.store, progress=_quiet) == 0
    rows = digested_failures(bench.store, progress=_quiet)
    assert rows["template_id"].n_unique() == 3
    assert "text" not in rows.columns
    with bench.store.writing(doing="a test") as connection:
        connection.execute("UPDATE failures SET message = 'quite another' WHERE failure_id = 'f0'")
    again = digested_failures(bench.store, progress=_quiet)
    changed = again.filter(again["failure_id"] == "f0")["template"].item()
    assert changed == "ValueError: quite another"
    assert again.height == rows.height


def test_vectors_are_made_once_a_text_and_model(tmp_path: Path) -> None:
    """Kept vectors come back without loading the model; other weights make their own."""
    store = _bench(tmp_path).store
    model = Counting()
    one = Kept(store, MODEL, progress=_quiet, load=model)
    made = one.vectors(["b", "a", "b"])
    assert sorted(model.seen) == ["a", "b"]
    assert np.array_equal(made[0], made[2])

    def refuse(model: Model) -> Counting.encode:
        raise AssertionError(model)

    again = Kept(store, MODEL, progress=_quiet, load=refuse)
    assert np.array_equal(again.vectors(["b", "a", "b"]), made)
    other = Model(name="fake", folder=MODEL.folder, weights="w2")
    with pytest.raises(AssertionError):
        Kept(store, other, progress=_quiet, load=refuse).vectors(["a"])


def test_a_question_keeps_no_vectors(tmp_path: Path) -> None:
    """Asked to keep nothing the file is not written, and a text is still read once."""
    store = _bench(tmp_path).store
    before, model = store.version(), Counting()
    asked = Kept(store, MODEL, progress=_quiet, keep=False, load=model)
    assert np.array_equal(asked.vectors(["a"]), asked.vectors(["a"]))
    assert model.seen == ["a"]
    assert store.version() == before


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches that were kept stay; the next run makes the others."""
    store = _bench(tmp_path).store
    monkeypatch.setattr("workbench.analysis.failures.embeddings.BATCH", 2)
    monkeypatch.setattr("workbench.analysis.failures.embeddings.batches.__defaults__", (2,))
    model = Counting()

    def stop(what: str, done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    texts = [f"text {n}" for n in range(6)]
    with pytest.raises(KeyboardInterrupt):
        Kept(store, MODEL, progress=stop, load=model).vectors(texts)
    assert len(model.seen) == 2
    Kept(store, MODEL, progress=_quiet, load=model).vectors(texts)
    assert sorted(model.seen) == texts


def test_clusters_are_remembered(tmp_path: Path) -> None:
    """What was answered is there for the next answer, and writing it again writes nothing."""
    bench = _bench(tmp_path)
    rows = digested_failures(bench.store, progress=_quiet)
    made = cluster(rows, rows)
    remember_clusters(bench.store, made.anchors)
    assert known_clusters(bench.store) == made.anchors
    version = bench.store.version()
    remember_clusters(bench.store, made.anchors)
    assert bench.store.version() == version
