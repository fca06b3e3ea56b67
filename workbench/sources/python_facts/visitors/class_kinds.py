"""What a class that holds data is: pydantic, dataclass, attrs, typed dict, enumeration, model."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from workbench.sources.python_facts.syntax import Scope
from workbench.sources.python_facts.visitors.annotations import last_name, unquoted
from workbench.sources.python_facts.visitors.arguments import flag
from workbench.sources.python_facts.visitors.column_calls import MAPPED, column_call

ENUMS = ("Enum", "Flag")
PYDANTIC = ("Model", "Request", "Response", "Body", "Schema", "Payload")
BASES = {"TypedDict": "typed-dict", "NamedTuple": "named-tuple"}
DECORATORS = {
    "dataclass": "dataclass",
    **dict.fromkeys(("define", "frozen", "mutable", "attrs", "attributes", "s"), "attrs"),
}
PYDANTIC_FIELD = frozenset({"Field"})


@dataclass(frozen=True, slots=True)
class Holder:
    """A class that holds data: its kind, and whether what has no default has to be given."""

    kind: str
    total: bool


def is_enum(node: ast.AST | None) -> bool:
    """Whether a class has a base that is named as an enumeration."""
    if not isinstance(node, ast.ClassDef):
        return False
    return any(last_name(base).endswith(ENUMS) for base in node.bases)


def holder_of(scope: Scope, *, orm: bool) -> Holder | None:
    """What a class is, as far as its decorators, bases and body say; null for one without fields.

    Parameters
    ----------
    scope : Scope
        The class.
    orm : bool
        Its segment may hold columns of a table: a class that has some has no fields.
    """
    node = scope.node
    if not isinstance(node, ast.ClassDef):
        # What stands below the first method of a class does not see its bases.
        return Holder("annotated", total=True)
    if is_enum(node) or (orm and any(_is_orm(statement) for statement in node.body)):
        return None
    for decorator in node.decorator_list:
        name = last_name(decorator)
        if name in DECORATORS:
            return Holder(DECORATORS[name], total=True)
    for base in node.bases:
        name = last_name(base)
        if name in BASES:
            total = next((k.value for k in node.keywords if k.arg == "total"), None)
            return Holder(BASES[name], total=flag(total, otherwise=True) is not False)
    named = any(last_name(base).endswith(PYDANTIC) for base in node.bases)
    if named or any(_is_pydantic(statement) for statement in node.body):
        return Holder("pydantic", total=True)
    return Holder("annotated", total=True) if node.bases else None


def _is_orm(node: ast.stmt) -> bool:
    if isinstance(node, ast.AnnAssign):
        return is_mapped(node) or column_call(node.value) is not None
    if not isinstance(node, ast.Assign):
        return False
    named = any(isinstance(t, ast.Name) and t.id == "__tablename__" for t in node.targets)
    return named or column_call(node.value) is not None


def is_mapped(node: ast.AnnAssign) -> bool:
    """Whether an annotation is an attribute of a mapped class."""
    annotation = unquoted(node.annotation)
    return isinstance(annotation, ast.Subscript) and last_name(annotation) in MAPPED


def _is_pydantic(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):
        return any(isinstance(t, ast.Name) and t.id == "model_config" for t in node.targets)
    return isinstance(node, ast.AnnAssign) and is_call(node.value, PYDANTIC_FIELD)


def is_call(node: ast.expr | None, names: frozenset[str]) -> bool:
    """Whether an expression calls one of these names, whatever module they come from."""
    return isinstance(node, ast.Call) and last_name(node.func) in names
