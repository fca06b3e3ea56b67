"""The modules of a downstream's own tree, and where an import inside it leads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

INIT = "__init__.py"


class OwnModules:
    """Dotted names of the tree's files.

    A file is known by the name that its chain of packages gives it, and by its path below the
    last ``src`` folder (which packages without ``__init__.py`` need).

    ``asked`` gathers the modules somebody asked for: as long as the answers to these are the same
    in another tree, what was made of them is the same there.
    """

    def __init__(self, paths: Iterable[str], roots: Sequence[str]) -> None:
        files = sorted(paths)
        packages = {p.removesuffix("/" + INIT) for p in files if p.endswith("/" + INIT)}
        self.roots = tuple(roots)
        self.name_of: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.asked: set[str] = set()
        self._differing: tuple[OwnModules, set[str]] | None = None
        for path in files:
            by_folder, by_package = _below_source(path), _in_packages(path, packages)
            name = by_folder if "src" in path.split("/")[:-1] else by_package
            self.name_of[path] = name
            for alias in (name, by_package, by_folder):
                if alias:
                    self.names.setdefault(alias, name)
        self.above = {p for name in self.names for p in _parents(name)}

    def is_upstream(self, module: str) -> bool:
        """Whether an absolute module belongs to the upstream.

        The tree may hold a part of the upstream's name space itself (a provider does); what it
        holds is its own, the root package excepted.
        """
        for root in self.roots:
            if module == root:
                return True
            if module.startswith(root + "."):
                self.asked.add(module)
                return module not in self.names
        return False

    def own(self, module: str) -> str | None:
        """The module's one name when it is in the tree, else nothing."""
        self.asked.add(module)
        if module in self.names:
            return self.names[module]
        return module if module in self.above else None

    def absolute(self, path: str, module: str | None, level: int) -> str | None:
        """The absolute name of what a file imports; nothing when it leaves the tree's top."""
        if not level:
            return module
        package = self.name_of[path].split(".")
        drop = level - path.endswith(INIT)
        if drop >= len(package):
            return None
        kept = package[: len(package) - drop]
        return ".".join([*kept, module] if module else kept)

    def differing(self, other: OwnModules) -> set[str]:
        """The modules about which another tree answers something else."""
        if self._differing is None or self._differing[0] is not other:
            renamed = {module for module, _ in self.names.items() ^ other.names.items()}
            self._differing = (other, renamed | (self.above ^ other.above))
        return self._differing[1]


def _in_packages(path: str, packages: set[str]) -> str:
    """The dotted name that the chain of folders with ``__init__.py`` gives."""
    folder, _, name = path.rpartition("/")
    parts = [] if name == INIT else [name.removesuffix(".py")]
    while folder in packages:
        folder, _, last = folder.rpartition("/")
        parts.append(last)
    return ".".join(reversed(parts))


def _below_source(path: str) -> str:
    parts = path.removesuffix(".py").split("/")
    if "src" in parts[:-1]:
        last = len(parts) - 2 - parts[:-1][::-1].index("src")
        parts = parts[last + 1 :]
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts)


def _parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts))]
