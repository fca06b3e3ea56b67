"""Markdown of the skill: tables, code, frontmatter; text is escaped so that it stays text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence

FENCE = re.compile(r"`{3,}")
LINE_FIELD = re.compile(r" ?\([^()]*line \{\w+\}\)| on line \{\w+\}")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a table; a bar or a line break in a cell does not break it."""
    made = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(map(cell, row))} |" for row in made]


def cell(text: str) -> str:
    """Text on one line in which a bar is only a bar."""
    return one_line(text).replace("|", "\\|")


def one_line(text: str) -> str:
    """Text with all its blanks and line breaks as single blanks."""
    return " ".join(text.split())


def generally(text: str, fields: Mapping[str, str]) -> str:
    """A sentence about one finding as a sentence about all: no lines, words in place of fields."""
    plain = LINE_FIELD.sub("", one_line(text)).replace("'{key}'", "{key}")
    for name, word in fields.items():
        plain = plain.replace(f"{{{name}}}", word)
    return plain[:1].upper() + plain[1:]


def code(text: str, *, language: str = "python") -> list[str]:
    """Lines of a block of code, fenced so that no fence inside it can end it."""
    longest = max((len(found) for found in FENCE.findall(text)), default=2)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{language}", *text.rstrip("\n").splitlines(), fence]


def inline(text: str) -> str:
    """A word of code, or a dash for nothing."""
    return f"`{text}`" if text else "-"


def frontmatter(fields: Mapping[str, str | Mapping[str, str]]) -> list[str]:
    """Lines of the frontmatter; every value is quoted, so none can become another type or key."""
    lines = ["---"]
    for key, value in fields.items():
        if isinstance(value, str):
            lines.append(f"{key}: {quoted(value)}")
        else:
            lines += [f"{key}:", *(f"  {name}: {quoted(text)}" for name, text in value.items())]
    return [*lines, "---"]


def quoted(text: str) -> str:
    """A double-quoted YAML scalar on one line; a plain name stays as it is."""
    plain = re.fullmatch(r"[a-z][a-z0-9-]*", text) and text not in ("null", "true", "false")
    return text if plain else json.dumps(one_line(text), ensure_ascii=False)


def page(lines: Iterable[str]) -> str:
    """Lines as the text of a file: no blanks at line ends, one line break at the end."""
    return "\n".join(line.rstrip() for line in lines).strip("\n") + "\n"
