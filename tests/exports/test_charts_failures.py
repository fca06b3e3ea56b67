"""Charts of failures: they draw offline, say in words what they show, and log text stays text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import polars as pl
import pytest

from workbench.analysis.failures.calibration import LABELLED, cost_curve, reliability
from workbench.exports.charts import failures as drawn
from workbench.exports.charts.renderer import svg
from workbench.exports.charts.style import Drawing

NOW = datetime(2026, 2, 1, tzinfo=UTC)
CLUSTERS = pl.DataFrame(
    {
        "cluster_id": ["C-1", "C-2", "C-3"],
        "template": ["<script>alert(1)</script> refused", "disk & more", "disk & more"],
        "failures": [2, 9, 1],
    }
)
FAILED = pl.DataFrame(
    {
        "at_utc": [NOW, NOW + timedelta(hours=2), None],
        "dag_id": ["orders", "orders", None],
        "cluster_id": ["C-1", "C-2", "C-2"],
        "template": ["a", "b", "b"],
    }
)
LABELS = pl.DataFrame(
    {"failure_id": ["a", "b", "c"], "error_class": ["E"] * 3, "similarity": [0.9, 0.95, 0.4],
     "right": [True, True, False]},
    schema=LABELLED,
)  # fmt: skip
CURVE = pl.DataFrame(
    {"logged": [1, 2, 3], "automatic_share": [0.0, 0.5, 0.67], "wrong_share": [None, 0.0, 0.5],
     "novel_share": [1.0, 0.5, 0.33]}
)  # fmt: skip
COSTS = cost_curve(LABELS, wrong_minutes=120, person_minutes=25)


@pytest.mark.parametrize(
    ("chart", "says"),
    [
        (drawn.clusters(CLUSTERS), "12 failures in 3 clusters; the most frequent came 9 times"),
        (drawn.failing_dags(FAILED), "2 failures in 1 DAG; orders failed most often, 2 times"),
        (drawn.failures_over_time(FAILED), "2 failures of 2 clusters over time"),
        (drawn.learning(CURVE), "67% proposed as automatic, 50% of these wrong"),
        (drawn.reliability(reliability(LABELS)), "3 labels in 2 bins"),
        (drawn.costs(COSTS), "least at 0.90, 8.3 minutes a failure; 25.0 when a person"),
    ],
    ids=["clusters", "dags", "time", "learning", "reliability", "costs"],
)
def test_a_chart_says_what_it_shows(chart: Drawing, says: str) -> None:
    """The words are read out instead of it; the drawing is one sound SVG."""
    made = svg(chart)
    assert says in str(chart.to_dict()["description"])
    root = ElementTree.fromstring(made)
    assert root.tag.endswith("svg")
    assert says.split(";")[0] in root.attrib["aria-label"]


def test_markup_of_a_log_is_no_markup() -> None:
    """Escaped in the drawing and in its words."""
    assert "<script" not in svg(drawn.clusters(CLUSTERS))


def test_two_clusters_with_one_template_are_two_bars() -> None:
    """Their ids keep them apart."""
    (data,) = drawn.clusters(CLUSTERS).to_dict()["datasets"].values()
    assert len({row["name"] for row in data}) == 3


@pytest.mark.parametrize(
    "chart",
    [
        drawn.clusters(CLUSTERS.clear()),
        drawn.failing_dags(FAILED.clear()),
        drawn.failures_over_time(FAILED.clear()),
        drawn.learning(CURVE.clear()),
        drawn.reliability(reliability(LABELS.clear())),
        drawn.costs(cost_curve(LABELS.clear(), wrong_minutes=1, person_minutes=1)),
    ],
)
def test_nothing_is_drawn_as_nothing(chart: Drawing) -> None:
    """An empty history has empty charts, no errors."""
    assert svg(chart)
