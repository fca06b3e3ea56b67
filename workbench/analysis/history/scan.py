"""Leads a history through the phases, triage to challenge, with a count at each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from workbench.analysis.history.challenge import challenge
from workbench.analysis.history.challenge_further import Arguer, Further
from workbench.analysis.history.challenge_reasons import COLD
from workbench.analysis.history.detect import detect
from workbench.analysis.history.fixes import fixes
from workbench.analysis.history.folding import fold
from workbench.analysis.history.hot_reach import hot_names
from workbench.analysis.history.impact import impact
from workbench.analysis.history.moved_members import with_members
from workbench.analysis.history.reexports import aliases
from workbench.analysis.history.string_names import string_names
from workbench.analysis.history.triage import triage, watched
from workbench.analysis.history.verify import SIGNATURE, verify
from workbench.analysis.history.verify_costs import with_scale_cards
from workbench.analysis.history.verify_evidence import SourceOf
from workbench.analysis.history.verify_names import MISSING_NAME
from workbench.analysis.scale.cards import Scale
from workbench.domain.findings import Outcome
from workbench.domain.histories import History
from workbench.domain.history import Severity, TriageClass
from workbench.domain.patterns import FailureMode, HotPath, PathRule, Pattern
from workbench.errors import DetectorError

ASKED_FOR = frozenset({MISSING_NAME, SIGNATURE})
"""Tags of patterns that hurt only who uses or overrides the very name: upstream has seen to its
own uses, and who inherits may never ask for it."""

BEHAVIOURAL = frozenset({FailureMode.SLOW, FailureMode.WRONG_DATA})
"""How patterns hurt that concern everyone who runs the code, not only who calls it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What a scan gave: triage of every commit, hits, findings, and how many are left where.

    ``funnel`` counts, in this order: ``commits`` = ``skipped`` + ``targeted`` + ``full``, of which
    the last two are ``examined``; ``hits`` in these; ``reached``, one for each commit, pattern and
    downstream (or everyone); of these ``folded`` into another one of the same cause and
    ``dismissed``, because what uses the change was shown to fit it, or because it was not shown to
    break and was argued down to LOW or is about cost that no path is known to pay often;
    ``findings`` = ``reached`` - ``folded`` - ``dismissed``; and of the findings those ``verified``,
    ``downgraded`` and ``upgraded``.

    ``argued`` counts what a given arguer was asked and said; it is empty without one. ``notes``
    are sentences about why it said nothing, ``failed`` the patterns whose detector failed, and how.
    """

    triage: pl.DataFrame
    hits: pl.DataFrame
    findings: pl.DataFrame
    funnel: Mapping[str, int]
    argued: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)

    @property
    def examined(self) -> list[str]:
        """Commits that the detectors looked at."""
        kept = self.triage.filter(pl.col("class") != TriageClass.SKIP.value)
        return kept["sha"].sort().to_list()


def scan(
    patterns: Sequence[Pattern],
    history: History,
    *,
    call_sites: pl.DataFrame,
    rules: Sequence[PathRule] = (),
    hot_paths: Sequence[HotPath] = (),
    imported: pl.DataFrame | None = None,
    past: History | None = None,
    source_of: SourceOf | None = None,
    arguer: Arguer | None = None,
    scale: Scale | None = None,
) -> Scan:
    """Scan a history for changes that reach a downstream or everyone.

    Parameters
    ----------
    patterns : sequence of Pattern
        What to look for.
    history : History
        The span to scan.
    call_sites : polars.DataFrame
        Of all downstreams, as declared in :data:`workbench.domain.frames.CALL_SITES`; one that
        says when it stood counts only for commits of that time.
    rules : sequence of PathRule
        Paths that cannot matter.
    hot_paths : sequence of HotPath
        Entry points that run often.
    imported : polars.DataFrame, optional
        A column ``module``, and maybe ``since_utc`` and ``until_utc``: the import maps, to tell
        TARGETED from FULL.
    past : History, optional
        A history that begins before the span: it knows re-exports that the span did not add.
    source_of : callable, optional
        Downstream, path and the commit's date -> the file's text as it stood then: shows what is
        guarded and how calls are written, and makes patches possible.
    arguer : callable, optional
        Adds arguments to the challenge, and nothing depends on it; see
        :class:`workbench.analysis.history.challenge_further.Further`.
    scale : Scale, optional
        The installation that scale cards are told for; the February 2026 incident's otherwise.
    """
    sorted_out = triage(history, rules, imported=imported)
    failed: dict[str, DetectorError] = {}
    # no name for what detectors look at: half a gigabyte goes with it before the next phase
    hits = detect(patterns, watched(history, rules), hot_paths=hot_paths, failed=failed.__setitem__)
    missing = {pattern.id for pattern in patterns if ASKED_FOR & set(pattern.tags)}
    whole = with_members(hits, history, missing=missing)
    spelled = aliases(whole, past or history, targets=call_sites["target"])
    quoted = string_names(hits, history)
    hot = hot_names(hits, history, hot_paths) if hot_paths else None
    reached = impact(
        whole,
        call_sites,
        aliases=pl.concat([spelled, quoted.select(spelled.columns)]),
        hot_paths=hot_paths,
        hot=hot,
        missing=missing,
        behavioural={pattern.id for pattern in patterns if pattern.failure_mode in BEHAVIOURAL},
        commits=history.commits,
    )
    verified, known = verify(
        reached,
        call_sites,
        patterns=patterns,
        history=history,
        past=past,
        aliases=spelled,
        strings=quoted,
        hot_paths=hot_paths,
        hot=hot,
        source_of=source_of,
    )
    single = fold(with_scale_cards(verified, known, history, scale=scale))
    kept = single.filter(pl.col("outcome") != Outcome.FITS.value)
    further = Further(arguer)
    challenged = challenge(kept, known, hits=hits, history=history, further=further)
    told = challenged.filter(~_argued_away())
    findings = fixes(told, known, history=past or history)
    verdict = pl.col("review").struct.field("verdict")
    funnel = {
        "commits": sorted_out.height,
        **{c.value.lower(): 0 for c in TriageClass},
        **_classes(sorted_out),
        "examined": sorted_out.filter(pl.col("class") != TriageClass.SKIP.value).height,
        "hits": hits.height,
        "reached": reached.height,
        "folded": reached.height - single.height,
        "dismissed": single.height - findings.height,
        "findings": findings.height,
        "verified": findings.filter("verified").height,
        "downgraded": findings.filter(verdict == "downgraded").height,
        "upgraded": findings.filter(verdict == "upgraded").height,
    }
    names = {"skip": "skipped"}
    counts = {names.get(name, name): count for name, count in funnel.items()}
    return Scan(
        triage=sorted_out,
        hits=hits,
        findings=findings,
        funnel=counts,
        argued=further.counts(),
        notes=tuple(further.notes),
        failed={name: str(error) for name, error in failed.items()},
    )


def _argued_away() -> pl.Expr:
    """A break that nobody could show, and that the challenge argued down to LOW, or calls cold."""
    reasons = pl.col("review").struct.field("reasons").list
    cold = reasons.eval(pl.element().struct.field("argument") == COLD).list.any()
    quiet = (pl.col("severity") == Severity.LOW.value) | cold
    return (pl.col("kind") == "break") & ~pl.col("verified") & quiet


def _classes(sorted_out: pl.DataFrame) -> dict[str, int]:
    rows = sorted_out.group_by("class").len().sort("class").iter_rows()
    return {str(name).lower(): count for name, count in rows}
