"""How a load goes over a source's batches: told how far it is, and closed however it ends."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing

from workbench.domain.loading import Batch

Progress = Callable[[str, int, int | None], None]
"""Told what is being done, how far it is, and how much it is in all (None: not known)."""


def closed(batches: Iterator[Batch]) -> Iterator[Batch]:
    """Give every batch; a generator is closed however the loop ends, so that its children die."""
    if isinstance(batches, Generator):
        with closing(batches):
            yield from batches
    else:
        yield from batches
