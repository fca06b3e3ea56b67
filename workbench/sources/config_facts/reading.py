"""Reads configuration files: blobs in, the blocks that differ in each change and their options out.

A block is a segment as one of Python source is: its id is a digest of section and text, and it is
parsed once, in whatever versions and files it stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

import polars as pl

from workbench.domain.facts import FACT_TABLES, FAMILIES
from workbench.domain.frames import CHANGE_FACTS, CHANGE_SEGMENTS, SEGMENTS
from workbench.domain.history import Rejection
from workbench.domain.loading import Batch
from workbench.domain.tables import Table
from workbench.sources.config_facts.blocks import Block, blocks_of, declaring
from workbench.sources.config_facts.declared import Broken, Row, declared_options
from workbench.sources.patches import is_config_path

CHANGES_A_BATCH = 500
PROVIDER = "provider.yaml"
# Packages of providers declare options of their own; all others are the one configuration.
PROVIDERS = "providers"

Blobs = Callable[[Sequence[str]], Iterable[tuple[str, bytes | None]]]
Cut = list[tuple[int, int]]


class Change(NamedTuple):
    """A change of a configuration file; a blob is null where the file is absent."""

    change_id: int
    old_path: str
    path: str
    old_blob: str | None
    new_blob: str | None

    @property
    def sides(self) -> tuple[tuple[str, str | None], tuple[str, str | None]]:
        """Path and blob before and after; no blob where the file is none of configuration."""
        sides = ((self.old_path, self.old_blob), (self.path, self.new_blob))
        before, after = ((p, blob if is_config_path(p) else None) for p, blob in sides)
        return before, after


def extract_options(
    changes: pl.DataFrame,
    *,
    blobs: Blobs,
    extractor: int,
    known: frozenset[int] = frozenset(),
) -> Iterator[Batch]:
    """Extract the declared options of the blocks that stand on one side of each change.

    Parameters
    ----------
    changes : polars.DataFrame
        Columns ``change_id``, ``old_path``, ``path``, ``old_blob``, ``new_blob`` of configuration
        files.
    blobs : callable
        Blob ids -> pairs of id and bytes, in order; null bytes for a blob that is missing.
    extractor : int
        Version that the facts are filed under.
    known : frozenset of int
        Ids of segments that are stored; their facts are not given again.

    Yields
    ------
    Batch
        ``segments``, ``change_segments``, ``change_facts`` and one frame per family, all but
        ``fact_options`` empty; complete for its changes. A file that is no YAML is a rejection
        with its line.
    """
    columns = changes.select(Change._fields).to_dict(as_series=False)
    every = [Change(*row) for row in zip(*columns.values(), strict=True)]
    for first in range(0, len(every), CHANGES_A_BATCH):
        some = every[first : first + CHANGES_A_BATCH]
        yield _Reader(blobs, known, extractor=extractor).read(some)


def module_of_config(path: str) -> str:
    """Give the module that a configuration file's options are filed under.

    No module declares them, so this stands in for one: ``airflow.config``, or
    ``airflow.providers.<name>.config`` for what a provider declares, wherever its folder stood.
    """
    folders = path.split("/")[:-1]
    if PROVIDERS not in folders:
        return "airflow.config"
    last = len(folders) - folders[::-1].index(PROVIDERS)
    names = [name for name in folders[last:] if name != "config_templates"]
    return ".".join(("airflow", PROVIDERS, *names, "config"))


class _Reader:
    def __init__(self, blobs: Blobs, known: frozenset[int], *, extractor: int) -> None:
        self._blobs = blobs
        self._known = known
        self._extractor = extractor
        self._numbers: dict[tuple[str | None, bytes], int] = {}
        self._texts: list[tuple[str | None, bytes]] = []
        self._cuts: dict[str | None, Cut | Broken] = {None: []}
        self._read: dict[int, list[Row] | Broken] = {}

    def read(self, changes: Sequence[Change]) -> Batch:
        sides = [side for change in changes for side in change.sides]
        providers = {blob: path.endswith(PROVIDER) for path, blob in sides if blob is not None}
        self._cut(providers, whole=False)
        # A block may not stand alone: an alias, a text that goes on at the margin, a fault. Then
        # all of the other side differs, which may hold such a block too.
        whole: set[str] = set()
        while odd := {
            blob: providers[blob]
            for change in changes
            for (_, blob), cut in zip(change.sides, self._one_sided(change), strict=True)
            if blob is not None and blob not in whole
            if any(isinstance(self._rows(number), Broken) for number, _ in cut)
        }:
            self._cut(odd, whole=True)
            whole |= odd.keys()
        return self._batch(changes)

    def _cut(self, providers: dict[str, bool], *, whole: bool) -> None:
        for blob, data in self._blobs(list(providers)):
            if data is None:
                reason = f"blob {blob} is missing or too large"
                self._cuts[blob] = Broken(line=1, reason=reason)
                continue
            part = declaring(data, provider=providers[blob])
            blocks = None if whole else blocks_of(part)
            if blocks is None:
                blocks = [Block(None, part.text, part.above + 1)]
            self._cuts[blob] = [(self._number(block), block.line) for block in blocks]

    def _number(self, block: Block) -> int:
        key = block.section, block.text
        number = self._numbers.setdefault(key, len(self._texts))
        if number == len(self._texts):
            self._texts.append(key)
        return number

    def _one_sided(self, change: Change) -> tuple[Cut, Cut]:
        """Blocks of either side that the other does not have as often."""
        cuts = [self._cuts[blob] for _, blob in change.sides]
        before, after = ([] if isinstance(cut, Broken) else cut for cut in cuts)
        if module_of_config(change.old_path) != module_of_config(change.path):
            return before, after
        return _without(before, after), _without(after, before)

    def _rows(self, number: int) -> list[Row] | Broken:
        found = self._read.get(number)
        if found is None:
            section, text = self._texts[number]
            found = self._read[number] = declared_options(text, section=section)
        return found

    def _fault(self, change: Change) -> tuple[str, Broken] | None:
        """What keeps a change from being read, on the side after it if it is on both."""
        sided = zip(change.sides, self._one_sided(change), strict=True)
        for (path, blob), cut in reversed([*sided]):
            whole = self._cuts[blob]
            if isinstance(whole, Broken):
                return path, whole
            for number, line in cut:
                found = self._rows(number)
                if isinstance(found, Broken):
                    return path, Broken(line=found.line + line - 1, reason=found.reason)
        return None

    def _batch(self, changes: Sequence[Change]) -> Batch:
        noted, placed, rejections = [], [], []
        ids: dict[int, int] = {}
        for change in changes:
            fault = self._fault(change)
            modules = [module_of_config(path) if blob else None for path, blob in change.sides]
            status = "unparsed" if fault else "ok"
            noted.append((change.change_id, self._extractor, status, *modules))
            if fault:
                path, broken = fault
                reason = f"no options of this version: {broken.reason}"
                rejections.append(Rejection(path=path, at=f"line {broken.line}", reason=reason))
                continue
            for side, cut in enumerate(self._one_sided(change)):
                for number, line in cut:
                    segment = ids.setdefault(number, block_id(*self._texts[number]))
                    placed.append((change.change_id, side, segment, "", line))
        fresh = {n: segment for n, segment in ids.items() if segment not in self._known}
        options = [(segment, *row) for n, segment in fresh.items() for row in self._good(n)]
        frames = {table.name: table.empty() for table in FACT_TABLES.values()}
        frames |= {
            "segments": _frame(
                SEGMENTS, [(segment, self._extractor) for segment in fresh.values()]
            ),
            "change_segments": _frame(CHANGE_SEGMENTS, placed),
            "change_facts": _frame(CHANGE_FACTS, noted),
            "fact_options": _frame(FAMILIES["options"].fact_table, options),
        }
        return Batch(frames=frames, rejections=tuple(rejections))

    def _good(self, number: int) -> list[Row]:
        found = self._rows(number)
        assert not isinstance(found, Broken)
        return found


def block_id(section: str | None, text: bytes) -> int:
    """Digest section and text to 64 bits, apart from all that Python source has."""
    key = (section or "").encode() + b"\n" + text
    return int.from_bytes(blake2b(key, digest_size=8, person=b"config").digest(), "little")


def _without(cut: Cut, other: Cut) -> Cut:
    spare = Counter(number for number, _ in other)
    left = []
    for number, line in cut:
        spare[number] -= 1
        if spare[number] < 0:
            left.append((number, line))
    return left


def _frame(declared: Table, rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=declared.schema, orient="row", strict=True)
