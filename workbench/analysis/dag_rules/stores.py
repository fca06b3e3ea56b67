"""S7 to S9: naive clocks as watermarks, copies that share a key, and stores misused."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from workbench.analysis.dag_rules.drafts import Draft, Repair, Study
from workbench.analysis.dag_rules.flow import Flow
from workbench.analysis.dag_rules.values import Act, Event, Kept, Source
from workbench.analysis.dag_rules.words import CURSOR_KEY, SECRET_KEY, SETTING_KEY
from workbench.domain.dag_rules import Primitive

GROUP = re.compile(r"(?:^|\.)(?:TaskGroup|task_group)$")
STORES = {Kept.TASK_STORE: Primitive.TASK_STORE, Kept.ASSET_STORE: Primitive.ASSET_STORE}


def clocks(study: Study) -> Iterator[Draft]:
    """Find a clock without a time zone that is kept as a watermark."""
    read = {e.place: e for _, e in study.everywhere() if e.act is Act.READ}
    told: set[int] = set()
    for flow in study.flows:
        for event in flow.events:
            if event.act is not Act.WRITE or not event.value.has(Source.NAIVE_CLOCK):
                continue
            seen = read.get(event.place)
            if seen is None and (event.kept is Kept.XCOM or not CURSOR_KEY.search(event.key.shape)):
                continue
            lines = [o for o in event.value.origins if o.source is Source.NAIVE_CLOCK]
            clock = min(lines, key=lambda o: o.line)
            if clock.line not in told:
                told.add(clock.line)
                yield Draft(
                    rule="S7",
                    node=event.node,
                    task=flow.task,
                    name=flow.task.name,
                    key=event.key.shape,
                    read=seen,
                    write=event,
                    fields={"clock": clock.key, "line": str(clock.line)},
                    repair=Repair.CLOCK,
                )


def mapped_keys(study: Study) -> Iterator[Draft]:
    """Find mapped tasks whose copies all write the same key of one asset."""
    for flow in study.flows:
        if not flow.task.mapped:
            continue
        told: set[tuple[str, str, str]] = set()
        for event in flow.events:
            apart = event.key.has(Source.PARAMETER, Source.MAP_INDEX)
            if event.act is not Act.WRITE or event.kept is not Kept.ASSET_STORE or apart:
                continue
            if event.place in told or not event.key.shape:
                continue
            told.add(event.place)
            same = tuple(e for e in flow.events if e.place == event.place)
            yield Draft(
                rule="S8",
                node=event.node,
                task=flow.task,
                name=flow.task.name,
                key=event.key.shape,
                read=next((e for e in same if e.act is Act.READ), None),
                write=event,
                primitive=Primitive.ASSET_STORE,
                repair=Repair.MAPPED_KEY,
                events=same,
            )


def misused(study: Study) -> Iterator[Draft]:
    """Find state stores that carry data, payloads, secrets or settings."""
    told: set[tuple[str, str]] = set()
    for flow in (*study.flows,):
        for event in flow.events:
            if event.kept not in STORES:
                continue
            case = _case(study, flow, event)
            if case is not None and (case, event.key.shape) not in told:
                told.add((case, event.key.shape))
                yield _draft(flow, event, case, study)


def _case(study: Study, flow: Flow, event: Event) -> str | None:
    key = event.key.shape
    if event.act is Act.WRITE:
        if SECRET_KEY.search(key) or event.value.has(Source.SECRET):
            return "secret"
        if event.value.has(Source.BULK):
            return "payload"
        return "kept-setting" if event.value.fixed and SETTING_KEY.search(key) else None
    if event.act is not Act.READ or not key:
        return None
    writers = [f for f, e in study.everywhere() if e.act is Act.WRITE and e.place == event.place]
    if event.kept is Kept.TASK_STORE and writers and flow not in writers:
        return "handover"
    if not writers and SETTING_KEY.search(key):
        return "setting"
    return None


def _draft(flow: Flow, event: Event, case: str, study: Study) -> Draft:
    writes = [
        (f, e) for f, e in study.everywhere() if e.act is Act.WRITE and e.place == event.place
    ]
    writer, write = writes[0] if writes else (flow, None)
    handed = case == "handover" and _plain_handover(study, flow, event, writes)
    reads = [e for e in flow.events if e.place == event.place]
    return Draft(
        rule="S9",
        case=case,
        node=event.node,
        task=flow.task,
        name=flow.task.name,
        key=event.key.shape,
        read=event if event.act is Act.READ else None,
        write=event if event.act is Act.WRITE else write,
        fields={"other": writer.task.name, "value": _shown(event), "store": STORES[event.kept]},
        repair=Repair.HANDOVER if handed else None,
        events=(*reads, *(e for _, e in writes)) if handed else (),
        reader=writer.task if handed else None,
    )


def _plain_handover(
    study: Study, flow: Flow, event: Event, writes: Sequence[tuple[Flow, Event]]
) -> bool:
    """Whether one task alone writes what one other task alone reads, under ids that are known."""
    writers = {id(f.task.entry) for f, _ in writes}
    places = [(f, e) for f, e in study.everywhere() if e.place == event.place]
    own = all(e.act is Act.READ for f, e in places if f is flow)
    own = own and not any(e.act is Act.DELETE for _, e in places)
    known = {id(f.task.entry) for f, _ in places} == {*writers, id(flow.task.entry)}
    task = writes[0][0].task if writes else flow.task
    grouped = any(GROUP.search(study.module.dotted(call.func)) for call in study.module.calls)
    single = len(task.ids) == 1 and not task.mapped and not flow.task.mapped
    return len(writers) == 1 and own and known and single and event.key.fixed and not grouped


def _shown(event: Event) -> str:
    node = event.node
    value = node.args[1] if isinstance(node, ast.Call) and len(node.args) > 1 else None
    text = ast.unparse(value) if value is not None else "the value"
    return text if len(text) <= 40 else f"{text[:37]}..."
