"""Which classes are enumerations, as far as their bases say."""

from __future__ import annotations

import ast

from workbench.sources.python_facts.visitors.annotations import last_name

ENUMS = ("Enum", "Flag")


def is_enum(node: ast.AST | None) -> bool:
    """Whether a class has a base that is named as an enumeration."""
    if not isinstance(node, ast.ClassDef):
        return False
    return any(last_name(base).endswith(ENUMS) for base in node.bases)
