"""Secrets known by what stands around them: members of ``secrets:``, phrases, bare keys."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.text.secret_keys import value_secrets
from workbench.text.secret_kinds import Secret
from workbench.text.secret_names import key_kind
from workbench.text.secret_values import (
    DOTTED_NAME,
    PROSE_WORD,
    TIME,
    UUID,
    is_harmless,
    is_path,
    is_reference,
    looks_random,
    looks_strong,
)

# what a member says of a secret that is kept elsewhere
PLACES = re.compile(
    r"(?:.*[_-])?(?:name|file|source|target|path|version|id|arn|url|uri|type|namespace|mount|user"
    r"|username|login|host|backend|mode|expires?_?\w*|created_?\w*|updated_?\w*)|.*(?:Name|Id|Path)"
)
HEAD = re.compile(r"(?P<indent>[ \t]*)(?:- )?[\"']?(?P<name>[\w.-]{1,80})[\"']?:[ \t]*\r?")
MEMBER = re.compile(
    r"(?:(?:- )?[\"']?(?P<name>[\w.-]{1,120})[\"']?:[ \t]{1,8}|- )"
    r"(?P<quote>[\"']?)(?P<value>[^\s\"'{}\[\]#][^\s\"']{0,8000})(?P=quote)[ \t]*\r?$"
)
KUBERNETES = re.compile(r"^[ \t]*kind:[ \t]*[\"']?Secret\b", re.MULTILINE)
AROUND = 1500
"""Characters before a Kubernetes object's data in which its kind is looked for."""
MOST_MEMBERS = 60
SPANS_MEMBERS = (
    r"(?i-u:(?:secrets?|credentials?|passwords?|tokens?|keys|data)[\"']?:[ \t]*\r?\n[ \t-])"
)

PHRASE = re.compile(
    r"(?i:(?P<name>pass[ _]?phrase|(?:seed|recovery|secret)[ _]phrase|mnemonic|password|passwort))"
    r"[\"']?\s{0,3}[:=]\s{1,3}(?P<value>[a-z]{2,14}(?:[ -][a-z]{2,14}){2,24})\s{0,8}$"
)
NO_PHRASE = re.compile(
    r"\b(?:by|to|in|on|at|of|as|if|it|its|you|we|will|see|contact|reset|sent|use|using|used|new|old"
    r"|changed|user|auth|which|then|when|so|but|all|only|too|length|least|than|none|empty|store)\b"
)
BARE_KEY = re.compile(
    r"(?:^|[\s,;({&?])key=(?P<quote>[\"']?)"
    r"(?P<value>[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9A-F]{32})(?P=quote)(?![\w.:/-])"
)
OTHER_KEY = re.compile(
    r"cache|hash|checksum|md5|sha\d|digest|lock|partition|etag|fingerprint|dedup|row|object|s3"
    r"|bucket|xcom|redis|commit|sort|primary|idempot|message|group|join|index|kafka|record|memo"
)


def group_kind(name: str) -> str | None:
    """Return the kind of secret that the members of a mapping or list of this name are."""
    if name.lower() == "stringdata":
        return "secret"
    return key_kind(name) or (key_kind(name[:-1]) if name.lower().endswith("s") else None)


def member_secrets(kind: str, name: str | None, value: str) -> Iterator[Secret]:
    """Yield a value under ``secrets:`` or in ``passwords: [..]`` that is one by its own looks."""
    if name is not None and PLACES.fullmatch(name):
        return
    if kind == "password" and name is None:
        yield from value_secrets(kind, value) if looks_random(value) else ()
        return
    is_elsewhere = is_path(value) or is_reference(value) or "://" in value or " " in value
    is_id = UUID.fullmatch(value) or DOTTED_NAME.fullmatch(value) or TIME.match(value)
    if looks_strong(value) and not (is_elsewhere or is_id or is_harmless(value)):
        yield Secret(0, len(value), kind)


def grouped_secrets(text: str) -> Iterator[Secret]:
    """Yield the members of YAML mappings and lists whose head announces secrets."""
    for sign in (":\n", ":\r\n", ": \n"):
        at = text.find(sign)
        while at >= 0:
            yield from _members(text, at, text.index("\n", at))
            at = text.find(sign, at + 1)


def _members(text: str, colon: int, end: int) -> Iterator[Secret]:
    start = max(text.rfind("\n", 0, colon) + 1, colon - 200)
    head = HEAD.fullmatch(text, start, end)
    if head is None:
        return
    is_data = head["name"] == "data" and _is_kubernetes(text, start)
    kind = "secret" if is_data else group_kind(head["name"])
    if kind is None:
        return
    indent = len(head["indent"])
    for _ in range(MOST_MEMBERS):
        start, end = end + 1, text.find("\n", end + 1)
        end = len(text) if end < 0 else end
        line = text[start:end]
        bare = line.lstrip(" \t")
        depth = len(line) - len(bare)
        if depth < indent or (depth == indent and not bare.startswith("- ")) or not bare:
            return
        if member := MEMBER.fullmatch(bare):
            at = start + depth + member.start("value")
            value = member["value"]
            found = value_secrets(kind, value) if is_data else None
            for secret in found or member_secrets(kind, member["name"], value):
                yield Secret(at + secret.start, at + secret.end, secret.kind)
        if end == len(text):
            return


def _is_kubernetes(text: str, start: int) -> bool:
    before = text[max(0, start - AROUND) : start].rpartition("\n---")[2]
    behind = text[start : start + AROUND].partition("\n---")[0]
    return KUBERNETES.search(before) is not None or KUBERNETES.search(behind) is not None


def plain_secrets(line: str, lowered: str) -> Iterator[Secret]:
    """Yield phrases of plain words under a password's name, and keys that are all hexadecimal."""
    if "pass" in lowered or "phrase" in lowered or "mnemonic" in lowered:
        for found in PHRASE.finditer(line):
            value = found["value"]
            enough = 4 if found["name"].lower().startswith(("password", "passwort")) else 3
            is_said = PROSE_WORD.search(value) or NO_PHRASE.search(value)
            if len(re.split("[ -]", value)) >= enough and not is_said:
                yield Secret(found.start("value"), found.end("value"), "password")
    if "key=" in lowered and not OTHER_KEY.search(lowered):
        for found in BARE_KEY.finditer(line):
            yield Secret(found.start("value"), found.end("value"), "key")
