"""The beginning and the end of a long text, kept while it streams by, redacted when it is read."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from workbench.text.redact import redact

HEAD_CHARACTERS = 24_000
TAIL_CHARACTERS = 40_000
# Above the kept end, for redaction to see the line that a private key begins with.
CONTEXT_CHARACTERS = 40_000


def as_it_is(text: str) -> str:
    """Redact nothing: the text was redacted as a whole before."""
    return text


class Window:
    """Lines are added, the middle of what is too long is dropped, the rest comes out redacted."""

    def __init__(
        self,
        head: int = HEAD_CHARACTERS,
        tail: int = TAIL_CHARACTERS,
        *,
        redact: Callable[[str], str] = redact,
    ) -> None:
        self._head_room, self._tail_room, self._redact = head, tail, redact
        self._head: list[str] = []
        self._head_size = 0
        self._tail: deque[str] = deque()
        self._tail_size = 0
        self._dropped = 0

    def __len__(self) -> int:
        return len(self._head) + self._dropped + len(self._tail)

    def place(self, index: int, lines: Sequence[str]) -> int:
        """Return how many lines were added before one of those that come out."""
        return index if index < len(self._head) else len(self) - (len(lines) - index)

    def add(self, line: str) -> None:
        """Add a line, without its end."""
        if not self._tail and self._head_size + len(line) <= self._head_room:
            self._head.append(line)
            self._head_size += len(line) + 1
            return
        self._tail.append(line)
        self._tail_size += len(line) + 1
        room = self._tail_room + CONTEXT_CHARACTERS
        while len(self._tail) > 1 and self._tail_size - len(self._tail[0]) > room:
            self._tail_size -= len(self._tail.popleft()) + 1
            self._dropped += 1

    def redacted(self) -> str:
        """The text without its secrets; a line of its own says how many lines are left out."""
        if not self._dropped:
            lines = self._redact("\n".join([*self._head, *self._tail])).split("\n")
            if sum(len(line) + 1 for line in lines) <= self._head_room + self._tail_room:
                return "\n".join(lines)
            head, tail = lines[: len(self._head)], lines[len(self._head) :]
        else:
            head = self._redact("\n".join(self._head)).split("\n") if self._head else []
            tail = self._redact("\n".join(self._tail)).split("\n")
        if not tail:
            return "\n".join(head)
        kept, size = len(tail), 0
        while kept and size + len(tail[kept - 1]) <= self._tail_room:
            kept -= 1
            size += len(tail[kept]) + 1
        left_out, ends = self._dropped + kept, tail[kept:]
        note = [f"... {left_out} lines are left out here ..."] if left_out else []
        if not ends:
            # one line alone is too long: its beginning and its end say more than nothing
            note = [f"{tail[-1][: self._tail_room // 2]} ... {tail[-1][-self._tail_room // 2 :]}"]
            if left_out > 1:
                note.insert(0, f"... {left_out - 1} lines are left out here ...")
        return "\n".join([*head, *note, *ends])
