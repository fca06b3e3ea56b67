"""Whether a class that lost a base lost anything by it, as far as a commit's files tell."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from workbench.analysis.standing_views import side_view
from workbench.domain.histories import History

ROOTS = frozenset({"object", "Generic"})
"""Bases that a class has without their being named, or that only type checkers read."""
METACLASS = "metaclass="


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """A class as it stood: its bases by their last names, and what it defines itself."""

    bases: tuple[str, ...]
    members: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """Classes of the files that a commit touched, by (sha, before or after) and last name."""

    standing: dict[tuple[str, str], dict[str, list[Class]]] = field(default_factory=dict)

    def ancestors(self, sha: str, side: str, names: Iterable[str]) -> frozenset[str]:
        """The names and all that is surely above them: of two classes of a name, what both have."""
        known = self.standing.get((sha, side), {})

        def above(name: str, seen: frozenset[str]) -> frozenset[str]:
            if name in seen:
                return frozenset()
            each = [
                frozenset().union(*(above(base, seen | {name}) for base in one.bases))
                for one in known.get(name, ())
            ]
            return frozenset({name}).union(frozenset.intersection(*each) if each else ())

        return frozenset().union(*(above(name, frozenset()) for name in names))

    def members(self, sha: str, side: str, names: Iterable[str]) -> frozenset[str]:
        """What the classes define, and all that is known above them."""
        found, left, seen = set[str](), list(names), set[str]()
        while left:
            name = left.pop()
            if name not in seen:
                seen.add(name)
                for one in self.standing.get((sha, side), {}).get(name, ()):
                    found |= one.members
                    left += one.bases
        return frozenset(found)

    def lost(
        self, sha: str, owner: str, *, before: Iterable[str], after: Iterable[str]
    ) -> frozenset[str] | None:
        """What a class no longer inherits: members, and the names of the bases that have them.

        Parameters
        ----------
        sha : str
            The commit.
        owner : str
            The class, dotted.
        before, after : iterable of str
            Its bases as written.

        Returns
        -------
        frozenset of str or None
            Nothing when each old base is an ancestor still; None where one that is no longer, or
            an ancestor of it, stands in none of the commit's files.
        """
        still = self.ancestors(sha, "after", last_names(after)) | ROOTS
        known = self.standing.get((sha, "before"), {})
        gone: set[str] = set()
        left = [name for name in last_names(before) if name not in still]
        if any(name.startswith(METACLASS) for name in still):
            # a class is made by the metaclass of any class above it
            left = [name for name in left if not name.startswith(METACLASS)]
        while left:
            name = left.pop()
            if name not in known:
                return None
            if name not in gone:
                gone.add(name)
                left += [b for one in known[name] for b in one.bases if b not in still]
        own = last_names([owner])
        offered = frozenset(m for name in gone for one in known[name] for m in one.members)
        return (offered - self.members(sha, "after", [*own, *last_names(after)])) | gone


def last_names(bases: Iterable[str]) -> tuple[str, ...]:
    """Bases without modules and type parameters; a metaclass is as it is written."""
    return tuple(b if "=" in b else re.sub(r"\[.*", "", b).rpartition(".")[2] for b in bases)


def standing_classes(findings: pl.DataFrame, history: History) -> Classes:
    """The classes of the files that the findings' commits touched, on both sides.

    Parameters
    ----------
    findings : polars.DataFrame
        As declared in :data:`workbench.domain.findings.FINDINGS`.
    history : History
        Its ``segment_spans`` say what stood at each commit.
    """
    commits = history.commits.join(findings.select("sha").unique(), on="sha", how="semi")
    if commits.is_empty():
        return Classes()
    asked = History(commits, history.__getitem__)
    shas = history["file_changes"].join(commits, on="commit_id").select("change_id", "sha")
    standing: dict[tuple[str, str], dict[str, list[Class]]] = {}
    for side in ("before", "after"):
        rows = side_view(asked, name=f"definitions_{side}").join(shas, on="change_id").to_dicts()
        members: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for row in rows:
            holder, _, name = row["qualname"].rpartition(".")
            members[row["sha"], row["module"], holder].add(name)
        for row in rows:
            if row["kind"] == "class":
                made = Class(
                    bases=last_names(row["bases"] or ()),
                    members=frozenset(members[row["sha"], row["module"], row["qualname"]]),
                )
                by_name = standing.setdefault((row["sha"], side), {})
                by_name.setdefault(row["qualname"].rpartition(".")[2], []).append(made)
    return Classes(standing=standing)
