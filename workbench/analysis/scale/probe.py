"""The liveness probe that watches a scheduler loop, and what follows from its settings alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

from workbench.analysis.scale.defaults import default
from workbench.errors import WorkbenchError


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A probe that restarts a scheduler whose heartbeat is too old too often in a row.

    The scheduler sends a heartbeat at the end of each loop, and one when it starts.

    Parameters
    ----------
    period_seconds : float
        Between two checks.
    failures : int
        Checks in a row that fail before the scheduler is killed.
    threshold_seconds : float
        A check fails when the last heartbeat is older.
    grace_seconds : float
        From the first heartbeat after a start to the first check.
    start_seconds : float
        From the end of the back-off to the first heartbeat; stopping what was killed included.
    back_off_seconds, longest_back_off_seconds : float
        Pause after the first kill; it doubles up to the longest.
    back_off_reset_seconds : float
        Who lived that long begins with the first pause again.
    """

    period_seconds: float = default("probe_period_seconds")
    failures: int = int(default("probe_failures"))
    threshold_seconds: float = default("limit_seconds")
    grace_seconds: float = default("probe_grace_seconds")
    start_seconds: float = default("start_seconds")
    back_off_seconds: float = default("back_off_seconds")
    longest_back_off_seconds: float = default("longest_back_off_seconds")
    back_off_reset_seconds: float = default("back_off_reset_seconds")

    def __post_init__(self) -> None:
        above = {"period_seconds": self.period_seconds, "failures": self.failures}
        wrong = [f"{name} is {value!r}" for name, value in above.items() if value <= 0]
        wrong += [
            f"{name} is {getattr(self, name)!r}"
            for name in self.__slots__
            if not math.isfinite(getattr(self, name)) or getattr(self, name) < 0
        ]
        if wrong:
            what = f"There is no such probe: {', '.join(dict.fromkeys(wrong))}."
            right = "Every setting is finite and zero or more; period and failures are above zero."
            raise WorkbenchError(what, right=right)

    @property
    def fresh_seconds(self) -> float:
        """Age of a start's heartbeat at one period before the first check that finds it stale."""
        passed = math.floor((self.threshold_seconds - self.grace_seconds) / self.period_seconds)
        return self.grace_seconds + max(passed, -1) * self.period_seconds

    @property
    def patience_seconds(self) -> float:
        """From a start to the kill, if no further heartbeat comes."""
        return self.fresh_seconds + self.period_seconds * self.failures

    @property
    def never_killed_seconds(self) -> float:
        """Up to here a steady loop is never killed, wherever its checks fall.

        Where the heartbeat turns stale sooner than checks follow each other, no check need see it
        fresh, and nothing above the threshold is safe.
        """
        seen_fresh = self.threshold_seconds >= self.period_seconds
        spared = self.period_seconds * (self.failures - 1) if seen_fresh else 0.0
        return self.threshold_seconds + spared

    @property
    def always_killed_seconds(self) -> float:
        """From here on a steady loop is killed in every turn, wherever its checks fall."""
        return self.threshold_seconds + self.period_seconds * self.failures

    def settled_back_off_seconds(self) -> float:
        """The pause that a scheduler which is stuck at once comes to after some kills."""
        if self.patience_seconds >= self.back_off_reset_seconds:
            return self.back_off_seconds
        return max(self.back_off_seconds, self.longest_back_off_seconds)

    def stuck_cycle_seconds(self) -> float:
        """Start + fresh heartbeat + period x failures + back-off: from kill to kill when stuck."""
        return self.start_seconds + self.patience_seconds + self.settled_back_off_seconds()

    def stuck_restarts(self, horizon_seconds: float) -> float:
        """Restarts of a scheduler whose loop never ends: horizon / cycle."""
        return horizon_seconds / self.stuck_cycle_seconds()
