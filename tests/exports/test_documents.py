"""Documents: one envelope, one spelling, every fault named, written whole or not at all."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.exports.made import SHA, finding
from workbench.errors import ExportError
from workbench.exports import documents
from workbench.exports.documents import (
    canonical_bytes,
    digest,
    document,
    faults_of,
    schemas,
    sorted_rows,
    write_bytes,
)

ANSWERS: dict[str, dict[str, Any]] = {
    "hits": {
        "examined": [{"sha": SHA}],
        "hits": [
            {
                "sha": "release:3.1.6..3.1.7",
                "path": "core/loop.py",
                "line": 3,
                "pattern": "P-guard-removed",
                "severity": "MEDIUM-HIGH",
                "qualname": "core.loop.check",
                "names": ["core.loop.check"],
                "message": "check lost its early return",
            }
        ],
    },
    "scan": {"examined": [], "findings": [finding()], "funnel": {"commits": 1}},
    "findings": {"examined": [], "findings": [], "funnel": {}},
    "patterns": {"patterns": []},
    "triage": {
        "commits": [{"sha": SHA, "class": "SKIP", "rule": "docs"}],
        "counts": {"SKIP": 1, "TARGETED": 0, "FULL": 0},
    },
    "backtest": {
        "patterns": [
            {
                "pattern": "A-shared-mutable-state",
                "hits_per_month": 0.6,
                "alarm_rate": 0.001,
                "precision": None,
                "precision_low": None,
                "precision_high": None,
                "recall": {"breaking": 1.0, "under-rated": None},
                "lead_days": None,
            }
        ]
    },
    "load": {"loaded": 1, "unchanged": 0, "rejected": 0, "seconds": 0.2},
}

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


def _described(schema: Any, path: str = "") -> Iterator[str]:
    """Places of properties that say neither what they mean nor where that is said."""
    if not isinstance(schema, dict):
        return
    for name, sub in schema.get("properties", {}).items():
        if not {"description", "$ref", "const"} & set(sub):
            yield f"{path}/{name}"
    for key in ("properties", "$defs"):
        for name, sub in schema.get(key, {}).items():
            yield from _described(sub, f"{path}/{name}")
    yield from _described(schema.get("items"), f"{path}[]")
    for sub in schema.get("oneOf", ()):
        yield from _described(sub, path)


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_every_answer_has_an_envelope(name: str) -> None:
    """A document names its format and version and carries the digest of its content."""
    made = document(f"workbench.{name}", ANSWERS[name])
    assert (made["format"], made["format_version"]) == (f"workbench.{name}", 1)
    assert made["digest"] == digest(made)
    assert list(faults_of(json.loads(canonical_bytes(made)), schema=name)) == []


@pytest.mark.parametrize("name", sorted(schemas()))
def test_schemas_are_schemas_and_explain_themselves(name: str) -> None:
    """Each schema is valid 2020-12, refuses unknown keys, and describes every property."""
    schema = schemas()[name]
    Draft202012Validator.check_schema(schema)
    assert schema["description"]
    assert list(_described(schema)) == []
    assert name == "parts.schema.json" or schema["additionalProperties"] is False


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_unknown_keys_are_refused(name: str) -> None:
    """A key that the format does not have is a fault, never silently carried."""
    with pytest.raises(ExportError, match="colour"):
        document(f"workbench.{name}", {**ANSWERS[name], "colour": "red"})


def test_every_fault_is_listed_with_its_place() -> None:
    """Three faults in two findings come in one answer."""
    bad = [finding(severity="BAD"), finding(line=0, trace=[{"path": "x"}])]
    with pytest.raises(ExportError) as caught:
        document("workbench.scan", {"examined": [], "findings": bad, "funnel": {"commits": -1}})
    told = str(caught.value)
    for place in (
        "findings[0].severity",
        "findings[1].line",
        "findings[1].trace[0]",
        "funnel.commits",
    ):
        assert place in told
    assert "MEDIUM-HIGH" in told


def test_review_faults_reach_the_inner_key() -> None:
    """A wrong review is told by the key that is wrong, not as 'matches nothing'."""
    review = {"verdict": "confirmed", "from": "HIGH", "to": "HIGH", "reasons": [1]}
    body = {"examined": [], "findings": [finding(review=review)], "funnel": {}}
    with pytest.raises(ExportError, match=r"review\.reasons\[0\]"):
        document("workbench.scan", body)


@given(json_values)
def test_canonical_bytes_are_a_fixed_point(value: Any) -> None:
    """Reading canonical bytes and writing them again changes nothing; they end in one newline."""
    data = canonical_bytes(value)
    assert canonical_bytes(json.loads(data)) == data
    assert data.endswith(b"\n")
    assert not data.endswith(b"\n\n")


def test_key_order_does_not_matter() -> None:
    """Two mappings with the same content have the same bytes and digest."""
    assert canonical_bytes({"b": 1, "a": 2}) == canonical_bytes({"a": 2, "b": 1})
    assert digest({"a": 1, "digest": "x"}) == digest({"a": 1})


def test_names_that_are_not_utf8_survive() -> None:
    """A path with an undecodable byte is written as its JSON escape and read back the same."""
    path = b"caf\xe9.py".decode("utf-8", "surrogateescape")
    assert json.loads(canonical_bytes({"path": path}))["path"] == path


@pytest.mark.parametrize("value", [math.nan, math.inf, {1, 2}, object()])
def test_what_json_cannot_say_is_refused(value: object) -> None:
    """NaN, infinity and Python objects are faults, not text that other readers choke on."""
    with pytest.raises(ExportError, match="JSON"):
        canonical_bytes({"value": value})


def test_sorted_rows_hold_faulty_rows_too() -> None:
    """Rows sort the same from any order, even when a column mixes words, numbers and nulls."""
    rows: list[dict[str, object]] = [{"k": "b"}, {"k": 2}, {"k": None}, {"k": "a"}, {}]
    assert sorted_rows(rows, by=["k"]) == sorted_rows(rows[::-1], by=["k"])


def test_a_write_replaces_the_file_whole(tmp_path: Path) -> None:
    """The new bytes are there, no temporary file is left, folders are made."""
    path = tmp_path / "new" / "file.json"
    write_bytes(b"one\n", path)
    write_bytes(b"two\n", path)
    assert path.read_bytes() == b"two\n"
    assert [p.name for p in path.parent.iterdir()] == ["file.json"]


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the disk refuses, the old bytes stay and nothing else is left behind."""
    path = write_bytes(b"old\n", tmp_path / "file.json")

    def full(fd: int, mode: str) -> object:
        documents.os.close(fd)
        raise OSError("No space left on device")

    monkeypatch.setattr(documents.os, "fdopen", full)
    with pytest.raises(OSError, match="No space"):
        write_bytes(b"new\n", path)
    assert path.read_bytes() == b"old\n"
    assert [p.name for p in tmp_path.iterdir()] == ["file.json"]


def test_the_last_look_for_secrets_is_where_files_are_written(tmp_path: Path) -> None:
    """What got past every other look is not in the file; what holds no secret stays as it is."""
    leaked = write_bytes(b'{"a": "postgres://u:Tr0ub4dor@h/db"}\n', tmp_path / "a.json")
    assert leaked.read_bytes() == b'{"a": "postgres://u:<secret:uri-password>@h/db"}\n'
    odd = b"\xff plain \r\n"
    assert write_bytes(odd, tmp_path / "b.txt").read_bytes() == odd
