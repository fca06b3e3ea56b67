"""Failures to digests: only what the log says decides, in any order, under both versions."""

from __future__ import annotations

import polars as pl

from tests.analysis.failures.faults import FAULTS
from tests.analysis.failures.logs import failures
from workbench.analysis.failures.digests import CONTENT, DIGESTS, digest_frame
from workbench.domain.failures import FAILURES


def test_the_same_fault_gives_the_same_template_under_both_versions() -> None:
    """Text of 2.10, readable text of 3.1 and its JSON lines come down to the same template."""
    rows = failures(FAULTS)
    made = digest_frame(rows).hstack(rows.select("fault"))
    counted = made.group_by("fault").agg(pl.col("template_id").n_unique(), pl.col("template"))
    apart = counted.filter(pl.col("template_id") > 1)
    assert apart.height <= len(FAULTS) * 0.05, apart["template"].to_list()


def test_nothing_but_the_log_influences_a_digest() -> None:
    """Every other column shuffled: the same bytes."""
    rows = failures(FAULTS)
    others = {
        name: pl.Series([f"{name} {n}" for n in range(rows.height)])
        for name in FAILURES.columns
        if name not in (*CONTENT, "failure_id")
    }
    wide = rows.select("failure_id", *CONTENT).with_columns(**others)
    shuffled = wide.with_columns(pl.col(name).shuffle(seed=4) for name in others)
    assert digest_frame(wide).equals(digest_frame(shuffled))


def test_order_and_company_change_no_digest() -> None:
    """A failure has the same digest alone, in a batch, and in a batch the other way round."""
    rows = failures(FAULTS)
    made = digest_frame(rows)
    assert made.schema == pl.Schema(DIGESTS)
    assert made["failure_id"].equals(rows["failure_id"])
    assert digest_frame(rows.reverse()).reverse().equals(made)
    for n in (0, 17, rows.height - 1):
        assert digest_frame(rows.slice(n, 1)).equals(made.slice(n, 1))


def test_what_is_missing_is_no_fault() -> None:
    """No exception, no message, no text: a digest all the same; no failures: none."""
    rows = pl.DataFrame(
        {
            "failure_id": ["a", "b", "c"],
            "exception": [None, None, "AssertionError"],
            "message": [None, "the child went away", ""],
            "text": [None, "", None],
        }
    )
    made = digest_frame(rows)
    assert made["template"].to_list() == ["", "the child went away", "AssertionError"]
    assert made["digest_id"].n_unique() == 3
    assert digest_frame(rows.clear()).schema == pl.Schema(DIGESTS)
