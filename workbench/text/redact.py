"""Secrets out of text, line for line: what is harmless stays byte for byte."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from itertools import pairwise

from workbench.errors import WorkbenchError
from workbench.text.json_strings import JsonNumber, JsonString, is_json, json_values
from workbench.text.private_keys import private_keys
from workbench.text.secret_addresses import email_secrets, uri_secrets
from workbench.text.secret_groups import (
    group_kind,
    grouped_secrets,
    member_secrets,
    plain_secrets,
)
from workbench.text.secret_keys import keyed_secrets, value_secrets
from workbench.text.secret_kinds import Secret, shaped_secrets
from workbench.text.secret_names import key_kind
from workbench.text.secret_pairs import field_secrets, paired_secrets, secrets_over_lines
from workbench.text.secret_scanner import scanned_secrets
from workbench.text.secret_triggers import KEY_HINTS, marked_lines

MAX_DEPTH = 4
LONG_LINE = 8_000
PIECE = re.compile(r"(?s:.{1,160}(?=[ \t])|.{1,240})")
STRETCH = 2_000
MARGIN, LONG_VALUE = 120, 4_000
"""Characters around a piece of a long line that are looked at with it, and behind one where a
value goes on."""
# {"name": "DB_PASSWORD", "value": "x"}: the key of the value stands in the value before it
NAMES = frozenset({"name", "key", "Name", "Key", "variable", "header"})
VALUES = frozenset({"value", "val", "Value"})


def redact(text: str) -> str:
    """Return the text with every secret replaced by ``<secret:kind>``.

    Lines stay lines: their number and all other characters do not change, JSON stays JSON, and
    redacting twice gives the same as redacting once.

    Examples
    --------
    >>> redact("open postgresql://etl:S3cr3t@db:5432/wh")
    'open postgresql://etl:<secret:uri-password>@db:5432/wh'
    """
    found = find_secrets(text)
    if not found:
        return text
    pieces: list[str] = []
    at = 0
    for secret in found:
        pieces += [text[at : secret.start], mark(secret)]
        at = secret.end
    return "".join([*pieces, text[at:]])


def mark(secret: Secret) -> str:
    """Return what is seen in a secret's place."""
    seen = f"<secret:{secret.kind}>"
    return f'"{seen}"' if secret.bare else seen


def find_secrets(text: str) -> list[Secret]:
    """Return where the secrets of a text stand, in order, without overlaps."""
    return _merged(_found(text, depth=0))


def redact_json(value: object) -> object:
    """Return parsed JSON with the secrets in its strings, and under secret keys, replaced."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list):
        return [redact_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {redact(str(key)): _under(str(key), item) for key, item in value.items()}


def fingerprint(secret: str, *, salt: bytes) -> str:
    """Return a keyed digest by which equal secrets are recognised, and nothing else.

    Raises
    ------
    WorkbenchError
        The salt is shorter than 16 bytes: without it a short secret could be guessed.
    """
    if len(salt) < 16:
        raise WorkbenchError("The salt is too short.", right="At least 16 random bytes.")
    return hashlib.blake2b(
        secret.encode("utf-8", "surrogatepass"), key=salt[:64], digest_size=16
    ).hexdigest()


def _under(key: str, value: object) -> object:
    kind = key_kind(key)
    if kind is None or isinstance(value, bool | list | dict):
        return redact_json(value)
    if isinstance(value, int | float):
        return f"<secret:{kind}>" if _is_long(kind, str(value)) else value
    if not isinstance(value, str):
        return value
    text = value
    for secret in reversed(_merged([*value_secrets(kind, value), *_found(value, depth=0)])):
        text = f"{text[: secret.start]}<secret:{secret.kind}>{text[secret.end :]}"
    return text


def _is_long(kind: str, number: str) -> bool:
    return len(number) >= (4 if kind == "password" else 8)


def _found(text: str, *, depth: int) -> Iterator[Secret]:
    if "PRIVATE KEY" in text or "Private-Lines" in text:
        yield from private_keys(text)
    if "\n" in text:
        yield from secrets_over_lines(text)
        yield from grouped_secrets(text)
    for start, line, lowered in marked_lines(text):
        for secret in _in_line(line, lowered, depth):
            yield Secret(start + secret.start, start + secret.end, secret.kind, secret.bare)


def _in_line(line: str, lowered: str, depth: int) -> Iterator[Secret]:
    if depth < MAX_DEPTH and '"' in line and is_json(line):
        yield from _in_json(line, depth)
        return
    if len(line) > LONG_LINE:
        yield from _in_pieces(line)
    else:
        yield from _in_plain(line, lowered)


def _in_plain(line: str, lowered: str) -> Iterator[Secret]:
    found = [*uri_secrets(line, lowered), *shaped_secrets(line, lowered)]
    if any(hint in lowered for hint in KEY_HINTS):
        found += keyed_secrets(line, lowered)
        found += paired_secrets(line)
    found += plain_secrets(line, lowered)
    found += field_secrets(line)
    found += scanned_secrets(line, lowered)
    yield from found
    if "@" in line or "%40" in line:
        # the host behind a password's at sign is no mail server
        yield from email_secrets(line, lowered, _merged(found))


def _in_pieces(line: str) -> Iterator[Secret]:
    """Yield the secrets of a long line piece by piece, each with some of what stands around it.

    One secret's sign makes its detectors look at all of a line, so that a long line with all signs
    would cost a multiple of the same text in short lines.
    """
    done = 0
    for at, end in _marked_stretches(line):
        if end <= done:
            continue
        left, right = max(0, at - MARGIN), end + MARGIN
        found = _around(line, left, right)
        while right < len(line) and any(secret.end >= right - 1 for secret in found):
            # a value goes on: what it holds needs no look of its own
            right += LONG_VALUE + right - left
            found = _around(line, left, right)
            done = max((secret.end for secret in found), default=0)
        yield from (secret for secret in found if secret.end > at)


def _marked_stretches(line: str) -> Iterator[tuple[int, int]]:
    """Yield where the marked pieces of a line begin and end, neighbours together."""
    ends = [0, *(found.end() for found in PIECE.finditer(line))]
    pieces = "\n".join(line[start:end] for start, end in pairwise(ends))
    number = start = end = 0
    for begin, piece, _ in marked_lines(pieces):
        # a line end was put behind each piece
        while ends[number] + number < begin:
            number += 1
        at = ends[number]
        if at > end or end - start > STRETCH:
            if end:
                yield start, end
            start = at
        end = at + len(piece)
    if end:
        yield start, end


def _around(line: str, left: int, right: int) -> list[Secret]:
    return [
        Secret(left + start + secret.start, left + start + secret.end, secret.kind, secret.bare)
        for start, window, lowered in marked_lines(line[left:right])
        for secret in _in_plain(window, lowered)
    ]


def _in_json(line: str, depth: int) -> Iterator[Secret]:
    named: str | None = None
    for value in json_values(line):
        kind = key_kind(value.key) if value.key else None
        if value.key in NAMES and isinstance(value, JsonString):
            named = value.text
        elif value.key in VALUES and named and not kind:
            kind = key_kind(named)
        if isinstance(value, JsonNumber):
            if kind and _is_long(kind, line[value.start : value.end]):
                yield Secret(value.start, value.end, kind, bare=True)
            continue
        found = [*value_secrets(kind, value.text)] if kind else []
        if value.under and not kind and (group := group_kind(value.under)):
            is_value = value.key in VALUES
            found += (
                value_secrets(group, value.text)
                if is_value
                else member_secrets(group, value.key, value.text)
            )
        for secret in _merged([*found, *_found(value.text, depth=depth + 1)]):
            yield Secret(value.place(secret.start), value.place(secret.end), secret.kind)


def _merged(secrets: Iterator[Secret] | list[Secret]) -> list[Secret]:
    """Join stretches that overlap under the kind of the first of them."""
    merged: list[Secret] = []
    for secret in sorted(secrets, key=lambda s: (s.start, -s.end)):
        if merged and secret.start < merged[-1].end:
            last = merged[-1]
            merged[-1] = Secret(last.start, max(last.end, secret.end), last.kind, last.bare)
        else:
            merged.append(secret)
    return merged
