"""Follows names through the tree's own modules and classes to what they stand for upstream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workbench.sources.downstreams.origins import (
    OURS,
    SUPER,
    Names,
    Origin,
    OwnClass,
    stronger,
)


class Links:
    """All modules and classes of a tree.

    Re-exports are followed as far as they go, star imports too. An attribute that neither a class
    of the tree nor its ancestors in the tree define is looked for in the upstream classes it
    descends from, in all of them when there are several.

    Parameters
    ----------
    exports : mapping
        Module -> what its names stand for.
    stars : mapping
        Module -> the modules of the tree from which it takes all names.
    classes : mapping
        Dotted name, mark included -> class.
    """

    def __init__(
        self,
        exports: Mapping[str, Names],
        stars: Mapping[str, list[str]],
        classes: Mapping[str, OwnClass],
    ) -> None:
        self._exports = exports
        self._stars = stars
        self._classes = classes
        self._settled: dict[str, list[Origin]] = {}

    def upstream(self, origin: Origin) -> Iterator[Origin]:
        """What of the upstream an origin is; instances and classes of the tree itself are not."""
        if not origin.dotted.startswith(OURS):
            yield origin
            return
        for found in self._settle(origin.dotted):
            if not found.instance and not found.dotted.startswith(OURS):
                yield _behind(found, origin.guard)

    def ancestors(self, key: str) -> list[Origin]:
        """The upstream classes that a class of the tree descends from."""
        found: list[Origin] = []
        seen, left = {key}, [(key, "none")]
        while left:
            name, guard = left.pop()
            for base in self._bases(name):
                if not base.dotted.startswith(OURS):
                    found.append(_behind(base, guard))
                elif base.dotted not in seen:
                    seen.add(base.dotted)
                    left.append((base.dotted, stronger(base.guard, guard)))
        return list(dict.fromkeys(found))

    def _bases(self, key: str) -> Iterator[Origin]:
        for value in self._classes[key].bases:
            for origin in value:
                for found in self._settle(origin.dotted):
                    yield _behind(found, origin.guard)

    def _settle(self, dotted: str) -> list[Origin]:
        """Upstream objects or classes of the tree that a name leads to."""
        if not dotted.startswith(OURS):
            return [Origin(dotted)]
        if dotted not in self._settled:
            self._settled[dotted] = []  # what leads to itself leads nowhere
            self._settled[dotted] = self._find(dotted)
        return self._settled[dotted]

    def _find(self, dotted: str) -> list[Origin]:
        parts = dotted.split(".")
        for length in range(len(parts), 0, -1):
            head, rest = ".".join(parts[:length]), parts[length:]
            if head in self._classes:
                return self._on_class(head, rest)
            if head.removeprefix(OURS) in self._exports:
                return self._in_module(head.removeprefix(OURS), rest)
        return []

    def _in_module(self, module: str, rest: list[str]) -> list[Origin]:
        if not rest:
            return []
        value = self._exports[module].get(rest[0])
        if value:
            return self._further(value, rest[1:])
        leads = [f"{OURS}{star}.{'.'.join(rest)}" for star in self._stars.get(module, ())]
        return [found for lead in leads for found in self._settle(lead)]

    def _on_class(self, key: str, rest: list[str]) -> list[Origin]:
        if not rest:
            return [Origin(key)]
        if rest[0] == SUPER:
            return self._inherited(key, rest[1:]) if rest[1:] else []
        if value := self._classes[key].attributes.get(rest[0]):
            return self._further(value, rest[1:])
        return [] if rest[0] in self._classes[key].own else self._inherited(key, rest)

    def _inherited(self, key: str, rest: list[str]) -> list[Origin]:
        """What the bases of a class offer under a name; those in the tree are asked first."""
        bases = list(self._bases(key))
        for base in bases:
            if base.dotted.startswith(OURS) and self._defines(base.dotted, rest[0], frozenset()):
                return self._on_class(base.dotted, rest)
        found: list[Origin] = []
        for base in bases:
            if base.dotted.startswith(OURS):
                found += self._settle(".".join([base.dotted, *rest]))
            else:
                found.append(Origin(f"{base.dotted}.{'.'.join(rest)}", False, base.guard))
        return found

    def _defines(self, key: str, name: str, seen: frozenset[str]) -> bool:
        """Whether a class or one of its ancestors in the tree has a name."""
        if key in seen:
            return False
        if name in self._classes[key].own:
            return True
        above = [base.dotted for base in self._bases(key) if base.dotted.startswith(OURS)]
        return any(self._defines(base, name, seen | {key}) for base in above)

    def _further(self, value: tuple[Origin, ...], rest: list[str]) -> list[Origin]:
        """What hangs on a value that a module or class keeps."""
        found = []
        for origin in value:
            for settled in self._settle(".".join([origin.dotted, *rest])):
                instance = origin.instance if not rest else settled.instance
                made = Origin(settled.dotted, instance, settled.guard)
                found.append(_behind(made, origin.guard))
        return found


def _behind(origin: Origin, guard: str) -> Origin:
    """The same, seen through an import that has a guard of its own."""
    if guard == "none":
        return origin
    return Origin(origin.dotted, origin.instance, stronger(origin.guard, guard))
