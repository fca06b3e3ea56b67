"""A family of facts: its columns, what identifies a fact, and when a fact has changed.

A fact row stands in a segment (a top-level or method block of text, parsed once). Its ``qualname``
is local to the segment's owner and its ``line`` is an offset from the segment's first line; the
delta joins both to the file. A family is data: its columns, what identifies a fact inside its
scope (``key``), which columns, when they differ, make a fact *changed* (``compared``), and which
text column may be edited a little and still be the same fact (``similar``). A new family is one
entry in :mod:`workbench.domain.code_facts` or :mod:`workbench.domain.schema_facts`, one visitor in
``sources/python_facts`` and one numbered migration.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from workbench.domain.tables import PolarsType, Table, table

TEXT = pl.String
TEXTS = pl.List(pl.String)
FLAG = pl.Boolean
U32 = pl.UInt32
Columns = dict[str, tuple[PolarsType, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactFamily:
    """One kind of fact.

    ``named`` says whose name ``qualname`` is: the fact's own (a definition, an exported name) or
    that of the function or class around it (a guard, a parameter).
    """

    name: str
    columns: Columns
    key: tuple[str, ...]
    compared: tuple[str, ...]
    similar: str | None = None
    named: bool = False

    @property
    def fact_table(self) -> Table:
        """Raw facts by segment."""
        head: Columns = {
            "segment_id": (pl.UInt64, "its segment"),
            "qualname": (
                TEXT,
                "local to the segment's owner: the fact's own name when the family is named, else "
                "the function or class around it; empty at module or class level",
            ),
            "line": (U32, "offset in lines from the segment's first line"),
        }
        return table(f"fact_{self.name}", head | self.columns)

    @property
    def delta_table(self) -> Table:
        """One row per changed fact, with the family's columns as structs before and after."""
        body = pl.Struct({c: t for c, (t, _) in self.columns.items()})
        head: Columns = {
            "change_id": (U32, "its file change"),
            "change": (TEXT, "added, removed, changed, renamed, moved"),
            "line": (U32, "line on `side`"),
            "side": (TEXT, "after, or before when the fact is gone"),
            "module": (TEXT, "dotted module on `side`"),
            "qualname": (TEXT, "qualname inside the module on `side`"),
            "scope_change": (
                TEXT,
                "what became of the function or class around it: kept, added, removed, renamed, "
                "moved; module for facts at module level",
            ),
            "before": (body, "the fact before; null when added"),
            "after": (body, "the fact after; null when removed"),
            "before_module": (TEXT, "module before, when renamed or moved"),
            "before_qualname": (TEXT, "qualname before, when renamed or moved"),
        }
        return table(f"{self.name}_deltas", head)
