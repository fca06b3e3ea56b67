"""Calls that read, write or delete kept state: Variables, XComs, the two state stores."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace

from workbench.analysis.dag_rules.modules import Function, Module
from workbench.analysis.dag_rules.tasks import Task
from workbench.analysis.dag_rules.values import (
    UNKNOWN,
    Act,
    Event,
    Kept,
    Origin,
    Source,
    Value,
    mixed,
)
from workbench.analysis.dag_rules.words import SECRET_KEY, VARIABLE, XCOM

RETURN_VALUE = "return_value"
STORE_ACTS = {
    "get": Act.READ,
    "aget": Act.READ,
    "set": Act.WRITE,
    "aset": Act.WRITE,
    "delete": Act.DELETE,
    "adelete": Act.DELETE,
}
VARIABLE_ACTS = {"get": Act.READ, "set": Act.WRITE, "update": Act.WRITE, "delete": Act.DELETE}
XCOM_ACTS = {"get_one": Act.READ, "get_value": Act.READ, "set": Act.WRITE}
OPERATOR_CALLS = frozenset({"xcom_pull", "xcom_push"})
STORES = {
    "@task-store": Kept.TASK_STORE,
    "@asset-store": Kept.ASSET_STORE,
    "@asset-stores": Kept.ASSET_STORE,
}


@dataclass(slots=True, kw_only=True)
class KeptState(ABC):
    """Notes what is done with kept state, each call once."""

    module: Module
    task: Task
    events: dict[tuple[int, str], Event] = field(default_factory=dict)
    functions: list[Function] = field(default_factory=list)
    loops: int = 0
    tries: int = 0
    defers: bool = False

    @abstractmethod
    def value(self, node: ast.expr | None) -> Value:
        """Return what an expression stands for."""

    def kept_call(self, node: ast.Call, func: Value) -> Value | None:
        """Note a call of kept state and return what it gives; None when it is no such call."""
        owner, _, last = func.name.rpartition(".")
        if VARIABLE.fullmatch(owner) and last in VARIABLE_ACTS:
            return self._plain(node, VARIABLE_ACTS[last], Kept.VARIABLE)
        if VARIABLE.fullmatch(owner) and last == "setdefault":
            return self._plain(node, Act.READ, Kept.VARIABLE)
        if owner in STORES and last in STORE_ACTS:
            asset = self._store(node)
            return self._plain(node, STORE_ACTS[last], STORES[owner], owner=asset)
        skip = 0
        if owner == "@self" and last in OPERATOR_CALLS and self.task.owner is not None:
            # Airflow 2: an operator's own call, with the context in front
            owner, skip = "@ti", int("context" not in self.module.keywords(node))
        if owner == "@ti" and last == "xcom_pull":
            return self._pull(node, skip=skip)
        if owner == "@ti" and last == "xcom_push":
            return self._plain(node, Act.WRITE, Kept.XCOM, skip=skip)
        if XCOM.fullmatch(owner) and last in XCOM_ACTS:
            return self._table(node, XCOM_ACTS[last])
        return None

    def read_in_template(self, node: ast.expr, kept: Kept, key: str) -> None:
        """Note a read that Airflow does when it renders an operator's arguments."""
        self._note(Act.READ, kept, Value(shape=key, fixed=True), node, template=True)

    def _plain(
        self, node: ast.Call, act: Act, kept: Kept, *, owner: Value = UNKNOWN, skip: int = 0
    ) -> Value:
        key = self.value(self._argument(node, skip, "key"))
        # a store that differs from copy to copy keeps its keys apart
        key = replace(key, origins=key.origins | owner.origins)
        value = self.value(self._argument(node, skip + 1, "value")) if act is Act.WRITE else UNKNOWN
        for keyword in node.keywords:
            if keyword.arg not in ("key", "value"):
                self.value(keyword.value)
        self._note(act, kept, key, node, value=value, owner=owner.shape)
        default = self.value(self._argument(node, 1, "default")) if act is Act.READ else UNKNOWN
        return self._given(node, act, kept, key, default)

    def _store(self, node: ast.Call) -> Value:
        """Which asset's store a call speaks to; nothing for the only one of the task."""
        func = node.func
        return self.value(func.value) if isinstance(func, ast.Attribute) else UNKNOWN

    def _pull(self, node: ast.Call, *, skip: int = 0) -> Value:
        named = self.module.keywords(node)
        tasks = self._argument(node, skip, "task_ids")
        key = self.value(self._argument(node, skip + 2, "key"))
        if not key.shape:
            key = Value(shape=RETURN_VALUE, fixed=True)
        elsewhere = "dag_id" in named or len(node.args) > skip + 1
        across = _true(named.get("include_prior_dates")) or "run_id" in named
        own = self._own(tasks) and not elsewhere
        other = "" if own or tasks is None else self.value(tasks).shape
        named_id = own and tasks is not None
        self._note(
            Act.READ, Kept.XCOM, key, node, own=own, named=named_id, across=across, owner=other
        )
        return self._given(node, Act.READ, Kept.XCOM, key, UNKNOWN, own=own)

    def _table(self, node: ast.Call, act: Act) -> Value:
        """A call of the XCom table itself, which names task and key."""
        named = self.module.keywords(node)
        own = self._own(named.get("task_id") or named.get("task_ids"), omitted=False)
        key, value = self.value(named.get("key")), self.value(named.get("value"))
        across = _true(named.get("include_prior_dates"))
        self._note(act, Kept.XCOM, key, node, value=value, own=own, named=own, across=across)
        return self._given(node, act, Kept.XCOM, key, UNKNOWN, own=own)

    def _own(self, tasks: ast.expr | None, *, omitted: bool = True) -> bool:
        """Whether task ids are the task's own; left out they are, from Airflow 3 on."""
        if tasks is None:
            return omitted
        items = tasks.elts if isinstance(tasks, ast.List | ast.Tuple) else [tasks]
        values = [self.value(item) for item in items]
        if len(values) != 1:
            return False
        (value,) = values
        if value.name == "@own-id":
            return True
        if value.fixed and value.shape == "None":
            return omitted
        # inside a task group the id is the group's, a dot, and the task's own
        ids = {value.shape, value.shape.rpartition(".")[2]} if value.fixed else set()
        return bool(ids & self.task.ids)

    def _given(
        self, node: ast.Call, act: Act, kept: Kept, key: Value, default: Value, *, own: bool = True
    ) -> Value:
        if act is not Act.READ or not own:
            return mixed(key) if act is Act.READ else UNKNOWN
        origin = Origin(Source.READ, node.lineno, f"{kept.value}:{key.shape}")
        found = Value(origins=frozenset({origin, *default.origins}))
        return secret_of(key, found, node) if kept is Kept.VARIABLE else found

    def _argument(self, node: ast.Call, at: int, name: str) -> ast.expr | None:
        given = self.module.keywords(node)
        other = given.get("default_var") if name == "default" else None
        found = given.get(name, other)
        return node.args[at] if found is None and len(node.args) > at else found

    def _note(
        self,
        act: Act,
        kept: Kept,
        key: Value,
        node: ast.expr,
        *,
        value: Value = UNKNOWN,
        owner: str = "",
        own: bool = True,
        named: bool = False,
        across: bool = False,
        template: bool = False,
    ) -> None:
        told = (id(node), key.shape)
        first = self.events.get(told)
        self.events[told] = Event(
            act=act,
            kept=kept,
            key=key,
            # the second turn of a loop knows more of the value than the first
            value=value if first is None else mixed(first.value, value) if value.origins else value,
            node=node,
            line=node.lineno,
            order=first.order if first else len(self.events),
            in_loop=self.loops > 0,
            tried=self.tries > 0,
            own=own,
            named=named,
            across=across,
            owner=owner,
            template=template,
            function=self.functions[-1] if self.functions else None,
        )


def secret_of(key: Value, value: Value, node: ast.expr) -> Value:
    """The value, marked as a secret where the name that it has says so."""
    if not SECRET_KEY.search(key.shape):
        return value
    return replace(value, origins=value.origins | {Origin(Source.SECRET, node.lineno, key.shape)})


def _true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and bool(node.value)
