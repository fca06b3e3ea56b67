"""The curve of one plan, and the curves of one query's plans joined over all sizes."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.analysis.scale.curve_families import FAMILIES, Shapes
from workbench.analysis.scale.plan_runs import Measure

if TYPE_CHECKING:
    from workbench.analysis.scale.curve_families import Floats, Indices

MS = 1000.0
FURTHEST = 1000.0
"""How many times beyond the data rows are looked for."""
BAND = (5.0, 95.0)
"""Percentiles of the resampled curves that a band spans."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """The curve of one plan between two sizes; the last one also holds beyond its end."""

    variant: str
    profile: str
    measure: Measure
    plan_signature: str
    first_rows: int
    last_rows: int
    sizes: int
    family: str
    shapes: Shapes
    resampled: Shapes
    seed: int

    def value(self, rows: Floats) -> Floats:
        """Milliseconds at each number of rows."""
        import numpy as np

        value: Floats = self.shapes.values(rows, np.array([FAMILIES.index(self.family)]))[0]
        return value

    def at(self, rows: Floats) -> tuple[Floats, Floats, Floats]:
        """Value, lower and upper edge at each number of rows."""
        import numpy as np

        value = self.value(rows)
        spread = self.resampled.values(rows, self.resampled.drawn(self.seed))
        low, high = np.percentile(spread, BAND, axis=0)
        return value, np.minimum(low, value), np.maximum(high, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """What one variant's query takes at any number of rows, without the band."""

    segments: tuple[Segment, ...]

    def seconds(self, rows: Floats) -> Floats:
        """Seconds of one query at each number of rows."""
        import numpy as np

        nearest = nearest_segment(self.segments, rows)
        taken = np.empty(rows.shape)
        for index, segment in enumerate(self.segments):
            here = nearest == index
            if here.any():
                taken[here] = segment.value(rows[here]) / MS
        return taken

    def rows_within(self, seconds: float) -> float | None:
        """The most rows at which a query takes no longer, up to a thousand times the data.

        None where it takes longer even on the smallest table measured; infinite where it never
        takes as long.
        """
        import numpy as np

        low, high = float(self.segments[0].first_rows), self.segments[-1].last_rows * FURTHEST
        grid = np.geomspace(low, high, 4001)
        over = np.flatnonzero(self.seconds(grid) > seconds)
        if not over.size:
            return math.inf
        return float(grid[over[0] - 1]) if over[0] else None


def neighbours(segments: tuple[Segment, ...]) -> list[tuple[Segment, Segment]]:
    """Segments in pairs, each with the one after it."""
    return list(itertools.pairwise(segments))


def nearest_segment(segments: tuple[Segment, ...], rows: Floats) -> Indices:
    """The segment that stands for each number of rows: between two, the nearer by factors."""
    import numpy as np

    edges = [math.sqrt(a.last_rows * b.first_rows) for a, b in neighbours(segments)]
    found: Indices = np.searchsorted(np.asarray(edges), rows)
    return found
