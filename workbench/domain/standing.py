"""Frames of what stood at a commit: spans of segments, and the views that are told from them."""

from __future__ import annotations

import polars as pl

from workbench.domain.facts import FACT_TABLES
from workbench.domain.tables import PolarsType, Table, table

Columns = dict[str, tuple[PolarsType, str]]
TEXT, TEXTS, U32, FLAG = pl.String, pl.List(pl.String), pl.UInt32, pl.Boolean

_FILE: Columns = {
    "path": (TEXT, "its file"),
    "module": (TEXT, "dotted module of that file"),
    "owner": (TEXT, "qualname of the class around it; empty at top level"),
    "segment_id": (pl.UInt64, "the segment"),
}
_LINE: Columns = {
    "repository": (TEXT, "its repository"),
    "pair": (U32, "commit_id of a pair of releases, a line of its own; null on a branch"),
}
_WHILE: Columns = {
    "since_position": (pl.Int64, "commit that brought it; one before the first for the base"),
    "until_position": (pl.Int64, "commit that took it away; null while it stands"),
}
SEGMENT_SPANS: Table = table(
    "segment_spans",
    {
        **_LINE,
        **_FILE,
        **_WHILE,
        "line": (U32, "its first line when it came; edits above it move it since"),
    },
)
BASE_SEGMENTS: Table = table(
    "base_segments",
    {**_LINE, **_FILE, "line": (U32, "its first line in the tree before the first commit")},
)
_FACTS = {
    "definitions": ("kind", "public", "bases", "decorators"),
    "parameters": ("name", "position", "kind", "has_default"),
    "exports": ("name", "how", "target"),
    "imports": ("module", "name", "alias", "guard"),
    "indexes": ("table_name", "name", "column_names", "descending", "is_unique", "declared"),
    "migrations": ("part",),
    "calls": ("callee", "name"),
    "queries": ("kind", "tables", "filters", "ordered_by", "limited"),
    "columns": (
        *("table_name", "name", "attribute", "declared", "type", "length", "nullable", "default"),
        *("server_default", "primary_key", "indexed", "foreign_key"),
    ),
    "relationships": ("name", "target", "lazy", "many"),
}
STANDING_FACTS: dict[str, Table] = {
    f"fact_{family}": table(
        f"fact_{family}",
        {
            name: (column.dtype, column.means)
            for name, column in FACT_TABLES[f"fact_{family}"].columns.items()
            if name in {"segment_id", "qualname", "line", *kept}
        },
    )
    for family, kept in _FACTS.items()
}
"""Those columns of raw facts that the views below are told from."""

INDEXES_AS_OF: Table = table(
    "indexes_as_of",
    {
        "repository": (TEXT, "its repository"),
        "table_name": (TEXT, "table name; of a model without one, its class"),
        "name": (TEXT, "name of the index or constraint; null without"),
        "column_names": (TEXTS, "columns in order, without direction"),
        "descending": (TEXTS, "those of them in descending order"),
        "is_unique": (FLAG, "unique index, unique constraint or primary key"),
        "declared": (TEXT, "model, primary-key, unique, foreign-key"),
        "path": (TEXT, "file of the model"),
        "module": (TEXT, "its dotted module"),
        "qualname": (TEXT, "class of the model"),
        **_WHILE,
    },
)
_MODEL: Columns = {
    "path": (TEXT, "file of the model"),
    "module": (TEXT, "its dotted module"),
    "qualname": (TEXT, "class of the model; empty for a Table(...)"),
    **_WHILE,
}


def _told(family: str) -> Columns:
    """What a fact of a family says, as its own table declares it."""
    declared = FACT_TABLES[f"fact_{family}"].columns
    return {name: (declared[name].dtype, declared[name].means) for name in _FACTS[family]}


COLUMNS_AS_OF: Table = table(
    "columns_as_of", {"repository": (TEXT, "its repository"), **_told("columns"), **_MODEL}
)
RELATIONSHIPS_AS_OF: Table = table(
    "relationships_as_of",
    {"repository": (TEXT, "its repository"), **_told("relationships"), **_MODEL},
)
_CHANGED: Columns = {
    "change_id": (U32, "the file change"),
    "module": (TEXT, "dotted module on that side"),
}
_EXPORTS: Columns = {
    **_CHANGED,
    "name": (TEXT, "public name that the module offers; * for a bare star import"),
    "how": (TEXT, "definition, assignment, reexport, lazy, all; star for a bare star import"),
    "target": (TEXT, "where it leads, leading dots resolved; null without"),
}
_DEFINITIONS: Columns = {
    **_CHANGED,
    "qualname": (TEXT, "qualname inside the module"),
    "kind": (TEXT, "class, function, method, attribute, constant"),
    "bases": (TEXTS, "base classes as written"),
    "decorators": (TEXTS, "decorators as written"),
    "line": (U32, "its line when its segment last changed"),
}
_IMPORTS: Columns = {
    **_CHANGED,
    "imported": (TEXT, "imported module, leading dots resolved"),
    "name": (TEXT, "imported name, * for all; null for `import module`"),
    "alias": (TEXT, "name it is bound to"),
    "guard": (TEXT, "none, try, version-check, type-checking, in-function"),
}
SIDE_TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        table("exports_before", _EXPORTS),
        table("exports_after", _EXPORTS),
        table("definitions_before", _DEFINITIONS),
        table("definitions_after", _DEFINITIONS),
        table("imports_before", _IMPORTS),
        table("imports_after", _IMPORTS),
    )
}
HOT_FUNCTIONS: Table = table(
    "hot_functions",
    {
        "commit_id": (U32, "the commit"),
        "change_id": (U32, "the file change that touches the function"),
        "module": (TEXT, "dotted module of the function"),
        "qualname": (TEXT, "its qualname inside the module"),
        "multiplicity": (TEXT, "of the entry point: per-loop, per-dag-run, per-task-instance"),
        "distance": (U32, "calls between entry point and function; 0 for an entry point"),
        "via": (TEXT, "chain of calls, at most four names"),
        "why": (TEXT, "why the entry point is hot"),
    },
)
HOT_PATHS: Table = table(
    "hot_paths",
    {
        "qualname": (TEXT, "dotted with its module; * stands for any characters (GLOB)"),
        "multiplicity": (TEXT, "per-loop, per-dag-run, per-task-instance"),
        "why": (TEXT, "how it is reached"),
    },
)
BIRTHS: Table = table(
    "births",
    {
        "repository": (TEXT, "name of its repository or distribution"),
        "name": (TEXT, "dotted name with its module"),
        "born_utc": (pl.Datetime("us", "UTC"), "committer date of the commit that brought it"),
    },
)
_OF_COMMIT = {name: (column.dtype, column.means) for name, column in HOT_FUNCTIONS.columns.items()}
HOT_VIEW: Table = table("hot_functions", {"sha": (TEXT, "the commit"), **_OF_COMMIT})
"""The hot functions of a history's span, as detectors see them."""
STANDING_TABLES: dict[str, Table] = {
    SEGMENT_SPANS.name: SEGMENT_SPANS,
    **STANDING_FACTS,
    HOT_FUNCTIONS.name: HOT_FUNCTIONS,
    HOT_PATHS.name: HOT_PATHS,
    BIRTHS.name: BIRTHS,
}
"""What a history fetches for the views of this module.

Its ``hot_functions`` and ``births`` are those that were kept, and its ``hot_paths`` those that the
former were told from; they are empty when none are kept.
"""
