"""What the upstream's history says: triage, hits of patterns, and the findings they lead to."""

from __future__ import annotations

import re

import polars as pl

from workbench.domain.history import TriageClass
from workbench.exports.report.blocks import Block, Row, prose, table
from workbench.exports.report.evidence import Evidence
from workbench.exports.report.words import counted, percent, short

NOT_AN_ID = re.compile(r"[^A-Za-z0-9_-]+")
SITE_ORDER = ("downstream", "path", "line")


def hit_id(row: Row) -> str:
    """The place of a hit in the page."""
    return NOT_AN_ID.sub("-", f"hit-{short(row['sha'])}-{row['pattern']}-{row['line']}")


def triage_share(evidence: Evidence) -> Block:
    """Tell how much of the history path rules alone could skip."""
    sorted_out = evidence.scan.triage
    if sorted_out.is_empty():
        return prose("No upstream history is loaded.")
    counts = dict(sorted_out.group_by("class").len().iter_rows())
    skipped = counts.get(TriageClass.SKIP.value, 0)
    return prose(
        f"{counted(sorted_out.height, 'upstream commit')} stand in the loaded history.",
        f"Path rules alone skip {skipped:,} of them ({percent(skipped / sorted_out.height)}), so "
        f"{sorted_out.height - skipped:,} were looked at by the patterns.",
        f"{counted(evidence.hits.height, 'place')} in "
        f"{counted(evidence.hits['sha'].n_unique(), 'commit')} were hit.",
    )


def hits_table(evidence: Evidence) -> Block:
    """List the hits, oldest first, each with whether it landed before the deploy."""
    places = ["sha", "path", "line", "pattern"]
    grouped = evidence.hits.group_by(places, maintain_order=True).agg(
        pl.col("committed_utc", "severity", "reached").first(), pl.col("message").unique().sort()
    )
    rows = [
        {
            **row,
            "landed": f"{row['committed_utc']:%Y-%m-%d}\n`{short(row['sha'])}`",
            "what": "\n".join(
                [
                    f"`{row['pattern']}` {row['severity']}",
                    *row["message"],
                    f"`{row['path']}:{row['line']}`",
                ]
            ),
            "early": "yes" if row["reached"] else "no, later",
        }
        for row in grouped.to_dicts()
    ]
    return table(
        rows,
        name="hits",
        caption="Where patterns hit",
        columns={"landed": "Landed", "what": "What changed", "early": f"Landed {evidence.before}"},
        anchor=hit_id,
        note="A hit says that a change has a shape that hurt before. Whether it contributed here "
        "is for people to say. One that landed on the main line before a deploy may still not have "
        "been deployed: the branch of a release is cut earlier.",
    )


def findings_table(evidence: Evidence) -> Block:
    """List what the hits reach downstream, with links to the hits."""
    known = evidence.hits.select("sha", "reached").unique()
    found = evidence.scan.findings.join(known, on="sha", maintain_order="left").filter("reached")
    rows = [
        {
            **row,
            "which": f"{row['pattern']}\n{row['severity']}",
            "who": f"{row['kind']}: {row['downstream']}" if row["downstream"] else "everyone",
            "sites": len(row["call_sites"]) or None,
            "way": _way(row),
        }
        for row in found.to_dicts()
    ]
    return table(
        rows,
        name="findings",
        caption=f"What the hits reach, of those that landed {evidence.before}",
        columns={
            "which": "Pattern",
            "who": "Concerns",
            "way": "One way there",
            "sites": "Call sites",
        },
        links={"which": hit_id},
    )


def call_sites_table(evidence: Evidence) -> Block:
    """List every call site of every finding."""
    sites = (
        evidence.scan.findings.select("pattern", "sha", pl.col("call_sites").alias("site"))
        .explode("site")
        .drop_nulls("site")
        .unnest("site")
        .unique()
        .sort(*SITE_ORDER, "pattern", "sha")
    )
    rows = [
        {**row, "place": f"{row['path']}:{row['line']}", "commit": short(row["sha"])}
        for row in sites.to_dicts()
    ]
    columns = {
        "downstream": "Downstream",
        "place": "Place",
        "expression": "Written as",
        "target": "Resolves to",
        "pattern": "Pattern",
        "commit": "Commit",
    }
    fixed = {"place", "expression", "target", "commit"}
    caption = "Places downstream that use what changed"
    return table(rows, name="call-sites", caption=caption, columns=columns, code=fixed)


def _way(row: Row) -> str:
    steps = row["trace"] or ()
    return "\n".join(f"{s['where']} `{s['path']}:{s['line']}` {s['relation']}" for s in steps)
