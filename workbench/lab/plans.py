"""What a plan says: its shape in a line, rows thrown away, buffers, and what it hoped for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Node = Mapping[str, Any]
FILTERS = ("Filter", "Join Filter")
REMOVED = ("Rows Removed by Filter", "Rows Removed by Join Filter", "Rows Removed by Index Recheck")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One plan of PostgreSQL, or of SQLite as far as that tells."""

    signature: str
    indexes: tuple[str, ...]
    relations: tuple[tuple[str, str], ...]
    server_ms: float | None = None
    trigger_ms: float | None = None
    returned: int | None = None
    removed: int | None = None
    buffers: int | None = None
    buffers_read: int | None = None
    cost: float | None = None
    hoped_share: float | None = None
    text: str = ""


def read_plan(document: Node) -> Plan:
    """Read one element of what ``EXPLAIN (FORMAT JSON)`` answers."""
    top = document["Plan"]
    nodes = list(_walk(top))
    triggers = [t for t in document.get("Triggers", []) if t.get("Calls", 1)]
    fired = "".join(f" + trigger {t.get('Constraint Name', t['Trigger Name'])}" for t in triggers)
    measured = "Execution Time" in document
    # a statement that changes rows returns none; what it touched is what lies under it
    returning = next((n for n in nodes if n["Node Type"] != "ModifyTable"), top)
    return Plan(
        signature=_shape(top) + fired,
        indexes=tuple(dict.fromkeys(n["Index Name"] for n in nodes if "Index Name" in n)),
        relations=tuple(
            dict.fromkeys(
                (n.get("Schema", ""), n["Relation Name"]) for n in nodes if "Relation Name" in n
            )
        ),
        server_ms=document.get("Execution Time"),
        trigger_ms=sum(t.get("Time", 0.0) for t in triggers) if measured else None,
        returned=round(returning["Actual Rows"] * returning["Actual Loops"]) if measured else None,
        removed=_removed(nodes) if measured else None,
        buffers=_buffers(top, "Hit", "Read") if measured else None,
        buffers_read=_buffers(top, "Read") if measured else None,
        cost=top["Total Cost"],
        hoped_share=_hoped(nodes),
        text=json.dumps(document),
    )


def read_sqlite_plan(details: list[str]) -> Plan:
    """Read the lines of ``EXPLAIN QUERY PLAN``."""
    words = [detail.split() for detail in details]
    indexes = [each[each.index("INDEX") + 1] for each in words if "INDEX" in each[:-1]]
    return Plan(
        signature="; ".join(details),
        indexes=tuple(dict.fromkeys(indexes)),
        relations=(),
        text=json.dumps(details),
    )


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.get("Plans", []):
        yield from _walk(child)


def _shape(node: Node) -> str:
    """A node as a line: ``Limit(Index Scan Backward pk, filter)``."""
    words = [str(node["Node Type"])]
    if node.get("Scan Direction") == "Backward":
        words.append("Backward")
    name = node.get("Index Name") or node.get("Relation Name")
    if name:
        words.append(str(name))
    inside = [_shape(child) for child in node.get("Plans", [])]
    if any(key in node for key in FILTERS):
        inside.append("filter")
    return " ".join(words) + (f"({', '.join(inside)})" if inside else "")


def _removed(nodes: list[Node]) -> int:
    """Rows that were read for nothing; a node says an average over its loops."""
    return int(sum(n.get(key, 0) * n.get("Actual Loops", 1) for n in nodes for key in REMOVED))


def _buffers(top: Node, *kinds: str) -> int:
    return sum(int(top.get(f"Shared {kind} Blocks", 0)) for kind in kinds)


def _hoped(nodes: list[Node]) -> float | None:
    """How early the first Limit hoped to stop: a hundredth means after a hundredth of the walk."""
    for node in nodes:
        if node["Node Type"] == "Limit" and node.get("Plans"):
            below = node["Plans"][0]["Total Cost"]
            return float(node["Total Cost"] / below) if below else None
    return None
