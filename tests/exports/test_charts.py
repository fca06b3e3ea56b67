"""Charts: every event is drawn once, in words too, and nothing is asked of a network."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from tests.exports.incident import CASE, RESTARTS, STARTED, commits, events, hits, loop_samples
from workbench.domain.frames import COMMITS, HITS, LOOP_SAMPLES, TIMELINE_EVENTS
from workbench.exports import charts
from workbench.exports.charts.lanes import lane_of
from workbench.exports.charts.renderer import LIVE_MIME, bundle

CHARTS = {
    "timeline": lambda: charts.timeline(events(), case=CASE, commits=commits()),
    "approach": lambda: charts.approach(commits(), hits(), case=CASE),
    "loops": lambda: charts.loops(loop_samples(), case=CASE, threshold_seconds=120),
    "restarts": lambda: charts.restarts(RESTARTS, case=CASE),
}


def marks(chart: Any, kind: str) -> list[dict[str, Any]]:
    """The rows behind all layers drawn with one kind of mark."""
    spec = chart.to_dict()
    sets = spec.get("datasets", {})
    found = []
    for layer in spec.get("layer", [spec]):
        if layer["mark"]["type"] == kind:
            data = layer.get("data", spec.get("data"))
            found += sets[data["name"]] if "name" in data else data["values"]
    return found


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_one_svg_that_says_what_it_shows(name: str) -> None:
    """Static form: a single element with a description, no address but the SVG namespace's."""
    drawn = charts.svg(CHARTS[name]())
    assert drawn.count("<svg ") == 1
    (words,) = re.findall(r'<svg role="img" aria-label="([^"]+)"', drawn)
    assert re.search(r"\d", words)
    assert set(re.findall(r"https?://[^\"' )]+", drawn)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_the_same_every_time(name: str) -> None:
    """No clock and no random name in a drawing."""
    assert charts.svg(CHARTS[name]()) == charts.svg(CHARTS[name]())


def test_a_notebook_gets_a_live_and_a_static_form() -> None:
    """JupyterLab's own Vega-Lite draws the one, everything else shows the other."""
    made = bundle(CHARTS["loops"]().to_dict())
    assert set(made) == {LIVE_MIME, "image/svg+xml", "text/markdown", "text/plain"}
    assert made[LIVE_MIME]["$schema"].endswith("v5.20.1.json")
    assert "loops took longer" in made["text/plain"]


def test_every_event_is_drawn_in_its_lane() -> None:
    """The deploy, the pages, 52 restarts, the back-off and the note are all there."""
    drawn = marks(CHARTS["timeline"](), "tick")
    lanes = pl.Series([row["lane"] for row in drawn]).value_counts()
    counts = dict(lanes.iter_rows())
    assert counts["restarts"] == 52
    assert {
        "deploys": 1,
        "pages": 1,
        "response": 1,
        "back-off": 1,
        "notes": 1,
    }.items() <= counts.items()


def test_text_of_an_event_is_text() -> None:
    """Markup in a note is shown, not interpreted."""
    assert "&lt;b&gt;now&lt;/b&gt;" in charts.svg(CHARTS["timeline"]())


@pytest.mark.parametrize(
    ("kind", "source", "lane"),
    [
        ("Killing", "kubectl", "restarts"),
        ("Unhealthy", "kubectl", "probe failures"),
        ("BackOff", "kubectl", "back-off"),
        ("page", "pages", "pages"),
        ("anything", "pages", "pages"),
        ("deploy", "notes", "deploys"),
        ("note", "notes", "notes"),
        ("Scheduled", "kubectl", "cluster"),
    ],
)
def test_a_lane_is_chosen_by_kind_then_source(kind: str, source: str, lane: str) -> None:
    """What the kind says comes first; what nothing says is a note."""
    row: dict[str, object] = {"at_utc": STARTED, "kind": kind, "source": source, "text": ""}
    assert lane_of(TIMELINE_EVENTS.frame([row]))["lane"].to_list() == [lane]


def test_labels_do_not_run_into_marks_or_each_other() -> None:
    """Of five events in a row only the outer two are named, each on its free side."""
    rows: list[dict[str, object]] = [
        {
            "event_id": str(n),
            "at_utc": STARTED + timedelta(minutes=8 * n),
            "source": "notes",
            "kind": "note",
            "text": f"A sentence about step {n}",
            "repeats": 1,
        }
        for n in range(5)
    ]
    drawn = charts.timeline(TIMELINE_EVENTS.frame(rows), case=CASE)
    labels = [row for row in marks(drawn, "text") if "label" in row]
    assert {(row["label"][-1], row["late"]) for row in labels} == {("0", True), ("4", False)}


def test_what_happened_days_later_does_not_squeeze_the_incident() -> None:
    """The axis ends soon after the incident; later events are told in the table."""
    row: dict[str, object] = {
        "event_id": "late",
        "at_utc": STARTED + timedelta(days=9),
        "source": "notes",
        "kind": "note",
        "text": "later",
        "repeats": 1,
    }
    drawn = charts.timeline(pl.concat([events(), TIMELINE_EVENTS.frame([row])]), case=CASE)
    assert "later" not in [mark["text"] for mark in marks(drawn, "tick")]


def test_loops_are_coloured_by_the_threshold() -> None:
    """Over and within are told apart, a loop of no length is still drawn, the model is named."""
    drawn = charts.loops(loop_samples(), case=CASE, threshold_seconds=120, modelled_seconds=13_600)
    points = marks(drawn, "point")
    assert all((p["state"] == "over") is (p["seconds"] > 120) for p in points)
    assert min(p["seconds"] for p in points) == pytest.approx(0.01)
    labels = [row["label"] for row in marks(drawn, "text") if "label" in row]
    assert labels == ["liveness threshold: 120 s", "loop model: 13,600 s"]


def test_restarts_are_counted_by_hour_and_none_is_lost() -> None:
    """Sixteen bars that add up to 52, empty hours included, edges inside."""
    bars = marks(charts.restarts(RESTARTS, case=CASE), "rect")
    assert len(bars) == 16
    assert sum(bar["restarts"] for bar in bars) == 52
    early_and_late = [STARTED - timedelta(hours=1), STARTED + timedelta(hours=20)]
    bars = marks(charts.restarts(early_and_late, case=CASE), "rect")
    assert [bars[0]["restarts"], bars[-1]["restarts"]] == [1, 1]


def test_the_approach_names_the_hits() -> None:
    """Two patterns on one commit make one mark with both names; every commit has its class."""
    drawn = marks(CHARTS["approach"](), "tick")
    names = ["A-shared-mutable-state, P-guard-removed"]
    assert [row["text"] for row in drawn if row["lane"] == "hits"] == names
    telling = charts.approach(commits(), hits().with_columns(telling=pl.lit(True)), case=CASE)
    told = [row["text"] for row in marks(telling, "tick") if row["lane"] == "telling hits"]
    assert told == names
    assert sum(row["lane"] in ("skipped", "read") for row in drawn) == 40


def test_nothing_to_draw_is_drawn_empty() -> None:
    """A case without events, loops, commits or restarts still has its charts."""
    none = COMMITS.empty().with_columns(pl.lit("FULL").alias("class"))
    for chart in (
        charts.timeline(TIMELINE_EVENTS.empty(), case=CASE),
        charts.approach(none, HITS.empty(), case=CASE),
        charts.loops(LOOP_SAMPLES.empty(), case=CASE, threshold_seconds=120),
        charts.restarts([], case=CASE),
    ):
        assert "<svg " in charts.svg(chart)
        json.dumps(chart.to_dict(), allow_nan=False)
