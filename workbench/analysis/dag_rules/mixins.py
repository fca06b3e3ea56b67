"""S5: wrong use of the mixin that finds a running job again."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from workbench.analysis.dag_rules.classes import bases, method
from workbench.analysis.dag_rules.drafts import Draft, Repair, Study
from workbench.analysis.dag_rules.modules import Module
from workbench.analysis.dag_rules.tasks import default_retries, made_with
from workbench.analysis.dag_rules.words import BASE_OPERATOR, MIXIN
from workbench.domain.dag_rules import Primitive

METHODS = (
    "submit_job",
    "get_job_status",
    "is_job_active",
    "is_job_succeeded",
    "poll_until_complete",
    "get_job_result",
)
EXPANDS = ("expand", "expand_kwargs")
KEY = "external_id_key"
DEFAULT_KEY = "remote_job_id"


def mixins(study: Study) -> Iterator[Draft]:
    """Find operators with the mixin that will not do what the mixin is for."""
    for node in study.module.classes.values():
        if not _uses_mixin(study.module, node):
            continue
        yield from _faults(study.module, node)
        if study.before is not None:
            yield from _renamed(study.module, study.before, node)


def _uses_mixin(module: Module, node: ast.ClassDef) -> bool:
    return any(isinstance(b, str) and MIXIN.fullmatch(b) for b in bases(module, node))


def _faults(module: Module, node: ast.ClassDef) -> Iterator[Draft]:
    built_on = list(bases(module, node))
    foreign = [b for b in built_on if isinstance(b, str) and not MIXIN.fullmatch(b)]
    operators = [b for b in foreign if BASE_OPERATOR.fullmatch(b)]
    known = len(operators) == len(foreign)
    if _mixin_late(module, node):
        yield _draft(node, node.bases[0], case="order", repair=Repair.MIXIN_FIRST)
    if not operators and known:
        return  # another mixin of the file: its operators are looked at
    missing = [name for name in METHODS if method(module, node, name) is None]
    leaf = not any(node in bases(module, other) for other in module.classes.values())
    if missing and known and leaf:
        yield _draft(node, node, case="missing", fields={"what": ", ".join(missing)})
    execute = method(module, node, "execute")
    if execute is not None and not _delegates(module, node, execute):
        own = execute in node.body
        yield _draft(
            node,
            execute,
            case="bypass",
            repair=Repair.DELEGATE if own and _by_hand(execute) else None,
        )
    elif execute is None and known and leaf:
        yield _draft(node, node, case="no-execute", repair=Repair.EXECUTE)
    yield from _without_retries(module, node)


def _mixin_late(module: Module, node: ast.ClassDef) -> bool:
    names = [module.dotted(base) for base in node.bases]
    mixin = [at for at, name in enumerate(names) if MIXIN.fullmatch(name)]
    operator = [at for at, name in enumerate(names) if BASE_OPERATOR.fullmatch(name)]
    return bool(mixin and operator and operator[0] < mixin[0])


def _delegates(module: Module, node: ast.ClassDef, function: ast.AST, depth: int = 0) -> bool:
    """Whether a method reaches ``execute_resumable``, itself or through methods of the class."""
    for call in ast.walk(function):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        name, head = call.func.attr, call.func.value
        if name == "execute_resumable":
            return True
        upwards = isinstance(head, ast.Call) and module.dotted(head.func) == "super"
        if upwards and name == "execute":
            return True
        if isinstance(head, ast.Name) and head.id == "self" and depth < 4:
            own = method(module, node, name)
            if own is not None and own is not function and _delegates(module, node, own, depth + 1):
                return True
    return False


def _by_hand(execute: ast.AST) -> bool:
    """Whether a method does nothing but what the mixin does: handing over loses nothing."""
    calls = [node.func for node in ast.walk(execute) if isinstance(node, ast.Call)]
    own = (*METHODS, "info", "debug", "warning")
    return bool(calls) and all(isinstance(f, ast.Attribute) and f.attr in own for f in calls)


def _without_retries(module: Module, node: ast.ClassDef) -> Iterator[Draft]:
    default, known = default_retries(module)
    for call in module.calls:
        dotted, keywords, _ = made_with(module, call)
        if dotted != node.name:
            continue
        if isinstance(call.func, ast.Attribute) and call.func.attr not in EXPANDS:
            continue  # the partial(...) of an expand(...): told with it
        if any(keyword.arg is None for keyword in call.keywords):
            continue
        set_here = keywords.get("retries", default)
        if set_here is None and known and method(module, node, "__init__") is None:
            yield _draft(node, call, case="no-retries", repair=Repair.RETRIES)
        elif module.literal(set_here) == 0 and set_here is not None:
            yield _draft(node, call, case="zero-retries", repair=Repair.RETRIES)


def _renamed(module: Module, before: Module, node: ast.ClassDef) -> Iterator[Draft]:
    """The key under which runs in flight keep their job's id has another name than before."""
    former = before.classes.get(node.name)
    if former is None or not _uses_mixin(before, former):
        return
    old, _ = _key(before, former)
    new, place = _key(module, node)
    if old and new and old != new:
        fields = {"old": old, "new": new}
        yield _draft(node, place, case="renamed", fields=fields, repair=Repair.FORMER_KEY)


def _key(module: Module, node: ast.ClassDef) -> tuple[str, ast.AST]:
    for owner in (node, *(b for b in bases(module, node) if isinstance(b, ast.ClassDef))):
        for item in owner.body:
            target = item.targets[0] if isinstance(item, ast.Assign) else None
            if isinstance(item, ast.AnnAssign):
                target = item.target
            if isinstance(target, ast.Name) and target.id == KEY:
                assert isinstance(item, ast.Assign | ast.AnnAssign)
                return module.text(item.value) or "", item
    return DEFAULT_KEY, node


def _draft(
    owner: ast.ClassDef,
    node: ast.AST,
    *,
    case: str,
    fields: dict[str, str] | None = None,
    repair: Repair | None = None,
) -> Draft:
    return Draft(
        rule="S5",
        node=node,
        name=owner.name,
        case=case,
        fields=fields or {},
        primitive=Primitive.MIXIN,
        repair=repair,
    )
