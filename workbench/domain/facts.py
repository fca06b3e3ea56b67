"""Families of facts that Python source is parsed into, and the deltas that two versions give.

A fact row stands in a segment (a top-level or method block of text, parsed once). Its ``qualname``
is local to the segment's owner and its ``line`` is an offset from the segment's first line; the
delta joins both to the file. A family is data: its columns, what identifies a fact inside its
scope (``key``), which columns, when they differ, make a fact *changed* (``compared``), and which
text column may be edited a little and still be the same fact (``similar``). A new family is one
entry here, one visitor in ``sources/python_facts`` and one numbered migration.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from workbench.domain.tables import PolarsType, Table, table

TEXT = pl.String
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


DEFINITIONS = FactFamily(
    name="definitions",
    columns={
        "kind": (TEXT, "class, function, method, attribute, constant"),
        "public": (
            pl.Boolean,
            "no part of the qualname starts with an underscore (dunders are public)",
        ),
        "bases": (pl.List(TEXT), "base classes as written"),
        "decorators": (pl.List(TEXT), "decorators as written"),
        "is_async": (pl.Boolean, "async def"),
        "lines": (
            U32,
            "lines of code in its body: no blanks, comments, docstring; of a class, what stands "
            "above its first method",
        ),
        "body_digest": (
            pl.UInt64,
            "digest of the body with layout, docstring and own name left out",
        ),
        "sketch": (pl.List(U32), "bottom-16 sketch of those lines, own name blanked"),
    },
    key=(),
    compared=("kind", "bases", "decorators", "is_async"),
    named=True,
)
PARAMETERS = FactFamily(
    name="parameters",
    columns={
        "name": (TEXT, "parameter name"),
        "position": (U32, "place in the signature, self and cls counted"),
        "kind": (TEXT, "positional-only, positional, var-positional, keyword-only, var-keyword"),
        "annotation": (TEXT, "as written; null without"),
        "has_default": (pl.Boolean, "may be left out"),
        "default": (TEXT, "as written, first 200 characters; null without"),
    },
    key=("name",),
    compared=("position", "kind", "annotation", "has_default", "default"),
)
IMPORTS = FactFamily(
    name="imports",
    columns={
        "module": (TEXT, "absolute in deltas; as written, leading dots included, in raw facts"),
        "name": (TEXT, "imported name, * for all; null for `import module`"),
        "alias": (TEXT, "name it is bound to"),
        "guard": (TEXT, "none, try, version-check, type-checking, in-function"),
    },
    key=("module", "name", "alias"),
    compared=("guard",),
)
EXPORTS = FactFamily(
    name="exports",
    columns={
        "name": (TEXT, "public name that the module offers"),
        "how": (TEXT, "definition, assignment, reexport, lazy (a __getattr__ or lazy table), all"),
        "target": (
            TEXT,
            "where a re-export, alias or lazy name leads, leading dots resolved in deltas; null "
            "without",
        ),
    },
    key=("name",),
    compared=("how", "target"),
    named=True,
)
GUARDS = FactFamily(
    name="guards",
    columns={
        "condition": (TEXT, "the test as written on one line"),
        "exit": (TEXT, "return, continue, break, raise, yield-return"),
        "position": (U32, "rank among the statements of its block; an elif has its if's"),
        "depth": (U32, "loops around it inside the function"),
        "follows": (pl.List(TEXT), "what the exit skips: query, call, loop, yield"),
    },
    key=("condition", "exit"),
    compared=("depth",),
    similar="condition",
)
MUTATIONS = FactFamily(
    name="mutations",
    columns={
        "root": (TEXT, "the name it hangs on"),
        "root_kind": (TEXT, "parameter, self, cls, module, closure"),
        "target": (TEXT, "what is changed in place, as a dotted path from the root"),
        "how": (
            TEXT,
            "method (add, append, ...) or function (heappush, insort, shuffle) name, setitem, "
            "delitem, setattr, delattr, augassign, assign (a global name bound anew)",
        ),
        "value": (TEXT, "what goes in, first 120 characters; null without"),
        "root_annotation": (TEXT, "annotation of the root parameter; null without"),
        "fallback": (
            pl.Boolean,
            "the root may be made here when the caller gives none (x = x or X())",
        ),
        "alias": (pl.Boolean, "reached through a local alias of the root or of what hangs on it"),
        "conditional": (pl.Boolean, "under an if, try, match"),
        "loops": (U32, "loops around it inside the function"),
    },
    # Another value put into the same place is an edit, not a new mutation.
    key=("target", "how"),
    compared=("value", "fallback", "conditional", "loops"),
)

FAMILIES: dict[str, FactFamily] = {
    f.name: f for f in (DEFINITIONS, PARAMETERS, IMPORTS, EXPORTS, GUARDS, MUTATIONS)
}
FACT_TABLES: dict[str, Table] = {f"fact_{n}": f.fact_table for n, f in FAMILIES.items()}
DELTA_TABLES: dict[str, Table] = {f"{n}_deltas": f.delta_table for n, f in FAMILIES.items()}
