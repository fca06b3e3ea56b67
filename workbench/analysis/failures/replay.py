"""A replay of failures in time order: what the memory of each moment would have proposed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from workbench.analysis.failures.gates import LEVEL, Gates
from workbench.analysis.failures.memory import Similar
from workbench.analysis.intervals import at_least
from workbench.domain.tables import PolarsType

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEW, MOST = 20, 100
"""Digests looked at for each one: few, and most where nobody had seen any of the few by then."""
BLOCK = 1024
STEPS: dict[str, PolarsType] = {
    "logged": pl.Int64,
    "failure_id": pl.String,
    "at_utc": pl.Datetime("us", "UTC"),
    "error_class": pl.String,
    "best": pl.Float64,
    "gate1": pl.Boolean,
    "gate2": pl.Boolean,
    "automatic": pl.Boolean,
    "right": pl.Boolean,
}
NEVER = 2**62


class _Answer(NamedTuple):
    """What one failure is told: ``fix`` is a number, -1 for none."""

    best: float = float("nan")
    fix: int = -1
    held: int = 0
    known: int = 0


class _Words:
    """What people said, in order, as numbers: digests, fixes, and pairs of the two."""

    def __init__(self, words: pl.DataFrame, places: pl.DataFrame) -> None:
        import numpy as np

        told = words.drop_nulls("when_utc")
        self.fixes = told["fix"].unique().sort()
        codes = pl.DataFrame({"fix": self.fixes}).with_row_index("code")
        told = told.join(places, on="digest_id", maintain_order="left").join(
            codes, on="fix", maintain_order="left"
        )
        self.whens = told["when_utc"].dt.timestamp("us").to_numpy()
        self.place = told["place"].cast(pl.Int64).to_numpy()
        self.remembers = told["remembers"].to_numpy()
        self.held = told["held"].cast(pl.Int8).fill_null(-1).to_numpy()
        self.width = max(len(self.fixes), 1)
        keys = self.place * self.width + told["code"].cast(pl.Int64).to_numpy()
        self.keys, self.pair = np.unique(keys, return_inverse=True)
        # one more place than there are digests: that of digests which no failure has
        self.first = np.full(places.height + 1, NEVER, np.int64)
        spoken = np.flatnonzero(self.remembers)
        np.minimum.at(self.first, self.place[spoken], spoken)


class _Near:
    """For each digest those like it, best first, itself among them: places and similarities."""

    def __init__(self, asked: pl.DataFrame, places: pl.DataFrame, similar: Similar) -> None:
        self._asked, self._places, self._similar = asked, places, similar
        self._none = places.height
        self.places: dict[int, NDArray[np.int64]] = {}
        self.shares: dict[int, NDArray[np.float64]] = {}

    def ask(self, wanted: Sequence[int], k: int) -> None:
        """Look up ``k`` digests for each of some places."""
        import numpy as np

        theirs = self._places.rename({"place": "their_place"})
        mine = self._places.rename({"digest_id": "query_id"})
        for start in range(0, len(wanted), BLOCK):
            block = wanted[start : start + BLOCK]
            found = (
                self._similar.top(self._asked[block], k)
                .select("query_id", "digest_id", "similarity")
                .join(mine, on="query_id", maintain_order="left")
                .join(theirs, on="digest_id", how="left", maintain_order="left")
                .sort("place", maintain_order=True)
            )
            ends = np.searchsorted(found["place"].to_numpy(), block, side="right")
            begins = np.searchsorted(found["place"].to_numpy(), block, side="left")
            near = found["their_place"].fill_null(self._none).cast(pl.Int64).to_numpy()
            shares = found["similarity"].to_numpy()
            for place, begin, end in zip(block, begins, ends, strict=True):
                self.places[place] = near[begin:end].copy()
                self.shares[place] = shares[begin:end].copy()


def replayed(
    ordered: pl.DataFrame,
    words: pl.DataFrame,
    similar: Similar,
    gates: Gates,
    *,
    few: int = FEW,
    most: int = MOST,
) -> pl.DataFrame:
    """Return what each failure would have been told, and whether that was right.

    Parameters
    ----------
    ordered : polars.DataFrame
        ``failure_id, at_utc, digest_id, digest, exception``, oldest first.
    words : polars.DataFrame
        What people said, in order: ``failure_id, digest_id, fix, held, remembers, when_utc``.
    similar : Similar
        Built from these digests; a short answer of it is the beginning of a long one.
    gates : Gates
        Where the gates open.
    few, most : int
        How many digests are looked at for each one.

    Returns
    -------
    polars.DataFrame
        As STEPS says, one row a failure.
    """
    import numpy as np

    if ordered.is_empty():
        return pl.DataFrame(schema=STEPS)
    asked = ordered.unique("digest_id", keep="first", maintain_order=True)
    places = asked.select("digest_id").with_row_index("place")
    told = _Words(words, places)
    mine = ordered.join(places, on="digest_id", maintain_order="left")["place"].to_numpy()
    opens = gates.thresholds(ordered)["threshold"].to_numpy()
    whens = ordered["at_utc"].dt.timestamp("us").to_numpy()
    by_then = np.searchsorted(told.whens, whens, side="left")
    near = _Near(asked, places, similar)
    _look_up(near, told, mine, by_then, opens, few=min(few, asked.height), most=most)
    past = _Past(told, near)
    answers = [
        past.answer(place, opening, count)
        for place, opening, count in zip(
            mine.tolist(), opens.tolist(), by_then.tolist(), strict=True
        )
    ]
    return _steps(ordered, words, told.fixes, answers, opens=opens, gates=gates)


def _look_up(
    near: _Near, told: _Words, mine: Any, by_then: Any, opens: Any, *, few: int, most: int
) -> None:
    """Look up what is like each digest, only as far as its failures can see."""
    import numpy as np

    height = len(told.first) - 1
    most = min(most, height)
    # before anybody spoke, nothing is seen however far one looks
    sees = by_then > told.first.min()
    since = np.full(height, NEVER, np.int64)
    np.minimum.at(since, mine[sees], by_then[sees])
    lowest = np.full(height, np.inf)
    np.minimum.at(lowest, mine, opens)
    wanted = np.flatnonzero(since < NEVER).tolist()
    near.ask(wanted, few)
    if few < most:
        far = [at for at in wanted if _is_open(near, told, at, since[at], lowest[at], few)]
        near.ask(far, most)


def _is_open(near: _Near, told: _Words, at: int, since: int, lowest: float, few: int) -> bool:
    """Whether digests beyond the few could be seen, or be evidence."""
    places, shares = near.places[at], near.shares[at]
    return len(places) == few and bool(told.first[places].min() >= since or shares.min() >= lowest)


class _Past:
    """What the memory holds by now: for each digest its fixes, the last one used last."""

    def __init__(self, told: _Words, near: _Near) -> None:
        import numpy as np

        self._told, self._near, self._count = told, near, 0
        self._changed = np.zeros(len(told.first), np.int64)
        pairs = len(told.keys)
        self._held, self._known = np.zeros(pairs, np.int64), np.zeros(pairs, np.int64)
        self._used = [-1] * pairs
        self._last: dict[int, int] = {}
        self._last_held: dict[int, int] = {}
        self._answers: dict[int, tuple[int, float, _Answer]] = {}

    def answer(self, place: int, opening: float, count: int) -> _Answer:
        """Say what a failure is told after so many words; equal ones share what did not change."""
        while self._count < count:
            self._learn(self._count)
            self._count += 1
        if place not in self._near.places:
            return _Answer()
        when, opened, kept = self._answers.get(place, (-1, opening, _Answer()))
        if when < 0 or opened != opening or self._changed[self._near.places[place]].max() > when:
            kept = self._proposed(place, opening)
        self._answers[place] = (count, opening, kept)
        return kept

    def _learn(self, number: int) -> None:
        told = self._told
        place, pair = int(told.place[number]), int(told.pair[number])
        if told.remembers[number]:
            self._used[pair] = number
            self._last[place] = pair
            if self._held[pair] > 0:
                self._last_held[place] = pair
        held = int(told.held[number])
        if self._used[pair] >= 0 and held >= 0:
            self._known[pair] += 1
            self._held[pair] += held
            before = self._last_held.get(place)
            if held and (before is None or self._used[pair] > self._used[before]):
                self._last_held[place] = pair
        self._changed[place] = number + 1

    def _proposed(self, place: int, opening: float) -> _Answer:
        """The best similarity, the fix of the nearest, and how often it held in what is close."""
        import numpy as np

        told, near, shares = self._told, self._near.places[place], self._near.shares[place]
        seen = np.flatnonzero(told.first[near] < self._count)
        if not len(seen):
            return _Answer()
        nearest = int(near[seen[0]])
        pair = self._last_held.get(nearest, self._last[nearest])
        fix = int(told.keys[pair] % told.width)
        wanted = near[seen[shares[seen] >= opening]] * told.width + fix
        at = np.minimum(np.searchsorted(told.keys, wanted), len(told.keys) - 1)
        pairs = at[told.keys[at] == wanted]
        held, known = int(self._held[pairs].sum()), int(self._known[pairs].sum())
        return _Answer(float(shares[seen[0]]), fix, held, known)


def _steps(
    ordered: pl.DataFrame,
    words: pl.DataFrame,
    fixes: pl.Series,
    answers: Sequence[_Answer],
    *,
    opens: Any,
    gates: Gates,
) -> pl.DataFrame:
    told = pl.DataFrame(
        answers,
        schema={"best": pl.Float64, "fix": pl.Int64, "held": pl.Int64, "known": pl.Int64},
        orient="row",
    )
    pairs = told.select("held", "known").unique()
    bounds = [at_least(held, known, level=LEVEL) for held, known in pairs.iter_rows()]
    numbered = pl.DataFrame({"fix": pl.int_range(len(fixes), eager=True), "suggested": fixes})
    ends = words.filter("remembers").unique("failure_id", keep="last", maintain_order=True)
    sure = (pl.col("bound") >= gates.confidence) & (pl.col("bound") > 0)
    return (
        ordered.select("failure_id", "at_utc", error_class="exception")
        .hstack(told.with_columns(best=pl.col("best").fill_nan(None), opens=pl.Series(opens)))
        .join(pairs.with_columns(bound=pl.Series(bounds, dtype=pl.Float64)), on=["held", "known"],
              how="left", maintain_order="left")
        .join(numbered, on="fix", how="left", maintain_order="left")
        .join(ends.select("failure_id", end="fix"), on="failure_id", how="left",
              maintain_order="left")
        .with_columns(
            logged=pl.int_range(1, pl.len() + 1),
            gate1=(pl.col("best") >= pl.col("opens")).fill_null(value=False),
        )
        .with_columns(gate2=pl.when("gate1").then(sure))
        .with_columns(
            automatic=(pl.col("gate1") & pl.col("gate2")).fill_null(value=False),
            right=pl.col("suggested") == pl.col("end"),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in STEPS.items())
    )  # fmt: skip
