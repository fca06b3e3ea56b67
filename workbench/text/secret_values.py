"""What tells a secret value from a harmless one: masks, placeholders, prose, code, chance."""

from __future__ import annotations

import base64
import binascii
import re

NOTHING = re.compile(
    r"none|null|nil|true|false|undefined|nan|n/?a|unset|empty|missing|invalid|incorrect|wrong"
    r"|expired|required|optional|hidden|redacted|masked|removed|omitted|unknown|string|secretstr"
    r"|debug|info|warn|warning|critical|verbose|~"
)
WORD = re.compile(
    r"yes|no|on|off|set|default|str|int|integer|bytes|bool|boolean|float|dict|list|object|any|text"
    r"|optional\[str\]|bearer|basic|digest|negotiate|is|was|are|must|not|failed|failure|error|ok"
    r"|for|and|or|the|an?|to|of|in|with|changed|rejected|accepted|refresh(?:ed)?|revoked|denied"
    r"|found|given|provided|type|loaded"
)
PROSE_WORD = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|not|no|or|and|the|this|that|these|those|for|must"
    r"|may|can|cannot|could|should|field|required|invalid|incorrect|expired|missing|wrong|please"
    r"|enter|your|with|without|from|does|provided|given|valid)\b"
)
MASK = re.compile(r"[*•#]+|[xX]{3,}|[.]{2,}|[-_]+")
PLACEHOLDER = re.compile(
    r"<[^<>]*>?"
    r"|\$\{.*|\$\(.*|\$[A-Z_][A-Z0-9_]*|%[A-Z_]+%"
    r"|%\(?\w*\)?[sdr]|\{\{.*|\{[^{}]*\}"
    r"|[\[(]?(?i:redacted|masked|hidden|filtered|omitted|removed)[\])]?",
    re.DOTALL,
)
PATH = re.compile(
    r"(?:~|\.{1,2})?/[\w.@-]{1,60}(?:/[\w.@-]{0,60})*|[A-Za-z]:\\[\w.\\ -]*", re.ASCII
)
DOTTED_NAME = re.compile(r"[A-Za-z_]+(?:\.[A-Za-z_]+)+")
CALL = re.compile(r"[A-Za-z_][\w.]*\(")
REFERENCE = re.compile(
    r"[a-z][a-z0-9_./-]*[_./-]"
    r"(?:password|passwd|secret|token|key|credential|cred|tls|cert|auth|conn|config)s?"
)

UUID = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}:\d\d")
SHORTEST = {"auth": 12, "session": 12}


def is_harmless(value: str) -> bool:
    """Whether a value says nothing: empty, a mask such as ``***``, a placeholder, ``required``."""
    bare = value.strip()
    return (
        not bare
        or NOTHING.fullmatch(bare.lower().rstrip(".,:;!")) is not None
        or MASK.fullmatch(bare) is not None
        or PLACEHOLDER.fullmatch(bare) is not None
        or bare.startswith(("<secret:", "//", "--"))
    )


def is_word(value: str) -> bool:
    """Whether an unquoted value is a word of the sentence around it: ``token: the``."""
    return WORD.fullmatch(value.lower().rstrip(".,:;!")) is not None


def looks_drawn(kind: str, value: str) -> bool:
    """Whether a value under a weak name can hardly be a word, a number, a path or an id."""
    if UUID.fullmatch(value) or DOTTED_NAME.fullmatch(value) or CALL.match(value):
        return False
    if TIME.match(value) or "://" in value or value.startswith(("/", "<", "(", "[", "{")):
        return False
    if kind == "some pass":
        return looks_random(value) and not value.isdigit() and len(value) >= 6
    if kind == "auth" and is_basic(value):
        return True
    return len(value) >= SHORTEST.get(kind, 16) and looks_strong(value)


def is_basic(value: str) -> bool:
    """Whether a value decodes to ``user:password``, which no plain word does."""
    try:
        plain = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return False
    return b":" in plain and plain.isascii() and plain.decode("ascii").isprintable()


def is_prose(value: str) -> bool:
    """Whether a value is a sentence about a secret (``this field is required``), not one."""
    if len(value.split(None, 3)) < 3 or any(c in value for c in '"\\=@#$%^&*'):
        return False
    return PROSE_WORD.search(value.lower()) is not None


def is_path(value: str) -> bool:
    """Whether a value is the path of a file, which base64 with slashes hardly ever looks like."""
    if PATH.fullmatch(value) is None:
        return False
    return len(value) < 30 or value.count("/") >= 3 or "." in value


def is_code(value: str, after: str) -> bool:
    """Whether an unquoted value is an expression: a call, an attribute, a subscript."""
    return (
        CALL.match(value) is not None
        or after.startswith(("(", "["))
        or value.endswith("[")
        or DOTTED_NAME.fullmatch(value) is not None
    )


def is_reference(value: str) -> bool:
    """Whether a value is the name of a secret kept elsewhere, such as ``warehouse-db-password``."""
    return REFERENCE.fullmatch(value) is not None


def looks_random(value: str) -> bool:
    """Whether a value has what plain words lack: a digit, an odd sign, mixed case."""
    return (
        any(c.isdigit() for c in value)
        or any(c in "!@#$%^&*+=~?|" for c in value)
        or (any(c.islower() for c in value) and any(c.isupper() for c in value[1:]))
    )


def looks_strong(value: str) -> bool:
    """Whether a value can hardly be anything but a secret, even without a sign before it."""
    if len(value) < 8 or not any(c.isdigit() for c in value):
        return False
    mixed = any(c.islower() for c in value) and any(c.isupper() for c in value)
    odd = any(c in "!@#$%^&*+=~" for c in value) and any(c.isalpha() for c in value)
    return mixed or odd or (len(value) >= 20 and value.isalnum() and not value.isdigit())
