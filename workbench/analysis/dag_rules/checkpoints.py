"""S1 to S4: a Variable or the task's own XCom read and written by one task."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from workbench.analysis.dag_rules.drafts import Draft, Repair, Study
from workbench.analysis.dag_rules.flow import Flow
from workbench.analysis.dag_rules.tasks import Task
from workbench.analysis.dag_rules.values import Act, Event, Kept, Source
from workbench.analysis.dag_rules.words import CURSOR_KEY, JOB_KEY, SECRET_KEY
from workbench.domain.dag_rules import Primitive

LABELS = {Kept.VARIABLE: "Variable", Kept.XCOM: "XCom"}


def checkpoints(study: Study) -> Iterator[Draft]:
    """Find each key that a task reads before it writes it, told as the worst that it is."""
    for flow in study.flows:
        for events in study.by_place(flow):
            found = _told(study, flow, events)
            if found is not None:
                yield found
    yield from _split(study)


def _told(study: Study, flow: Flow, events: list[Event]) -> Draft | None:
    kept = events[0].kept
    if kept not in LABELS:
        return None
    reads = [e for e in events if e.act is Act.READ]
    if not reads and kept is Kept.VARIABLE:
        place = events[0].place
        early = (e for e in study.imported.events if e.place == place and e.act is Act.READ)
        reads = [replace(e, order=-1) for e in early]
    writes = [e for e in events if e.act is Act.WRITE]
    # a value that is only ever set to a constant is a flag or a reset, unless it is an XCom
    telling = [e for e in writes if not e.value.fixed] or (writes if kept is Kept.XCOM else [])
    if not reads:
        return None
    read = min(reads, key=lambda e: e.order)
    write = next((e for e in telling if e.order > read.order or e.in_loop), None)
    if write is None and not (read.named and not writes and not read.across):
        return None
    base = Draft(
        rule="",
        node=read.node,
        task=flow.task,
        name=flow.task.name,
        key=read.key.shape,
        read=read,
        write=write,
        fields={"kept": LABELS[kept]},
        events=tuple(e for e in events if (not e.template and e in (*reads, *writes)) or _gone(e)),
    )
    if write is not None and is_job(flow, read, write):
        operator = flow.task.owner is not None
        primitive = Primitive.MIXIN if operator else Primitive.TASK_STORE
        return replace(
            base, rule="S3", primitive=primitive, repair=_repair(Repair.TASK_STORE, read)
        )
    if kept is Kept.XCOM and not any(e.across for e in reads):
        return _self_pull(study, flow, base)
    return _across_runs(flow, base, writes)


def _self_pull(study: Study, flow: Flow, base: Draft) -> Draft | None:
    assert base.read is not None
    if flow.defers:
        return None  # a task that comes back from its trigger keeps its XComs
    others = (
        e
        for f, e in study.everywhere()
        if f is not flow and e.kept is Kept.XCOM and e.act is Act.WRITE
    )
    if not base.read.named and any(e.key.shape == base.key for e in others):
        return None  # without an id, Airflow 2 pulls from whoever pushed the key
    return replace(
        base,
        rule="S1",
        case="" if base.write else "unwritten",
        primitive=Primitive.TASK_STORE,
        repair=_repair(Repair.TASK_STORE, base.read) if base.write else None,
    )


def _across_runs(flow: Flow, base: Draft, writes: list[Event]) -> Draft | None:
    assert base.read is not None
    if base.write is None or SECRET_KEY.search(base.key):
        return None  # a token that is renewed is no progress, and no store is a place for it
    value = base.write.value
    keyed = f"{base.read.kept.value}:{base.key}"
    moves = value.reads(keyed) or value.has(Source.NAIVE_CLOCK) or CURSOR_KEY.search(base.key)
    if not moves:
        return None
    asset = asset_of(flow.task)
    if asset is not None or base.read.kept is Kept.XCOM:
        repair = _repair(Repair.ASSET_STORE, base.read) if asset else None
        fields = {**base.fields, "asset": asset or "the data's asset"}
        return replace(
            base, rule="S4", primitive=Primitive.ASSET_STORE, repair=repair, fields=fields
        )
    in_run = (
        base.write.in_loop or base.write.key.has(Source.RUN) or any(w.value.fixed for w in writes)
    )
    if in_run:
        repair = _repair(Repair.TASK_STORE, base.read)
        return replace(base, rule="S2", primitive=Primitive.TASK_STORE, repair=repair)
    # written once, at the end: the next run is to go on from it, which no task's store can give
    repair = _repair(Repair.NEW_ASSET, base.read) if flow.task.place is not None else None
    return replace(base, rule="S2", case="across", primitive=Primitive.ASSET_STORE, repair=repair)


def _split(study: Study) -> Iterator[Draft]:
    """A watermark that one task reads and another, which makes an asset, writes."""
    for flow in study.flows:
        asset = asset_of(flow.task)
        if asset is None:
            continue
        for write in flow.events:
            if write.act is not Act.WRITE or write.kept is not Kept.VARIABLE or write.value.fixed:
                continue
            own = any(e.place == write.place and e.act is Act.READ for e in flow.events)
            early = any(e.place == write.place for e in study.imported.events)
            if own or early or not CURSOR_KEY.search(write.key.shape):
                continue
            for other in study.flows:
                read = next(
                    (e for e in other.events if e.place == write.place and e.act is Act.READ), None
                )
                if other is not flow and read is not None:
                    both = [e for f in (flow, other) for e in f.events if e.place == write.place]
                    yield Draft(
                        rule="S4",
                        node=write.node,
                        task=flow.task,
                        name=flow.task.name,
                        key=write.key.shape,
                        read=read,
                        write=write,
                        primitive=Primitive.ASSET_STORE,
                        fields={"kept": "Variable", "asset": asset},
                        repair=_repair_of_both(study, other.task, asset),
                        events=tuple(both),
                        reader=other.task,
                    )
                    break


def _repair_of_both(study: Study, reader: Task, asset: str) -> Repair | None:
    """The task that reads has to name the asset, too: it needs a place to name it at."""
    known = asset.isidentifier() and asset in study.module.assigned
    return Repair.ASSET_STORE if known and _takes_inlet(reader, asset) else None


def _takes_inlet(reader: Task, asset: str) -> bool:
    named = [ast.unparse(v) for k, v in reader.keywords.items() if k in ("inlets", "outlets")]
    return (not named and reader.place is not None) or f"[{asset}]" in named


def is_job(flow: Flow, read: Event, write: Event) -> bool:
    """Whether a key holds the id of a job that runs elsewhere."""
    if write.value.fixed:
        return False
    guarded = f"{read.kept.value}:{read.key.shape}" in flow.guards
    if write.value.has(Source.SUBMIT) and (guarded or JOB_KEY.fullmatch(read.key.shape)):
        return not (write.in_loop and CURSOR_KEY.search(read.key.shape))
    return bool(JOB_KEY.fullmatch(read.key.shape)) and guarded and _from_call(write)


def _from_call(write: Event) -> bool:
    return isinstance(write.value.node, ast.Call)


def asset_of(task: Task) -> str | None:
    """The one asset that a task makes, else the one it takes, as the text writes it."""
    if task.is_asset and "outlets" not in task.keywords:
        return task.entry.name
    for name in ("outlets", "inlets"):
        made = task.keywords.get(name)
        items = made.elts if isinstance(made, ast.List | ast.Tuple) else []
        if len(items) == 1:
            return ast.unparse(items[0])
        if items:
            return ast.unparse(items[0])
    return None


def _repair(repair: Repair, read: Event) -> Repair | None:
    """A read that stands in a template is not repaired by a patch of calls."""
    return None if read.template else repair


def _gone(event: Event) -> bool:
    return event.act is Act.DELETE
