"""What two workers and the one who waits for them share: slices to do, parts that are done."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from workbench.sources.patches.child import Pairs

if TYPE_CHECKING:
    from workbench.sources.patches.slices import Part

AHEAD_SLICES = 12
AHEAD_BYTES = 64_000_000
"""Text that may wait to be taken; whoever reads slowly makes the workers wait, not memory grow."""


class Desk:
    """Hands out slices in order, takes their parts as they are done, gives them out in order.

    Parameters
    ----------
    slices : sequence of pairs
        What is to be read, first things first.
    """

    def __init__(self, slices: Sequence[Pairs]) -> None:
        self._slices = slices
        self._turn = threading.Condition()
        self._taken = self._current = 0
        self._waiting: dict[int, deque[Part]] = {}
        self._waiting_bytes = 0
        self._finished: set[int] = set()
        self._error: BaseException | None = None
        self._stopped = False

    def take(self, *, wait: bool) -> tuple[int, Pairs] | None:
        """The next slice; None when there is none, or none yet and the worker need not wait."""
        with self._turn:
            while not self._stopped and self._taken < len(self._slices):
                if self._taken < self._current + AHEAD_SLICES:
                    self._taken += 1
                    return self._taken - 1, self._slices[self._taken - 1]
                if not wait:
                    return None
                self._turn.wait()
            return None

    def put(self, number: int, part: Part) -> None:
        """Lay down a part of a slice; waits while too much lies there."""
        with self._turn:
            parts = self._waiting.setdefault(number, deque())
            # The slice that is waited for always gets on, or both sides would wait.
            while (
                not self._stopped
                and self._waiting_bytes > AHEAD_BYTES
                and (number != self._current or parts)
            ):
                self._turn.wait()
            parts.append(part)
            self._waiting_bytes += part.text_bytes
            self._turn.notify_all()

    def finish(self, number: int) -> None:
        """Say that no more parts of a slice will come."""
        with self._turn:
            self._finished.add(number)
            self._turn.notify_all()

    def fail(self, error: BaseException) -> None:
        """Say that a worker cannot go on."""
        with self._turn:
            self._error = self._error or error
            self._turn.notify_all()

    def stop(self) -> None:
        """Let every worker end."""
        with self._turn:
            self._stopped = True
            self._turn.notify_all()

    def results(self) -> Iterator[Part]:
        """Parts in the order of the slices, as they get done; the error of a worker is raised."""
        for number in range(len(self._slices)):
            while (part := self._next(number)) is not None:
                yield part

    def _next(self, number: int) -> Part | None:
        """The next part of a slice; None when it has no more."""
        with self._turn:
            self._current = number
            self._turn.notify_all()
            while not self._waiting.get(number):
                if number in self._finished:
                    self._finished.discard(number)
                    self._waiting.pop(number, None)
                    return None
                if self._error is not None:
                    raise self._error
                self._turn.wait()
            part = self._waiting[number].popleft()
            self._waiting_bytes -= part.text_bytes
            self._turn.notify_all()
            return part
