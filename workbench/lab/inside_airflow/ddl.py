"""Print the statements that make a release's tables, from its own models, for both databases.

A program, not a module: the Python of that Airflow runs it by path. Foreign keys come apart, so
that they can be added after a fill.
"""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any


def compiled(element: Any, dialect: Any) -> str:
    """A statement in a database's words."""
    return str(element.compile(dialect=dialect)).strip()


def statements(metadata: Any, name: str) -> dict[str, list[str]]:
    """Tables with their own constraints, indexes, then foreign keys."""
    schema = import_module("sqlalchemy.schema")
    dialect = import_module(f"sqlalchemy.dialects.{name}").dialect()
    out: dict[str, list[str]] = {"tables": [], "indexes": [], "foreign_keys": []}
    for table in metadata.sorted_tables:
        inside: list[Any] | None = None if name == "sqlite" else []
        made = schema.CreateTable(table, include_foreign_key_constraints=inside)
        out["tables"].append(compiled(made, dialect))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            out["indexes"].append(compiled(schema.CreateIndex(index), dialect))
        if name == "sqlite":
            continue
        for key in sorted(table.foreign_key_constraints, key=lambda key: str(key.name)):
            out["foreign_keys"].append(compiled(schema.AddConstraint(key), dialect))
    return out


def main() -> None:
    """Print one line of JSON."""
    import_module("airflow.models").import_all_models()
    metadata = import_module("airflow.models.base").Base.metadata
    answer = {name: statements(metadata, name) for name in ("postgresql", "sqlite")}
    print("LAB " + json.dumps(answer))  # noqa: T201  the answer is what this program prints


if __name__ == "__main__":
    main()
