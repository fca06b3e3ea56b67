"""Follows names through the tree's own modules and classes to what they stand for upstream."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.sources.downstreams.origins import (
    OURS,
    SUPER,
    Origin,
    OwnClass,
    stronger,
)
from workbench.sources.downstreams.tree_modules import TreeModules

Targets = tuple[Origin, ...]


class Links:
    """What names of a tree lead to, kept from one version of it to the next.

    Re-exports are followed as far as they go, star imports too. An attribute that neither a class
    of the tree nor its ancestors in the tree define is looked for in the upstream classes it
    descends from, in all of them when there are several.

    An answer is kept until a module on its way changes; ``forget`` says whose answers went.
    """

    def __init__(self, tree: TreeModules) -> None:
        self._tree = tree
        self._settled: dict[str, list[Origin]] = {}
        self._askers: dict[str, set[str]] = {}
        self._asking: list[str] = []

    def of(self, asker: str, origins: set[Origin], classes: list[str]) -> dict[object, Targets]:
        """What origins stand for upstream, and from what upstream classes descend.

        ``asker`` is whom to name when one of the answers is forgotten.
        """
        self._asking.append(asker)
        try:
            found: dict[object, Targets] = {o: tuple(self._upstream(o)) for o in origins}
            return found | {key: self._ancestors(key) for key in classes}
        finally:
            self._asking.pop()

    def forget(self, modules: set[str]) -> set[str]:
        """Drop the answers that went through some modules; give the askers of these."""
        left, gone = list(modules), set(modules)
        while left:
            for asker in self._askers.pop(left.pop(), ()):
                if asker not in gone:
                    gone.add(asker)
                    left.append(asker)
                    self._settled.pop(asker, None)
        return gone

    def _upstream(self, origin: Origin) -> Iterator[Origin]:
        """What of the upstream an origin is; instances and classes of the tree itself are not."""
        if not origin.dotted.startswith(OURS):
            yield origin
            return
        for found in self._settle(origin.dotted):
            if not found.instance and not found.dotted.startswith(OURS):
                yield _behind(found, origin.guard)

    def _ancestors(self, key: str) -> Targets:
        """The upstream classes that a class of the tree descends from."""
        found: list[Origin] = []
        seen, left = {key}, [(key, "none")]
        self._settle(key)  # whoever asks depends on the module that holds the class
        while left:
            name, guard = left.pop()
            for base in self._bases(name):
                if not base.dotted.startswith(OURS):
                    found.append(_behind(base, guard))
                elif base.dotted not in seen:
                    seen.add(base.dotted)
                    left.append((base.dotted, stronger(base.guard, guard)))
        return tuple(dict.fromkeys(found))

    def _bases(self, key: str) -> Iterator[Origin]:
        for value in self._class(key).bases:
            for origin in value:
                for found in self._settle(origin.dotted):
                    yield _behind(found, origin.guard)

    def _class(self, key: str) -> OwnClass:
        return self._tree.classes[key]

    def _settle(self, dotted: str) -> list[Origin]:
        """Upstream objects or classes of the tree that a name leads to."""
        if not dotted.startswith(OURS):
            return [Origin(dotted)]
        self._note(dotted)
        if dotted not in self._settled:
            self._settled[dotted] = []  # what leads to itself leads nowhere
            self._asking.append(dotted)
            try:
                self._settled[dotted] = self._find(dotted)
            finally:
                self._asking.pop()
        return self._settled[dotted]

    def _note(self, what: str) -> None:
        """Remember that the answer being looked for depends on another, or on a module."""
        self._askers.setdefault(what, set()).add(self._asking[-1])

    def _find(self, dotted: str) -> list[Origin]:
        parts = dotted.split(".")
        found: tuple[str, list[str]] | None = None
        for length in range(len(parts), 0, -1):
            head, rest = ".".join(parts[:length]), parts[length:]
            module = head.removeprefix(OURS)
            self._note(module)
            if found is None and head in self._tree.classes:
                found = head, rest
            if module in self._tree.exports:
                return self._on_class(*found) if found else self._in_module(module, rest)
        return []

    def _in_module(self, module: str, rest: list[str]) -> list[Origin]:
        if not rest:
            return []
        value = self._tree.exports[module].get(rest[0])
        if value:
            return self._further(value, rest[1:])
        stars = self._tree.stars.get(module, ())
        leads = [f"{OURS}{star}.{'.'.join(rest)}" for star in stars]
        return [found for lead in leads for found in self._settle(lead)]

    def _on_class(self, key: str, rest: list[str]) -> list[Origin]:
        if not rest:
            return [Origin(key)]
        if rest[0] == SUPER:
            return self._inherited(key, rest[1:]) if rest[1:] else []
        if value := self._class(key).attributes.get(rest[0]):
            return self._further(value, rest[1:])
        return [] if rest[0] in self._class(key).own else self._inherited(key, rest)

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
        if name in self._class(key).own:
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
