"""The memory of airflow-ai-ops comes in and goes out in the shape that it has."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from workbench.domain.loading import Batch, Known
from workbench.errors import SourceError
from workbench.exports.memory_yaml import export_memory
from workbench.sources.memory_yaml import read_memory
from workbench.text.redact import redact

PLAIN = """\
warehouse:
  - error: "LockTimeout: table busy"
    root_cause: "Two loads at once"
    decision: "RERUN"
    source: "human"
  - error: no such column
    root_cause: the feed changed
    decision: NO_RERUN
    source: auto
    support: 3
    success_rate: 0.5
storage:
  - error: bucket gone
    root_cause: wrong name
    decision: NO_RERUN
    source: human
    note: ask first
"""


def read(path: Path) -> Batch:
    """The one batch of a file."""
    (batch,) = read_memory(path).read(Known())
    return batch


def test_what_comes_in_goes_out(tmp_path: Path) -> None:
    """Services, entries, their order and their keys are the same after a round trip."""
    (tmp_path / "a.yml").write_text(PLAIN)
    entries = read(tmp_path / "a.yml").frames["memory_entries"]
    assert export_memory(entries, to=tmp_path / "b.yml") == 3
    assert yaml.safe_load((tmp_path / "b.yml").read_text()) == yaml.safe_load(PLAIN)


WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "Zs")), min_size=1).filter(
    lambda text: text.strip() != ""
)


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(WORDS, st.lists(WORDS, min_size=1, unique=True), min_size=1))
def test_any_words_survive(tmp_path_factory: pytest.TempPathFactory, errors: dict) -> None:  # type: ignore[type-arg]
    """Words of any script come back as they were, where they hold no secret."""
    folder = tmp_path_factory.mktemp("memory")
    document = {
        service: [{"error": e, "root_cause": e, "decision": "RERUN", "source": "human"} for e in es]
        for service, es in errors.items()
    }
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    assume(redact(text) == text)
    (folder / "a.yml").write_text(text)
    frame = read(folder / "a.yml").frames["memory_entries"]
    export_memory(frame, to=folder / "b.yml")
    assert yaml.safe_load((folder / "b.yml").read_text("utf-8")) == document


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("- just text", "no mapping"),
        ("- root_cause: x", "error is missing"),
        ("- {error: x, success_rate: 80}", "success_rate"),
        ("- {error: x, support: -1}", "support"),
        ("- {error: good, source: human}", "stands above"),
    ],
)
def test_a_bad_entry_is_named(tmp_path: Path, entry: str, reason: str) -> None:
    """It is rejected with its service and its number; the good one is read."""
    path = tmp_path / "a.yml"
    path.write_text(f"s:\n- {{error: good, source: human}}\n{entry}\n")
    batch = read(path)
    assert batch.frames["memory_entries"]["error"].to_list() == ["good"]
    assert [(r.at, reason in r.reason) for r in batch.rejections] == [("s, entry 2", True)]


@pytest.mark.parametrize("text", ["- a\n", "a: [", "7", "!!python/object/apply:os.getcwd []"])
def test_what_is_no_memory_is_refused(tmp_path: Path, text: str) -> None:
    """Other YAML, and YAML that would make objects, is the caller's mistake."""
    (tmp_path / "a.yml").write_text(text)
    with pytest.raises(SourceError):
        read(tmp_path / "a.yml")


def test_secrets_stay_outside(tmp_path: Path) -> None:
    """An error text is redacted as it is read."""
    (tmp_path / "a.yml").write_text('s:\n- error: "postgresql://u:h1dden-word@h/d is away"\n')
    frame: pl.DataFrame = read(tmp_path / "a.yml").frames["memory_entries"]
    assert "h1dden-word" not in str(frame.to_dicts())
