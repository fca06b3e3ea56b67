"""Secrets whose name stands apart: ``name: TOKEN`` and ``value: x``, tuples, fields of a file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.text.secret_keys import value_secrets
from workbench.text.secret_kinds import Secret
from workbench.text.secret_names import key_kind
from workbench.text.secret_values import (
    is_harmless,
    is_reference,
    is_word,
    looks_random,
)

QUOTE = r"\\{0,3}[\"'`]"
NAME = r"(?:name|key|variable|property|env|header)"
NAMED = re.compile(
    rf"\b{NAME}(?:{QUOTE})?\s{{0,3}}[:=]\s{{0,3}}(?:{QUOTE})?(?P<name>[\w.-]{{1,80}})(?:{QUOTE})?"
    rf"[\s,;]{{1,6}}(?:{QUOTE})?value(?:{QUOTE})?\s{{0,3}}[:=]\s{{0,3}}"
    rf"(?:[bruf]?(?P<quote>{QUOTE}))?",
    re.IGNORECASE,
)
ELEMENT = re.compile(
    rf"<\w[\w.:-]{{0,40}}\s[^<>]{{0,200}}?\b{NAME}=\"(?P<name>[\w.-]{{1,80}})\"[^<>]{{0,200}}>"
    r"(?P<value>[^<>\s][^<>\n]{0,400})</",
    re.IGNORECASE,
)
# a pair of its own, no arguments of a call: what opens it stands behind no name
PAIR = re.compile(
    r"(?:^|[\s,=\[({:])[\[(]\s?b?(?P<first>[\"'])(?P<name>[\w. -]{2,60})(?P=first)\s?,\s?b?"
    r"(?P<quote>[\"'])(?P<value>[^\"'\n]{1,400})(?P=quote)\s?[)\]]"
)
VARIABLE = re.compile(
    r"\bvariables\s{1,3}set\s{1,3}(?:-\S{1,40}\s{1,3})?(?P<name>[\w.-]{1,80})\s{1,3}"
    r"[\"']?(?P<value>[^\s\"']{1,400})"
)
# conf.set("fs.secret.key", "x"), writer.option("password", "x"), os.environ.setdefault("PWD", "x")
SETTER = re.compile(
    r"(?:\b|_)(?:set|put|option|config|conf|setdefault|add|append|header|prop|property|setproperty"
    r"|setenv|putenv|env|define|param|with_?option|set_?variable)\(\s?[bruf]?(?P<first>[\"'])"
    r"(?P<name>[\w.-]{2,120})(?P=first)\s?,\s?[bruf]?(?P<quote>[\"'])(?P<value>[^\"'\n]{1,400})(?P=quote)",
    re.IGNORECASE,
)
# setenv NAME value of a shell, ENV NAME value of a container's build
ENVIRONMENT = re.compile(
    r"(?:^|\s)(?:setenv|ENV|ARG)\s{1,3}(?P<name>[A-Z][A-Z0-9_]{1,80})\s{1,3}[\"']?(?P<value>[^\s\"'=]{1,400})"
)
PROPERTY = re.compile(
    r"<name>\s{0,40}(?P<name>[\w.-]{1,160})\s{0,40}</name>\s{0,80}<value>(?P<value>[^<>\n]{1,4000})</value>"
)
# .netrc and .pgpass: fields in a fixed order
NETRC = re.compile(
    r"(?:\blogin\s{1,8}\S{1,80}\s{1,8}password|^\s{0,16}password)\s{1,8}(?P<value>\S{1,200})\s{0,8}$"
)
NETRC_INSIDE = re.compile(r"\bmachine\s\S{1,200}\s.{0,200}?\bpassword\s{1,8}(?P<value>\S{1,200})")
PGPASS = re.compile(
    r"(?:^|[\s\"'])(?P<host>[\w.*-]{1,120}):(?:\d{2,5}|\*):(?:\*|\w{0,60}[A-Za-z]\w{0,60})"
    r":(?:\*|[\w.-]{0,60}[A-Za-z][\w.-]{0,60}):(?P<value>[^\s:\"']{3,200})(?=[\s\"']|$)"
)
SOURCE_FILE = re.compile(r"\.(?:py|pyx|java|js|ts|go|rb|rs|c|cc|cpp|h|scala|sql|log|ya?ml)$")

# .. over two lines
NAME_ABOVE = re.compile(
    rf"\b{NAME}[\"']?\s?[:=]\s?[\"']?(?P<name>[\w.-]{{1,80}})[\"']?,?\s*\Z", re.IGNORECASE
)
VALUE_BELOW = re.compile(
    r"\n[ \t]*[\"']?value[\"']?\s?[:=]\s?[\"']?(?P<value>[^\s\"'][^\n\"']{0,4000})", re.IGNORECASE
)
KEY_ABOVE = re.compile(r"(?P<name>[\w.-]{1,80})[\"']?:[ \t]?\Z")
BLOCK_BELOW = re.compile(r"[|>][+-]?[ \t]*\r?\n[ \t]+(?P<value>\S[^\n]{0,4000})")
LONGEST_LINE = 300
INSERTED = re.compile(
    r"\((?P<names>[^()\n]{1,1000})\)\s{0,8}values\s{0,8}\((?P<values>[^()\n]{1,2000})\)",
    re.IGNORECASE,
)
LITERAL = re.compile(r"\s*(?:'(?P<value>[^']*)'|[^,']*)(?:,|$)")
SPANS_LINES = (
    r"PRIVATE KEY|Private-Lines|(?i-u:\n[ \t]*[\"']?value[\"']?\s?[:=]|[|>][+-]?[ \t]*\r?\n[ \t]"
    r"|</name>[ \t]*\r?\n)"
)
"""What a text holds when a secret of it may be known only by another of its lines."""


def paired_secrets(line: str) -> Iterator[Secret]:
    """Yield the values whose names stand beside them in one line."""
    for found in NAMED.finditer(line):
        yield from _named(line, found)
    for pattern in (ELEMENT, VARIABLE, ENVIRONMENT, PROPERTY):
        for found in pattern.finditer(line):
            yield from _under(found["name"], found)
    for found in SETTER.finditer(line):
        value = found["value"]
        if looks_random(value) or not (value.isidentifier() or is_reference(value)):
            yield from _under(found["name"], found)
    for found in INSERTED.finditer(line):
        yield from _inserted(found)
    for found in PAIR.finditer(line):
        value = found["value"]
        is_named = value.isidentifier() and key_kind(value) is not None
        if not is_named and not (value.isalpha() and value.islower()):
            yield from _under(found["name"], found)


def secrets_over_lines(text: str) -> Iterator[Secret]:
    """Yield the values whose names stand in the line above."""
    for above, below in ((NAME_ABOVE, VALUE_BELOW), (KEY_ABOVE, BLOCK_BELOW)):
        for found in below.finditer(text):
            start = text.rfind("\n", 0, found.start()) + 1
            line = text[max(start, found.start() - LONGEST_LINE) : found.start()]
            if name := above.search(line):
                yield from _under(name["name"], found)

    if "</name>" in text:
        for found in PROPERTY.finditer(text):
            yield from _under(found["name"], found)


def _under(name: str, found: re.Match[str]) -> Iterator[Secret]:
    kind = key_kind(name)
    if kind is None:
        return
    start = found.start("value")
    for secret in value_secrets(kind, found["value"].rstrip()):
        yield Secret(start + secret.start, start + secret.end, secret.kind)


def _inserted(found: re.Match[str]) -> Iterator[Secret]:
    """Yield the values of an INSERT that stand in a secret's column."""
    start = found.start("values")
    columns = [name.strip(' "`[]') for name in found["names"].split(",")]
    for name, value in zip(columns, LITERAL.finditer(found["values"]), strict=False):
        kind = key_kind(name)
        if kind and value["value"]:
            for secret in value_secrets(kind, value["value"]):
                at = start + value.start("value")
                yield Secret(at + secret.start, at + secret.end, secret.kind)


def _named(line: str, found: re.Match[str]) -> Iterator[Secret]:
    kind = key_kind(found["name"])
    if kind is None:
        return
    start = found.end()
    if found["quote"]:
        end = line.find(found["quote"], start)
        end = len(line) if end < 0 else end
    else:
        end = start
        while end < len(line) and not line[end].isspace() and line[end] not in ",;)}]\"'<>":
            end += 1
    for secret in value_secrets(kind, line[start:end]):
        yield Secret(start + secret.start, start + secret.end, secret.kind)


def field_secrets(line: str) -> Iterator[Secret]:
    """Yield the passwords of lines as ``.netrc`` and ``.pgpass`` have them."""
    for pattern in (NETRC, NETRC_INSIDE):
        if "password" in line and (found := pattern.search(line)):
            value = found["value"]
            is_said = not is_harmless(value) and not is_word(value)
            if is_said and (looks_random(value) or "login" in line):
                yield Secret(found.start("value"), found.end("value"), "password")
    for found in PGPASS.finditer(line) if line.count(":") >= 4 else ():
        value = found["value"]
        if looks_random(value) and not value.isdigit() and not SOURCE_FILE.search(found["host"]):
            yield Secret(found.start("value"), found.end("value"), "password")
