"""Remembered errors as the YAML that airflow-ai-ops reads: a list of entries for each service."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl

from workbench.domain.failures import MEMORY_ENTRIES
from workbench.exports.documents import write_bytes
from workbench.text.redact import redact_json

FIELDS = ("error", "root_cause", "decision", "source", "support", "success_rate")
LEFT_OUT_WHEN_NULL = ("support", "success_rate")


def memory_document(entries: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Entries by service, in the order of their lines, each with the keys that its file gave it.

    Parameters
    ----------
    entries : polars.DataFrame
        As MEMORY_ENTRIES declares.
    """
    made: dict[str, list[dict[str, Any]]] = {}
    ordered = MEMORY_ENTRIES.check(entries).sort("origin_path", "origin_line", maintain_order=True)
    for row in ordered.iter_rows(named=True):
        entry = {
            name: row[name]
            for name in FIELDS
            if row[name] is not None or name not in LEFT_OUT_WHEN_NULL
        }
        entry |= json.loads(row["extra"]) if row["extra"] else {}
        made.setdefault(row["service"], []).append(entry)
    safe = redact_json(made)
    assert isinstance(safe, dict)
    return safe


def export_memory(entries: pl.DataFrame, *, to: Path) -> int:
    """Write entries as YAML; reading the file gives the same entries.

    Returns
    -------
    int
        Entries written.
    """
    import yaml

    document = memory_document(entries)
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=10_000)
    write_bytes(text.encode(), to)
    return sum(len(entries) for entries in document.values())
