"""Where keys stand in a TOML text: the standard reader keeps values and forgets their lines."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field

Key = tuple[str | int, ...]
"""A key and what it hangs on: ``("examples", 0, "expect", 1, "line")``; lists count from 0."""

TOKEN = re.compile(
    r"""
      (?P<space> [ \t\r]+ | \#[^\n]* )
    | (?P<newline> \n )
    | (?P<string> \"{3} (?: \\. | (?!\"{3}) [^\\] )* \"{3,5}
                | '{3} (?: (?!'{3}) . )* '{3,5}
                | " (?: \\. | [^"\\\n] )* "
                | ' [^'\n]* ' )
    | (?P<mark> [][{}=,.] )
    | (?P<bare> [^][{}=,.\s"'#]+ )
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word of the text and the line it starts on; ``end`` closes the text."""

    kind: str
    text: str
    line: int


def key_lines(text: str) -> dict[Key, int]:
    """Find every key, table and list item of a sound TOML text with the line that it starts on.

    Only call it on a text that :mod:`tomllib` accepts: it finds places and checks nothing.
    """
    scan = _Scan(tokens=_tokens(text))
    scan.document()
    return scan.lines


def line_of(lines: Mapping[Key, int], key: Key) -> int:
    """Return the line of a key, or of the nearest thing around it that has one."""
    while key and key not in lines:
        key = key[:-1]
    return lines.get(key, 1)


def _tokens(text: str) -> list[Token]:
    tokens, line = [], 1
    for match in TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind != "space":
            tokens.append(Token(kind, match[0], line))
        line += match[0].count("\n")
    tokens.append(Token("end", "", line))
    return tokens


@dataclass(slots=True)
class _Scan:
    """A walk over the tokens that writes down where each key stands."""

    tokens: list[Token]
    at: int = 0
    lines: dict[Key, int] = field(default_factory=dict)
    sizes: dict[Key, int] = field(default_factory=dict)  # items so far of each [[list of tables]]

    def document(self) -> None:
        table: Key = ()
        while (token := self.tokens[self.at]).kind != "end":
            if token.kind == "newline":
                self.at += 1
            elif token.text == "[":
                table = self.header()
            else:
                self.pair(table)

    def header(self) -> Key:
        line, is_list = self.tokens[self.at].line, self.tokens[self.at + 1].text == "["
        self.at += 1 + is_list
        words = self.words()
        self.at += 1 + is_list
        path = self.inside((), words[:-1], line)
        path = (*path, words[-1])
        if not is_list:
            path = self.inside(path[:-1], words[-1:], line)
            self.lines[path] = line
            return path
        item = self.sizes.get(path, 0)
        self.sizes[path] = item + 1
        self.lines.setdefault(path, line)
        self.lines[(*path, item)] = line
        return (*path, item)

    def inside(self, path: Key, words: list[str], line: int) -> Key:
        """Follow words downwards; a list of tables means its last item."""
        for word in words:
            path = (*path, word)
            self.lines.setdefault(path, line)
            if path in self.sizes:
                path = (*path, self.sizes[path] - 1)
        return path

    def words(self) -> list[str]:
        """Read the parts of a dotted key."""
        found: list[str] = []
        while (token := self.tokens[self.at]).kind in ("bare", "string") or token.text == ".":
            if token.kind == "bare":
                found.append(token.text)
            elif token.kind == "string":
                found.append(tomllib.loads(f"word = {token.text}")["word"])
            self.at += 1
        return found

    def pair(self, table: Key) -> None:
        line = self.tokens[self.at].line
        path = self.inside(table, self.words(), line)
        self.at += 1  # the equals sign
        self.value(path)

    def value(self, path: Key) -> None:
        opening = self.tokens[self.at].text
        if opening == "[":
            self.items(path)
        elif opening == "{":
            self.inline_table(path)
        else:
            while not self.ends_value():
                self.at += 1

    def ends_value(self) -> bool:
        token = self.tokens[self.at]
        return token.kind in ("newline", "end") or token.text in (",", "]", "}")

    def items(self, path: Key) -> None:
        item = 0
        self.at += 1
        while (token := self.tokens[self.at]).text != "]":
            if token.kind == "newline" or token.text == ",":
                self.at += 1
                continue
            self.lines[(*path, item)] = token.line
            self.value((*path, item))
            item += 1
        self.at += 1

    def inline_table(self, path: Key) -> None:
        self.at += 1
        while (token := self.tokens[self.at]).text != "}":
            if token.kind == "newline" or token.text == ",":
                self.at += 1
            else:
                self.pair(path)
        self.at += 1
