"""How an input of the loop model may vary, stated in words and drawn from by inverse."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

P95 = 1.6448536269514722
"""Standard normal deviate that 95 % lie below."""


class Distribution(Protocol):
    """Values that an input may take."""

    def at(self, share: Floats) -> Floats:
        """The values that these shares of all lie below."""
        ...

    def says(self) -> str:
        """The distribution in words."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Uniform:
    """Anything between two values is as likely."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _rising(self, self.low, self.high)

    def at(self, share: Floats) -> Floats:
        """The values that these shares of all lie below."""
        return self.low + (self.high - self.low) * share

    def says(self) -> str:
        """The distribution in words."""
        return f"uniform from {self.low:g} to {self.high:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogUniform:
    """Any order of magnitude between two values above zero is as likely."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _rising(self, self.low, self.high, above_zero=True)

    def at(self, share: Floats) -> Floats:
        """The values that these shares of all lie below."""
        import numpy as np

        made: Floats = self.low * np.exp(share * math.log(self.high / self.low))
        return made

    def says(self) -> str:
        """The distribution in words."""
        return f"log-uniform from {self.low:g} to {self.high:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Triangular:
    """A most likely value between two that are never passed."""

    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        _rising(self, self.low, self.mode, self.high)

    def at(self, share: Floats) -> Floats:
        """The values that these shares of all lie below."""
        import numpy as np

        width = self.high - self.low
        if width == 0:
            return np.full_like(share, self.low)
        turn = (self.mode - self.low) / width
        rises = self.low + np.sqrt(share * width * (self.mode - self.low))
        falls = self.high - np.sqrt((1 - share) * width * (self.high - self.mode))
        made: Floats = np.where(share < turn, rises, falls)
        return made

    def says(self) -> str:
        """The distribution in words."""
        return f"triangular from {self.low:g} over {self.mode:g} to {self.high:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogNormal:
    """Scattered about a median by factors: 95 % lie below ``p95``."""

    median: float
    p95: float

    def __post_init__(self) -> None:
        _rising(self, self.median, self.p95, above_zero=True)

    def at(self, share: Floats) -> Floats:
        """The values that these shares of all lie below."""
        import numpy as np
        from scipy.special import ndtri

        spread = math.log(self.p95 / self.median) / P95
        made: Floats = self.median * np.exp(spread * ndtri(share))
        return made

    def says(self) -> str:
        """The distribution in words."""
        return f"log-normal with median {self.median:g} and 95 % below {self.p95:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """As often as it was seen: any of the given values is as likely."""

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.values or not all(math.isfinite(v) and v >= 0 for v in self.values):
            what = f"{len(self.values)} observed values are no distribution."
            raise WorkbenchError(what, right="Give at least one, all finite and zero or more.")

    def at(self, share: Floats) -> Floats:
        """The values that these shares of all lie below."""
        import numpy as np

        known = np.sort(np.asarray(self.values, dtype=float))
        picked: Floats = known[np.minimum((share * known.size).astype(int), known.size - 1)]
        return picked

    def says(self) -> str:
        """The distribution in words."""
        return f"{len(self.values):,} observed values"


def _rising(of: object, *values: float, above_zero: bool = False) -> None:
    least = values[0] > 0 if above_zero else values[0] >= 0
    rises = all(a <= b for a, b in itertools.pairwise(values))
    if not (all(math.isfinite(v) for v in values) and least and rises):
        what = f"{of!r} is no distribution."
        start = "above zero" if above_zero else "zero or more"
        raise WorkbenchError(what, right=f"Its values are finite, {start}, and in rising order.")


_KINDS: dict[str, tuple[type, tuple[str, ...]]] = {
    "uniform": (Uniform, ("low", "high")),
    "loguniform": (LogUniform, ("low", "high")),
    "triangular": (Triangular, ("low", "mode", "high")),
    "lognormal": (LogNormal, ("median", "p95")),
}


def read_distribution(text: str) -> Distribution:
    """A distribution from words: ``uniform:500:4000``, ``lognormal:0.155:0.265``.

    Raises
    ------
    WorkbenchError
        It is none; the message lists the kinds and what each takes.
    """
    kind, *given = text.split(":")
    right = "Write " + ", ".join(":".join((k, *names)) for k, (_, names) in _KINDS.items()) + "."
    try:
        made, names = _KINDS[kind]
        values = {name: float(value) for name, value in zip(names, given, strict=True)}
    except (KeyError, ValueError) as fault:
        raise WorkbenchError(f"{text!r} is no distribution.", right=right) from fault
    distribution: Distribution = made(**values)
    return distribution
