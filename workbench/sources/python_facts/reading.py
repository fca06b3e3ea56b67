"""Reads one shard: blobs in, the segments that differ in each change and their facts out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import polars as pl

from workbench.domain.facts import FACT_TABLES, FAMILIES
from workbench.domain.frames import CHANGE_FACTS, CHANGE_SEGMENTS, SEGMENTS
from workbench.domain.history import Rejection
from workbench.domain.loading import Batch
from workbench.domain.tables import PolarsType, Table
from workbench.sources.python_facts.modules import module_of
from workbench.sources.python_facts.parsing import Unparsed, parse, quiet
from workbench.sources.python_facts.segments import Segments, segment_id, source_text
from workbench.sources.python_facts.shards import Change
from workbench.sources.python_facts.syntax import Segment
from workbench.sources.python_facts.visitors import VISITORS, Row

# Version of everything below `python_facts`: another number makes every fact be read anew.
EXTRACTOR = 2
LARGEST_BYTES = 2_000_000  # a generated module; parsing it would take a second and say nothing

Blobs = Callable[[Sequence[str]], Iterable[tuple[str, bytes | None]]]
Cut = tuple[list[int], list[int]]
ABSENT: Cut = ([], [])
TOO_DEEP = Unparsed(line=1, reason="it is nested too deeply to read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """What a shard gave; ``whole`` counts the changes with a version that was not cut."""

    batch: Batch
    whole: int


def read_shard(
    changes: Sequence[Change], *, blobs: Blobs, known: frozenset[int] = frozenset()
) -> Shard:
    """Read the facts of some changes.

    Parameters
    ----------
    changes : sequence of Change
        Versions of a file should stand together.
    blobs : callable
        Blob ids -> id and bytes of each, in order; null for one that is missing or too large.
    known : frozenset of int
        Segments whose facts are not wanted again.
    """
    with quiet():
        return _Reader(blobs, known).read(changes)


class _Reader:
    def __init__(self, blobs: Blobs, known: frozenset[int]) -> None:
        self._blobs = blobs
        self._known = known
        self._segments = Segments()
        self._ids: dict[int, int | Unparsed] = {}
        self._parsed: set[int] = set()
        self._whole: set[str | None] = set()
        self._fresh: dict[int, None] = {}
        self._fact_ids: dict[str, list[int]] = {family: [] for family in FAMILIES}
        self._rows: dict[str, list[Row]] = {family: [] for family in FAMILIES}
        self._placed: list[tuple[int, int, int, str, int]] = []
        self._facts: list[tuple[int, int, str, str | None, str | None]] = []
        self._rejections: list[Rejection] = []

    def read(self, changes: Sequence[Change]) -> Shard:
        cuts: dict[str | None, Cut | Unparsed] = {None: ABSENT}
        for blob, text in self._texts(changes):
            if isinstance(text, Unparsed):
                self._whole.add(blob)
                cuts[blob] = text
            else:
                cuts[blob] = self._cut(blob, text)
        for change in changes:
            self._place(change, cuts[change.old_blob], cuts[change.new_blob])
        sides = ((change.old_blob, change.new_blob) for change in changes)
        whole = sum(not self._whole.isdisjoint(blobs) for blobs in sides)
        return Shard(batch=self._batch(), whole=whole)

    def _texts(self, changes: Iterable[Change]) -> Iterator[tuple[str, bytes | Unparsed]]:
        wanted = dict.fromkeys(
            blob for c in changes for blob in (c.old_blob, c.new_blob) if blob is not None
        )
        for blob, data in self._blobs(list(wanted)):
            if data is None:
                yield blob, Unparsed(line=1, reason=f"blob {blob} is missing or too large")
            elif len(data) > LARGEST_BYTES:
                yield blob, Unparsed(line=1, reason=f"it is larger than {LARGEST_BYTES:,} bytes")
            else:
                yield blob, source_text(data)

    def _cut(self, blob: str, text: bytes) -> Cut | Unparsed:
        """Cut a version into segments, or into itself where one of them does not parse alone.

        It depends on nothing but the text, so that a version is the same on both sides of it.
        """
        cut = self._segments.cut(text)
        numbers = set(cut[0])
        for number in numbers - self._parsed:
            if self._segments.texts[number][1] and isinstance(self._id(number), Unparsed):
                break
            self._parsed.add(number)
        else:
            return cut
        self._whole.add(blob)
        number = self._segments.number("", text)
        found = self._id(number)
        return found if isinstance(found, Unparsed) else ([number], [1])

    def _place(self, change: Change, before: Cut | Unparsed, after: Cut | Unparsed) -> None:
        """Place the segments that stand on one side only; a version unread has none."""
        if isinstance(after, Unparsed):
            self._reject(change, change.path, change.new_blob, after)
        elif isinstance(before, Unparsed):
            self._reject(change, change.old_path, change.old_blob, before)
        else:
            self._note(change, "ok")
        old = ABSENT if isinstance(before, Unparsed) else before
        new = ABSENT if isinstance(after, Unparsed) else after
        # Under another module name everything has moved, so everything is compared.
        compared = module_of(change.old_path) == module_of(change.path)
        for side, cut, other in ((0, old, new), (1, new, old)):
            for number, line in one_sided(cut, other) if compared else zip(*cut, strict=True):
                owner, text = self._segments.texts[number]
                if text:
                    segment = self._ids[number]
                    assert not isinstance(segment, Unparsed)
                    self._placed.append((change.change_id, side, segment, owner, line))

    def _id(self, number: int) -> int | Unparsed:
        """Segment id of a numbered segment, whose facts are read the first time."""
        found = self._ids.get(number)
        if found is None:
            owner, text = self._segments.texts[number]
            found = segment_id(text, in_class=bool(owner))
            if found not in self._known and found not in self._fresh:
                unparsed = self._read_facts(found, text, in_class=bool(owner))
                found = unparsed or found
            self._ids[number] = found
        return found

    def _read_facts(self, segment: int, text: bytes, *, in_class: bool) -> Unparsed | None:
        body = parse(text, in_class=in_class)
        if isinstance(body, Unparsed):
            return body
        try:
            parsed = Segment(text, body, in_class=in_class)
            found = {family: list(visit(parsed)) for family, visit in VISITORS.items()}
        except RecursionError:
            return TOO_DEEP
        self._fresh[segment] = None
        for family, rows in found.items():
            if rows:
                self._rows[family] += rows
                self._fact_ids[family] += [segment] * len(rows)
        return None

    def _note(self, change: Change, status: str) -> None:
        before = module_of(change.old_path) if change.old_blob else None
        after = module_of(change.path) if change.new_blob else None
        self._facts.append((change.change_id, EXTRACTOR, status, before, after))

    def _reject(self, change: Change, path: str, blob: str | None, why: Unparsed) -> None:
        self._note(change, "unparsed")
        reason = f"no facts of this version (blob {(blob or '')[:12]}): {why.reason}"
        self._rejections.append(Rejection(path=path, at=f"line {why.line}", reason=reason))

    def _batch(self) -> Batch:
        frames = {
            "segments": _frame(SEGMENTS, [(segment, EXTRACTOR) for segment in self._fresh]),
            "change_segments": _frame(CHANGE_SEGMENTS, self._placed),
            "change_facts": _frame(CHANGE_FACTS, self._facts),
        }
        for family, rows in self._rows.items():
            table = FACT_TABLES[f"fact_{family}"]
            frames[table.name] = _frame(table, rows, first=self._fact_ids[family])
        return Batch(frames=frames, rejections=tuple(self._rejections))


def one_sided(cut: Cut, other: Cut) -> Iterator[tuple[int, int]]:
    """Number and line of the segments of a cut that the other does not have as often."""
    numbers, rest = cut[0], set(other[0])
    if len(rest) == len(other[0]) and len(set(numbers)) == len(numbers):
        for number, line in zip(*cut, strict=True):
            if number not in rest:
                yield number, line
        return
    spare = Counter(other[0])
    for number, line in zip(*cut, strict=True):
        spare[number] -= 1
        if spare[number] < 0:
            yield number, line


def _frame(
    declared: Table, rows: Sequence[Row], *, first: Sequence[int] | None = None
) -> pl.DataFrame:
    """A frame of row tuples; ``first`` is a column that stands in front of them."""
    if not rows:
        return declared.empty()
    columns: list[Sequence[Any]] = [*zip(*rows, strict=True)]
    if first is not None:
        columns.insert(0, first)
    return pl.DataFrame(
        [
            _lists(name, values, dtype.inner)
            if isinstance(dtype, pl.List)
            else pl.Series(name, values, dtype=dtype, strict=True)
            for (name, dtype), values in zip(declared.schema.items(), columns, strict=True)
        ]
    )


def _lists(name: str, values: Sequence[Sequence[object]], inner: PolarsType) -> pl.Series:
    """A column of lists; polars alone makes a series of each, which takes twenty times as long."""
    import pyarrow as pa  # a tenth of a second, wanted only when there are facts

    flat = pl.Series([item for row in values for item in row], dtype=inner, strict=True)
    offsets = pa.array(accumulate((len(row) for row in values), initial=0), pa.int64())
    made = pl.from_arrow(pa.LargeListArray.from_arrays(offsets, flat.to_arrow()))
    assert isinstance(made, pl.Series)
    return made.alias(name).cast(pl.List(inner))
