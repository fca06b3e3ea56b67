"""How figures and moments are written in sentences."""

from __future__ import annotations

from datetime import datetime


def quantity(value: float) -> str:
    """A number as people read it: thousands apart, three figures that count when it is small."""
    if isinstance(value, int) or value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:.3g}"


def milliseconds(value: float) -> str:
    """``342 ms``, ``3.0 ms``, ``0.019 ms``."""
    number = f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.3g}"
    return f"{number} ms"


def percent(share: float) -> str:
    """A share without decimals, but never rounded to all or nothing."""
    if 0 < share < 0.001:
        return "<0.1%"
    edge = f"{share:.0%}" in ("100%", "0%") and share not in (0.0, 1.0)
    return f"{share:.1%}" if edge else f"{share:.0%}"


def one_line(text: str) -> str:
    """Text on one line."""
    return " ".join(text.split())


def counted(count: int, one: str, many: str = "") -> str:
    """``1 commit``, ``2 commits``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def factor(ratio: float) -> str:
    """A ratio in two figures that count, since its parts were measured no finer."""
    if ratio < 10:
        return f"{ratio:.2g}"
    digits = len(str(int(ratio))) - 2
    return f"{round(ratio, -digits):,.0f}"


def span(seconds: float) -> str:
    """A length of time in the unit that fits it."""
    for size, unit in ((86_400.0, "day"), (3_600.0, "h"), (60.0, "min")):
        if seconds >= 2 * size:
            number = quantity(round(seconds / size, 1))
            return f"{number} {unit}{'s' if unit == 'day' else ''}"
    return f"{quantity(seconds)} s"


def minute(at: datetime) -> str:
    """A moment to the minute."""
    return f"{at:%Y-%m-%d %H:%M}"


def day_minute(at: datetime) -> str:
    """A moment to the minute where the year is known."""
    return f"{at:%d %b %H:%M}"


def window(start: datetime, end: datetime | None) -> str:
    """From when to when, the day said once if it is the same."""
    if end is None:
        return f"since {minute(start)} UTC"
    last = f"{end:%H:%M}" if start.date() == end.date() else minute(end)
    return f"{minute(start)} to {last} UTC"


def short(sha: str) -> str:
    """A commit as people write it."""
    return sha if sha.startswith("release:") else sha[:10]
