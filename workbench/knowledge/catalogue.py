"""The catalogue: what people know, as it stands in the files of one folder now."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from workbench.domain.patterns import HotPath, Label, PathRule, Pattern, Problem
from workbench.errors import PatternError, Place, UnknownNameError
from workbench.knowledge.checks import check_detector, check_pattern
from workbench.knowledge.dag_rules import FOLDER, read_dag_rules
from workbench.knowledge.examples import run_examples
from workbench.knowledge.labels import read_labels
from workbench.knowledge.ledger import read as read_lines
from workbench.knowledge.ledger_checks import CHECKS
from workbench.knowledge.ledger_findings import FINDINGS
from workbench.knowledge.pattern_files import (
    EXAMPLES,
    PatternFile,
    read_pattern_file,
    to_pattern,
)
from workbench.knowledge.problems import Fault, problem
from workbench.knowledge.resolution_frames import resolution_faults
from workbench.knowledge.rule_files import (
    RuleFile,
    read_coupling,
    read_hot_paths,
    read_triage,
)
from workbench.knowledge.state_store_reference import reference_problems
from workbench.shipped_files import patterns_folder
from workbench.text.suggestions import suggestion

OTHER_FOLDERS = frozenset({"invariants", "dag-rules", "suites", "ledger", "state"})
RULE_FILES = ("triage.toml", "coupling.toml", "hot-paths.toml")
LABELS = "ledger/labels.jsonl"

Stamp = tuple[tuple[str, int, int, int], ...]
"""Everything below a folder with its times and size: another stamp, another content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One pattern's folder: ``pattern`` is None when ``problems`` keep it from running."""

    file: PatternFile
    pattern: Pattern | None
    problems: tuple[Problem, ...]


# What was read is true as long as the stamp is, whoever asks: a process that runs many commands
# reads a folder once. A relative path may name several folders, a folder may have several names.
_entries: dict[tuple[Path, Path], tuple[Stamp, Entry]] = {}
_checked: dict[tuple[Path, Path], tuple[Stamp, tuple[Problem, ...]]] = {}


def open_catalogue(folder: Path | str | None = None) -> Catalogue:
    """Open the catalogue of a folder: ``./patterns`` if it is there, else the shipped one.

    Raises
    ------
    PatternError
        There is no such folder.
    """
    chosen = patterns_folder(folder)
    if not chosen.is_dir():
        what = "There is no such folder of patterns."
        raise PatternError(what, where=Place(path=chosen.as_posix()))
    return Catalogue(chosen)


class Catalogue:
    """Patterns, rules and judgements of one folder.

    Every question is answered from the files as they are when it is asked, so that an edited
    detector runs without opening anything again; a folder that did not change is not read twice.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def patterns(
        self, ids: Sequence[str] | None = None, *, running: bool = True
    ) -> tuple[Pattern, ...]:
        """Return sound patterns, sorted by id; those with problems are left to :meth:`problems`.

        Parameters
        ----------
        ids : sequence of str, optional
            Ids or unique beginnings of ids: those patterns, whatever their stage.
        running : bool
            Without ``ids``: only patterns in trial, active or watch.

        Raises
        ------
        UnknownNameError
            One of ``ids`` fits no pattern, or several.
        PatternError
            One of ``ids`` names a pattern that has problems.
        """
        if ids is not None:
            named = {found.id: found for found in map(self.pattern, ids)}
            return tuple(named[name] for name in sorted(named))
        found = (entry.pattern for entry in self._entries())
        return tuple(p for p in found if p is not None and (p.stage.runs or not running))

    def pattern(self, name: str) -> Pattern:
        """Return the pattern with this id, or the only one whose id begins so.

        Raises
        ------
        UnknownNameError
            No pattern fits, or several do.
        PatternError
            The pattern has problems; they are listed.
        """
        entries = {entry.file.folder.name: entry for entry in self._entries()}
        entry = entries[_resolved(name, list(entries))]
        if entry.pattern is None:
            what = f"Pattern {entry.file.folder.name} cannot be used:"
            raise PatternError(what, problems=entry.problems)
        return entry.pattern

    def triage_rules(self) -> tuple[PathRule, ...]:
        """Return the rules that say which paths cannot matter, in their order."""
        return _sound(read_triage(self.folder))

    def coupling_rules(self) -> tuple[PathRule, ...]:
        """Return the rules that say how an imported module is leaned on, in their order."""
        return _sound(read_coupling(self.folder))

    def hot_paths(self) -> tuple[HotPath, ...]:
        """Return the upstream's entry points that run often."""
        hot_paths = read_hot_paths(self.folder)
        if hot_paths.problems:
            raise PatternError("The hot paths cannot be used:", problems=hot_paths.problems)
        return hot_paths.rules

    def labels(self, pattern_id: str | None = None) -> tuple[Label, ...]:
        """Return the ledger's labels; with a pattern, those on it and those on no pattern."""
        file = self.folder / LABELS
        labels = read_labels(file)[0] if file.exists() else ()
        return tuple(x for x in labels if pattern_id is None or x.pattern in (None, pattern_id))

    def unsound(self) -> tuple[Problem, ...]:
        """Return why :meth:`patterns` leaves patterns out; examples are not looked at."""
        return tuple(p for entry in self._entries() for p in entry.problems)

    def problems(self) -> tuple[Problem, ...]:
        """Return every problem of the files that shows without running an example."""
        entries = list(self._entries())
        found = [p for entry in entries for p in _problems(entry)]
        found += _links(entries)
        for read in (read_triage, read_coupling, read_hot_paths):
            found += read(self.folder).problems
        found += reference_problems(self.folder)
        if any(path.is_dir() for path in (self.folder / FOLDER).glob("*")):
            found += read_dag_rules(self.folder / FOLDER).problems
        file = self.folder / LABELS
        refused = list(read_labels(file)[1]) if file.exists() else []
        for name in (FINDINGS, CHECKS):
            refused += read_lines(self.folder / name)[1]
        refused += resolution_faults(self.folder)
        for rejection in refused:
            line = int(rejection.at.removeprefix("line "))
            found.append(problem(rejection.path, rejection.reason, line=line))
        return tuple(found)

    def check(self) -> tuple[Problem, ...]:
        """Return every problem of the files and of the examples of sound patterns."""
        hot_paths = read_hot_paths(self.folder).rules
        examples = run_examples(self.patterns(running=False), hot_paths)
        return (*self.problems(), *examples)

    def digest(self) -> str:
        """Return a digest of every file that says what is a hit: patterns, examples, rules."""
        content = hashlib.sha256()
        rules = [file for name in RULE_FILES if (file := self.folder / name).is_file()]
        below = (Path(path) for folder in self._folders() for path, *_ in _stamp(folder))
        files = (file for file in below if file.is_file() and not file.is_symlink())
        for file in sorted([*rules, *files]):
            text = file.read_bytes()
            content.update(f"{file.relative_to(self.folder).as_posix()}\0{len(text)}\0".encode())
            content.update(text)
        return content.hexdigest()

    def _folders(self) -> list[Path]:
        return sorted(
            path
            for path in self.folder.iterdir()
            if path.name not in OTHER_FOLDERS and path.name[0] != "." and path.is_dir()
        )

    def _entries(self) -> Iterator[Entry]:
        for folder in self._folders():
            key, stamp = (folder.absolute(), folder), _stamp(folder, but=EXAMPLES)
            kept = _entries.get(key)
            if kept is None or kept[0] != stamp:
                kept = _entries[key] = (stamp, _entry(folder))
            yield kept[1]


def _entry(folder: Path) -> Entry:
    file = read_pattern_file(folder)
    problems = check_detector(file)
    return Entry(file=file, pattern=None if problems else to_pattern(file), problems=problems)


def _problems(entry: Entry) -> tuple[Problem, ...]:
    folder = entry.file.folder
    key, stamp = (folder.absolute(), folder), _stamp(folder)
    kept = _checked.get(key)
    if kept is None or kept[0] != stamp:
        kept = _checked[key] = (stamp, check_pattern(entry.file))
    return kept[1]


def _stamp(folder: Path, *, but: str = "") -> Stamp:
    """Stamp a folder; what is below its own folder ``but`` does not count."""
    about = folder.lstat()
    own = (str(folder), about.st_mtime_ns, about.st_ctime_ns, about.st_size)
    # a link may lead anywhere: it is looked at, never followed
    below = () if folder.is_symlink() else sorted(_below(str(folder), but=but))
    return (own, *below)


def _below(folder: str, *, but: str = "") -> Iterator[tuple[str, int, int, int]]:
    with suppress(PermissionError), os.scandir(folder) as entries:
        for entry in entries:
            about = entry.stat(follow_symlinks=False)
            yield entry.path, about.st_mtime_ns, about.st_ctime_ns, about.st_size
            if entry.is_dir(follow_symlinks=False) and entry.name != but:
                yield from _below(entry.path)


def _resolved(name: str, ids: Sequence[str]) -> str:
    """Return the id that a name means: itself, its first word, or its only beginning."""
    for fits in (
        [known for known in ids if known == name],
        [known for known in ids if known.startswith(f"{name}-")],
        [known for known in ids if name and known.startswith(name)],
    ):
        if len(fits) == 1:
            return fits[0]
        if fits:
            what = f"{name!r} may mean {', '.join(fits)}."
            raise UnknownNameError(what, todo="Write more of the id.")
    raise UnknownNameError(f"There is no pattern {name!r}.", todo=suggestion(name, ids))


def _links(entries: Sequence[Entry]) -> Iterator[Problem]:
    """Find ids that two folders claim, and replacements that are no pattern."""
    ids = {entry.file.folder.name for entry in entries}
    claimed: dict[str, Path] = {}
    for entry in entries:
        file = entry.file
        if file.sound("id"):
            first = claimed.setdefault(file.data["id"], file.folder)
            if first != file.folder:
                what = f"The id {file.data['id']!r} is that of {first.as_posix()} too."
                yield from file.toml.locate([Fault(("id",), what)])
        heir = file.data["lifecycle"].get("replaced_by") if file.sound("lifecycle") else None
        if heir is not None and heir != "none" and heir not in ids:
            what = f"There is no pattern {heir!r}."
            fault = Fault(("lifecycle", "replaced_by"), what, suggestion(heir, ids))
            yield from file.toml.locate([fault])


def _sound(file: RuleFile[PathRule]) -> tuple[PathRule, ...]:
    if file.problems:
        raise PatternError("The rules cannot be used:", problems=file.problems)
    return file.rules
