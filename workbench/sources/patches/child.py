"""One git child that answers slices of commits with blocks of the marked stream."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator, Sequence

from workbench.sources.patches.cutting import Cutter
from workbench.sources.patches.limits import Limits
from workbench.sources.patches.marks import diff_command, end_mark, question
from workbench.sources.patches.sealed import SealedGit

Pairs = Sequence[tuple[str, str | None]]

_PIPE_BYTES = 1 << 20
_FEW_BYTES = 1 << 17
_PAUSE_SECONDS = 0.005


class PatchChild:
    """A ``git diff-tree --stdin`` that is asked for slices and answers in their order.

    Two slices may be asked for ahead of an answer, so that git never waits for the parser; more
    would fill both pipes, and each side would wait for the other.

    Parameters
    ----------
    git : SealedGit
        Where it runs; leaving that ends the child.
    pathspec : sequence of str
        What to look at.
    limits : Limits
        Of one patch and one block.
    """

    def __init__(self, git: SealedGit, pathspec: Sequence[str], *, limits: Limits) -> None:
        self._where, self._limits = git.where, limits
        self._child = git.start(diff_command(pathspec))
        self._pending = bytearray()
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            # git writes 4 kB at a time; into a larger pipe it goes on writing while we parse.
            fcntl.fcntl(self._child.stdout, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)

    def ask(self, pairs: Pairs, *, number: int) -> None:
        """Ask for (commit, base) pairs, each commit compared with its base."""
        text = question(pairs, number=number)
        try:
            while text:
                text = text[os.write(self._child.stdin.fileno(), text) :]
        except BrokenPipeError:
            raise self._failed(pairs) from None

    def answer(self, pairs: Pairs, *, number: int) -> Iterator[bytes]:
        """Blocks of the answer to a slice."""
        cutter, mark = Cutter(self._limits), end_mark(number)
        while (at := self._pending.find(mark)) < 0:
            # The mark may come in two pieces.
            ready = max(0, len(self._pending) - len(mark) + 1)
            yield from cutter.feed(self._pending[:ready])
            del self._pending[:ready]
            self._pending += self._read(pairs)
        text = self._pending[: at + 1]
        del self._pending[: at + len(mark)]
        yield from cutter.feed(text)
        yield from cutter.rest()

    def _read(self, pairs: Pairs) -> bytes:
        descriptor = self._child.stdout.fileno()
        text = os.read(descriptor, _PIPE_BYTES)
        if not text:
            raise self._failed(pairs)
        if len(text) < _FEW_BYTES:
            # Taking each 4 kB as it comes costs more in waking up than in parsing.
            time.sleep(_PAUSE_SECONDS)
        return text

    def _failed(self, pairs: Pairs) -> Exception:
        newest, oldest = pairs[0][0], pairs[-1][0]
        at = newest if newest == oldest else f"between commits {oldest} and {newest}"
        return self._child.failed(where=self._where, at=at)

    def kill(self) -> None:
        """End the child at once; whoever reads from it sees its end."""
        self._child.process.kill()
