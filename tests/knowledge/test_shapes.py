"""The schemas say what the records hold, and describe every word they allow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from enum import StrEnum
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from workbench.domain.history import Severity
from workbench.domain.patterns import (
    Example,
    ExpectedHit,
    FailureMode,
    HotPath,
    Lifecycle,
    Origin,
    PathRule,
    Pattern,
    Stage,
    TextDetector,
)
from workbench.knowledge.shapes import SchemaName, faults, schema

NAMES: tuple[SchemaName, ...] = get_args(SchemaName)
PATTERN = schema("pattern")
DEFS = PATTERN["$defs"]


@pytest.mark.parametrize("name", NAMES)
def test_is_a_sound_schema(name: SchemaName) -> None:
    """Each file is a JSON Schema of 2020-12 that can be told from the others."""
    Draft202012Validator.check_schema(schema(name))
    assert schema(name)["$id"] == f"urn:workbench:schema:{name}:1"


@pytest.mark.parametrize("name", NAMES)
def test_every_value_is_described_and_every_table_closed(name: SchemaName) -> None:
    """An allowed word says what it means; a table with properties refuses others."""
    for part in _parts(schema(name)):
        if "const" in part and "stage" not in part:
            assert part.get("description") or part["const"] in ("sql", "text", *Stage), part
        if part.get("type") == "object" and "properties" in part and "allOf" not in part:
            assert part["additionalProperties"] is False, part


@pytest.mark.parametrize(
    ("properties", "record", "elsewhere"),
    [
        (PATTERN["properties"], Pattern, {"folder"}),
        (DEFS["text"]["properties"], TextDetector, set()),
        (DEFS["example"]["properties"], Example, {"folder"}),
        (DEFS["example"]["properties"]["expect"]["items"]["properties"], ExpectedHit, set()),
        (DEFS["origin"]["properties"], Origin, set()),
        (DEFS["lifecycle"]["properties"], Lifecycle, set()),
        (schema("triage")["properties"]["rule"]["items"]["properties"], PathRule, set()),
        (schema("coupling")["properties"]["rule"]["items"]["properties"], PathRule, set()),
        (schema("hot-paths")["properties"]["path"]["items"]["properties"], HotPath, set()),
    ],
)
def test_keys_are_the_fields_of_the_record(
    properties: dict[str, Any], record: type, elsewhere: set[str]
) -> None:
    """No key without a field, no field without a key."""
    assert set(properties) - {"kind"} == {f.name for f in fields(record)} - elsewhere - {"kind"}


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (PATTERN["properties"]["stage"], Stage),
        (PATTERN["properties"]["failure_mode"], FailureMode),
        (DEFS["severity"], Severity),
    ],
)
def test_words_are_those_of_the_enumeration(part: dict[str, Any], words: type[StrEnum]) -> None:
    """In the same order."""
    assert [option["const"] for option in part["oneOf"]] == list(words)


def test_dates_are_dates() -> None:
    """A time of day is no date, and neither is a word."""
    for value in ("2026-02-30", "2026-02-10T00:00:00", "soon"):
        found = faults({"lifecycle": {"created": value, "author": "me"}}, "pattern")
        assert ("lifecycle", "created") in {fault.key for fault in found}
    found = faults({"lifecycle": {"created": "2026-02-10", "author": "me"}}, "pattern")
    assert "lifecycle" not in {str(fault.key[0]) for fault in found if fault.key}


def _parts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from _parts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _parts(item)
