"""What one file of a tree holds, read once while its content and its surroundings stay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from workbench.domain.history import Rejection
from workbench.sources.downstreams.origins import Import, Names, Origin, OwnClass, Use
from workbench.sources.downstreams.own_modules import OwnModules
from workbench.sources.downstreams.source_text import Excerpts, Unparsed, parse
from workbench.sources.downstreams.statements import FileReader
from workbench.sources.downstreams.trees import shown
from workbench.sources.downstreams.versions import Version

Contents = Callable[[str, str], bytes | str]
"""Gives the content of a path by its id, or in words why there is none."""
MISSING = "the repository does not hold its blob"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFound:
    """What one file holds; names of the tree's own modules are not followed yet.

    ``asked`` are the modules on whose place in the tree the reading depends.
    """

    path: str
    module: str
    excerpts: Excerpts
    imports: list[Import]
    uses: list[Use]
    classes: dict[str, OwnClass]
    exports: Names
    stars: list[str]
    asked: frozenset[str]

    def origins(self) -> set[Origin]:
        """Everything that its uses stand for."""
        return {use.origin for use in self.uses}


@dataclass(slots=True, kw_only=True)
class Readings:
    """Reads files of one version after the other; a file that cannot be read is a rejection.

    Parameters
    ----------
    contents : callable
        Gives a file's bytes.
    wanted : Counter
        How often each content of a path is asked for: one that is asked for again is kept.
    """

    contents: Contents
    wanted: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused: dict[tuple[str, str], Rejection] = field(default_factory=dict)
    _kept: dict[tuple[str, str], tuple[FileFound | None, OwnModules]] = field(default_factory=dict)

    def read(self, path: str, blob: str, modules: OwnModules) -> FileFound | None:
        """What a file holds; nothing when it is no Python to us."""
        key = (path, blob)
        self.wanted[key] -= 1
        found, then = self._kept.pop(key, (None, None))
        if then is None or not (then is modules or fits(found, path, modules, then)):
            found = self.read_again(path, blob, modules)
        if self.wanted[key] > 0:
            self._kept[key] = (found, modules)
        return found

    def rejections(self, versions: Iterable[Version]) -> Iterator[Rejection]:
        """What was refused; of a version that is gone with the commit in which it came."""
        came: dict[tuple[str, str], str | None] = {}
        last: dict[str, str | None] = {}
        for version in versions:
            last |= version.changes
            for path, blob in version.changes.items():
                came.setdefault((path, str(blob)), version.sha)
        missing = 0
        for (path, blob), refused in self.refused.items():
            sha = came[path, blob]
            if last[path] == blob or sha is None:
                yield refused
            elif refused.reason == MISSING:
                missing += 1
            else:
                at = f"{refused.at} in {sha[:10]}".strip()
                yield Rejection(path=refused.path, at=at, reason=refused.reason)
        if missing:
            reason = f"the repository does not hold {missing} older versions of files"
            yield Rejection(path="", at="", reason=reason)

    def read_again(self, path: str, blob: str, modules: OwnModules) -> FileFound | None:
        """The same, whatever was read before."""
        content = self.contents(path, blob)
        if isinstance(content, str):
            self._refuse(path, blob, "", content)
            return None
        read = parse(content)
        if isinstance(read, Unparsed):
            self._refuse(path, blob, f"line {read.line}", read.reason)
            return None
        syntax, text = read
        modules.asked = set()
        reader = FileReader(path, modules)
        try:
            exports = reader.read_file(syntax)
        except RecursionError:
            self._refuse(path, blob, "line 1", "it is nested too deeply to read")
            return None
        return FileFound(
            path=shown(path),
            module=reader.module,
            excerpts=Excerpts(text if reader.uses or reader.classes else b""),
            imports=reader.imports,
            uses=reader.uses,
            classes=reader.classes,
            exports={name: value for name, value in exports.items() if value},
            stars=reader.stars,
            asked=frozenset(modules.asked),
        )

    def _refuse(self, path: str, blob: str, at: str, reason: str) -> None:
        self.refused[(path, blob)] = Rejection(path=shown(path), at=at, reason=reason)


def fits(found: FileFound | None, path: str, modules: OwnModules, then: OwnModules) -> bool:
    """Whether what was read among other modules would be read the same among these."""
    if found is None:  # whether a file parses does not depend on others
        return True
    same_name = modules.name_of[path] == then.name_of[path]
    return same_name and found.asked.isdisjoint(modules.differing(then))
