"""Downstreams: what they import from the upstream, where they use it, and from when until when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from workbench.domain.loading import Batch, Known
from workbench.domain.patterns import PathRule
from workbench.sources.downstreams.contents import open_contents
from workbench.sources.downstreams.following import follow
from workbench.sources.downstreams.readings import Readings
from workbench.sources.downstreams.rows import frames_of
from workbench.sources.downstreams.source_text import quiet
from workbench.sources.downstreams.trees import check_tree, open_tree
from workbench.sources.downstreams.versions import Version, read_line, standing

__all__ = ["DownstreamSource", "read_downstream"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DownstreamSource:
    """One downstream's import map and call sites, read as a whole, with all its versions."""

    kind: ClassVar[str] = "downstream"
    unit: ClassVar[str] = "downstream_imports"
    name: str
    path: Path
    upstream: tuple[str, ...]
    coupling: tuple[PathRule, ...]
    history: bool = True
    as_of: datetime | None = None

    @property
    def location(self) -> str:
        return str(self.path)

    def read(self, known: Known) -> Iterator[Batch]:
        """One batch with everything; a file that cannot be read or parsed is a rejection.

        What was loaded before is read again: an import that is gone must go from the store too.
        ``known.shas`` may name the commit that was the newest then, to say whether it still counts.
        """
        with quiet():
            batch = self._batch(known)
        yield batch

    def _batch(self, known: Known) -> Batch:
        tree = open_tree(self.path)
        asks = self.history or self.as_of is not None
        line = read_line(self.path, tree.commit_sha) if tree.commit_sha and asks else None
        with open_contents(tree) as contents:
            versions = contents.versions(line) if line else (contents.newest(),)
            if line and self.as_of is not None:
                versions = (_at(versions, self.as_of),)
            readings = Readings(contents=contents.read)
            followed = follow(versions, readings=readings, roots=self.upstream)
        frames = frames_of(followed, name=self.name, tree=tree, coupling=self.coupling)
        rejections = (*tree.rejections, *readings.rejections(versions))
        notes = [tree.note, *(line.notes(known.shas) if line else ())]
        return Batch(frames=frames, rejections=rejections, note="; ".join(filter(None, notes)))


def read_downstream(
    path: str | Path,
    *,
    name: str | None = None,
    upstream: str | Sequence[str] = "airflow",
    coupling: Sequence[PathRule] = (),
    history: bool = True,
    as_of: datetime | None = None,
) -> DownstreamSource:
    """Read a downstream: a folder, a work tree or a bare repository.

    Of a repository every version along the first parents of its HEAD is read, each file's content
    once. A work tree is read as it stands on disk in the place of its HEAD.

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
    history : bool
        False reads what stands there now and nothing older; it has no dates then.
    as_of : datetime, optional
        Reads nothing but what stood there at that moment; a plain folder is read as it is.

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
        history=history,
        as_of=as_of,
    )


def _name(location: Path) -> str:
    return location.name.removesuffix(".git") or location.parent.name


def _at(versions: Sequence[Version], moment: datetime) -> Version:
    """The tree of a moment as the only version there is."""
    past = [version for version in versions if version.at is None or version.at <= moment]
    return Version(sha=None, at=None, changes=dict(standing(past)))
