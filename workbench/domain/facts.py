"""All families of facts that source is parsed into, and the deltas that two versions give."""

from __future__ import annotations

from workbench.domain.code_facts import CODE_FAMILIES
from workbench.domain.fact_family import FactFamily
from workbench.domain.schema_facts import SCHEMA_FAMILIES
from workbench.domain.tables import Table

__all__ = ["DELTA_TABLES", "FACT_TABLES", "FAMILIES", "FactFamily"]

FAMILIES: dict[str, FactFamily] = {f.name: f for f in (*CODE_FAMILIES, *SCHEMA_FAMILIES)}
FACT_TABLES: dict[str, Table] = {f"fact_{n}": f.fact_table for n, f in FAMILIES.items()}
DELTA_TABLES: dict[str, Table] = {f"{n}_deltas": f.delta_table for n, f in FAMILIES.items()}
