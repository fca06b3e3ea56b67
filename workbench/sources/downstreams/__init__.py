"""Downstream trees: what they import from the upstream, and where they use it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from workbench.domain.history import Rejection
from workbench.domain.loading import Batch, Known
from workbench.domain.patterns import PathRule
from workbench.sources.downstreams.own_modules import OwnModules
from workbench.sources.downstreams.rows import FileFound, frames_of
from workbench.sources.downstreams.source_text import Unparsed, parse, quiet
from workbench.sources.downstreams.statements import FileReader
from workbench.sources.downstreams.trees import Tree, check_tree, open_tree, read_files, shown

__all__ = ["DownstreamSource", "read_downstream"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DownstreamSource:
    """One downstream's import map and call sites, read as a whole, as they are now."""

    kind: ClassVar[str] = "downstream"
    unit: ClassVar[str] = "downstream_imports"
    name: str
    path: Path
    upstream: tuple[str, ...]
    coupling: tuple[PathRule, ...]

    @property
    def location(self) -> str:
        return str(self.path)

    def read(self, known: Known) -> Iterator[Batch]:
        """One batch with the whole tree; a file that cannot be read or parsed is a rejection."""
        del known  # an import that is gone must go from the store too, so the tree is read again
        tree = open_tree(self.path)
        modules = OwnModules(tree.paths, self.upstream)
        with quiet():
            files = [
                found
                for path, source in read_files(tree)
                if (found := _found(path, source, modules, tree)) is not None
            ]
        frames = frames_of(files, name=self.name, tree=tree, coupling=self.coupling)
        yield Batch(frames=frames, rejections=tuple(tree.rejections), note=tree.note)


def read_downstream(
    path: str | Path,
    *,
    name: str | None = None,
    upstream: str | Sequence[str] = "airflow",
    coupling: Sequence[PathRule] = (),
) -> DownstreamSource:
    """Read a downstream tree: a folder, a work tree or a bare repository (its HEAD).

    A work tree is read as it stands on disk; commit and date are those of its HEAD.

    Parameters
    ----------
    path : str or Path
        Where it is. Symbolic links inside it are not followed.
    name : str, optional
        What the store files it under; the folder's name without ``.git`` when left out.
    upstream : str or sequence of str
        Root packages whose imports count.
    coupling : sequence of PathRule
        Rules over imported names for the column ``coupling``; the first that fits decides.

    Raises
    ------
    SourceError
        There is no such folder, or git cannot read the repository.
    """
    location = Path(path).expanduser().resolve()
    check_tree(location)
    return DownstreamSource(
        name=name or _name(location),
        path=location,
        upstream=(upstream,) if isinstance(upstream, str) else tuple(upstream),
        coupling=tuple(coupling),
    )


def _name(location: Path) -> str:
    return location.name.removesuffix(".git") or location.parent.name


def _found(path: str, source: bytes, modules: OwnModules, tree: Tree) -> FileFound | None:
    read = parse(source)
    if isinstance(read, Unparsed):
        tree.rejections.append(_rejection(path, read.line, read.reason))
        return None
    syntax, text = read
    reader = FileReader(path, modules)
    try:
        exports = reader.read_file(syntax)
    except RecursionError:
        tree.rejections.append(_rejection(path, 1, "it is nested too deeply to read"))
        return None
    return FileFound(
        path=shown(path),
        module=reader.module,
        text=text if reader.uses or reader.classes else b"",
        imports=reader.imports,
        uses=reader.uses,
        classes=reader.classes,
        exports=exports,
        stars=reader.stars,
    )


def _rejection(path: str, line: int, reason: str) -> Rejection:
    return Rejection(path=shown(path), at=f"line {line}", reason=reason)
