"""Commits that take another one back, and commits that say they repair it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from workbench.analysis.history.challenge_brief import Argument
from workbench.analysis.history.challenge_reasons import REVERTED
from workbench.domain.histories import History

Row = Mapping[str, Any]
NUMBER = r"\(#(\d+)\)\s*$"
"""The pull request of a commit stands in brackets at the end of its subject."""
REVERT_SHA = re.compile(r"[Tt]his reverts commit ([0-9a-f]{7,40})")
REVERT_SUBJECT = re.compile(r'^Revert\b[\s:]*"?(?P<subject>.*?)"?\s*(\(#\d+\))?\s*$')
REPAIR = re.compile(
    r"\b(?:fix(?:e[sd]|up)?|repairs?|revert(?:s|ed)?|regression|follow[- ]?up|introduced|caused|"
    r"broken?|since|after)\b[^.\n]{0,60}?#(\d+)",
    re.IGNORECASE,
)


BETWEEN_RELEASES = timedelta(days=60)
"""What is younger than the time between two releases was in none."""
MENDS = re.compile(r"\b(?:fix(?:e[sd]|ing|up)?|revert\w*|restor\w*|regression\w*)\b", re.IGNORECASE)


def reverts(findings: pl.DataFrame, history: History) -> dict[str, Argument]:
    """For each commit of the findings the later one, within the history, that takes it back."""
    wanted = set(findings["sha"].to_list())
    found: dict[str, Argument] = {}
    by_subject, by_sha, rows = _known(history, wanted)
    for row in rows:
        if not _is_revert(row):
            continue
        for sha in _taken_back(row, by_subject, by_sha):
            if by_sha[sha]["position"] < row["position"]:
                found.setdefault(sha, _argument(row, history))
    return {sha: argument for sha, argument in found.items() if argument.path}


def repairs(findings: pl.DataFrame, history: History) -> dict[tuple[str, str], Row]:
    """For each commit and path of the findings the first later commit that says it repairs it.

    It takes the commit back, or its subject says that it mends something, its message of what
    pull request, and it touches the very path.
    """
    wanted = set(findings["sha"].to_list())
    by_subject, by_sha, rows = _known(history, wanted)
    numbers = {
        (row["repository"], found.group(1)): row
        for row in by_sha.values()
        if (found := re.search(NUMBER, row["subject"]))
    }
    made: dict[tuple[str, str], Row] = {}
    paths: dict[str, set[str]] = {}
    for sha, path in findings.select("sha", "path").iter_rows():
        paths.setdefault(sha, set()).add(path)
    touched = _touched(history, {path for each in paths.values() for path in each})
    for row in rows:
        own = re.search(NUMBER, row["subject"])
        said = set(REPAIR.findall(row["message"])) - ({own.group(1)} if own else set())
        causes = [numbers[key] for n in sorted(said) if (key := (row["repository"], n)) in numbers]
        back = _taken_back(row, by_subject, by_sha) if _is_revert(row) else []
        mended = [(sha, path) for sha in back for path in paths[sha]]
        if MENDS.search(row["subject"]):
            here = touched.get(row["commit_id"], set())
            mended += [(c["sha"], path) for c in causes for path in paths[c["sha"]] & here]
        for sha, path in mended:
            if by_sha[sha]["position"] < row["position"]:
                made.setdefault((sha, path), row)
    return made


def _touched(history: History, paths: set[str]) -> dict[int, set[str]]:
    """Which of the paths each commit touches."""
    sides = [history["file_changes"].select("commit_id", path=c) for c in ("old_path", "path")]
    rows = pl.concat(sides).filter(pl.col("path").is_in(list(paths))).unique()
    found: dict[int, set[str]] = {}
    for commit, path in rows.iter_rows():
        found.setdefault(commit, set()).add(path)
    return found


def restores(findings: pl.DataFrame, history: History) -> frozenset[str]:
    """Commits of the findings that only put back what was released.

    They take back commits of the last sixty days. Where such a one was a revert itself, that what
    it took away comes again: then it has to be older than that.
    """
    wanted = set(findings["sha"].to_list())
    columns = ("sha", "repository", "subject", "message", "committed_utc", "position")
    rows = history.commits.select(columns).sort("repository", "position").to_dicts()
    every = {row["sha"]: row for row in rows}
    subjects = {(row["repository"], row["subject"]): row["sha"] for row in rows[::-1]}

    def undone(row: Row) -> list[Row]:
        if not _is_revert(row):
            return []
        found = [every[sha] for sha in _taken_back(row, subjects, every)]
        return [one for one in found if one["position"] < row["position"]]

    def was_released(rows: list[Row], at: datetime) -> bool:
        ages = [at - row["committed_utc"] for row in rows]
        return bool(ages) and min(ages) >= BETWEEN_RELEASES

    def as_released(row: Row, at: datetime) -> bool:
        back = undone(row)
        return bool(back) and all(
            at - one["committed_utc"] < BETWEEN_RELEASES
            and (not _is_revert(one) or was_released(undone(one), at))
            for one in back
        )

    asked = [every[sha] for sha in sorted(wanted & every.keys())]
    return frozenset(row["sha"] for row in asked if as_released(row, row["committed_utc"]))


Known = tuple[dict[tuple[str, str], str], dict[str, Row], list[dict[str, Any]]]


def _known(history: History, wanted: set[str]) -> Known:
    """The wanted commits by repository and subject, and by sha; and those that may name them."""
    columns = ("commit_id", "sha", "repository", "position", "subject", "message")
    commits = history.commits.select(columns).sort("repository", "position")
    asked = commits.filter(pl.col("sha").is_in(list(wanted))).to_dicts()
    numbers = [f"#{found.group(1)}" for r in asked if (found := re.search(NUMBER, r["subject"]))]
    names_one = pl.col("message").str.contains_any(numbers) if numbers else pl.lit(value=False)
    said = commits.filter(
        pl.col("position") > min((row["position"] for row in asked), default=0),
        names_one
        | pl.col("message").str.contains("This reverts commit", literal=True)
        | pl.col("subject").str.starts_with("Revert"),
    )
    by_subject = {(row["repository"], row["subject"]): row["sha"] for row in asked[::-1]}
    return by_subject, {row["sha"]: row for row in asked}, said.to_dicts()


def _is_revert(row: Row) -> bool:
    return bool(row["subject"].startswith("Revert") or "This reverts commit" in row["message"])


def _taken_back(
    row: Row, by_subject: Mapping[tuple[str, str], str], by_sha: Mapping[str, Row]
) -> list[str]:
    named = [
        sha
        for short in REVERT_SHA.findall(row["message"])
        for sha in ([short] if short in by_sha else [s for s in by_sha if s.startswith(short)][:1])
    ]
    if (said := REVERT_SUBJECT.match(row["subject"])) is not None:
        sha = by_subject.get((row["repository"], said["subject"]))
        named += [sha] if sha and sha != row["sha"] else []
    return list(dict.fromkeys(named))


def _argument(row: Row, history: History) -> Argument:
    """The revert, cited by the first line that it puts back."""
    touched = (
        history["file_changes"]
        .filter(pl.col("commit_id") == row["commit_id"])
        .join(history["hunks"], on="change_id")
        .sort("is_core", "path", "new_start", descending=[True, False, False])
    )
    hunk = touched.row(0, named=True) if touched.height else None
    text = (hunk["added"] or hunk["removed"]).split("\n")[0].strip() if hunk else ""
    return Argument(
        argument=f"{REVERTED} by {row['sha'][:12]}: {row['subject']}",
        direction="down",
        path=str(hunk["path"]) if hunk else "",
        line=max(int(hunk["new_start"]), 1) if hunk else 1,
        text=text or row["subject"],
        where="upstream",
    )
