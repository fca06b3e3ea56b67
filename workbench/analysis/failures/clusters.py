"""Digests that mean the same, under names that last: the same failure keeps its cluster's id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl

from workbench.analysis.failures.cluster_facts import ASSIGNMENTS, Anchor, described
from workbench.analysis.failures.digests import content_id, digest_frame
from workbench.analysis.failures.signs import Signs, shared_words, signs
from workbench.analysis.failures.similarity import ALIKE, differences


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """``assignments`` as ASSIGNMENTS declares, ``clusters`` as CLUSTERS, and their ``anchors``."""

    assignments: pl.DataFrame
    clusters: pl.DataFrame
    anchors: tuple[Anchor, ...]


@dataclass(slots=True)
class _Open:
    """A cluster that grows."""

    cluster_id: str
    template: str
    signs: Signs
    members: set[str] = field(default_factory=set)
    is_kept: bool = False


def cluster(
    digests: pl.DataFrame,
    failures: pl.DataFrame | None = None,
    *,
    anchors: Sequence[Anchor] = (),
    known: Sequence[Anchor] = (),
    must_link: Iterable[tuple[str, str]] = (),
    cannot_link: Iterable[tuple[str, str]] = (),
) -> Clusters:
    """Put failures into clusters of templates that mean the same.

    A template that an anchor lists stays where it is; another one joins the cluster whose first
    template it is most like, if it is like it at all, or begins one. The answer depends on what is
    there, not on its order.

    Parameters
    ----------
    digests : polars.DataFrame
        ``failure_id, template_id, template`` as
        :func:`~workbench.analysis.failures.digests.digest_frame` gives them; of failures without
        these they are worked out.
    failures : polars.DataFrame, optional
        ``failure_id, dag_id, at_utc``: for when and where. It decides no cluster.
    anchors : sequence of Anchor
        What people kept.
    known : sequence of Anchor
        What was answered before, here: so that ids stay when more failures come.
    must_link, cannot_link : iterable of pairs of str
        Failures that people said belong together, or do not.

    Returns
    -------
    Clusters
        Every failure has a cluster.
    """
    if "template_id" not in digests.columns:
        failures = digests if failures is None else failures
        digests = digest_frame(digests)
    must_link, cannot_link = list(must_link), list(cannot_link)
    named_by_people = {each for pair in (*must_link, *cannot_link) for each in pair}
    told_of = pl.col("failure_id").is_in(sorted(named_by_people))
    template_of_failure = dict(digests.filter(told_of).select("failure_id", "template_id").rows())
    templates = dict(
        digests.select("template_id", "template").unique("template_id").sort("template_id").rows()
    )
    together = _template_pairs(must_link, template_of_failure)
    apart = _template_pairs(cannot_link, template_of_failure)
    opened = _opened(anchors, known)
    _split(opened, apart, templates)
    _join(opened, templates, apart)
    named = _merged(opened, together, templates)
    assigned = digests.select("failure_id", "template_id").with_columns(
        cluster_id=pl.col("template_id").replace_strict(named, return_dtype=pl.String)
    )
    made = _anchors(opened, named, templates)
    return Clusters(
        assignments=ASSIGNMENTS.check(assigned),
        clusters=described(assigned, templates, made, failures, kept=anchors),
        anchors=made,
    )


def cluster_id_of(template: str) -> str:
    """Return the id of a cluster that begins with a template."""
    return f"C-{content_id('cluster ' + template)[:10]}"


def _template_pairs(
    pairs: Iterable[tuple[str, str]], template_of_failure: dict[str, str]
) -> set[tuple[str, str]]:
    """Return pairs of templates for pairs of failures that are here."""
    found = set()
    for one, other in pairs:
        if one in template_of_failure and other in template_of_failure:
            a, b = sorted((template_of_failure[one], template_of_failure[other]))
            if a != b:
                found.add((a, b))
    return found


def _opened(anchors: Sequence[Anchor], known: Sequence[Anchor]) -> dict[str, _Open]:
    """Return the clusters there are: what people kept goes before what was answered before."""
    opened: dict[str, _Open] = {}
    placed: dict[str, str] = {}
    for kept, group in ((True, anchors), (False, known)):
        for anchor in group:
            here = opened.setdefault(
                anchor.cluster_id,
                _Open(
                    cluster_id=anchor.cluster_id,
                    template=anchor.template,
                    signs=signs(anchor.template),
                    is_kept=kept,
                ),
            )
            for member in anchor.members:
                if placed.setdefault(member, anchor.cluster_id) == anchor.cluster_id:
                    here.members.add(member)
    return {name: each for name, each in sorted(opened.items()) if each.is_kept or each.members}


def _split(
    opened: dict[str, _Open], apart: set[tuple[str, str]], templates: dict[str, str]
) -> None:
    """Take templates that people split out of the cluster they share: the anchor's own stays."""
    for one, other in sorted(apart):
        for here in list(opened.values()):
            if one in here.members and other in here.members:
                first = content_id(here.template)
                leaves = one if other == first else other
                here.members.discard(leaves)
                if leaves in templates:
                    _open(opened, leaves, templates[leaves])


def _open(opened: dict[str, _Open], template_id: str, template: str) -> _Open:
    """Begin a cluster with a template."""
    name = cluster_id_of(template)
    here = opened.setdefault(name, _Open(cluster_id=name, template=template, signs=signs(template)))
    here.members.add(template_id)
    return here


def _join(opened: dict[str, _Open], templates: dict[str, str], apart: set[tuple[str, str]]) -> None:
    """Put each template that has no cluster yet where it belongs, in the order of their ids."""
    placed = {member for here in opened.values() for member in here.members}
    foes: dict[str, set[str]] = defaultdict(set)
    for one, other in apart:
        foes[one].add(other)
        foes[other].add(one)
    blocks: dict[tuple[str, frozenset[str]], list[_Open]] = defaultdict(list)
    for here in opened.values():
        blocks[_block(here.signs)].append(here)
    for template_id, template in templates.items():
        if template_id in placed:
            continue
        mine = signs(template)
        near = blocks[_block(mine)]
        best: tuple[float, str] | None = None
        for here in near:
            if foes[template_id] & here.members:
                continue
            shared = shared_words(mine, here.signs)
            same = template == here.template
            if same or (shared >= ALIKE and not differences(mine, here.signs)):
                best = min(best or (2.0, ""), (-2.0 if same else -shared, here.cluster_id))
        if best is None:
            near.append(_open(opened, template_id, template))
        else:
            opened[best[1]].members.add(template_id)


def _block(mine: Signs) -> tuple[str, frozenset[str]]:
    """Return what two templates must share to be compared at all."""
    return mine.exception, mine.telling


def _merged(
    opened: dict[str, _Open], together: set[tuple[str, str]], templates: dict[str, str]
) -> dict[str, str]:
    """Return the cluster of each template, after what people merged: a kept id outlives others."""
    named = {
        member: here.cluster_id
        for here in opened.values()
        for member in sorted(here.members)
        if member in templates
    }
    for one, other in sorted(together):
        ids = (named[one], named[other])
        stays = min(ids, key=lambda name: (not opened[name].is_kept, name))
        named = {member: stays if at in ids else at for member, at in named.items()}
    return named


def _anchors(
    opened: dict[str, _Open], named: dict[str, str], templates: dict[str, str]
) -> tuple[Anchor, ...]:
    """Return what the ids stand for now, members that are not loaded at present included."""
    members: dict[str, set[str]] = defaultdict(set)
    for member, name in named.items():
        members[name].add(member)
    for here in opened.values():
        gone = {member for member in here.members if member not in templates}
        if here.is_kept or gone:
            members[here.cluster_id] |= gone
    return tuple(
        Anchor(cluster_id=name, template=opened[name].template, members=tuple(sorted(ids)))
        for name, ids in sorted(members.items())
        if ids or opened[name].is_kept
    )
