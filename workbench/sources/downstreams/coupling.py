"""How a downstream leans on an upstream module, by rules over dotted names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import translate

from workbench.domain.patterns import PathRule

OTHER = "other"


class Couplings:
    """Kinds of coupling by rules in their order; what no rule fits is ``other``.

    A glob's ``*`` stands for any part of a dotted name; one that starts with ``!`` takes names out
    of its rule again. A rule fits an import when it fits the module, or module and symbol.
    """

    def __init__(self, rules: Sequence[PathRule]) -> None:
        self._rules = [
            (
                rule.means,
                _pattern([g for g in rule.globs if not g.startswith("!")]),
                _pattern([g[1:] for g in rule.globs if g.startswith("!")]),
            )
            for rule in rules
        ]
        self._known: dict[str, str] = {}

    def of(self, module: str, symbol: str | None) -> str:
        """The kind of coupling of one import."""
        name = f"{module}.{symbol}" if symbol and symbol != "*" else module
        if name not in self._known:
            self._known[name] = self._find((module, name))
        return self._known[name]

    def _find(self, names: tuple[str, str]) -> str:
        for means, wanted, taken_out in self._rules:
            if any(wanted.match(n) for n in names) and not any(taken_out.match(n) for n in names):
                return means
        return OTHER


def _pattern(globs: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(translate(g) for g in globs) if globs else r"(?!)")
