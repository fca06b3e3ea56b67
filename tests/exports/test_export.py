"""The verb ``export``: the same bytes for the same input, everything valid or nothing written."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.exports.made import FUNNEL, SHA, everyone, finding, pattern, text_pattern, with_example
from workbench.domain.patterns import Lifecycle, Stage
from workbench.errors import ExportError, UnknownNameError
from workbench.exports.documents import digest
from workbench.exports.export import export

PATTERNS = [text_pattern(), pattern()]
SECRET = "postgresql://airflow:hunter2@db/airflow"


def read(path: Path) -> Any:
    """The JSON value in a file."""
    return json.loads(path.read_text(encoding="utf-8"))


def test_all_formats_are_written_unless_some_are_named(tmp_path: Path) -> None:
    """Without formats there are three files; with one, only its own."""
    every = export(patterns=PATTERNS, findings=[], to=tmp_path / "all")
    assert [f.name for f in every.files] == ["findings.json", "findings.sarif", "patterns.json"]
    some = export(patterns=PATTERNS, findings=[], to=tmp_path / "some", formats=["sarif"])
    assert [f.name for f in (tmp_path / "some").iterdir()] == ["findings.sarif"]
    assert [f.name for f in some.files] == ["findings.sarif"]


def test_nothing_at_all_can_be_exported(tmp_path: Path) -> None:
    """An empty catalogue and no findings make valid, empty documents."""
    export(patterns=[], findings=[], to=tmp_path)
    assert read(tmp_path / "patterns.json")["patterns"] == []
    assert read(tmp_path / "findings.json")["findings"] == []


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    """The order in which patterns, findings, sites and funnel arrive leaves no trace."""
    findings = [finding(), everyone(), finding(line=7), finding(sha="b" * 40)]
    for name, step in (("one", 1), ("two", -1)):
        export(
            patterns=PATTERNS[::step],
            findings=findings[::step],
            funnel=dict(list(FUNNEL.items())[::step]),
            examined=[SHA, "b" * 40][::step],
            to=tmp_path / name,
        )
    for file in ("findings.json", "patterns.json", "findings.sarif"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_documents_carry_format_version_and_digest(tmp_path: Path) -> None:
    """A reader can tell what it holds and whether it is whole."""
    export(patterns=PATTERNS, findings=[finding()], funnel=FUNNEL, examined=[SHA], to=tmp_path)
    made = read(tmp_path / "findings.json")
    assert (made["format"], made["format_version"]) == ("workbench.findings", 1)
    assert made["digest"] == digest(made)
    assert made["funnel"] == FUNNEL
    assert made["examined"] == [{"sha": SHA}]


def test_findings_may_come_as_a_frame(tmp_path: Path) -> None:
    """A polars frame gives the same file as its rows."""
    findings = [finding(), everyone()]
    export(patterns=PATTERNS, findings=findings, to=tmp_path / "rows")
    export(patterns=PATTERNS, findings=pl.DataFrame(findings), to=tmp_path / "frame")
    rows, frame = ((tmp_path / n / "findings.json").read_bytes() for n in ("rows", "frame"))
    assert rows == frame


def test_secrets_of_commits_stay_where_they_are(tmp_path: Path) -> None:
    """Messages, expressions and traces are redacted in every format, and the loss counts them."""
    dirty = finding(message=f"now uses {SECRET}")
    dirty["call_sites"][0]["expression"] = f"connect('{SECRET}')"
    dirty["trace"][0]["text"] = SECRET
    made = export(patterns=PATTERNS, findings=[dirty], to=tmp_path)
    for file in made.files:
        assert "hunter2" not in file.read_text(encoding="utf-8")
    told = {(loss.format, loss.what): loss.count for loss in made.losses}
    assert told["json", "texts that held a secret"] == 3
    assert told["sarif", "texts that held a secret"] == 3


def test_a_pattern_travels_whole(tmp_path: Path) -> None:
    """Detector, examples with their files, origins and lifecycle are in the document."""
    source = with_example(tmp_path / "example")
    export(patterns=[source], findings=[], to=tmp_path / "out")
    (made,) = read(tmp_path / "out" / "patterns.json")["patterns"]
    assert made["detector"] == {"kind": "sql", "text": "select sha from mutations_deltas"}
    (example,) = made["examples"]
    assert example["after"] == {"core/loop.py": "ctx.deps.add(1)\n"}
    assert example["expect"][0]["severity"] == "HIGH"
    assert made["origins"][0]["date"] == "2026-02-10"
    assert made["lifecycle"]["created"] == "2026-02-20"


def test_a_retired_pattern_stays_as_a_tombstone(tmp_path: Path) -> None:
    """Its day, reason and successor are kept."""
    life = Lifecycle(
        created=date(2025, 1, 1),
        author="pattern-author",
        retired=date(2026, 4, 1),
        reason="graduated upstream",
        replaced_by="P-guard-removed",
    )
    export(patterns=[pattern(stage=Stage.RETIRED, lifecycle=life)], findings=[], to=tmp_path)
    (made,) = read(tmp_path / "patterns.json")["patterns"]
    assert made["stage"] == "retired"
    assert made["lifecycle"]["retired"] == "2026-04-01"
    assert made["lifecycle"]["replaced_by"] == "P-guard-removed"


@pytest.mark.parametrize("formats", [None, ["sarif"], ["json"]])
def test_a_fault_leaves_no_file(tmp_path: Path, formats: list[str] | None) -> None:
    """An invalid finding among good ones stops every format, and all faults are named."""
    bad = [finding(), finding(severity="DIRE"), finding(call_sites="none")]
    with pytest.raises(ExportError) as caught:
        export(patterns=PATTERNS, findings=bad, to=tmp_path / "out", formats=formats)
    assert "DIRE" in str(caught.value)
    assert "call_sites" in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_finding_of_an_unknown_pattern_is_refused(tmp_path: Path) -> None:
    """A rule that is not exported cannot be pointed at; the message names it."""
    with pytest.raises(ExportError, match="A-shared-mutable-state"):
        export(patterns=[text_pattern()], findings=[finding()], to=tmp_path)


def test_an_unknown_format_names_those_that_exist(tmp_path: Path) -> None:
    """The error says what there is."""
    with pytest.raises(UnknownNameError, match="json, sarif"):
        export(patterns=[], findings=[], to=tmp_path, formats=["xml"])


def test_the_funnel_is_a_loss_of_sarif_only(tmp_path: Path) -> None:
    """JSON keeps it; SARIF says that it does not."""
    made = export(patterns=PATTERNS, findings=[finding()], funnel=FUNNEL, to=tmp_path)
    told = {(loss.format, loss.what) for loss in made.losses}
    assert ("sarif", "steps of the funnel") in told
    assert not [loss for loss in made.losses if loss.format == "json"]
