"""A review of failures without a screen: what is shown, what a person says, what stands after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from workbench.errors import UnknownNameError, WorkbenchError
from workbench.knowledge.ledger import Row
from workbench.knowledge.resolution_frames import history, resolutions
from workbench.knowledge.resolutions import (
    append_held,
    append_pair,
    append_undo,
    append_verdict,
    failure_content,
    line_id,
)

if TYPE_CHECKING:
    from workbench.analysis.failures.matching import Matches
    from workbench.bench.failure_memory import FailureDesk

MOST_TEXT = 6_000
ABOUT = (
    "failure_id", "dag_id", "task_id", "run_id", "try_number", "at_utc", "airflow_version",
    "exception", "message",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One failure as a reviewer sees it; every text is that of a log, so nothing in it is markup.

    ``about`` are its fields; ``matched`` what the memory says (gates, confidence, decision, why);
    ``suggestion`` what it would do, if it knows anything; ``neighbours`` the remembered failures;
    ``past`` the lines of the ledger on it, oldest first; ``verdict`` the one that stands.
    """

    about: Mapping[str, Any]
    text: str
    matched: Mapping[str, Any]
    suggestion: str
    neighbours: tuple[Mapping[str, Any], ...]
    past: tuple[Row, ...]
    verdict: str | None
    held: bool | None


class ReviewFailures:
    """Failures one after the other: approve, reject, edit, mark as novel; each is a line at once.

    A verdict is in the ledger before anything here changes; when it cannot be written, nothing
    does. A new review of the same failures begins where the last one ended.

    Parameters
    ----------
    desk : FailureDesk
        Where the ledger is, and the failures that are loaded.
    matches : Matches
        What the memory says of the failures to review.
    who : str
        Whose word it is.
    now : callable
        The clock.
    failures : polars.DataFrame, optional
        The failures to review; those that are loaded unless given.
    """

    def __init__(
        self,
        desk: FailureDesk,
        matches: Matches,
        *,
        who: str,
        now: Callable[[], datetime],
        failures: pl.DataFrame | None = None,
    ) -> None:
        if not who.strip():
            raise WorkbenchError("Nobody reviews.", right="who names the reviewer.")
        self._desk, self._matches, self._who, self._now = desk, matches, who, now
        shown = desk.failures if failures is None else failures
        if "text" not in shown.columns:
            shown = shown.join(desk.texts(), on="failure_id", how="left", maintain_order="left")
        self._rows = shown.join(
            matches.matches.select("failure_id"), on="failure_id", how="semi", maintain_order="left"
        )
        self.queue: tuple[str, ...] = tuple(self._rows["failure_id"])
        self._places = {name: at for at, name in enumerate(self.queue)}
        self._lines: list[tuple[str, int]] = []
        self._at = 0
        self._read()
        self._at = self._next(0)

    @property
    def at(self) -> int:
        """Which failure is shown; as many as there are when all are behind."""
        return self._at

    @property
    def decisions(self) -> pl.DataFrame:
        """What stands on the failures of this review, as RESOLUTIONS declares."""
        return self._said.filter(pl.col("failure_id").is_in(self.queue))

    @property
    def can_undo(self) -> bool:
        """Whether this review has written a line that it can take back."""
        return bool(self._lines)

    def counts(self) -> dict[str, int]:
        """How many of each verdict stand, and how many failures are ``left``."""
        found = self.decisions["verdict"].value_counts(sort=True).rows()
        return {**dict(found), "left": len(self.queue) - self.decisions.height}

    def card(self) -> Card | None:
        """The failure that is shown; none when all are behind."""
        if self._at >= len(self.queue):
            return None
        row = self._rows.row(self._at, named=True)
        name = row["failure_id"]
        near = self._matches.neighbours.filter(pl.col("failure_id") == name)
        standing = self._standing(name)
        return Card(
            about={key: row.get(key) for key in ABOUT},
            text=str(row.get("text") or "")[-MOST_TEXT:],
            matched=self._matched(name),
            suggestion=str(self._matched(name)["suggested"] or ""),
            neighbours=tuple(near.iter_rows(named=True)),
            past=history(self._desk.folder, name),
            verdict=standing["verdict"] if standing else None,
            held=standing["held"] if standing else None,
        )

    def approve(self, why: str = "") -> Row:
        """Say that the suggestion is right.

        Raises
        ------
        WorkbenchError
            There is no suggestion.
        """
        suggested = self._shown()["suggested"]
        if not suggested:
            what = "Nothing is suggested that could be approved."
            raise WorkbenchError(what, todo="Say what was done, or mark the failure as novel.")
        return self._say("approved", done=str(suggested), why=why)

    def edit(self, done: str, why: str = "") -> Row:
        """Say what was done; of a failure without a suggestion that is a resolution."""
        suggested = self._shown()["suggested"]
        return self._say("edited" if suggested else "resolved", done=done, why=why)

    def reject(self, why: str = "") -> Row:
        """Say that the suggestion is wrong here.

        Raises
        ------
        WorkbenchError
            There is no suggestion.
        """
        if not self._shown()["suggested"]:
            what = "Nothing is suggested that could be rejected."
            raise WorkbenchError(what, todo="Mark the failure as novel, or skip it.")
        return self._say("rejected", why=why)

    def novel(self, why: str = "") -> Row:
        """Say that nothing that is remembered is of this kind."""
        return self._say("novel", why=why)

    def held(self, held: bool, *, why: str = "") -> Row:
        """Say whether what was done about the failure that is shown held."""
        name = self._name()
        row = append_held(
            self._desk.folder, failure_id=name, held=held, who=self._who, when=self._now(), why=why
        )
        return self._written(row, move=False)

    def merge(self, other: str, why: str = "") -> Row:
        """Say that the failure that is shown and another one are of one kind."""
        return self._pair(other, together=True, why=why)

    def split(self, other: str, why: str = "") -> Row:
        """Say that the failure that is shown and another one are not of one kind."""
        return self._pair(other, together=False, why=why)

    def skip(self) -> None:
        """Leave the failure for later; nothing is written."""
        self._at = min(self._at + 1, len(self.queue))

    def back(self) -> None:
        """Go to the failure before."""
        self._at = max(self._at - 1, 0)

    def undo(self) -> Row:
        """Take the last line of this review back, and go to its failure.

        Raises
        ------
        UnknownNameError
            This review has written none that stands.
        """
        if not self._lines:
            raise UnknownNameError("This review has said nothing that could be taken back.")
        line, at = self._lines[-1]
        row = append_undo(self._desk.folder, who=self._who, when=self._now(), line=line)
        self._lines.pop()
        self._read()
        self._at = at
        return row

    def _say(self, verdict: str, *, done: str | None = None, why: str) -> Row:
        shown = self._shown()
        row = append_verdict(
            self._desk.folder,
            failure_id=self._name(),
            content=self._content(self._name()),
            verdict=verdict,
            done=done,
            who=self._who,
            when=self._now(),
            why=why,
            suggested=shown,
        )
        return self._written(row, move=True)

    def _pair(self, other: str, *, together: bool, why: str) -> Row:
        name = self._name()
        row = append_pair(
            self._desk.folder,
            failures=(name, other),
            contents=(self._content(name), self._content(other)),
            together=together,
            who=self._who,
            when=self._now(),
            why=why,
        )
        return self._written(row, move=False)

    def _written(self, row: Row, *, move: bool) -> Row:
        """What changes here after a line stands in the ledger."""
        self._lines.append((line_id(row), self._at))
        self._read()
        if move:
            self._at = self._next(self._at + 1)
        return row

    def _read(self) -> None:
        self._said = resolutions(self._desk.folder, failures=self._rows)
        self._done = frozenset(self._said["failure_id"])

    def _next(self, start: int) -> int:
        """The first failure from there on that nobody has decided."""
        places = range(start, len(self.queue))
        return next((at for at in places if self.queue[at] not in self._done), len(self.queue))

    def _name(self) -> str:
        if self._at >= len(self.queue):
            raise UnknownNameError("All failures are behind.", todo="Go back, or begin again.")
        return self.queue[self._at]

    def _standing(self, name: str) -> dict[str, Any] | None:
        found = self._said.filter(pl.col("failure_id") == name)
        return found.row(0, named=True) if found.height else None

    def _matched(self, name: str) -> dict[str, Any]:
        return self._matches.matches.filter(pl.col("failure_id") == name).row(0, named=True)

    def _shown(self) -> dict[str, object]:
        """What is on the screen with the verdict: gates are judged by it later."""
        matched = self._matched(self._name())
        return {
            "suggested": matched["suggested"],
            "suggested_from": matched["suggested_from"],
            "similarity": matched["best"],
            "confidence": matched["confidence"],
            "scorer": self._desk.scorer,
        }

    def _content(self, name: str) -> str:
        for texts in (self._rows, self._desk.texts()):
            found = texts.filter(pl.col("failure_id") == name)
            if found.height:
                return failure_content(found["text"][0] or "")
        raise UnknownNameError(f"No failure {name!r} is loaded.")
