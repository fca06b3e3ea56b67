"""Leads a history through the phases: triage, pattern scan, impact, trace, with a count at each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from workbench.analysis.history.detect import detect
from workbench.analysis.history.impact import impact
from workbench.analysis.history.reexports import aliases
from workbench.analysis.history.trace import MISSING_NAME, trace
from workbench.analysis.history.triage import triage, watched
from workbench.domain.histories import History
from workbench.domain.history import TriageClass
from workbench.domain.patterns import HotPath, PathRule, Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What a scan gave: triage of every commit, hits, findings, and how many are left where.

    ``funnel`` counts commits, skipped, examined, hits, findings, in that order.
    """

    triage: pl.DataFrame
    hits: pl.DataFrame
    findings: pl.DataFrame
    funnel: Mapping[str, int]

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
) -> Scan:
    """Scan a history for changes that reach a downstream or everyone.

    Parameters
    ----------
    patterns : sequence of Pattern
        What to look for.
    history : History
        The span to scan.
    call_sites : polars.DataFrame
        Of all downstreams, as declared in :data:`workbench.domain.frames.CALL_SITES`.
    rules : sequence of PathRule
        Paths that cannot matter.
    hot_paths : sequence of HotPath
        Entry points that run often.
    imported : polars.DataFrame, optional
        A column ``module``: the import maps, to tell TARGETED from FULL.
    past : History, optional
        A history that begins before the span: it knows re-exports that the span did not add.
    """
    sorted_out = triage(history, rules, imported=imported)
    hits = detect(patterns, watched(history, rules), hot_paths=hot_paths)
    spelled = aliases(hits, past or history, targets=call_sites["target"])
    missing = {pattern.id for pattern in patterns if MISSING_NAME in pattern.tags}
    reached = impact(hits, call_sites, aliases=spelled, hot_paths=hot_paths, missing=missing)
    findings = trace(reached, call_sites, patterns=patterns, history=history, hot_paths=hot_paths)
    skipped = sorted_out.filter(pl.col("class") == TriageClass.SKIP.value).height
    funnel = {
        "commits": sorted_out.height,
        "skipped": skipped,
        "examined": sorted_out.height - skipped,
        "hits": hits.height,
        "findings": findings.height,
    }
    return Scan(triage=sorted_out, hits=hits, findings=findings, funnel=funnel)
