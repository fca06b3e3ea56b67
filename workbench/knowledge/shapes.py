"""The shape of our TOML files: JSON Schemas, and their answers put into words people can act on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal, cast

from workbench.knowledge.problems import Fault
from workbench.text.suggestions import suggestion
from workbench.text.toml_lines import Key

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

SchemaName = Literal[
    "pattern", "triage", "hot-paths", "coupling", "state-store-reference", "dag-rule"
]

KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a table",
}


def schema(name: SchemaName) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of one kind of file."""
    file = resources.files("workbench.knowledge") / "schema" / f"{name}.schema.json"
    read: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return read


def faults(data: Mapping[str, Any], name: SchemaName) -> list[Fault]:
    """Find everything in which the data of a TOML file differs from its schema."""
    found: dict[Fault, None] = {}
    for error in _validator(name).iter_errors(json_ready(data)):
        for fault in _worded(error):
            found.setdefault(fault)
    return list(found)


def json_ready(value: Any) -> Any:
    """Return the same data with TOML's dates and times as ISO text, as other tools see them."""
    if isinstance(value, Mapping):
        return {key: json_ready(item) for key, item in value.items()}
    if isinstance(value, list):
        return [json_ready(item) for item in value]
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return value


@cache
def _validator(name: SchemaName) -> Validator:
    from jsonschema import Draft202012Validator, FormatChecker

    made: Validator = Draft202012Validator(
        schema(name), format_checker=FormatChecker(formats=["date"])
    )
    return made


@dataclass(frozen=True, slots=True)
class Refusal:
    """What jsonschema says, with plain types: the rule, its value, the schema and the data."""

    key: Key
    rule: str
    wants: Any
    schema: Mapping[str, Any]
    found: Any
    said: str

    @property
    def shown(self) -> str:
        """The data as text, cut where it is long."""
        text = repr(self.found)
        return text if len(text) <= 60 else f"{text[:57]}..."

    def means(self, name: str = "") -> str:
        """Return the schema's description of what stands there, or of key ``name`` inside it."""
        part = self.schema.get("properties", {}).get(name) if name else None
        described = part if isinstance(part, dict) and "description" in part else self.schema
        return str(described.get("description", ""))


def _worded(error: ValidationError) -> Iterator[Fault]:
    refusal = Refusal(
        key=tuple(error.absolute_path),
        rule=str(error.validator),
        wants=error.validator_value,
        schema=cast("Mapping[str, Any]", error.schema),
        found=error.instance,
        said=error.message,
    )
    yield from WORDS.get(refusal.rule, _as_said)(refusal)


def _as_said(error: Refusal) -> Iterator[Fault]:
    yield Fault(error.key, error.said)


def _missing(error: Refusal) -> Iterator[Fault]:
    # jsonschema answers once for each missing key and names it only in its message
    for name in error.wants:
        if name not in error.found and error.said.startswith(repr(name)):
            yield Fault(error.key, f"{name!r} is missing.", error.means(name))


def _unknown(error: Refusal) -> Iterator[Fault]:
    known = error.schema.get("properties", {})
    for name in error.found:
        if name not in known:
            yield Fault((*error.key, name), f"Unknown key {name!r}.", suggestion(name, known))


def _not_one_of(error: Refusal) -> Iterator[Fault]:
    options = [str(option["const"]) for option in error.wants]
    hint = suggestion(str(error.found), options)
    what = f"{error.shown} is not one of {', '.join(options)}."
    yield Fault(error.key, what, hint if hint.startswith("Did") else "")


def _none_of(error: Refusal) -> Iterator[Fault]:
    needed = [name for option in error.wants for name in option["required"]]
    yield Fault(error.key, f"Needs one of {', '.join(needed)}.")


def _wrong_kind(error: Refusal) -> Iterator[Fault]:
    yield Fault(error.key, f"{error.shown} is not {KINDS[str(error.wants)]}.", error.means())


def _wrong_form(error: Refusal) -> Iterator[Fault]:
    yield Fault(error.key, f"{error.shown} has the wrong form.", error.means())


def _too_short(error: Refusal) -> Iterator[Fault]:
    unit = _unit(error.found) + ("s" if error.wants > 1 else "")
    yield Fault(error.key, f"Needs at least {error.wants} {unit}.", error.means())


def _too_long(error: Refusal) -> Iterator[Fault]:
    has = f"Has {len(error.found)} {_unit(error.found)}s, at most {error.wants} are allowed."
    yield Fault(error.key, has, error.means())


def _too_small(error: Refusal) -> Iterator[Fault]:
    yield Fault(error.key, f"{error.shown} is less than {error.wants}.", error.means())


def _repeats(error: Refusal) -> Iterator[Fault]:
    yield Fault(error.key, "Holds the same item twice.")


def _unit(found: Any) -> str:
    return "item" if isinstance(found, list) else "character"


WORDS: dict[str, Callable[[Refusal], Iterator[Fault]]] = {
    "required": _missing,
    "additionalProperties": _unknown,
    "oneOf": _not_one_of,
    "anyOf": _none_of,
    "type": _wrong_kind,
    "pattern": _wrong_form,
    "format": _wrong_form,
    "minLength": _too_short,
    "minItems": _too_short,
    "maxLength": _too_long,
    "maxItems": _too_long,
    "minimum": _too_small,
    "uniqueItems": _repeats,
}
