"""What a post-mortem says: figures, sentences and tables made from one case's evidence."""

from __future__ import annotations

from workbench.exports.report.blocks import Block, Figure, figures, folded, prose, table
from workbench.exports.report.change import (
    call_sites_table,
    findings_table,
    hits_table,
    triage_share,
)
from workbench.exports.report.evidence import Evidence
from workbench.exports.report.factors import factors, follow_ups
from workbench.exports.report.gathering import gather
from workbench.exports.report.headline import headline, impact, summary
from workbench.exports.report.incident import (
    durations_table,
    every_event,
    failures_table,
    scale_card,
    statistics_table,
    timeline_table,
)
from workbench.exports.report.inputs import inputs_table

__all__ = [
    "Block",
    "Evidence",
    "Figure",
    "call_sites_table",
    "durations_table",
    "every_event",
    "factors",
    "failures_table",
    "figures",
    "findings_table",
    "folded",
    "follow_ups",
    "gather",
    "headline",
    "hits_table",
    "impact",
    "inputs_table",
    "prose",
    "scale_card",
    "statistics_table",
    "summary",
    "table",
    "timeline_table",
    "triage_share",
]
