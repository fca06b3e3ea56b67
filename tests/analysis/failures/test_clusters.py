"""Clusters: what is together, ids that last, what people merged and split, what is told of each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from tests.analysis.failures.faults import FAULTS
from tests.analysis.failures.logs import failures
from workbench.analysis.failures.cluster_facts import ASSIGNMENTS, CLUSTERS, Anchor
from workbench.analysis.failures.clusters import Clusters, cluster
from workbench.analysis.failures.digests import digest_frame


def _digests(*messages: str, exception: str = "LoadError") -> pl.DataFrame:
    rows = pl.DataFrame(
        {
            "failure_id": [f"f{n}" for n in range(len(messages))],
            "exception": [exception] * len(messages),
            "message": messages,
            "text": [""] * len(messages),
        },
        schema=dict.fromkeys(("failure_id", "exception", "message", "text"), pl.String),
    )
    return digest_frame(rows)


def _of(made: Clusters) -> dict[str, str]:
    return dict(made.assignments.select("failure_id", "cluster_id").rows())


def test_every_failure_has_a_cluster_and_other_failures_have_another() -> None:
    """One that is alone has its own; the same fault under both versions shares one."""
    rows = failures(FAULTS)
    made = cluster(digest_frame(rows))
    of = _of(made)
    assert set(of) == set(rows["failure_id"])
    assert ASSIGNMENTS.check(made.assignments).height == rows.height
    apart = [n for n in range(len(FAULTS)) if of[f"2.10.5-{n}"] != of[f"3.1.8-{n}"]]
    assert len(apart) <= len(FAULTS) * 0.05, [FAULTS[n] for n in apart]
    mixed = rows.select("failure_id", "cls").join(made.assignments, on="failure_id")
    counted = mixed.group_by("cluster_id").agg(pl.col("cls").n_unique())
    assert counted.filter(pl.col("cls") > 2).is_empty()


def test_the_order_of_the_failures_changes_nothing() -> None:
    """Shuffled failures give the same clusters, byte for byte."""
    made = digest_frame(failures(FAULTS))
    one = cluster(made)
    other = cluster(made.sample(fraction=1, shuffle=True, seed=2))
    assert one.anchors == other.anchors
    assert one.clusters.equals(other.clusters)
    assert _of(one) == _of(other)


def test_ids_keep_their_meaning_when_a_month_arrives() -> None:
    """What was clustered before stays in the cluster that it was in, whatever comes."""
    made = digest_frame(failures(FAULTS))
    before = made.gather_every(3)
    first = cluster(before)
    later = cluster(made, known=first.anchors)
    told = _of(later)
    assert {f: told[f] for f in before["failure_id"]} == _of(first)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_rebuilt_database_gives_the_ids_that_were_kept_in_any_load_order(seed: int) -> None:
    """With the anchors, what is loaded month by month in another order gets the same ids."""
    made = digest_frame(failures(FAULTS))
    months = [made.gather_every(3, offset=n) for n in range(3)]
    known: tuple[Anchor, ...] = ()
    loaded = made.clear()
    for month in months:
        loaded = pl.concat([loaded, month])
        answer = cluster(loaded, known=known)
        known = answer.anchors
    kept, told = known, _of(answer)
    rebuilt = made.sample(fraction=1, shuffle=True, seed=seed)
    some = rebuilt.head(25)
    first = cluster(some, anchors=kept)
    assert _of(first) == {f: told[f] for f in some["failure_id"]}
    assert _of(cluster(rebuilt, anchors=kept, known=first.anchors)) == told


def test_people_merge_and_split_and_later_runs_respect_it() -> None:
    """A merged pair shares an id, a split one does not, and a new month changes neither."""
    made = _digests(
        "the partner feed brought no file for today at all",
        "the ledger of the day is not balanced by far",
        "the partner feed brought no file for today at last",
    )
    of = _of(cluster(made))
    assert of["f0"] == of["f2"] != of["f1"]
    people = {"must_link": [("f0", "f1")], "cannot_link": [("f0", "f2")]}
    said = cluster(made, **people)
    told = _of(said)
    assert told["f0"] == told["f1"] != told["f2"]
    more = pl.concat(
        [made, _digests("another thing altogether").with_columns(failure_id=pl.lit("g"))]
    )
    again = _of(cluster(more, known=said.anchors, **people))
    assert {f: again[f] for f in told} == told


def test_two_that_people_split_stay_apart_in_a_fresh_database() -> None:
    """Without any anchors the pair alone keeps them apart."""
    made = _digests(
        "the partner feed brought no file for today at all",
        "the partner feed brought no file for today at last",
    )
    told = _of(cluster(made, cannot_link=[("f0", "f1")]))
    assert told["f0"] != told["f1"]


def test_a_kept_id_outlives_a_merge() -> None:
    """Of two clusters that people merge the one in the file gives its name."""
    made = _digests("one thing broke here", "quite another matter entirely")
    first = cluster(made)
    of = _of(first)
    for kept in first.anchors:
        told = _of(cluster(made, anchors=[kept], must_link=[("f0", "f1")]))
        assert set(told.values()) == {kept.cluster_id}
    assert of["f0"] != of["f1"]


def test_a_cluster_says_why_when_and_where() -> None:
    """Times, DAGs with their shares, template, class of trouble, distance and a sentence."""
    made = _digests(
        "relation 'orders' of the day cannot be reached: Connection refused",
        "relation 'lines' of the day cannot be reached: Connection refused",
        "[Errno 28] No space left on device",
    )
    start = datetime(2026, 3, 1, tzinfo=UTC)
    places = pl.DataFrame(
        {
            "failure_id": ["f0", "f1", "f2"],
            "dag_id": ["sales", "sales", "sales"],
            "at_utc": [start + timedelta(hours=n) for n in range(3)],
        },
        schema_overrides={"at_utc": pl.Datetime("us", "UTC")},
    )
    answer = cluster(made, places)
    assert CLUSTERS.check(answer.clusters).height == 2
    most = answer.clusters.row(0, named=True)
    assert (most["failures"], most["templates"], most["dags_hit"]) == (2, 1, 1)
    assert most["first_seen_utc"] == start
    assert most["last_seen_utc"] == start + timedelta(hours=1)
    assert (most["dags"], most["dag_failures"], most["dag_shares"]) == (["sales"], [2], [0.6667])
    assert (most["error_class"], most["exception"], most["distance"]) == (
        "unreachable",
        "LoadError",
        0,
    )
    assert most["why"] == (
        "one template, 2 failures with other values; "
        "2 of 3 failures of sales (out of how many tries is unknown)"
    )
    assert (most["dag_tries"], most["dag_rates"]) == ([None], [None])
    least = answer.clusters.row(1, named=True)
    assert least["error_class"] == "disk-full"
    assert least["why"].startswith("one failure so far; 1 of 3 failures of sales")


def test_a_cluster_says_how_often_its_dags_fail() -> None:
    """Failures over tries where tries are known; a DAG whose tries nobody told of says so."""
    made = _digests(*["relation 'orders' of the day cannot be reached: Connection refused"] * 4)
    places = pl.DataFrame(
        {
            "failure_id": ["f0", "f1", "f2", "f3"],
            "dag_id": ["sales", "sales", "sales", "stock"],
            "at_utc": [None] * 4,
            # of a DAG with known tries one failure was none of them: it counts in no rate
            "is_known_try": [True, True, False, False],
            "dag_tries": [1000, 1000, 1000, None],
        },
        schema_overrides={"at_utc": pl.Datetime("us", "UTC"), "dag_tries": pl.UInt32},
    )
    only = cluster(made, places).clusters.row(0, named=True)
    assert (only["dags"], only["dag_failures"]) == (["sales", "stock"], [3, 1])
    assert (only["dag_tries"], only["dag_rates"]) == ([1000, None], [0.002, None])
    assert only["why"] == (
        "one template, 4 failures with other values; "
        "of 1,000 tries of sales, 2 failed like this (0.2%)"
    )


def test_no_dag_no_rate() -> None:
    """Failures that nobody placed have a reason all the same."""
    made = cluster(_digests("[Errno 28] No space left on device")).clusters
    assert made["why"].to_list() == ["one failure so far"]
    assert made["dag_rates"].to_list() == [[]]


def test_failures_as_they_are_loaded_are_enough() -> None:
    """Digests that are not there are worked out."""
    rows = failures(FAULTS).with_columns(
        dag_id=pl.lit("sales"), at_utc=pl.lit(None, pl.Datetime("us", "UTC"))
    )
    assert _of(cluster(rows)) == _of(cluster(digest_frame(rows)))


def test_nothing_gives_no_clusters() -> None:
    """No failures: empty frames of the declared columns."""
    answer = cluster(_digests())
    assert ASSIGNMENTS.check(answer.assignments).is_empty()
    assert CLUSTERS.check(answer.clusters).is_empty()
