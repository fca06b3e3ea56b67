"""Secrets in cookies: ``session=x; csrftoken=y``, and a value without a name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.text.secret_kinds import Secret
from workbench.text.secret_values import is_harmless, looks_random

COOKIE = re.compile(r"(?P<name>[\w.-]{1,80})(?:=(?P<value>[^;,\s\"'<>\\]{0,4096}))?(?:;\s?)?")
COOKIE_ATTRIBUTES = frozenset(
    {"path", "domain", "expires", "max-age", "samesite", "secure", "httponly", "priority"}
)


def cookie_secrets(line: str, start: int) -> Iterator[Secret]:
    """Yield the values of ``name=value; name=value``, or one long value without a name."""
    only = start
    while (pair := COOKIE.match(line, start)) and pair.end() > start:
        name, value = pair["name"], pair["value"]
        if value is None and start == only and len(name) >= 16 and looks_random(name):
            yield Secret(pair.start("name"), pair.end("name"), "cookie")
        elif value and name.lower() not in COOKIE_ATTRIBUTES and not is_harmless(value):
            yield Secret(pair.start("value"), pair.end("value"), "cookie")
        start = pair.end()
        if not pair[0].rstrip().endswith(";"):
            return
