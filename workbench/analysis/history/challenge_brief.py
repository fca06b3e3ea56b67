"""What a second look is given about one finding, and the arguments that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workbench.analysis.history.verify_verdicts import Evidence
from workbench.domain.patterns import FailureMode

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One reason: which way it points, and the line that it cites.

    ``guessed`` marks the word of somebody who proves nothing.
    """

    argument: str
    direction: str
    path: str
    line: int
    text: str
    where: str
    guessed: bool = False

    def row(self) -> dict[str, object]:
        """As :data:`workbench.domain.findings.REASON` has it."""
        names = ("argument", "direction", "path", "line", "text", "where")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """All that a reason may look at; ``query`` is one that no index serves."""

    finding: Row
    known: Evidence
    at: datetime
    revert: Argument | None = None
    companion: Row | None = None
    query: Row | None = None

    @property
    def sites(self) -> list[Row]:
        """Where the downstream uses what changed."""
        return list(self.finding["call_sites"])

    @property
    def notices(self) -> Row | None:
        """The last step, on the downstream's side."""
        last = self.finding["trace"][-1] if self.finding["trace"] else None
        return last if last is not None and last["where"] == "downstream" else None

    def is_slow(self) -> bool:
        """Whether the pattern is about cost."""
        pattern = self.known.patterns.get(self.finding["pattern"])
        return pattern is not None and pattern.failure_mode is FailureMode.SLOW

    def line(self, where: str, path: str, line: int) -> str | None:
        """What a line reads; None for one that is not known to exist."""
        sha = self.finding["sha"]
        if where == "upstream":
            sides = ("after", "before")
            texts = (self.known.changes.text(sha, path, line, side=side) for side in sides)
            return next((text for text in texts if text), None)
        downstream = self.finding["downstream"]
        if where != "downstream" or downstream is None:
            return None
        text = self.known.texts.text(downstream, path, self.at)
        if text is None:
            here = [s for s in self.sites if s["path"] == path and s["line"] == line]
            return str(here[0]["expression"]) if here else None
        lines = text.split("\n")
        return (lines[line - 1].strip() or None) if line <= len(lines) else None

    def at_hit(self, argument: str, direction: str) -> Argument:
        """An argument that cites the changed line."""
        step = self.finding["trace"][0] if self.finding["trace"] else self.finding
        text = str(step.get("text") or self.finding["message"])
        return Argument(
            argument=argument,
            direction=direction,
            path=step["path"],
            line=step["line"],
            text=text,
            where="upstream",
        )

    def at_site(self, argument: str, direction: str, site: Row) -> Argument:
        """An argument that cites a line of the downstream."""
        return Argument(
            argument=argument,
            direction=direction,
            path=site["path"],
            line=site["line"],
            text=site.get("text") or self.known.texts.line(site, self.at),
            where="downstream",
        )
