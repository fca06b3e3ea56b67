"""Cutting a stream of patches into blocks of bounded size, whatever is in it."""

from __future__ import annotations

import re

from workbench.sources.patches.limits import Limits
from workbench.sources.patches.marks import CUT_AT, DROPPED, HUNK, NEW, OLD

_NEXT = re.compile(b"|".join(re.escape(at) for at in CUT_AT))
_LONGEST = max(map(len, CUT_AT))
_SECTION = CUT_AT[-1][1:]


class Cutter:
    """Takes text as it comes and gives blocks that begin with a commit or with a file's patch.

    Only one thing could make a block grow without bound: one endless patch. Its hunks are counted
    and left out, and a line marked ``!`` in their place says how much they were.

    Parameters
    ----------
    limits : Limits
        A block is given as soon as a block's bytes are held and it can be cut.
    """

    def __init__(self, limits: Limits) -> None:
        self._block_bytes, self._cap_bytes = limits.block_bytes, limits.patch_bytes
        self._held = bytearray()
        self._endless: _Endless | None = None

    def feed(self, text: bytes | bytearray) -> list[bytes]:
        """Take text; the blocks that are complete now."""
        self._held += text
        blocks: list[bytes] = []
        while len(self._held) >= self._block_bytes or self._endless is not None:
            if self._endless is not None and not self._leave_out(self._endless):
                break
            at = max(self._held.rfind(cut) for cut in CUT_AT) + 1
            if at and len(self._held) >= self._block_bytes:
                blocks.append(bytes(memoryview(self._held)[:at]))
                del self._held[:at]
            elif not at and self._is_endless():
                hunks = self._held.index(b"\n" + HUNK) + 1
                self._endless = _Endless(bytes(self._held[:hunks]))
                del self._held[:hunks]
            else:
                break
        return blocks

    def rest(self) -> list[bytes]:
        """What is held, when no more text follows."""
        blocks = self.feed(b"")
        if self._endless is not None:
            self._endless.count(self._held, len(self._held))
            self._held = bytearray(self._endless.stand_in())
            self._endless = None
        if self._held:
            blocks.append(bytes(self._held))
            self._held = bytearray()
        return blocks

    def _is_endless(self) -> bool:
        """Whether the patch that is held alone is over the cap, wherever its end may be."""
        return (
            len(self._held) > self._cap_bytes + _LONGEST
            and self._held.startswith(_SECTION)
            and b"\n" + HUNK in self._held
        )

    def _leave_out(self, endless: _Endless) -> bool:
        """Count and drop text of the endless patch; True once its end was found."""
        end = _NEXT.search(self._held)
        if end is None:
            # The last bytes stay: they may be the first of a mark.
            done = max(0, len(self._held) - _LONGEST)
            endless.count(self._held, done)
            del self._held[:done]
            return False
        at = end.start() + 1
        endless.count(self._held, at)
        self._held[:at] = endless.stand_in()
        self._endless = None
        return True


class _Endless:
    """The head of a patch whose hunks are left out, and what was counted of them."""

    def __init__(self, head: bytes) -> None:
        self._head = head
        self._bytes = len(head)
        self._removed = self._added = 0

    def count(self, text: bytearray, end: int) -> None:
        """Count what begins before ``end``; the byte after a line's end says what the line is."""
        self._bytes += end
        self._removed += text.count(b"\n" + OLD, 0, end + 1)
        self._added += text.count(b"\n" + NEW, 0, end + 1)

    def stand_in(self) -> bytes:
        """The patch as it goes on: its head and the line that stands for its hunks."""
        line = b"%b%d %d %d\n" % (DROPPED, self._bytes, self._removed, self._added)
        return self._head + line
