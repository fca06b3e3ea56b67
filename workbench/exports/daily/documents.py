"""The answers of ``report daily`` and ``report period``: counts, findings and their commits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from workbench.exports.daily.counting import (
    counts,
    is_breaking,
    skip_rules,
    spans,
    worst_first,
)
from workbench.exports.findings import prepared
from workbench.text.redact import redact

PULL_REQUEST = re.compile(r"\(#(\d{1,18})\)\s*$")
QUIET, LOUD, NOTHING_NEW, NO_COMMITS = "quiet", "loud", "nothing-new", "no-commits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What a report is made of: the frames of a scan, its commits, and where they can be read.

    ``links`` maps a repository to an address with ``{number}`` in it, where one is known.
    """

    commits: pl.DataFrame
    triage: pl.DataFrame
    hits: pl.DataFrame
    findings: pl.DataFrame
    links: Mapping[str, str]


def daily_document(
    reported: Reported,
    *,
    day: date,
    already: int = 0,
    before: int = 0,
    last: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the body of a day's report.

    Parameters
    ----------
    reported : Reported
        The commits of the day that no report has looked at, and what was found in them.
    day : datetime.date
        The day, in UTC.
    already, before : int
        Commits of the day that an earlier report looked at; commits before it that none did.
    last : mapping, optional
        Repository -> last commit that an earlier report looked at.
    """
    findings, _ = prepared(reported.findings)
    ordered = worst_first(findings)
    counted = counts(reported.triage, reported.hits, ordered)
    breaking = [row for row in ordered if is_breaking(row)]
    if counted["commits"]:
        verdict = LOUD if breaking else QUIET
    else:
        verdict = NOTHING_NEW if already else NO_COMMITS
    return {
        "day": day.isoformat(),
        "verdict": verdict,
        "says": _says(verdict, breaking),
        "counts": counted,
        "already_checked": already,
        "unchecked_before": before,
        "repositories": _repositories(reported.commits, last or {}),
        "skipped_by": skip_rules(reported.triage),
        "findings": ordered,
        "about": _about(reported, {row["sha"] for row in ordered}),
        "analysed": _analysed(reported),
    }


def period_document(reported: Reported, *, first: date, last: date) -> dict[str, Any]:
    """Return the body of a period's report, both days included."""
    findings, _ = prepared(reported.findings)
    ordered = worst_first(findings)
    breaking = [row for row in ordered if is_breaking(row)]
    counted = counts(reported.triage, reported.hits, ordered)
    verdict = (LOUD if breaking else QUIET) if counted["commits"] else NO_COMMITS
    return {
        "first": first.isoformat(),
        "last": last.isoformat(),
        "verdict": verdict,
        "says": _says(verdict, breaking),
        "counts": counted,
        "spans": spans(reported.commits, reported.triage, reported.hits, ordered),
        "skipped_by": skip_rules(reported.triage),
        "findings": ordered,
        "about": _about(reported, {row["sha"] for row in ordered}),
    }


def _says(verdict: str, breaking: Sequence[Mapping[str, Any]]) -> str:
    """The verdict in a few words."""
    if verdict == NO_COMMITS:
        return "No commits."
    if verdict == NOTHING_NEW:
        return "Nothing new: an earlier report looked at every commit of this day."
    if verdict == QUIET:
        return "No breaking change."
    # They come worst first, so severities are named in that order.
    words: dict[str, int] = {}
    for row in breaking:
        said = f"{'verified' if row.get('verified') is True else 'unverified'} {row['severity']}"
        words[said] = words.get(said, 0) + 1
    return ", ".join(f"{n} {said}" for said, n in words.items()) + "."


def _repositories(commits: pl.DataFrame, last: Mapping[str, str]) -> list[dict[str, object]]:
    ordered = commits.sort("repository", "position").group_by("repository", maintain_order=True)
    rows = ordered.agg(commits=pl.len(), last_sha=pl.col("sha").last()).to_dicts()
    return [{**row, "last_before": last.get(row["repository"])} for row in rows]


def _about(reported: Reported, shas: set[str]) -> list[dict[str, object]]:
    """Subject, date, pull request and link of the commits that have findings."""
    named = reported.commits.filter(pl.col("sha").is_in(sorted(shas)))
    named = named.unique("sha", keep="first", maintain_order=True)
    columns = ("sha", "repository", "subject", "committed_utc")
    rows: list[dict[str, object]] = []
    for sha, repository, subject, at in named.sort("sha").select(columns).iter_rows():
        number = PULL_REQUEST.search(subject)
        link = reported.links.get(repository)
        rows.append(
            {
                "sha": sha,
                "subject": redact(subject),
                "committed_utc": at,
                "pull_request": int(number[1]) if number else None,
                "link": link.replace("{number}", number[1]) if link and number else None,
            }
        )
    return rows


def _analysed(reported: Reported) -> list[dict[str, object]]:
    """The commits that were not skipped, oldest first, with the path that kept each."""
    kept = reported.triage.filter(pl.col("class") != "SKIP")
    subjects = reported.commits.select("sha", "subject").unique("sha")
    rows = kept.join(subjects, on="sha", how="left", maintain_order="left").to_dicts()
    return [{**row, "subject": redact(row["subject"] or "")} for row in rows]
