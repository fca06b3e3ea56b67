"""One upstream commit and one downstream made of texts, led through the later phases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from tests.analysis.patterns import pattern
from workbench.analysis.history.hot_reach import hot_names
from workbench.analysis.history.impact import impact
from workbench.analysis.history.moved_members import with_members
from workbench.analysis.history.reexports import aliases
from workbench.analysis.history.scan import ASKED_FOR
from workbench.analysis.history.string_names import string_names
from workbench.analysis.history.verify import verify
from workbench.analysis.history.verify_names import MISSING_NAME
from workbench.analysis.history.verify_verdicts import Evidence
from workbench.domain.frames import HITS
from workbench.domain.histories import History
from workbench.domain.loading import Known
from workbench.domain.patterns import HotPath, Pattern
from workbench.knowledge.example_history import history_of_trees, sha_of
from workbench.sources.downstreams import read_downstream

SHA = sha_of("example")
Tree = Mapping[str, str]


def hit(*names: str, **more: Any) -> dict[str, Any]:
    """A hit on some names, at the first line of one file unless it says otherwise."""
    return {
        "sha": SHA,
        "path": "src/pkg/a.py",
        "line": 1,
        "side": "before",
        "pattern": "X-test",
        "stage": "trial",
        "severity": "HIGH",
        "qualname": names[0],
        "names": list(names),
        "message": f"{names[0]} changed.",
    } | more


@dataclass(frozen=True, kw_only=True)
class Miniature:
    """What a scan is given, and what phases 3 and 4 make of it."""

    history: History
    hits: pl.DataFrame
    sites: pl.DataFrame
    patterns: Sequence[Pattern]
    findings: pl.DataFrame
    known: Evidence
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def finding(self) -> dict[str, Any]:
        """The only finding."""
        (row,) = self.findings.to_dicts()
        return dict(row)


def miniature(
    folder: Path,
    before: Tree,
    after: Tree,
    downstream: Tree,
    *hits: Mapping[str, Any],
    patterns: Sequence[Pattern] | None = None,
    hot_paths: Sequence[HotPath] = (),
    deltas: Mapping[str, pl.DataFrame] | None = None,
    with_text: bool = True,
) -> Miniature:
    """Read a downstream's texts, find what hits reach in it, and verify it.

    Parameters
    ----------
    folder : Path
        An empty folder to write the downstream to.
    before, after : mapping of str to str
        The upstream's texts by path.
    downstream : mapping of str to str
        The downstream's texts by path.
    hits : mapping
        As :func:`hit` makes them.
    patterns : sequence of Pattern, optional
        The patterns that hit; one about missing names unless given.
    deltas : mapping of str to polars.DataFrame, optional
        Frames in place of those that the texts give.
    with_text : bool
        Whether the downstream's texts are at hand.
    """
    history = history_of_trees(before, after)
    if deltas:
        given, texts = dict(deltas), history
        history = History(history.commits, lambda name: given.get(name, texts[name]))
    called = call_sites(folder, downstream)
    made = HITS.frame([dict(row) for row in hits])
    kinds = patterns or [pattern("", tags=(MISSING_NAME,))]
    missing = {kind.id for kind in kinds if ASKED_FOR & set(kind.tags)}
    whole = with_members(made, history, missing=missing)
    spelled = aliases(whole, history, targets=called["target"])
    quoted = string_names(made, history)
    hot = hot_names(made, history, hot_paths)
    reached = impact(
        whole,
        called,
        aliases=pl.concat([spelled, quoted.select(spelled.columns)]),
        hot_paths=hot_paths,
        hot=hot,
        missing=missing,
        commits=history.commits,
    )

    def source_of(name: str, path: str, at: datetime) -> str | None:
        assert (name, at) == ("ours", history.commits["committed_utc"][0])
        return downstream.get(path)

    findings, known = verify(
        reached,
        called,
        patterns=kinds,
        history=history,
        aliases=spelled,
        strings=quoted,
        hot_paths=hot_paths,
        hot=hot,
        source_of=source_of if with_text else None,
    )
    return Miniature(
        history=history,
        hits=made,
        sites=called,
        patterns=kinds,
        findings=findings,
        known=known,
        texts=dict(downstream),
    )


def call_sites(folder: Path, downstream: Tree) -> pl.DataFrame:
    """The call sites of a downstream with these texts; its upstream is ``pkg``."""
    for path, text in downstream.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    source = read_downstream(folder, name="ours", upstream="pkg")
    (batch,) = source.read(Known())
    assert not batch.rejections
    return batch.frames["call_sites"]
