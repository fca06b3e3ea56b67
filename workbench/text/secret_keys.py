"""Secrets known by the key before them: ``password=x``, ``"token": "x"``, ``--api-key x``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.text.secret_cookies import cookie_secrets
from workbench.text.secret_kinds import Secret
from workbench.text.secret_names import WEAK, WORD, announced, is_unmistakable, key_kind
from workbench.text.secret_values import (
    is_code,
    is_harmless,
    is_path,
    is_prose,
    is_reference,
    is_word,
    looks_drawn,
    looks_random,
    looks_strong,
)

SETTING = re.compile(r"(?:[?&][\w.-]{0,48}|(?<![A-Za-z0-9_])[A-Z][A-Z0-9_]{0,48})=$")
FLAG = re.compile(r"--[a-z0-9_.-]{0,40}$")
QUOTE = r"\\{0,3}[\"'`]"
# PASSWORD_PROD, token2, secret_key_base
SUFFIX = (
    r"\d{0,2}(?:[_-](?:prod|production|dev|test|stage|staging|live|qa|uat|base|value|val|string|str"
    r"|plain|plaintext|raw|text|old|new|primary|secondary|main|default|v?\d{1,2}|[a-z])(?![a-z0-9]))?"
)
ASSIGNMENT = re.compile(
    rf"{SUFFIX}(?P<closing>{QUOTE})?\]?\s{{0,8}}"
    r"(?::\s{0,2}(?:str|bytes|secretstr|optional\[str\]|str\s?\|\s?none)\s{0,2}=(?!=)"
    r"|=>|->(?=\s{0,2}[\"'])|:=|=(?!=)|:(?!:)|%3d|%22%3a(?:\+|%20)?%22)(?P<gap>\s{0,8})",
)
ARGUMENT = re.compile(rf"(?P<closing>{QUOTE})?(?:\s{{0,3}},\s{{0,3}}|\s{{1,3}})(?!-)")
OWNER = (
    r"\s(?:for|of)\s(?:the\s)?(?:(?:user|key)\s)?"
    r"(?:'[^'\n]{1,80}'|\"[^\"\n]{1,80}\"|[^\s:='\"]{1,80})"
)
OWNED = re.compile(rf"(?P<closing>(?!))?{OWNER}(?:\s(?:is|was|set to))?\s?[:=](?P<gap>\s{{1,8}})")
PROSE = re.compile(
    rf"(?:{OWNER})?(?:\s{{1,8}}\|)?\s{{1,8}}(?:(?:has|with)\s)?(?:the\s)?"
    r"(?:(?:is|was|are|now|equals|set to|value|changed to|used|->)[: ]\s?)?"
)
GIVEN = re.compile(r"\(\s?[bruf]?(?P<quote>[\"'])(?P<value>[^\"'\n]{6,200})(?P=quote)\s?\)")
COMPARED = re.compile(
    r"\s{0,3}[!=]=\s{0,3}[bruf]?(?P<quote>[\"'])(?P<value>[^\"'\n]{8,200})(?P=quote)"
)
GIVER = re.compile(r"(?:\.|(?:set|with|use|add)_?)[a-z_]{0,24}$")
OPENING = re.compile(
    r"(?:secret(?:str|bytes)\(|[brufn]{0,2})(?P<quote>\\{0,3}[\"'`])", re.IGNORECASE
)
CLOSED = {quote: re.compile(rf"(?:[^{quote}\\]|\\.)*") for quote in "\"'`"}
BARE_RUN = re.compile(r"[^\s\"'`<>]*")
BARE_END = re.compile(
    r"[,;](?=\s|$|[\w.-]{1,40}[=:])|&(?=[\w.%-]{1,40}=)|\\(?=[nrt\"'\\])|%22|%26|%7d"
)
SCHEME = re.compile(
    r"(?:bearer|basic|token|negotiate|apikey|api-key|sharedkey|aws4-hmac-sha256|ntlm|hawk|oauth"
    r"|key|[a-z][a-z-]{1,24}(?=\s{1,3}[^\s\d]{0,80}\d))\s{1,3}",
    re.IGNORECASE,
)
SCHEME_KINDS = {"bearer": "bearer", "basic": "basic-auth"}
# a tag of YAML: what follows is the value, or where to find it
TAG = re.compile(r"(?:(?P<kept>&\w+|!(?:vault|str|binary|!\w+))|![\w.:-]+)\s{1,3}")
ODBC = re.compile(r"\{(?P<inner>[^{}\n]{1,200})\}")
# a mapping of YAML on one line, whose values have names of their own
MAPPING = re.compile(r"\{\s?[\"']?[\w.-]{1,60}[\"']?\s?:\s")
ANNOTATED = re.compile(r"\s?(?:[=|),:\[]|$)")
OWN_LINE = re.compile(r"\s+\w{1,60}\s?=\s?$")
STRING_END = re.compile(r"\s{0,4}(?:[),;+%\]}]|\.\w|$)")
WORD_AFTER = re.compile(r" [^\s-]")
PAIR_AFTER = re.compile(r"\s{1,8}(?:#|[\w.-]{1,40}[=:])")
CALL_ENDS = re.compile(r"[A-Za-z_]\w*\)+[.\[:]")
SHORTEST_TOKEN = 6
LOOK = 300  # characters of an unquoted value that are enough to judge it


def value_secrets(kind: str, value: str) -> Iterator[Secret]:
    """Yield what is secret in a complete value that stands under a key of this kind."""
    if kind in WEAK:
        if looks_drawn(kind, value):
            yield Secret(0, len(value), WEAK[kind])
        return
    if kind == "cookie":
        yield from cookie_secrets(value, 0)
        return
    kind, start = _behind_scheme(kind, value, 0)
    rest = value[start:]
    if not (is_harmless(rest) or is_prose(rest) or _points_elsewhere(kind, rest)):
        yield Secret(start, len(value), kind)


def keyed_secrets(line: str, lowered: str) -> Iterator[Secret]:
    """Yield the values that follow a secret's name in a line of text."""
    at = 0
    while found := WORD.search(lowered, at):
        at = found.end()
        if kind := announced(lowered, found):
            for secret in _after_key(line, lowered, kind, found.start(), at):
                yield secret
                at = max(at, secret.end)


def _behind_scheme(kind: str, text: str, start: int) -> tuple[str, int]:
    """Step over ``Bearer`` and its like, which stay to be seen and name the kind."""
    scheme = SCHEME.match(text, start) if kind == "authorization" else None
    if scheme is None:
        return kind, start
    return SCHEME_KINDS.get(scheme[0].strip().lower(), kind), scheme.end()


def _points_elsewhere(kind: str, value: str) -> bool:
    """Whether a value only names the place of a secret: a path, a reference, a small number."""
    if kind == "password":
        return False
    return is_path(value) or is_reference(value) or (value.isdigit() and len(value) < 8)


def _after_key(line: str, lowered: str, kind: str, start: int, end: int) -> Iterator[Secret]:
    owned = OWNED.match(lowered, end) if kind == "password" else None
    if assigned := owned or ASSIGNMENT.match(lowered, end):
        yield from _assigned(line, kind, assigned)
    elif FLAG.search(lowered, max(0, start - 40), start):
        if argument := ARGUMENT.match(lowered, end):
            yield from _argument(line, kind, argument)
    elif (given := GIVEN.match(line, end)) and GIVER.search(lowered, max(0, start - 32), start):
        if looks_strong(given["value"]):
            yield Secret(given.start("value"), given.end("value"), kind)
    elif compared := COMPARED.match(line, end):
        if kind not in WEAK and looks_strong(compared["value"]):
            yield Secret(compared.start("value"), compared.end("value"), kind)
    elif kind not in WEAK and kind != "cookie" and (said := PROSE.match(lowered, end)):
        start = said.end() + (line[said.end() : said.end() + 1] in ('"', "'", "`"))
        if looks_strong(line[start : _bare_end(line, start, limit=LOOK)]):
            yield Secret(start, _bare_end(line, start), kind)


def _assigned(line: str, kind: str, assigned: re.Match[str]) -> Iterator[Secret]:
    start = assigned.end()
    if opening := OPENING.match(line, start):
        if not assigned["closing"] and _ends_string(line, assigned.start(), opening["quote"]):
            return
        inner, end = opening.end(), _quoted_end(line, opening.end(), opening["quote"])
        for secret in value_secrets(kind, line[inner:end]):
            yield Secret(inner + secret.start, inner + secret.end, secret.kind)
        return
    if kind == "cookie":
        yield from cookie_secrets(line, start)
        return
    if tag := TAG.match(line, start):
        if tag["kept"] is None:
            return
        start = tag.end()
    kind, start = _behind_scheme(kind, line, start)
    if kind == "password" and (braces := ODBC.match(line, start)):
        within = braces["inner"]
        if looks_strong(within) or not (is_code(within, "") or within.isidentifier()):
            yield Secret(braces.start("inner"), braces.end("inner"), kind)
        return
    if _is_bare_secret(line, kind, start, assigned):
        end = _bare_end(line, start)
        if kind == "authorization" and line[end - 1 : end + 1] in ('="', "='"):
            # parameters of OAuth and their like
            end = _quoted_end(line, end + 1, line[end])
        is_number = assigned["closing"] == '"' and line[start:end].isdigit()
        yield Secret(start, end, WEAK.get(kind, kind), bare=is_number)


def _ends_string(line: str, start: int, quote: str) -> bool:
    """Whether the quote closes a string that the key stands in: ``ask("Password: ")``."""
    opened = line.count(quote, max(0, start - LOOK), start) % 2 == 1
    return opened and STRING_END.match(line, line.find(quote, start) + len(quote)) is not None


def _is_bare_secret(line: str, kind: str, start: int, assigned: re.Match[str]) -> bool:
    end = _bare_end(line, start, limit=LOOK)
    value, after = line[start:end], line[end : end + 1]
    if kind in WEAK:
        return looks_drawn(kind, value) and after not in ("(", "[")
    if is_harmless(value) or is_word(value) or is_path(value) or is_code(value, after):
        return False
    is_sure = kind == "password" or is_unmistakable(
        line[max(0, assigned.start() - 40) : assigned.start()]
    )
    if value.isdigit():
        return len(value) >= (4 if is_sure else 8)
    if (kind == "key" and value.startswith("(")) or MAPPING.match(line, start):
        return False
    if value.isidentifier() and _is_name(line, kind, start, end, assigned):
        return False
    if kind != "password" and CALL_ENDS.match(value) and "(" in line[max(0, start - LOOK) : start]:
        return False
    if looks_random(value):
        return True
    if kind == "secret" and len(value) < SHORTEST_TOKEN:
        return False
    is_setting = SETTING.search(line, max(0, assigned.start() - 64), assigned.end()) is not None
    if not is_sure and not is_setting:
        is_handed_over = kind == "token" and assigned[0] == "=" and len(value) >= SHORTEST_TOKEN
        return (len(value) >= 20 and value.isalnum()) or (
            is_handed_over and not is_reference(value)
        )
    stands_alone = (
        not assigned["gap"]
        or after in (",", ";", "&")
        or PAIR_AFTER.match(line, end) is not None
        or not line[end : end + LOOK].strip()
    )
    return stands_alone and (kind == "password" or not is_reference(value))


def _is_name(line: str, kind: str, start: int, end: int, assigned: re.Match[str]) -> bool:
    """Whether it is a name in source code: ``connect(user=user, password=password)``."""
    value, after = line[start:end], line[end : end + 1]
    if any(c.isdigit() for c in value):
        # a name with a number in it is still a name if it is short and in lower case
        return value.islower() and len(value) < 8 and _is_argument(line, start, after)
    if line[max(0, assigned.start() - len(value)) : assigned.start()] == value:
        return True
    if assigned["closing"]:
        return after in (",", ")", "}", "]", "")
    if _is_argument(line, start, after):
        return True
    announces = key_kind(value) is not None and (assigned["gap"] != "" or not value.islower())
    if not line[assigned.start() : start].rstrip().endswith(":"):
        return announces and (kind != "password" or value.islower() or value.isupper())
    is_class = value[0].isupper() and not value.isupper()
    if kind == "password":
        return is_class and line[end : end + LOOK].lstrip()[:1] in ("=", "|", ")", "[")
    return announces or (is_class and ANNOTATED.match(line, end) is not None)


def _is_argument(line: str, start: int, after: str) -> bool:
    before = line[max(0, start - LOOK) : start]
    return (after in (",", ")") and "(" in before) or (
        after == "," and OWN_LINE.match(before) is not None
    )


def _argument(line: str, kind: str, argument: re.Match[str]) -> Iterator[Secret]:
    """Yield what follows ``--password``, in a shell's line or in a printed list of arguments."""
    inner = argument.end()
    if opening := OPENING.match(line, inner):
        inner, end = opening.end(), _quoted_end(line, opening.end(), opening["quote"])
    elif argument["closing"]:
        return
    else:
        end = _bare_end(line, inner)
    value, after = line[inner:end], line[end : end + 3]
    is_metavar = value.isupper() and value.replace("_", "").isalpha()
    goes_on = value.isalpha() and value.islower() and WORD_AFTER.match(after) is not None
    if is_harmless(value) or is_word(value) or is_metavar or goes_on:
        return
    if is_path(value) or is_code(value, ""):
        return
    if not _points_elsewhere(kind, value):
        yield Secret(inner, end, kind)


def _quoted_end(line: str, start: int, quote: str) -> int:
    """Return where the closing quote stands; a value that is cut off ends with the line."""
    if len(quote) == 1:
        found = CLOSED[quote].match(line, start)
        assert found is not None
        return found.end()
    end = line.find(quote, start)
    return end if end >= 0 else len(line)


def _bare_end(line: str, start: int, *, limit: int | None = None) -> int:
    """Return where an unquoted value ends: at a space, a quote, a separator that starts a pair."""
    run = BARE_RUN.match(line, start, start + limit if limit else len(line))
    assert run is not None
    stop = BARE_END.search(line, start, run.end())
    value = line[start : stop.start() if stop else run.end()]
    for closing, opening in (")(", "][", "}{"):
        unopened = value.count(closing) - value.count(opening)
        trailing = len(value) - len(value.rstrip(closing))
        if cut := min(trailing, max(0, unopened)):
            value = value[:-cut]
    if len(value) > 1 and value.endswith((".", ",", ";", ":")):
        value = value[:-1]
    return start + len(value)
