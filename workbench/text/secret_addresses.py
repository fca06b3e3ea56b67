"""Secrets in addresses: passwords of URIs, plain and URL-encoded, and e-mail addresses."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from workbench.text.secret_kinds import Secret
from workbench.text.secret_values import is_harmless, looks_strong

AUTHORITY = re.compile(r"[^\s\"'<>`/?#]*")
UNTIL_SPACE = re.compile(r"[^\s\"'<>`]{0,300}")
HOST = re.compile(r"""[\w.-]{1,255}(?::\d+)?(?:[/?#,;)\]}\s"'`<>\\]|$)|\[""")
# what follows belongs to the path, its query, the next address or a revision of a repository
NO_PASSWORD = re.compile(r"[?&][\w.-]{1,48}=|://|\.git@")
PORT = re.compile(r"\d{0,5}(?:[,;)\]}].*)?", re.DOTALL)
ENCODED_SLASHES = "%3a%2f%2f"
LOCAL_BACKWARDS = re.compile(r"[\w%+-](?:[\w.%+'-]{0,62}[\w%+-])?")
DOMAIN = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,6}(?P<top>[A-Za-z]{2,18})(?![\w-])")
NO_MAILBOXES = frozenset({"git", "hg", "svn", "ssh", "celery", "worker", "getty"})
REMOTE_PATH = re.compile(r":(?:[~/.]|[\w-]{1,80}(?:/|\.git\b))")
"""What follows in scp's form of a path on another machine: ``etl@host.example:/srv``."""
NO_TOP = re.compile(
    r"service|timer|socket|target|mount|py|so|sh|git|js|png|jpe?g|gif|svg|webp", re.IGNORECASE
)


def uri_secrets(line: str, lowered: str) -> Iterator[Secret]:
    """Yield the passwords in ``scheme://user:password@host``, however the URI is written."""
    at = line.find("://")
    while at >= 0:
        yield from _authority(line, at + 3)
        at = line.find("://", at + 3)
    at = lowered.find(ENCODED_SLASHES)
    while at >= 0:
        yield from _encoded_authority(line, lowered, at + len(ENCODED_SLASHES))
        at = lowered.find(ENCODED_SLASHES, at + 1)


def _authority(line: str, start: int) -> Iterator[Secret]:
    run = AUTHORITY.match(line, start)
    assert run is not None
    at = line.rfind("@", start, run.end())
    if at >= 0:
        yield from _user_part(line, start, _behind_slashes(line, start, at))
        return
    colon = line.find(":", start, run.end())
    if colon < 0 or PORT.fullmatch(line, colon + 1, run.end()):
        return
    # a password with a raw slash, question mark or hash: only where a host follows the at sign
    wide = UNTIL_SPACE.match(line, start)
    assert wide is not None
    at = _last_with_host(line, colon, wide.end())
    if at > colon + 1 and "://" not in line[colon:at]:
        yield Secret(colon + 1, at, "uri-password")


def _behind_slashes(line: str, start: int, at: int) -> int:
    """Return the at sign that ends a password with both at signs and slashes: ``p@ss/w0rd@host``.

    A path may hold at signs too; then more is hidden than the password, never less.
    """
    colon = line.find(":", start, at)
    if colon < 0 or is_harmless(line[colon + 1 : at]) or _is_port(line, colon + 1, at):
        return at
    wide = UNTIL_SPACE.match(line, at)
    assert wide is not None
    other = NO_PASSWORD.search(line, at, wide.end())
    last = _last_with_host(line, at + 1, other.start() if other else wide.end())
    return max(at, last)


def _last_with_host(line: str, start: int, end: int) -> int:
    """Return where the last at sign stands that a host follows, -1 when there is none."""
    at = line.rfind("@", start, end)
    while at >= 0 and not HOST.match(line, at + 1):
        at = line.rfind("@", start, at)
    return at


def _user_part(line: str, start: int, at: int) -> Iterator[Secret]:
    colon = line.find(":", start, at)
    if colon < 0:
        if at - start >= 16 and looks_strong(line[start:at]):
            yield Secret(start, at, "uri-password")
    elif colon + 1 == at:
        # an API key stands for the user, with no password
        if colon - start >= 16 and looks_strong(line[start:colon]):
            yield Secret(start, colon, "uri-password")
    elif not is_harmless(line[colon + 1 : at]) and not _is_port(line, colon + 1, at):
        yield Secret(colon + 1, at, "uri-password")


def _is_port(line: str, start: int, at: int) -> bool:
    """Whether a port and a separator come first, so that the at sign belongs to something else."""
    found = PORT.fullmatch(line, start, at)
    return found is not None and not line[start:at].isdigit()


def _encoded_authority(line: str, lowered: str, start: int) -> Iterator[Secret]:
    wide = UNTIL_SPACE.match(line, start)
    assert wide is not None
    at = lowered.find("%40", start, wide.end())
    colon = lowered.find("%3a", start, at) if at >= 0 else -1
    if colon < 0:
        return
    # an at sign inside the password is encoded twice, so the first one ends it
    if not is_harmless(line[colon + 3 : at]) and "&" not in line[colon:at]:
        yield Secret(colon + 3, at, "uri-password")


def email_secrets(line: str, lowered: str, taken: Sequence[Secret]) -> Iterator[Secret]:
    """Yield e-mail addresses; ``git@host``, ``celery@node`` and users in URIs are none.

    ``taken`` are the other secrets of the line, in order: a mailbox starts behind them.
    """
    for sign in ("@", "%40"):
        at = lowered.find(sign)
        while at >= 0:
            found = DOMAIN.match(line, at + len(sign))
            if found and not NO_TOP.fullmatch(found["top"]):
                start = _local_start(line, at, taken)
                # a principal of Kerberos: its realm is in upper case
                is_realm = found[0].isupper() and not line[start:at].isupper()
                is_remote = is_realm or REMOTE_PATH.match(line, found.end()) is not None
                if start < at and lowered[start:at] not in NO_MAILBOXES and not is_remote:
                    yield Secret(start, found.end(), "email")
            at = lowered.find(sign, at + 1)


def _local_start(line: str, at: int, taken: Sequence[Secret]) -> int:
    before = bisect_right(taken, at, key=lambda other: other.start)
    floor = max(at - 64, taken[before - 1].end if before else 0)
    found = LOCAL_BACKWARDS.match(line[floor:at][::-1])
    if not found:
        return at
    start = at - found.end()
    if line[max(0, start - 3) : start].endswith("://"):
        return at
    # in escaped text the letter after a backslash belongs to the backslash
    slashes = len(line[:start][-8:]) - len(line[:start][-8:].rstrip("\\"))
    return start + slashes % 2
