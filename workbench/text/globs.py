"""Globs over paths, compiled to one regular expression for polars."""

from __future__ import annotations

import re
from collections.abc import Iterable

import polars as pl

_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_MEANING = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def glob_regex(globs: Iterable[str]) -> str:
    """Compile globs to an anchored regular expression; a newline in a path is a character.

    ``*`` and ``?`` stay inside a folder, ``**/`` spans any number of folders, none included, and
    ``**`` spans everything. Without globs the expression matches nothing.
    """
    bodies = [
        "".join(_MEANING.get(t) or re.escape(t) for t in _TOKEN.findall(glob)) for glob in globs
    ]
    return rf"(?s)\A(?:{'|'.join(bodies)})\z" if bodies else r"[^\s\S]"


def glob_match(column: pl.Expr, globs: Iterable[str]) -> pl.Expr:
    """Whether a path matches one of the globs and none of those that start with ``!``."""
    listed = tuple(globs)
    wanted = [g for g in listed if not g.startswith("!")]
    taken_out = [g.removeprefix("!") for g in listed if g.startswith("!")]
    match = column.str.contains(glob_regex(wanted))
    return match & ~column.str.contains(glob_regex(taken_out)) if taken_out else match
