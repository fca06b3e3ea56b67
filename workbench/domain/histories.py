"""A history as frames: what analysis is given, fetched when it is first looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TypeVar, cast

import polars as pl

from workbench.domain.facts import DELTA_TABLES
from workbench.domain.frames import COMMITS, FILE_CHANGES, HUNKS
from workbench.domain.standing import STANDING_TABLES
from workbench.domain.tables import Table, table

Made = TypeVar("Made")

HISTORY_COMMITS: Table = table(
    "commits",
    {n: (c.dtype, c.means) for n, c in COMMITS.columns.items()}
    | {
        "repository": (pl.String, "name of its repository or distribution"),
        "repository_kind": (pl.String, "git or release"),
    },
)
EVERY_COMMIT: Table = table(
    "every_commit",
    {
        "commit_id": (pl.UInt32, "surrogate id"),
        "repository": (pl.String, "name of its repository or distribution"),
        "position": (pl.UInt32, "place on the first-parent line, the root is 0"),
        "committed_utc": (pl.Datetime("us", "UTC"), "committer date"),
    },
)
"""All commits that were loaded, whatever the span: what was known before it comes from them."""
HISTORY_TABLES: dict[str, Table] = {
    "commits": HISTORY_COMMITS,
    "every_commit": EVERY_COMMIT,
    "file_changes": FILE_CHANGES,
    "hunks": HUNKS,
    **DELTA_TABLES,
    **STANDING_TABLES,
}


class History(Mapping[str, pl.DataFrame]):
    """Frames of a span of commits, by the names in :data:`HISTORY_TABLES`.

    Only ``commits`` is restricted to the span; the other frames may hold more and are joined to
    it. Each frame is fetched by ``loader`` the first time it is asked for and kept.

    Parameters
    ----------
    commits : polars.DataFrame
        As declared in :data:`HISTORY_COMMITS`.
    loader : callable
        Name of a frame -> the frame.
    finder : callable, optional
        Frame, column and values -> those rows, for :meth:`rows`.
    """

    def __init__(
        self,
        commits: pl.DataFrame,
        loader: Callable[[str], pl.DataFrame],
        *,
        finder: Callable[[str, str, pl.Series], pl.DataFrame] | None = None,
    ) -> None:
        self.commits = HISTORY_COMMITS.check(commits)
        self._loader, self._finder = loader, finder
        self._kept: dict[str, pl.DataFrame] = {}
        self._made: dict[str, object] = {}

    @classmethod
    def of(cls, frames: Mapping[str, pl.DataFrame]) -> History:
        """A history from frames at hand; those that are missing are empty.

        Every commit is one of ``commits`` unless ``every_commit`` says otherwise.
        """
        known = {"every_commit": frames["commits"].select(list(EVERY_COMMIT.columns)), **frames}
        return cls(
            frames["commits"],
            lambda name: (
                HISTORY_TABLES[name].check(known[name])
                if name in known
                else HISTORY_TABLES[name].empty()
            ),
        )

    def __getitem__(self, name: str) -> pl.DataFrame:
        if name == "commits":
            return self.commits
        if name not in HISTORY_TABLES:
            raise KeyError(name)
        if name not in self._kept:
            self._kept[name] = self._loader(name)
        return self._kept[name]

    def __iter__(self) -> Iterator[str]:
        return iter(HISTORY_TABLES)

    def __len__(self) -> int:
        return len(HISTORY_TABLES)

    def rows(self, name: str, *, column: str, values: pl.Series) -> pl.DataFrame:
        """Rows of a frame whose ``column`` is one of ``values``, in their order.

        Where few are wanted of a large frame that is not there yet, it is never fetched.
        """
        if self._finder is not None and name not in self._kept:
            return self._finder(name, column, values)
        return rows_of(self[name], column=column, values=values)

    def derived(self, name: str, make: Callable[[], Made]) -> Made:
        """What follows from these frames alone, made the first time it is asked for."""
        if name not in self._made:
            self._made[name] = make()
        return cast("Made", self._made[name])

    def between(self, *, since: datetime | None = None, until: datetime | None = None) -> History:
        """The same history, only commits with since <= committed_utc < until."""
        keep = pl.lit(value=True)
        if since is not None:
            keep = keep & (pl.col("committed_utc") >= since)
        if until is not None:
            keep = keep & (pl.col("committed_utc") < until)
        return History(self.commits.filter(keep), self.__getitem__, finder=self._found)

    def _found(self, name: str, column: str, values: pl.Series) -> pl.DataFrame:
        return self.rows(name, column=column, values=values)


def rows_of(frame: pl.DataFrame, *, column: str, values: pl.Series) -> pl.DataFrame:
    """Rows of a frame whose ``column`` is one of ``values``, in their order."""
    wanted = values.unique().cast(frame.schema[column]).to_frame(column)
    return frame.join(wanted, on=column, how="semi", maintain_order="left")


def some_rows(
    history: Mapping[str, pl.DataFrame], name: str, *, column: str, values: pl.Series
) -> pl.DataFrame:
    """The same of a frame by its name; a :class:`History` need not fetch it whole for that."""
    if isinstance(history, History):
        return history.rows(name, column=column, values=values)
    return rows_of(history[name], column=column, values=values)
