"""A cluster that no memory knows becomes a draft: of a pattern, or of what somebody has to find."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import polars as pl

from workbench.errors import Place, WorkbenchError
from workbench.knowledge.pattern_files import PATTERN_FILE
from workbench.text.redact import redact

MOST_SAMPLES = 20
MOST_NAMES = 3
# How Python says that a name is not what it was: each names it in quotes.
GONE = (
    re.compile(r"cannot import name '(?P<name>\w+)' from '(?P<module>[\w.]+)'"),
    re.compile(r"No module named '(?P<module>[\w.]*\.)?(?P<name>\w+)'"),
    re.compile(r"module '(?P<module>[\w.]+)' has no attribute '(?P<name>\w+)'"),
    re.compile(r"'(?P<module>\w+)' object has no attribute '(?P<name>\w+)'"),
    re.compile(r"(?P<module>[\w.]+)\(\) got an unexpected keyword argument '(?P<name>\w+)'"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternDraft:
    """A pattern in stage draft: ``text`` is its ``pattern.toml``; its detector looks for names."""

    id: str
    names: tuple[str, ...]
    text: str

    def write(self, folder: Path) -> Path:
        """Write it below a catalogue's folder, and answer the file.

        Raises
        ------
        WorkbenchError
            A pattern of that id is there already.
        """
        file = folder / self.id / PATTERN_FILE
        if file.exists():
            what = "There is such a pattern already."
            raise WorkbenchError(what, where=Place(path=file.as_posix()), todo="Edit that one.")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self.text, encoding="utf-8", newline="\n")
        return file


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolutionStub:
    """What is known of a failure that somebody has to end; ``done`` is for that person to say."""

    failure_id: str
    cluster_id: str
    failures: int
    template: str
    why: str
    done: str = ""

    @property
    def command(self) -> str:
        """How to say what was done."""
        return f"workbench failures resolve {self.failure_id} --done '...' --who '...'"


def promote(
    failures: pl.DataFrame,
    *,
    author: str,
    created: date,
    to: Literal["pattern", "resolution"] | None = None,
) -> PatternDraft | ResolutionStub:
    """Draft what a novel cluster asks for.

    Where its messages say that a name of upstream is gone, that is a pattern whose detector finds
    the change that took it away; anything else is a stub of a resolution. Nothing is written.

    Parameters
    ----------
    failures : polars.DataFrame
        ``failure_id, cluster_id, at_utc, exception, message, template`` of one cluster.
    author : str
        Who promotes it.
    created : datetime.date
        The day.
    to : str, optional
        ``pattern`` or ``resolution``: which of the two, whatever the messages say.

    Raises
    ------
    WorkbenchError
        The failures are none, or of several clusters; or a pattern was asked for and the messages
        name nothing that could be looked for.
    """
    clusters = failures["cluster_id"].unique().to_list()
    if len(clusters) != 1:
        what = f"The failures are of {len(clusters)} clusters."
        raise WorkbenchError(what, right="One cluster is promoted at a time.")
    ordered = failures.sort("at_utc", "failure_id", nulls_last=True)
    names = tuple(dict.fromkeys(gone_names(ordered["message"].head(MOST_SAMPLES).to_list())))
    if to == "pattern" and not names:
        what = "The messages of these failures name nothing that upstream took away."
        raise WorkbenchError(what, todo="Promote it to a resolution, or write the pattern by hand.")
    if to == "resolution" or not names:
        return _stub(ordered, clusters[0])
    return _draft(ordered, clusters[0], names[:MOST_NAMES], author=author, created=created)


def gone_names(messages: Sequence[str | None]) -> Iterator[str]:
    """Yield the names that messages call missing, each as its message spells it."""
    for message in messages:
        for pattern in GONE:
            for found in pattern.finditer(message or ""):
                yield found["name"]


def _stub(failures: pl.DataFrame, cluster_id: str) -> ResolutionStub:
    first = failures.row(0, named=True)
    seen = failures["at_utc"].drop_nulls()
    since = f" since {seen[0]:%Y-%m-%d}" if len(seen) else ""
    return ResolutionStub(
        failure_id=first["failure_id"],
        cluster_id=cluster_id,
        failures=failures.height,
        template=redact(first["template"] or ""),
        why=f"novel: seen {failures.height} times{since}, and no memory knows it",
    )


def _draft(
    failures: pl.DataFrame, cluster_id: str, names: tuple[str, ...], *, author: str, created: date
) -> PatternDraft:
    first = failures.row(0, named=True)
    seen = failures["at_utc"].drop_nulls()
    day = min(seen[0].date(), created) if len(seen) else created
    listed = ", ".join(names)
    removed = r"\b(?P<name>" + "|".join(re.escape(name) for name in names) + r")\b"
    words = re.findall("[A-Za-z0-9]+", f"X {names[0][:40]} {cluster_id[-6:]}")
    pattern_id = "-".join(words)
    said = redact(" ".join((first["template"] or "").split()))[:200]
    lines = [
        "#:schema ../../workbench/knowledge/schema/pattern.schema.json",
        f"id           = {_quoted(pattern_id)}",
        "version      = 1",
        'stage        = "draft"',
        f"title        = {_quoted(f'Upstream takes away {listed}'[:80].rstrip('. '))}",
        'severity     = "HIGH"',
        'failure_mode = "crash"',
        'tags         = ["from-failures"]',
        f"describe     = {_quoted(_described(failures.height, listed, said))}",
        'message      = "{name} is gone, renamed or takes other arguments."',
        'limits       = ["A name of the same spelling elsewhere is a hit as well."]',
        "",
        "[detector]",
        'kind    = "text"',
        f"removed = {_quoted(removed)}",
        "",
        "[[origins]]",
        'kind = "cluster"',
        f"ref  = {_quoted(cluster_id)}",
        f"date = {day.isoformat()}",
        f"note = {_quoted(said)}",
        "",
        "[lifecycle]",
        f"created = {created.isoformat()}",
        f"author  = {_quoted(redact(author))}",
        "",
    ]
    return PatternDraft(id=pattern_id, names=names, text="\n".join(lines))


def _described(count: int, listed: str, said: str) -> str:
    times = "once" if count == 1 else f"{count} times"
    return f"Tasks failed {times} because {listed} is not what it was: {said}"


def _quoted(text: str) -> str:
    """A TOML string: what JSON escapes, TOML reads the same way."""
    return json.dumps(text, ensure_ascii=True).replace("\x7f", "\\u007f")
