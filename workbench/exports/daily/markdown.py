"""Reports as Markdown that is read in two minutes: the verdict first, a finding in ten lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workbench.exports.daily.counting import is_breaking
from workbench.exports.daily.documents import QUIET
from workbench.text.printable import printable

Row = Mapping[str, Any]
MOST_WHOLE = 10
MOST_BRIEF = 20
MOST_ANALYSED = 16
MOST_STEPS = 8
MOST_RULES = 6
LONGEST = 160
MARKUP = re.compile(r"([\\`*<>\[\]|])")
SHORT_SHA = 10


def daily_markdown(body: Row) -> str:
    """Return a day's report; a quiet day has at most forty lines."""
    lines = [f"# Daily report, {body['day']}", ""]
    if body["counts"]["commits"]:
        lines += [_counted(body["counts"]), *_skipped(body)]
    lines += [f"**{_plain(body['says'])}**"]
    lines += [
        f"- {row['repository']}: {_many(row['commits'], 'commit')} up to {_short(row['last_sha'])}"
        + (f"; last checked before: {_short(row['last_before'])}" if row["last_before"] else "")
        for row in body["repositories"]
    ]
    if body["already_checked"] and body["counts"]["commits"]:
        lines += [f"- Reported before: {_many(body['already_checked'], 'commit')} of this day."]
    if body["unchecked_before"]:
        lines += [
            f"- Never checked: {_many(body['unchecked_before'], 'commit')} between the last check "
            "and this day; report those days, too."
        ]
    lines += _findings(body)
    if body["verdict"] == QUIET:
        lines += _analysed(body["analysed"])
    return "\n".join(lines) + "\n"


def period_markdown(body: Row) -> str:
    """Return a period's report: the counts of each day or month, then the findings."""
    lines = [f"# Report, {body['first']} to {body['last']}", ""]
    if body["counts"]["commits"]:
        lines += [_counted(body["counts"]), *_skipped(body)]
    lines += [f"**{_plain(body['says'])}**", ""]
    columns = ("commits", "skipped", "analysed", "hits", "findings", "verified")
    if body["spans"]:
        lines += [f"| when | {' | '.join(columns)} |", "|---|" + "---:|" * len(columns)]
        lines += [
            f"| {row['span']} | {' | '.join(str(row[name]) for name in columns)} |"
            for row in body["spans"]
        ]
    lines += _findings(body)
    return "\n".join(lines) + "\n"


def _counted(counts: Mapping[str, int]) -> str:
    return (
        f"{_many(counts['commits'], 'commit')}: {counts['skipped']} skipped, "
        f"{counts['analysed']} analysed ({counts['full']} full, {counts['targeted']} targeted); "
        f"{_many(counts['hits'], 'hit')}, {_many(counts['findings'], 'finding')}."
    )


def _skipped(body: Row) -> list[str]:
    rules = body["skipped_by"]
    said = [f"{row['rule']} {row['commits']}" for row in rules[:MOST_RULES]]
    rest = sum(row["commits"] for row in rules[MOST_RULES:])
    said += [f"others {rest}"] if rest else []
    return [f"Skipped by rule: {', '.join(said)}.", ""] if said else [""]


def _findings(body: Row) -> list[str]:
    """The worst findings whole, others in a line each, the rest as a number."""
    about = {row["sha"]: row for row in body["about"]}
    breaking = [row for row in body["findings"] if is_breaking(row)]
    others = [*breaking[MOST_WHOLE:], *(r for r in body["findings"] if not is_breaking(r))]
    lines: list[str] = []
    for row in breaking[:MOST_WHOLE]:
        lines += ["", *_whole(row, about.get(row["sha"], {}))]
    if others:
        lines += ["", "## Also"]
        lines += [_brief(row, about.get(row["sha"], {})) for row in others[:MOST_BRIEF]]
    if len(others) > MOST_BRIEF:
        lines += [f"- and {len(others) - MOST_BRIEF} more; --json gives all"]
    return lines


def _whole(finding: Row, about: Row) -> Iterator[str]:
    verified = "verified" if finding.get("verified") is True else "not verified"
    yield f"## {finding['severity']}, {verified}: {_reaches(finding)}"
    yield f"- Commit: {_commit(finding, about)}"
    yield f"- Pattern: {finding['pattern']}" + _also(finding)
    yield f"- What: {_plain(finding['message'])}"
    steps: Sequence[Row] = finding["trace"]
    if steps:
        yield "- Chain:"
    for number, step in enumerate(steps[:MOST_STEPS], start=1):
        place = _code(f"{step['path']}:{step['line']}")
        said = f"{step['where']} {place} {_plain(step['relation'])}"
        yield f"  {number}. {said}: {_code(step['text'])}"
    if len(steps) > MOST_STEPS:
        yield f"  and {len(steps) - MOST_STEPS} more steps"
    if len(finding["call_sites"]) > 1:
        yield f"- Call sites: {len(finding['call_sites'])}"
    if finding.get("why_not"):
        yield f"- Not verified: {_plain(finding['why_not'])}"
    card = finding.get("scale_card")
    if card:
        yield f"- At scale: {_plain(card['says'])}"
    review = finding.get("review")
    if review:
        yield f"- Second look: {review['verdict']}, {review['from']} to {review['to']}"
    fix = one_line_fix(finding.get("fix"))
    if fix:
        yield f"- Fix: {fix}"


def _brief(finding: Row, about: Row) -> str:
    head = f"- {finding['severity']} {finding['pattern']}: {_reaches(finding)}"
    return f"{head}; {_plain(finding['message'])} {_commit(finding, about)}"


def one_line_fix(fix: object) -> str:
    """Say in a line what to write: the first of its words, the first line that its patch adds."""
    if isinstance(fix, str):
        return _plain(fix.strip().partition("\n")[0])
    if not isinstance(fix, Mapping):
        return ""
    added = [
        line[1:].strip()
        for line in str(fix.get("patch") or "").splitlines()
        if line.startswith("+") and not line.startswith("+++")
    ]
    words = str(fix.get("text") or "").strip().partition("\n")[0]
    parts = [_plain(words)] if words else []
    if any(added):
        parts.append(f"write {_code(next(line for line in added if line))}")
    if fix.get("path"):
        parts.append(f"({_code(str(fix['path']))})")
    if fix.get("upstream_sha"):
        parts.append(f"(upstream's own fix: {_short(str(fix['upstream_sha']))})")
    return " ".join(parts)


def _reaches(finding: Row) -> str:
    if finding["kind"] == "everyone":
        return "reaches everyone"
    does = "breaks" if is_breaking(finding) else "still works for"
    return f"{does} {_plain(finding['downstream'])}"


def _commit(finding: Row, about: Row) -> str:
    said = f"{_short(finding['sha'])} {_plain(about.get('subject') or '')}".strip()
    link = about.get("link")
    return f"{said} <{link}>" if link else said


def _also(finding: Row) -> str:
    also = finding.get("also")
    return f", also {', '.join(also)}" if also else ""


def _analysed(rows: Sequence[Row]) -> list[str]:
    if not rows:
        return []
    lines = ["", "## Analysed, nothing found"]
    lines += [f"- {_short(row['sha'])} {_plain(row['subject'])}" for row in rows[:MOST_ANALYSED]]
    left = len(rows) - MOST_ANALYSED
    return [*lines, f"- and {left} more; --json gives all"] if left > 0 else lines


def _many(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def _short(sha: str) -> str:
    return sha if sha.startswith("release:") else sha[:SHORT_SHA]


def _plain(text: str) -> str:
    """Text on one line, with what Markdown or a terminal would act upon made harmless."""
    return MARKUP.sub(r"\\\1", _cut(printable(" ".join(text.split()))))


def _code(text: str) -> str:
    said = _cut(printable(" ".join(text.split())))
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", said)), default=0))
    pad = " " if "`" in said else ""
    return f"{fence}{pad}{said}{pad}{fence}"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
