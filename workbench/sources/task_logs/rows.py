"""A failed try as a row: nothing in it that was not redacted, its template, its own id."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from workbench.sources.task_logs.attempts import Attempt, Failed
from workbench.sources.task_logs.chains import Chain
from workbench.text.masks import mask
from workbench.text.redact import redact, redact_json

MESSAGE_CHARACTERS = 8_000
CAUSE_CHARACTERS = 2_000
MOST_ID = 2**31 - 1


def failure_row(attempt: Attempt, failed: Failed, *, extra: Mapping[str, object]) -> dict[str, Any]:
    """Return the columns that the log itself gives."""
    first = failed.chain[0] if failed.chain else None
    message = clipped(storable(redact(failed.message)).strip())
    at, why = _moment(failed)
    exception = clipped(storable(redact(first.name)), 200) if first else None
    more: dict[str, object] = {**failed.fields, **why}
    if first is not None:
        if first.type != first.name:
            more["exception_type"] = first.type
        if len(failed.chain) > 1:
            more["causes"] = as_told(failed.chain[1:])
        if first.inside:
            more["inside"] = [as_told(chain) for chain in first.inside]
    if taken := {key: value for key, value in extra.items() if key in more}:
        more["given"] = taken
    more = {**extra, **more}
    return {
        "log_format": attempt.log_format,
        "kind": failed.kind,
        "at_utc": at,
        "exception": exception,
        "message": message,
        "template": template(exception, message),
        "text": attempt.text.redacted(),
        "origin_line": failed.line,
        "extra": as_json(more) if more else None,
    }


def template(exception: str | None, message: str) -> str:
    """Return exception and message on one line, with what varies blanked."""
    said = " ".join(mask(message).split())
    return f"{exception}: {said}".removesuffix(": ") if exception else said


def as_told(chain: Chain) -> list[dict[str, object]]:
    """Return what ``extra`` keeps of a chain: redacted, no message without bound."""
    told: list[dict[str, object]] = []
    for raised in chain:
        said: dict[str, object] = {
            "exception": raised.name,
            "message": clipped(redact(raised.message), CAUSE_CHARACTERS),
        }
        if raised.type != raised.name:
            said["type"] = raised.type
        if raised.link:
            said["link"] = raised.link
        if raised.inside:
            said["inside"] = [as_told(inside) for inside in raised.inside]
        told.append(said)
    return told


def as_json(value: object) -> str:
    """Return JSON of a value, redacted, the same bytes for the same content.

    Raises
    ------
    ValueError
        It holds a number without end.
    """
    try:
        text = json.dumps(redact_json(value), ensure_ascii=False, sort_keys=True, allow_nan=False)
    except ValueError:
        raise ValueError("a field holds a number that JSON does not know") from None
    return storable(text)


def storable(text: str) -> str:
    """Return the text with question marks for half characters, which no table can hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def digest(*parts: object) -> str:
    """Return a short digest of some values, the same on every machine."""
    content = json.dumps(parts, default=str, ensure_ascii=False)
    return hashlib.blake2b(content.encode("utf-8", "replace"), digest_size=12).hexdigest()


def number(text: str | None) -> int | None:
    """Return a whole number that fits its column; None for anything else."""
    return int(text) if text and text.lstrip("-").isdigit() and abs(int(text)) <= MOST_ID else None


def clipped(text: str, most: int = MESSAGE_CHARACTERS) -> str:
    """Return the beginning and the end of a text that is too long."""
    if len(text) <= most:
        return text
    half = most // 2
    note = f"... {len(text) - 2 * half} characters are left out here ..."
    return f"{text[:half]}\n{note}\n{text[-half:]}"


def _moment(failed: Failed) -> tuple[datetime | None, dict[str, object]]:
    """Return the time of the failure line, and what to know about it."""
    if not failed.at:
        above = _parsed(failed.at_line_above)
        return above, {"at_utc_of": "the last dated line above"} if above else {}
    at = _parsed(failed.at)
    return at, {} if at else {"at_without_zone": failed.at}


def _parsed(text: str) -> datetime | None:
    """Read a log's time; one without a zone is no time that can be compared."""
    try:
        at = datetime.fromisoformat(text.replace(", ", " ").replace(" UTC", "+00:00"))
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None
