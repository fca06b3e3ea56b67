"""Chains of cause and repair as a document and as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from workbench.text.counted import counted
from workbench.text.printable import printable
from workbench.text.redact import redact

Chain = Sequence[Mapping[str, Any]]


def chains_document(chains: pl.DataFrame, *, edges: int) -> dict[str, Any]:
    """Return the body of ``report chains``: a list of commits for each chain, oldest first."""
    rows = chains.sort("chain", "step").partition_by("chain", maintain_order=True)
    keep = ("sha", "subject", "committed_utc", "patterns", "days", "rule", "trust")
    told = [
        [
            {**{k: row[k] for k in keep}, "subject": redact(row["subject"])}
            for row in part.to_dicts()
        ]
        for part in rows
    ]
    return {"chains": told, "edges": edges}


def chains_text(body: Mapping[str, Any]) -> str:
    """Return the chains for people: a commit a line, and between two how it was repaired."""
    parts = ["\n".join(_chain(chain)) for chain in body["chains"]]
    pairs = counted(body["edges"], "pair")
    end = f"{counted(len(parts), 'chain')} among {pairs} of cause and fix"
    return "\n\n".join([*parts, end]) + "\n"


def _chain(chain: Chain) -> list[str]:
    lines: list[str] = []
    for row in chain:
        hit = f"  hit by {', '.join(row['patterns'])}" if row["patterns"] else ""
        subject = printable(row["subject"])
        lines.append(f"{row['committed_utc'].date()} {row['sha'][:10]} {subject}{hit}")
        if row["rule"]:
            later = counted(round(row["days"]), "day")
            lines.append(f"  -> fixed {later} later ({row['rule']}, {row['trust']})")
    return lines
