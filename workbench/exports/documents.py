"""JSON documents of ours: the envelope, canonical bytes, the schema check, and the atomic write."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import ExportError, Place

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

Document = dict[str, Any]
FORMAT_VERSION = 1
SHOWN_VALUE = 80


def document(name: str, body: Mapping[str, object]) -> Document:
    """Put a body into the envelope of a format and check it against that format's schema.

    Parameters
    ----------
    name : str
        A format, for example ``workbench.findings``; its schema is ``schema/findings.schema.json``.
    body : mapping
        The document's own keys; values are plain JSON values.

    Returns
    -------
    dict
        ``format``, ``format_version``, ``digest`` and the body.

    Raises
    ------
    ExportError
        The document does not fit its schema; every fault is listed with its place.
    """
    made: Document = {"format": name, "format_version": FORMAT_VERSION, **body}
    made["digest"] = digest(made)
    check(made, schema=name.removeprefix("workbench."))
    return made


def check(made: Mapping[str, object], *, schema: str) -> None:
    """Raise with every fault of a document against ``schema/<schema>.schema.json``."""
    faults = sorted(faults_of(made, schema=schema))
    if faults:
        listed = "\n".join(f"  {where}: {what}" for where, what in faults)
        raise ExportError(
            f"A {schema} document is faulty ({len(faults)}), so it was not written:\n{listed}",
            where=Place(path=f"{schema}.schema.json"),
        )


def faults_of(made: Mapping[str, object], *, schema: str) -> Iterator[tuple[str, str]]:
    """Yield place and fault for everything in which a document differs from its schema."""
    for error in _validator(schema).iter_errors(made):
        yield from _told(error)


def digest(made: Mapping[str, object]) -> str:
    """SHA-256 of the canonical bytes, the ``digest`` key left out."""
    content = {key: value for key, value in made.items() if key != "digest"}
    return hashlib.sha256(canonical_bytes(content)).hexdigest()


def canonical_bytes(made: object) -> bytes:
    """The one spelling of a JSON value: sorted keys, two spaces, UTF-8, one trailing newline.

    A lone surrogate (a file name that is not UTF-8) becomes its JSON escape, so it survives.
    """
    try:
        text = json.dumps(made, sort_keys=True, ensure_ascii=False, indent=2, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ExportError(f"A document holds what JSON cannot say: {error}.") from error
    return (text + "\n").encode("utf-8", "backslashreplace")


def write_bytes(data: bytes, path: Path) -> Path:
    """Write a text file whole or not at all: a temporary file beside it takes its place.

    Every export goes through here, so here is the last look for secrets: what got past all others
    is ``<secret:kind>`` in the file.
    """
    data = without_secrets(data)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path


def without_secrets(data: bytes) -> bytes:
    """Return the bytes of a text without its secrets; those of a text without any as given."""
    from workbench.text.redact import redact

    text = data.decode("utf-8", "surrogateescape")
    seen = redact(text)
    return data if seen == text else seen.encode("utf-8", "surrogateescape")


def sorted_rows(
    rows: Sequence[Mapping[str, object]], *, by: Sequence[str]
) -> list[dict[str, object]]:
    """Rows in one order whatever order they came in: by ``by``, then by all they hold."""

    def rank(row: Mapping[str, object]) -> tuple[object, ...]:
        whole = json.dumps(row, sort_keys=True, default=str)
        return (*(_comparable(row.get(key)) for key in by), whole)

    return [dict(row) for row in sorted(rows, key=rank)]


def _comparable(value: object) -> tuple[int, object]:
    """Missing values first, numbers before words, whatever a faulty row holds in the column."""
    if value is None:
        return (0, 0)
    return (1, value) if isinstance(value, int | float) else (2, str(value))


@cache
def schemas() -> Mapping[str, Document]:
    """Every schema by its file name, for example ``findings.schema.json``."""
    folder = resources.files("workbench.exports") / "schema"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".json")), key=lambda f: f.name)
    return {f.name: json.loads(f.read_text(encoding="utf-8")) for f in files}


@cache
def _validator(schema: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    name = f"{schema}.schema.json"
    return Draft202012Validator(_inlined(schemas()[name], home=name))


def _inlined(schema: Any, *, home: str) -> Any:
    """The same schema in the form that is checked fastest.

    Every reference is replaced by what it leads to, and a choice between described constants by
    an enumeration of them.
    """
    if isinstance(schema, list):
        return [_inlined(part, home=home) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {k: _inlined(v, home=home) for k, v in schema.items() if k not in ("$ref", "$defs")}
    if isinstance(ref := schema.get("$ref"), str):
        file, _, name = ref.partition("#/$defs/")
        target = file or home
        made = _inlined(schemas()[target]["$defs"][name], home=target) | made
    forms = made.get("oneOf")
    if isinstance(forms, list) and all("const" in form for form in forms):
        del made["oneOf"]
        made["enum"] = [form["const"] for form in forms]
    return made


def _told(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Place and fault; of a choice between forms, the faults inside the form that was meant."""
    if error.validator != "oneOf" or not error.context:
        said = error.message.replace(repr(error.instance), _short(error.instance))
        yield _place(error), f"{said}."
        return
    forms: dict[object, list[ValidationError]] = {}
    for inner in error.context:
        forms.setdefault(inner.relative_schema_path[0], []).append(inner)
    meant = [faults for faults in forms.values() if not any(map(_decides, faults))]
    for inner in (fault for faults in meant for fault in faults):
        yield from _told(inner)
    if not meant:
        yield _place(error), f"{_short(error.instance)} has none of the allowed forms."


def _decides(fault: ValidationError) -> bool:
    """Whether a fault says that another form was meant: at the value itself, or at its kind."""
    at_kind = list(fault.relative_path) in ([], ["kind"])
    return at_kind and fault.validator in ("const", "enum", "type")


def _place(error: ValidationError) -> str:
    steps = (f"[{p}]" if isinstance(p, int) else f".{p}" for p in error.absolute_path)
    return "".join(steps).removeprefix(".") or "document"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN_VALUE else text[:SHOWN_VALUE] + "..."
