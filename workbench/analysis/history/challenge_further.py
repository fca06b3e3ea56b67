"""Arguments of somebody who proves nothing: they count with a line that exists, or are dropped."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, cast

from workbench.analysis.history.challenge_brief import Argument, Brief
from workbench.errors import WorkbenchError
from workbench.text.printable import printable
from workbench.text.redact import redact, redact_json

Arguer = Callable[[Mapping[str, Any]], Sequence[Mapping[str, Any]]]
"""Is shown a finding and gives arguments: ``argument, direction, path, line, where``."""
MOST_ARGUMENTS = 5
MOST_FAILURES = 3
LONGEST = 300
LAST_LINE = 10_000_000


@dataclass(slots=True)
class Further:
    """Asks somebody about one finding after the other, and counts what came of it.

    ``asked`` = ``answered`` + ``failed``; of the arguments in the answers those ``taken`` and those
    ``dropped``. After three failures one after the other nobody is asked again: ``not_asked``.

    Parameters
    ----------
    arguer : callable, optional
        Is shown the finding with secrets taken out. An error of the workbench's own means that it
        has no argument; ``notes`` says why, each reason once.
    """

    arguer: Arguer | None = None
    asked: int = 0
    answered: int = 0
    failed: int = 0
    not_asked: int = 0
    taken: int = 0
    dropped: int = 0
    notes: list[str] = field(default_factory=list)
    _in_a_row: int = 0

    def arguments(self, brief: Brief) -> list[Argument]:
        """What is said about a finding, and cites a line."""
        if self.arguer is None:
            return []
        if self._in_a_row >= MOST_FAILURES:
            self.not_asked += 1
            return []
        self.asked += 1
        shown = redact_json(json.loads(json.dumps(brief.finding, default=str)))
        try:
            said = self.arguer(cast("Mapping[str, Any]", shown))
        except WorkbenchError as error:
            self.failed += 1
            self._in_a_row += 1
            self._note(str(error))
            return []
        self.answered += 1
        self._in_a_row = 0
        found = [taken for one in said[:MOST_ARGUMENTS] if (taken := _argument(one, brief))]
        self.taken += len(found)
        self.dropped += len(said) - len(found)
        return found

    def counts(self) -> dict[str, int]:
        """All counts by name; empty when nobody was there to be asked."""
        names = ("asked", "answered", "failed", "not_asked", "taken", "dropped")
        return {name: getattr(self, name) for name in names} if self.arguer else {}

    def _note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)


def _argument(said: object, brief: Brief) -> Argument | None:
    """What is said, if it points somewhere and cites a line of a tree that exists."""
    if not isinstance(said, Mapping):
        return None
    direction, where, path, line = (said.get(k) for k in ("direction", "where", "path", "line"))
    told = said.get("argument")
    if direction not in ("up", "down") or not isinstance(told, str) or not told.strip():
        return None
    if not isinstance(line, int) or isinstance(line, bool) or not 1 <= line <= LAST_LINE:
        return None
    if not isinstance(path, str) or not _is_inside(path):
        return None
    text = brief.line(str(where), path, line)
    if text is None:
        return None
    return Argument(
        argument=printable(redact(" ".join(told.split())))[:LONGEST],
        direction=str(direction),
        path=path,
        line=line,
        text=text,
        where=str(where),
        guessed=True,
    )


def _is_inside(path: str) -> bool:
    """Whether a path stays in a tree, and is one line that git can be asked for."""
    pure = PurePosixPath(path)
    return path.isprintable() and not pure.is_absolute() and ".." not in pure.parts
