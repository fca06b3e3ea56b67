"""A scheduler loop under a liveness probe, event by event: restarts, stale time, grey zone."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import polars as pl

from workbench.analysis.scale.defaults import default
from workbench.analysis.scale.probe import Probe
from workbench.domain.tables import table
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    import numpy as np
    import simpy

SPARE = 256
"""Loop durations that are drawn at once."""


class Health(StrEnum):
    """What a horizon looked like."""

    HEALTHY = "healthy"
    """No check found a stale heartbeat."""
    GREY = "grey"
    """Checks failed, and nothing was restarted: slow, and no alarm by restarts."""
    RESTARTS = "restarts"
    """The probe killed the scheduler."""


EVENTS = table(
    "probe_events",
    {
        "at_seconds": (pl.Float64, "since the horizon began"),
        "kind": (pl.String, "start, heartbeat, stale (a failed check), kill"),
        "back_off_seconds": (pl.Float64, "pause that follows a kill; null elsewhere"),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What one simulated horizon came to."""

    horizon_seconds: float
    restarts: int
    loops: int
    failed_checks: int
    stale_seconds: float
    """How long the scheduler was up with a heartbeat older than the threshold."""
    down_seconds: float
    """How long it was starting or waiting for its back-off."""
    events: pl.DataFrame

    @property
    def health(self) -> Health:
        """Healthy, grey or restarting."""
        if self.restarts:
            return Health.RESTARTS
        return Health.GREY if self.failed_checks else Health.HEALTHY


@dataclass(slots=True, kw_only=True)
class _Scheduler:
    """State that the processes of one simulation share."""

    probe: Probe
    draw: Callable[[], float]
    env: simpy.Environment
    beat: float = 0.0
    restarts: int = 0
    loops: int = 0
    failed_checks: int = 0
    stale: float = 0.0
    down: float = 0.0
    log: list[tuple[float, str, float | None]] = field(default_factory=list)

    def note(self, kind: str, back_off: float | None = None) -> None:
        """Keep an event."""
        self.log.append((self.env.now, kind, back_off))

    def heartbeat(self, kind: str) -> None:
        """Take a heartbeat; what was stale until now is over."""
        self.close()
        self.beat = self.env.now
        self.note(kind)

    def close(self) -> None:
        """Count how long the last heartbeat was stale."""
        self.stale += max(self.env.now - self.beat - self.probe.threshold_seconds, 0.0)

    def lives(self) -> Generator[simpy.Event, Any, None]:
        """Start, loop under the probe, be killed, wait, again."""
        env, probe, pause = self.env, self.probe, self.probe.back_off_seconds
        while True:
            began = env.now
            yield env.timeout(probe.start_seconds)
            self.down += env.now - began
            self.beat = env.now
            self.heartbeat("start")
            up_since = env.now
            loop = env.process(self.loop_forever())
            yield env.process(self.watch())
            loop.interrupt()
            self.close()
            if env.now - up_since >= probe.back_off_reset_seconds:
                pause = probe.back_off_seconds
            self.restarts += 1
            self.note("kill", pause)
            began = env.now
            yield env.timeout(pause)
            self.down += env.now - began
            pause = min(2 * pause, max(probe.longest_back_off_seconds, probe.back_off_seconds))

    def loop_forever(self) -> Generator[simpy.Event, Any, None]:
        """Loop after loop, a heartbeat at the end of each."""
        import simpy

        try:
            while True:
                yield self.env.timeout(self.draw())
                self.loops += 1
                self.heartbeat("heartbeat")
        except simpy.Interrupt:
            return

    def watch(self) -> Generator[simpy.Event, Any, None]:
        """Check by the probe's settings; return when the scheduler is to be killed."""
        failed = 0
        yield self.env.timeout(self.probe.grace_seconds)
        while True:
            if self.env.now - self.beat > self.probe.threshold_seconds:
                failed += 1
                self.failed_checks += 1
                self.note("stale")
                if failed >= self.probe.failures:
                    return
            else:
                failed = 0
            yield self.env.timeout(self.probe.period_seconds)


def simulate(
    loop_seconds: float,
    probe: Probe | None = None,
    *,
    horizon_seconds: float = default("horizon_seconds"),
    jitter: float = default("jitter"),
    seed: int = 0,
) -> Course:
    """Run a scheduler with a given loop under a probe, and say what happens in the horizon.

    Parameters
    ----------
    loop_seconds : float
        Mean duration of a loop; infinite for one that is stuck.
    probe : Probe, optional
        The settings; the defaults of the Helm chart otherwise.
    horizon_seconds : float
        How long to look.
    jitter : float
        Relative standard deviation of a loop's duration (log-normal).
    seed : int
        Of the durations.
    """
    import numpy as np
    import simpy

    if not loop_seconds > 0 or math.isnan(loop_seconds):
        what = f"A loop of {loop_seconds!r} s cannot be simulated."
        raise WorkbenchError(what, right="A loop takes some time; inf means that it is stuck.")
    if not (0 < horizon_seconds < math.inf and 0 <= jitter < math.inf):
        what = f"{horizon_seconds!r} s with a jitter of {jitter!r} cannot be simulated."
        raise WorkbenchError(what, right="The horizon is above zero, the jitter zero or more.")
    env = simpy.Environment()
    draw = _durations(loop_seconds, jitter, horizon_seconds, np.random.default_rng(seed))
    scheduler = _Scheduler(probe=probe or Probe(), draw=draw, env=env)
    env.process(scheduler.lives())
    env.run(until=horizon_seconds)
    up = bool(scheduler.log) and scheduler.log[-1][1] != "kill"
    if up:
        scheduler.close()
    events: list[dict[str, object]] = [
        {"at_seconds": at, "kind": kind, "back_off_seconds": pause}
        for at, kind, pause in scheduler.log
    ]
    return Course(
        horizon_seconds=horizon_seconds,
        restarts=scheduler.restarts,
        loops=scheduler.loops,
        failed_checks=scheduler.failed_checks,
        stale_seconds=scheduler.stale,
        down_seconds=scheduler.down,
        events=EVENTS.frame(events),
    )


def _durations(
    loop_seconds: float, jitter: float, horizon_seconds: float, rng: np.random.Generator
) -> Callable[[], float]:
    """Durations with this mean, drawn many at a time; a stuck loop outlives the horizon."""
    import numpy as np

    if math.isinf(loop_seconds):
        return lambda: 2 * horizon_seconds
    spread = math.sqrt(math.log1p(jitter**2))
    spare: list[float] = []

    def draw() -> float:
        if not spare:
            factors = np.exp(rng.normal(-(spread**2) / 2, spread, SPARE))
            spare.extend((loop_seconds * factors).tolist())
        return spare.pop()

    return draw
