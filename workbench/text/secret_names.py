"""Names that announce a secret: ``DB_PASSWORD``, ``apiKey``, ``x-auth-token``, ``Set-Cookie``."""

from __future__ import annotations

import re

# A flat list of words is what the regex engine can skip through fast; what has to stand around a
# word is looked at only where one was found.
WORD = re.compile(
    r"password|passwd|passphrase|passcode|pass|pwd|token|secret|key|credentials|credential"
    r"|authorization|auth_header|auth-header|cookie|jsessionid|phpsessid|sessionid"
)
KINDS = {
    "password": "password",
    "passwd": "password",
    "passphrase": "password",
    "passcode": "password",
    "pass": "password",
    "pwd": "password",
    "token": "token",
    "secret": "secret",
    "key": "key",
    "credentials": "credential",
    "credential": "credential",
    "authorization": "authorization",
    "auth_header": "authorization",
    "auth-header": "authorization",
    "cookie": "cookie",
    "jsessionid": "token",
    "phpsessid": "token",
    "sessionid": "token",
}
SECRET_KEY = re.compile(
    r"(?:api|access|secret|private|account|shared|sharedaccess|encryption|decryption|signing"
    r"|signature|fernet|auth|storage|master|subscription|license|client|ssh|security|functions|hmac"
    r"|aes|jwt|app|deploy|service)[ _.-]?$"
)
UNMISTAKABLE = re.compile(
    r"(?:secret|(?:api|access|secret|private|account|shared|sharedaccess|encryption|decryption"
    r"|signing|fernet|auth|master|hmac|aes|jwt|ssh)[ _.-]?key"
    r"|(?:api|access|auth|bearer|bot|refresh|session|security|secret|personal|github|gitlab|slack"
    r"|vault)[ _.-]?token)$",
    re.IGNORECASE,
)
PASS_OF = re.compile(
    r"(?:db|user|usr|smtp|s?ftp|ssh|admin|root|login|proxy|key|cert|mail|pg|redis|jdbc|store|ldap"
    r"|bind|sudo|auth|basic|http|conn)_?$"
)
PASS_VALUE = re.compile(r"=|:\s{1,4}[^\s\d]{1,80}\d")
OTHER_TOKEN = re.compile(
    r"(?<![a-z])(?:next|next[ _]?page|page|continuation|unexpected|max|min|num|n|eos|bos|pad|sep"
    r"|mask|cls|unk|stop|first|last|sync|per|resume|cancel)[ _-]?$"
)
IN_URI = re.compile(r"://[\w.%-]{0,64}$")


def key_kind(name: str) -> str | None:
    """Return the kind of secret a key announces by its last word; ``token_count`` has none."""
    lowered = f'"{name.lower().rstrip("0123456789_-")}"'
    for found in WORD.finditer(lowered):
        if found.end() == len(lowered) - 1:
            return announced(lowered, found)
    return None


def announced(lowered: str, found: re.Match[str]) -> str | None:
    """Return the kind of secret that a match of :data:`WORD` in a lowered line announces.

    Part of a longer name counts (``db_password``); a page token, a foreign key, a part of an ARN
    and our own mark announce nothing.
    """
    word, start = found[0], found.start()
    near = max(0, start - 24)
    if word == "key":
        is_meant = SECRET_KEY.search(lowered, near, start) is not None
    elif word == "pass":
        is_meant = _is_pass(lowered, start, found.end())
    elif word == "token":
        is_meant = OTHER_TOKEN.search(lowered, near, start) is None
    elif word == "secret":
        is_meant = lowered[start - 1 : start] not in (":", "<")
    elif word.endswith("id"):
        is_meant = not lowered[start - 1 : start].isalnum()
    else:
        is_meant = True
    # the user and password of a URI have a detector of their own
    if not is_meant or IN_URI.search(lowered, max(0, start - 80), start):
        return None
    return KINDS[word]


def is_unmistakable(name: str) -> bool:
    """Whether what follows the end of a name is a secret however plain it looks.

    ``api_key`` and ``client_secret`` are such names; a mere ``token`` may be one of a grammar.
    """
    return UNMISTAKABLE.search(name) is not None


def _is_pass(lowered: str, start: int, end: int) -> bool:
    before, after = lowered[start - 1 : start], lowered[end : end + 1]
    if after.isalpha():
        return False
    if PASS_OF.search(lowered, max(0, start - 12), start):
        return True
    if before in ("'", '"') and after == before:
        return True
    return (
        not (before.isalnum() or before in ("_", "-"))
        and PASS_VALUE.match(lowered, end) is not None
    )
