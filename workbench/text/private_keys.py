"""Private keys in PEM form: what stands between BEGIN and END, line for line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.text.secret_kinds import Secret

NAME = r"(?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?(?:-----| ----)"
BEGIN = re.compile(rf"(?:-----|---- )BEGIN {NAME}")
END = re.compile(rf"(?:-----|---- )END {NAME}")
# behind the header of a key that is written on one line with escaped line ends
RUN = re.compile(
    r"(?:[A-Za-z0-9+/=]|\\{1,3}[nr]|[ \t\r]|', ?'|(?:Proc-Type|DEK-Info): [\w,-]{1,80})*"
)
PUTTY = re.compile(r"Private-Lines: \d{1,4}((?:\r?\n[^\n:]{0,400}){1,200})")
PIECE = re.compile(r"\\{1,3}[nr]|(?:Proc-Type|DEK-Info): [\w,-]{1,80}|(?P<body>[A-Za-z0-9+/=]+)")
LONG = re.compile(r"(?<![^\s\"'>])(?!\d+(?:[^\w+/=]|$))[A-Za-z0-9+/]{16,}={0,2}(?=[\s\"'\\]|$)")
SHORT = re.compile(r"(?:^|(?<=[\n\"'])|(?<=- ))[A-Za-z0-9+/]{1,15}={0,2}(?=[\"'},]{0,4}\s*$)")
MAX_LINES = 200


def private_keys(text: str) -> Iterator[Secret]:
    """Yield the bodies of private keys; a block may lack its BEGIN or its END."""
    for block in PUTTY.finditer(text):
        yield from (
            Secret(found.start(), found.end(), "private-key")
            for found in LONG.finditer(text, block.start(1), block.end(1))
        )
    done = 0
    end = END.search(text)
    for begin in BEGIN.finditer(text):
        while end and end.start() < begin.end():
            yield from _above(text, done, end.start())
            done = end.end()
            end = END.search(text, end.end())
        if begin.end() < done:
            continue
        stop = end.start() if end else len(text)
        for secret in _below(text, begin.end(), stop, closed=end is not None):
            done = secret.end
            yield secret
    while end:
        yield from _above(text, done, end.start())
        done = end.end()
        end = END.search(text, end.end())


def _below(text: str, start: int, stop: int, *, closed: bool) -> Iterator[Secret]:
    run = RUN.match(text, start, stop)
    assert run is not None
    pieces = [m for m in PIECE.finditer(text, start, run.end()) if m["body"]]
    if closed or any(len(piece[0]) >= 16 for piece in pieces):
        yield from (Secret(piece.start(), piece.end(), "private-key") for piece in pieces)
    for _ in range(MAX_LINES):
        start = text.find("\n", start, stop) + 1
        if not start:
            return
        end = text.find("\n", start, stop)
        end = stop if end < 0 else end
        found = _long(text, start, end) or (_short(text, start, end) if closed else None)
        if found:
            yield found
        elif not closed:
            return


def _above(text: str, floor: int, stop: int) -> Iterator[Secret]:
    """Yield the lines above an END whose BEGIN is not in the text."""
    last: Secret | None = None
    end = text.rfind("\n", floor, stop)
    for number in range(MAX_LINES):
        if end < 0:
            return
        start = max(text.rfind("\n", floor, end) + 1, floor)
        if found := _long(text, start, end):
            if last:
                yield last
            last = None
            yield found
        elif number == 0:
            last = _short(text, start, end)
        else:
            return
        end = start - 1 if start > floor else -1


def _long(text: str, start: int, end: int) -> Secret | None:
    """Return the base64 of one line, whatever the logger wrote around it."""
    found = list(LONG.finditer(text, start, end))
    return Secret(found[0].start(), found[-1].end(), "private-key") if found else None


def _short(text: str, start: int, end: int) -> Secret | None:
    """Return the last, shorter line of a key; unquoted words of JSON are none."""
    found = SHORT.search(text, max(start, end - 24), end)
    return Secret(found.start(), found.end(), "private-key") if found else None
