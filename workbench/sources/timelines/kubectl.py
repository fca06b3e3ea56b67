"""Events of a cluster as ``kubectl get events -o json`` writes them, in the old and new style."""

from __future__ import annotations

from typing import Any

from workbench.sources.timelines.events import Event

SOURCE = "kubectl"
# What a column takes; all else of an item goes to extra.
TAKEN = (
    "firstTimestamp",
    "lastTimestamp",
    "deprecatedFirstTimestamp",
    "deprecatedLastTimestamp",
    "eventTime",
    "count",
    "deprecatedCount",
    "series",
    "reason",
    "message",
    "note",
    "apiVersion",
)


def cluster_event(item: object) -> Event:
    """Return one item of the list as an event; ``at`` is when it was first seen.

    Raises
    ------
    ValueError
        It is something else than an event.
    """
    if not isinstance(item, dict):
        raise ValueError("the item is no object")
    if item.get("kind", "Event") != "Event":
        raise ValueError("the item is of another kind than Event")
    metadata, series = _part(item, "metadata"), _part(item, "series")
    about = _part(item, "involvedObject") or _part(item, "regarding")
    return Event(
        id=metadata.get("uid"),
        at=_first(
            item,
            ("firstTimestamp", "deprecatedFirstTimestamp", "eventTime"),
            otherwise=("metadata.creationTimestamp", metadata.get("creationTimestamp")),
        ),
        end=_first(
            item,
            ("lastTimestamp", "deprecatedLastTimestamp"),
            otherwise=("series.lastObservedTime", series.get("lastObservedTime")),
        ),
        source=SOURCE,
        kind=item.get("reason"),
        text=_first(item, ("message", "note"), otherwise=("message", None))[1],
        subject=about.get("name"),
        repeats=_first(
            item, ("count", "deprecatedCount"), otherwise=("count", series.get("count") or 1)
        )[1],
        extra={k: v for k, v in item.items() if k not in TAKEN and v not in (None, {}, [], "")},
    )


def _part(item: dict[str, Any], key: str) -> dict[str, Any]:
    part = item.get(key)
    return part if isinstance(part, dict) else {}


def _first(
    item: dict[str, Any], keys: tuple[str, ...], *, otherwise: tuple[str, object]
) -> tuple[str, object]:
    """Return the first of some fields that says something, with its name."""
    return next(((key, item[key]) for key in keys if item.get(key)), otherwise)
