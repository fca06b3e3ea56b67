"""What the modules of a tree offer each other in one version of it: names, stars, classes."""

from __future__ import annotations

from workbench.sources.downstreams.origins import Names, OwnClass
from workbench.sources.downstreams.readings import FileFound


class TreeModules:
    """The modules of a tree, file by file put in and taken out.

    ``exports`` gives by module what its names stand for, ``stars`` the modules of the tree from
    which it takes all names, ``classes`` classes by their dotted name, mark included. Where two
    files have one module's name, the names are those of the later path, the classes of both.
    """

    def __init__(self) -> None:
        self.exports: dict[str, Names] = {}
        self.stars: dict[str, list[str]] = {}
        self.classes: dict[str, OwnClass] = {}
        self._files: dict[str, dict[str, FileFound]] = {}
        self._before: dict[str, object] = {}

    def put(self, path: str, found: FileFound) -> None:
        """Let a file stand at a path."""
        self._take_apart(found.module)
        self._files.setdefault(found.module, {})[path] = found

    def drop(self, path: str, found: FileFound) -> None:
        """Take away the file that stands at a path."""
        self._take_apart(found.module)
        del self._files[found.module][path]

    def settle(self) -> set[str]:
        """Make the modules of the files put and dropped; give those that offer something else."""
        for module in self._before:
            self._make(module)
        changed = {m for m, before in self._before.items() if self._offer(m) != before}
        self._before.clear()
        return changed

    def _take_apart(self, module: str) -> None:
        if module not in self._before:
            self._before[module] = self._offer(module)
            for key in self._keys(module):
                self.classes.pop(key, None)

    def _keys(self, module: str) -> list[str]:
        return [key for found in self._files.get(module, {}).values() for key in found.classes]

    def _offer(self, module: str) -> object:
        """All that others can get of a module, comparable; nothing when there is none."""
        if module not in self.exports:
            return None
        made = {key: self.classes[key] for key in self._keys(module)}
        classes = {key: (c.bases, c.own, c.attributes) for key, c in made.items()}
        return self.exports[module], self.stars[module], classes

    def _make(self, module: str) -> None:
        files = [found for _, found in sorted(self._files[module].items())]
        if not files:
            for kept in (self.exports, self.stars, self._files):
                kept.pop(module, None)
            return
        self.exports[module], self.stars[module] = files[-1].exports, files[-1].stars
        for found in files:
            self.classes.update(found.classes)
