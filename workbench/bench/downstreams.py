"""Downstreams of a bench: loaded together or not at all, and the texts of their files."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from workbench.domain.loading import LoadResult
from workbench.errors import SourceError
from workbench.sources.downstreams import DownstreamSource
from workbench.sources.downstreams.texts import Texts, open_texts

if TYPE_CHECKING:
    from workbench.bench import Bench

SourceOf = Callable[[str, str, datetime], str | None]
"""Downstream, path and a moment -> the file's text as it stood then; None when not known."""
TEXTS_KEPT = 512


def check_names(names: Sequence[str]) -> None:
    """Refuse two downstreams of one name.

    Raises
    ------
    SourceError
        Two have one name.
    """
    if twice := sorted({name for name in names if names.count(name) > 1}):
        what = f"Two downstreams are called {', '.join(twice)}; nothing was loaded."
        raise SourceError(what, todo="Give one of them another name: NAME=REPO.")


def load_downstreams(bench: Bench, sources: Sequence[DownstreamSource]) -> dict[str, LoadResult]:
    """Load downstreams; when one of their names is taken, none is loaded.

    Parameters
    ----------
    bench : Bench
        Where to.
    sources : sequence of DownstreamSource
        Each under a name of its own.

    Raises
    ------
    SourceError
        Two have one name, or one has the name of another that was loaded before.
    """
    check_names([source.name for source in sources])
    there = dict(bench.downstreams().select("downstream", "location").iter_rows())
    for source in sources:
        was = there.get(source.name, source.location)
        if was != source.location and Path(was).exists():
            what = f"{source.name!r} was loaded from {was}; this is {source.location}."
            todo = "Give one of them another name: NAME=REPO. Nothing was loaded."
            raise SourceError(what, todo=todo)
    return {source.name: bench.load(source) for source in sources}


@contextlib.contextmanager
def downstream_texts(bench: Bench) -> Iterator[SourceOf]:
    """Give the texts of the loaded downstreams' files as they stood, from where they stand now.

    A downstream that is no longer there, or that git cannot read, has no texts.
    """
    places = dict(bench.downstreams().select("downstream", "location").iter_rows())
    opened: dict[str, Texts | None] = {}
    with contextlib.ExitStack() as stack:

        def texts_of(name: str) -> Texts | None:
            if name not in opened:
                opened[name] = None
                with contextlib.suppress(SourceError):
                    if name in places and Path(places[name]).is_dir():
                        opened[name] = stack.enter_context(open_texts(places[name]))
            return opened[name]

        @lru_cache(maxsize=TEXTS_KEPT)
        def source_of(name: str, path: str, moment: datetime) -> str | None:
            texts = texts_of(name)
            try:
                return texts.at(path, moment) if texts else None
            except SourceError:
                opened[name] = None  # its git has ended
                return None

        yield source_of


def imports_of(bench: Bench, name: str, *, as_of: datetime | None = None) -> pl.DataFrame:
    """The import map of one loaded downstream, now or as of a moment."""
    return bench.imports(as_of).filter(pl.col("downstream") == name).sort("path", "line", "symbol")
