"""The file that says what the ids of failure clusters stand for: ``patterns/state/clusters.jsonl``.

A line a cluster: its id, the template it began with, the ids of the templates in it. From these a
rebuilt database gives every failure the id that it had, in whatever order it was loaded.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from workbench.analysis.failures.cluster_facts import Anchor
from workbench.domain.history import Rejection
from workbench.errors import Place, WorkbenchError
from workbench.knowledge import ledger
from workbench.store.turns import turn

FILE = "state/clusters.jsonl"


def read_anchors(folder: Path) -> tuple[tuple[Anchor, ...], tuple[Rejection, ...]]:
    """Return what people kept, by id, and the lines that say nothing of the kind.

    Of lines with one id the first one's template stands, and the members of all; so a merge of two
    branches that both kept clusters loses none.

    Parameters
    ----------
    folder : pathlib.Path
        The catalogue's folder; one without the file has kept nothing.
    """
    file = folder / FILE
    rows, refused = ledger.read(file)
    templates: dict[str, str] = {}
    members: dict[str, set[str]] = {}
    wrong = list(refused)
    for row in rows:
        name, template, ids = row.get("cluster_id"), row.get("template"), row.get("members")
        if not (isinstance(name, str) and isinstance(template, str) and _is_ids(ids)):
            reason = "A cluster has cluster_id and template as text, members as a list of texts."
            wrong.append(Rejection(path=file.as_posix(), at=f"cluster {name}", reason=reason))
            continue
        templates.setdefault(name, template)
        members.setdefault(name, set()).update(ids or ())
    kept = tuple(
        Anchor(cluster_id=name, template=templates[name], members=tuple(sorted(members[name])))
        for name in sorted(templates)
    )
    return kept, tuple(wrong)


def keep_anchors(folder: Path, anchors: Sequence[Anchor]) -> int:
    """Write what the ids stand for now; clusters and members that were kept before stay.

    Parameters
    ----------
    folder : pathlib.Path
        The catalogue's folder.
    anchors : sequence of Anchor
        What :func:`~workbench.analysis.failures.clusters.cluster` answered.

    Returns
    -------
    int
        Lines that are new or say more than before.

    Raises
    ------
    WorkbenchError
        The folder cannot be written, or the file there has lines that are not understood: these
        would be lost.
    """
    file = folder / FILE
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with turn(folder / ledger.TURN, doing=f"writing {FILE}"):
            before, wrong = read_anchors(folder)
            if wrong:
                where = Place(path=file.as_posix(), at=wrong[0].at)
                raise WorkbenchError(wrong[0].reason, where=where, todo="Mend the file first.")
            now = _together(before, anchors)
            if now != before:
                _replace(file, "".join(f"{_line(anchor)}\n" for anchor in now))
    except OSError as error:
        what = f"It cannot be written: {error.strerror}."
        todo = "Name a folder of patterns of your own with --patterns."
        raise WorkbenchError(what, where=Place(path=file.as_posix()), todo=todo) from error
    return len(set(now) - set(before))


def _together(before: Sequence[Anchor], anchors: Sequence[Anchor]) -> tuple[Anchor, ...]:
    """Return both, each template in the cluster that was said last."""
    said_last = {member: each.cluster_id for each in anchors for member in each.members}
    templates = {each.cluster_id: each.template for each in (*anchors, *before)}
    members: dict[str, set[str]] = {name: set() for name in templates}
    for each in (*before, *anchors):
        for member in each.members:
            members[said_last.get(member, each.cluster_id)].add(member)
    return tuple(
        Anchor(cluster_id=name, template=templates[name], members=tuple(sorted(members[name])))
        for name in sorted(templates)
    )


def _line(anchor: Anchor) -> str:
    members = list(anchor.members)
    row = {"cluster_id": anchor.cluster_id, "template": anchor.template, "members": members}
    return ledger.line(row)


def _replace(file: Path, text: str) -> None:
    """Put a whole file in the place of another, so that no reader sees half of it."""
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    with part.open("w", encoding="utf-8", newline="\n") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    part.replace(file)


def _is_ids(ids: object) -> bool:
    return isinstance(ids, list) and all(isinstance(each, str) for each in ids)
