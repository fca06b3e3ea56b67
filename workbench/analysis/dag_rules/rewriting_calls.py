"""Single calls rewritten: to a store, with a copy's number in the key, with an aware clock."""

from __future__ import annotations

import json
from dataclasses import dataclass

import libcst as cst

from workbench.analysis.dag_rules.values import Act, Event, Kept

CLOCKS = frozenset({"now", "utcnow", "today"})
EQUAL = cst.AssignEqual(
    whitespace_before=cst.SimpleWhitespace(""), whitespace_after=cst.SimpleWhitespace("")
)
POSITIONS = {
    (Kept.VARIABLE, Act.READ): ("key", "default"),
    (Kept.VARIABLE, Act.WRITE): ("key", "value"),
    (Kept.VARIABLE, Act.DELETE): ("key",),
    (Kept.TASK_STORE, Act.READ): ("key", "default"),
    (Kept.TASK_STORE, Act.WRITE): ("key", "value"),
    (Kept.XCOM, Act.READ): ("task_ids", "dag_id", "key"),
    (Kept.XCOM, Act.WRITE): ("key", "value"),
}
SEVERAL = (cst.List, cst.Tuple)
EMPTY = frozenset({"None", '""', "''"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AwareClock:
    """A call of the clock with its zone, and the imports that it needs."""

    call: cst.BaseExpression
    imports: tuple[tuple[str, str], ...] = ()


def store_call(call: cst.Call, event: Event, access: str) -> cst.BaseExpression:
    """Return the same read, write or delete, put to a state store."""
    given = _arguments(call, event)
    key = given.get("key") or cst.Arg(cst.SimpleString('"return_value"'))
    value = given.get("value")
    act = {Act.READ: "get", Act.WRITE: "set", Act.DELETE: "delete"}[event.act]
    arguments = [_plain(key)]
    if event.act is Act.WRITE and value is not None:
        if _code(value.value) in EMPTY:
            act = "delete"  # a store refuses None; an emptied key is a key that is gone
        else:
            arguments.append(_plain(value).with_changes(value=_stored(value.value)))
    default = given.get("default")
    if event.act is Act.READ and default is not None and _code(default.value) != "None":
        arguments.append(default.with_changes(keyword=cst.Name("default"), equal=EQUAL))
    func = cst.Attribute(cst.parse_expression(access), cst.Name(act))
    before = call.whitespace_before_args
    if isinstance(before, cst.SimpleWhitespace):
        before = cst.SimpleWhitespace("")
    last = call.args[-1].comma if call.args else cst.MaybeSentinel.DEFAULT
    laid_out = _separated(arguments, last)
    made = call.with_changes(func=func, args=laid_out, whitespace_before_args=before)
    tasks = given.get("task_ids")
    if event.kept is Kept.XCOM and tasks is not None and isinstance(tasks.value, SEVERAL):
        # asked for a list of tasks, XCom answers with a list
        bare = made.with_changes(lpar=[], rpar=[])
        return cst.List([cst.Element(bare)], lpar=call.lpar, rpar=call.rpar)
    return made


def xcom_call(call: cst.Call, event: Event, access: str, task_id: str) -> cst.BaseExpression:
    """Return the same read or write of a value that another task is given, through XCom."""
    given = _arguments(call, event)
    key, value, default = given["key"], given.get("value"), given.get("default")
    named = key.with_changes(keyword=cst.Name("key"), equal=EQUAL)
    if event.act is Act.WRITE and value is not None:
        act = "xcom_push"
        arguments = [named, value.with_changes(keyword=cst.Name("value"), equal=EQUAL)]
    else:
        act = "xcom_pull"
        task = cst.Arg(
            cst.SimpleString(json.dumps(task_id)), keyword=cst.Name("task_ids"), equal=EQUAL
        )
        word = {"keyword": cst.Name("default"), "equal": EQUAL}
        other = [] if default is None else [default.with_changes(**word)]
        arguments = [task, named, *other]
    func = cst.Attribute(cst.parse_expression(access), cst.Name(act))
    return call.with_changes(func=func, args=_separated(arguments, call.args[-1].comma))


def with_map_index(call: cst.Call, access: str) -> cst.BaseExpression:
    """Return the same call with the number of the task's copy at the end of the key."""
    arguments = list(call.args)
    for at, argument in enumerate(arguments):
        if (argument.keyword is None and at == 0) or (
            argument.keyword is not None and argument.keyword.value == "key"
        ):
            key = argument.value
            constant = key.evaluated_value if isinstance(key, cst.SimpleString) else None
            if isinstance(constant, str) and '"' not in constant and "\\" not in constant:
                head = constant.replace("{", "{{").replace("}", "}}")
            else:
                head = f"{{{_code(key)}}}"
            number = f"{access}.map_index".replace('"', "'")
            made = cst.parse_expression(f'f"{head}/{{{number}}}"')
            arguments[at] = argument.with_changes(value=made)
            break
    return call.with_changes(args=arguments)


def aware_clock(call: cst.Call, *, day: bool = False) -> AwareClock | None:
    """Return a naive clock's call in UTC; None when it is no such call.

    ``day`` says that it gives the day alone.
    """
    func = call.func
    if not isinstance(func, cst.Attribute):
        return None
    head = func.value
    if func.attr.value == "naive" and not call.args:
        return AwareClock(call=cst.parse_expression(f'{_code(head)}.now("UTC")'))
    if func.attr.value not in CLOCKS or any(_code(a.value) != "None" for a in call.args):
        return None
    if isinstance(head, cst.Attribute):
        module = _code(head.value)
        clock = f"{module}.datetime" if day else _code(head)
        text, imports = f"{clock}.now({module}.timezone.utc)", []
    else:
        imports = [("datetime", "timezone"), *([("datetime", "datetime")] if day else [])]
        text = f"{'datetime' if day else _code(head)}.now(timezone.utc)"
    made = cst.parse_expression(f"{text}.date()" if day else text)
    return AwareClock(call=made, imports=tuple(imports))


def _arguments(call: cst.Call, event: Event) -> dict[str, cst.Arg]:
    names = POSITIONS.get((event.kept, event.act), ("key",))
    found = {}
    for at, argument in enumerate(call.args):
        if argument.keyword is not None:
            name = argument.keyword.value
            found["default" if name == "default_var" else name] = argument
        elif at < len(names):
            found[names[at]] = argument
    return found


def _plain(argument: cst.Arg) -> cst.Arg:
    """An argument by its position, with the comments and the layout behind it."""
    return argument.with_changes(keyword=None, equal=cst.MaybeSentinel.DEFAULT)


def _stored(value: cst.BaseExpression) -> cst.BaseExpression:
    """A value as JSON takes it: a moment is kept as text, as a Variable kept it."""
    func = value.func if isinstance(value, cst.Call) else None
    if isinstance(func, cst.Attribute) and func.attr.value in CLOCKS:
        return cst.Call(func=cst.Name("str"), args=[cst.Arg(value)])
    return value


def _separated(arguments: list[cst.Arg], last: object) -> list[cst.Arg]:
    """Arguments with the commas that they had; the one at the end ends as the call ended."""
    plain = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    commas = [a.comma if isinstance(a.comma, cst.Comma) else plain for a in arguments[:-1]]
    return [
        argument.with_changes(comma=comma)
        for argument, comma in zip(arguments, [*commas, last], strict=True)
    ]


def _code(node: cst.CSTNode) -> str:
    return cst.Module(body=[]).code_for_node(node)
