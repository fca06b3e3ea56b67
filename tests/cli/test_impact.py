"""Commands about downstreams: import maps by path or name and date, lines that a commit reaches."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.builders import STARTED, Commit, make_repository
from tests.cli.conftest import CASE, Run
from workbench.exports.documents import check

MOVED = ("--pattern", "C-symbol")
OLD, NEW = "from airflow.models import DagRun\n", "from airflow.settings import Session as S\n"


def downstream(folder: Path) -> Path:
    """A repository whose one import changes on the second day."""
    folder.parent.mkdir(exist_ok=True)
    days = [STARTED, STARTED.replace(day=STARTED.day + 1)]
    texts = [OLD, NEW]
    pairs = zip(texts, days, strict=True)
    make_repository(folder, [Commit(files={"a.py": text}, at=day) for text, day in pairs])
    return folder


def test_imports_of_a_path_are_read_live(run: Run, tmp_path: Path) -> None:
    """Nothing is loaded and no bench is made; a day means its end."""
    folder = downstream(tmp_path / "ours")
    said = run("imports", folder, "--json")
    check(said.document, schema="imports")
    assert said.document["as_of"] is None
    assert [(i["module"], i["symbol"]) for i in said.document["imports"]] == [
        ("airflow.settings", "Session")
    ]
    then = run("imports", folder, "--as-of", f"{STARTED:%Y-%m-%d}", "--json")
    check(then.document, schema="imports")
    assert [i["module"] for i in then.document["imports"]] == ["airflow.models"]
    before = run("imports", folder, "--as-of", "2020-01-01", "--json")
    assert before.document["imports"] == []
    assert run("imports", folder, "--as-of", "soon").code == 2
    assert not (tmp_path / "workbench.duckdb").exists()


def test_imports_of_a_loaded_downstream_are_asked_by_name(run: Run, tmp_path: Path) -> None:
    """The same answers from the bench, under the name it was loaded as."""
    folder = downstream(tmp_path / "repo")
    assert run("load", "downstream", f"ours={folder}").code == 0
    for when in ((), ("--as-of", f"{STARTED:%Y-%m-%d}"), ("--as-of", "2020-01-01")):
        by_name = run("imports", "ours", *when, "--json")
        check(by_name.document, schema="imports")
        assert by_name.document == run("imports", folder, *when, "--json").document
    screen = run("imports", "ours")
    assert "a.py:1  airflow.settings.Session" in screen.out
    assert "1 module in 1 import" in screen.out


def test_a_name_that_is_nowhere_lists_what_is(run: Run, tmp_path: Path) -> None:
    """Neither a path nor loaded: exit 2, and what could have been meant."""
    said = run("imports", "theirs")
    assert (said.code, "No downstream is loaded" in said.err) == (2, True)
    run("load", "downstream", f"ours={downstream(tmp_path / 'repo')}")
    said = run("imports", "theirs")
    assert (said.code, "Loaded are: ours" in said.err) == (2, True)


def test_a_folder_without_a_history_says_so(run: Run, tmp_path: Path) -> None:
    """A moment cannot be asked of it; what stands there is told."""
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "a.py").write_text(OLD)
    said = run("imports", "plain", "--as-of", "2020-01-01", "--json")
    assert [i["module"] for i in said.document["imports"]] == ["airflow.models"]
    assert "no history" in said.err


def test_impact_names_the_lines_that_a_commit_reaches(run: Run, bench: Path) -> None:
    """Every call site of the scan's findings for that commit stands in the answer."""
    findings = run("scan", *MOVED, "--bench", bench, "--json").document["findings"]
    finding = next(f for f in findings if f["call_sites"])
    said = run("impact", finding["sha"][:12], *MOVED, "--bench", bench, "--json")
    assert said.code == 0
    check(said.document, schema="impact")
    assert said.document["sha"] == finding["sha"]
    assert said.document["hits"] > 0
    found = {(s["path"], s["line"], s["target"]) for s in said.document["call_sites"]}
    assert {(s["path"], s["line"], s["target"]) for s in finding["call_sites"]} <= found
    patterns = {p for s in said.document["call_sites"] for p in s["patterns"]}
    assert finding["pattern"] in patterns
    shown = run("impact", finding["sha"], *MOVED, "--bench", bench)
    assert f"{finding['call_sites'][0]['path']}:" in shown.out


def test_impact_looks_at_downstreams_as_they_were(run: Run, bench: Path, tmp_path: Path) -> None:
    """A call site that came after the commit is not reached by it; one that stood then is."""
    findings = run("scan", *MOVED, "--bench", bench, "--json").document["findings"]
    finding = next(f for f in findings if f["call_sites"])
    target = finding["call_sites"][0]["target"]
    module, _, name = target.rpartition(".")
    text = f"from {module} import {name}\n"
    for folder, files in (
        ("early", [{"a.py": text}, {"a.py": "x = 1\n"}]),
        ("late", [{"a.py": "x = 1\n"}, {"a.py": text}]),
    ):
        days = (STARTED.replace(year=2020), STARTED.replace(year=2090))
        pairs = zip(files, days, strict=True)
        make_repository(tmp_path / folder, [Commit(files=f, at=day) for f, day in pairs])
        assert run("load", "downstream", tmp_path / folder, "--bench", bench).code == 0
    said = run("impact", finding["sha"], *MOVED, "--bench", bench, "--json").document
    assert {s["downstream"] for s in said["call_sites"]} & {"early", "late"} == {"early"}


def test_impact_refuses_what_names_no_commit(run: Run, bench: Path) -> None:
    """Unknown, too short, or no downstream to look at: exit 2 and what to do."""
    for sha in ("0" * 40, "abc"):
        said = run("impact", sha, "--bench", bench)
        assert (said.code, "No loaded commit" in said.err) == (2, True)
    assert run("impact", "0" * 40).code == 2


def test_a_taken_name_loads_nothing(run: Run, tmp_path: Path) -> None:
    """Two downstreams of one name, given together or one after the other: exit 2, nothing new."""
    one, two = downstream(tmp_path / "one" / "x"), downstream(tmp_path / "two" / "x")
    twice = run("load", "downstream", one, two)
    assert (twice.code, "nothing was loaded" in twice.err) == (2, True)
    assert not (tmp_path / "workbench.duckdb").exists()
    assert run("load", "downstream", one).code == 0
    other = run("load", "downstream", f"new={two}", two)
    assert (other.code, "Nothing was loaded" in other.err) == (2, True)
    assert run("imports", "new").code == 2


def test_a_second_load_says_that_the_history_was_rewritten(run: Run, tmp_path: Path) -> None:
    """What is no longer there is gone from the bench, and the note says why."""
    folder = downstream(tmp_path / "ours")
    assert run("load", "downstream", folder).code == 0
    again = run("load", "downstream", folder, "--json").document
    assert (again["loaded"], again["unchanged"]) == (0, 2)
    assert "rewritten" not in str(again["notes"])
    shutil.rmtree(folder)
    make_repository(folder, [Commit(files={"b.py": OLD}, message="other")])
    last = run("load", "downstream", folder, "--json").document
    assert "rewritten" in str(last["notes"])
    assert [i["path"] for i in run("imports", "ours", "--json").document["imports"]] == ["b.py"]


def test_the_shipped_downstreams_have_import_maps(run: Run) -> None:
    """A folder of the shipped case is read without a bench."""
    said = run("imports", CASE / "downstreams" / "our-executor", "--json")
    check(said.document, schema="imports")
    assert said.document["imports"]
