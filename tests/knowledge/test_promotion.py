"""What nobody remembers becomes a draft: a pattern where upstream took a name away, else a stub."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from workbench.analysis.history.detect import detect
from workbench.errors import WorkbenchError
from workbench.knowledge.catalogue import open_catalogue
from workbench.knowledge.examples import history_of_trees
from workbench.knowledge.promotion import PatternDraft, ResolutionStub, gone_names, promote

TODAY = date(2026, 2, 20)


def failed(*messages: str, cluster: str = "C-12345678") -> pl.DataFrame:
    rows = [
        {"failure_id": f"f{n}", "cluster_id": cluster, "message": text, "exception": "ImportError",
         "at_utc": datetime(2026, 2, 1 + n, tzinfo=UTC), "template": f"ImportError: {text}"}
        for n, text in enumerate(messages)
    ]  # fmt: skip
    return pl.DataFrame(rows)


@pytest.mark.parametrize(
    ("message", "names"),
    [
        ("cannot import name 'Tide' from 'airflow.models.tides' (/opt/x.py)", ["Tide"]),
        ("No module named 'airflow.models.tides'", ["tides"]),
        ("module 'airflow.models' has no attribute 'Tide'", ["Tide"]),
        ("'TideOperator' object has no attribute 'ebb'", ["ebb"]),
        ("Tide.rise() got an unexpected keyword argument 'height'", ["height"]),
        ('the column "shelf_code" is not there', []),
        ("'invoice_country'", []),
    ],
)
def test_what_a_message_calls_missing(message: str, names: list[str]) -> None:
    """Only what Python itself says about names of modules, classes and parameters."""
    assert list(gone_names([message, None])) == names


def test_a_draft_finds_the_change_that_caused_it(tmp_path: Path) -> None:
    """It is sound, it is a draft, and it hits the commit that took the name away and no other."""
    draft = promote(
        failed("cannot import name 'Tide' from 'airflow.models'"), author="kim", created=TODAY
    )
    assert isinstance(draft, PatternDraft)
    file = draft.write(tmp_path)
    catalogue = open_catalogue(tmp_path)
    assert catalogue.check() == ()
    pattern = catalogue.pattern("X-Tide")
    assert pattern.stage == "draft"
    assert pattern.origins[0].ref == "C-12345678"
    path = "airflow-core/src/airflow/models/tides.py"
    gone = history_of_trees({path: "class Tide:\n    pass\n"}, {path: "class Wave:\n    pass\n"})
    assert detect(pattern, gone)["path"].to_list() == [path]
    other = history_of_trees({path: "def ebb():\n    pass\n"}, {path: "def flow():\n    pass\n"})
    assert detect(pattern, other).is_empty()
    with pytest.raises(WorkbenchError, match="already"):
        draft.write(tmp_path)
    assert file.read_text("utf-8") == draft.text


def test_anything_else_becomes_a_stub() -> None:
    """It names one failure, says since when, and leaves what was done to a person."""
    stub = promote(failed("the disk is full", "the disk is full"), author="kim", created=TODAY)
    assert isinstance(stub, ResolutionStub)
    assert (stub.failure_id, stub.failures, stub.done) == ("f0", 2, "")
    assert "2 times since 2026-02-01" in stub.why
    assert stub.command.startswith("workbench failures resolve f0")


def test_one_may_ask_for_either(tmp_path: Path) -> None:
    """A stub of what names something; no pattern of what names nothing."""
    named = failed("module 'airflow' has no attribute 'Tide'")
    assert isinstance(promote(named, author="kim", created=TODAY, to="resolution"), ResolutionStub)
    with pytest.raises(WorkbenchError, match="name nothing"):
        promote(failed("the disk is full"), author="kim", created=TODAY, to="pattern")


def test_one_cluster_at_a_time() -> None:
    """Two clusters, or none, are refused."""
    two = pl.concat([failed("a"), failed("b", cluster="C-2")])
    for frame in (two, two.clear()):
        with pytest.raises(WorkbenchError, match="clusters"):
            promote(frame, author="kim", created=TODAY)


def test_a_draft_holds_whatever_the_log_said(tmp_path: Path) -> None:
    """Quotes, controls and secrets of a message leave the file sound and clean."""
    text = 'No module named \'airflow.tides\' \x7f\x00 """ password=hunter2222 \\ {x}'
    draft = promote(failed(text), author='k"im', created=TODAY)
    assert isinstance(draft, PatternDraft)
    draft.write(tmp_path)
    assert open_catalogue(tmp_path).check() == ()
    assert "hunter2222" not in draft.text
