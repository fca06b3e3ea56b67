"""A server is asked by GET only, page by page; its answers are kept before they are read."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.sources.airflow_server import AT, PLANTED, TOKEN, Server, instance, serving
from workbench.domain.loading import Batch, Known
from workbench.errors import SourceError
from workbench.sources.airflow_api import AnswerSource, Login, read_answers, read_server

RAISED = [
    {"event": "::group::Log message source details", "sources": ["x"]},
    {"event": "::endgroup::"},
    {"timestamp": AT, "event": f"password={PLANTED}", "level": "info"},
    {
        "timestamp": AT,
        "event": "Task failed with exception",
        "level": "error",
        "error_detail": [{"exc_type": "KeyError", "exc_value": "'qty'"}],
    },
]


def source(server: Server, captures: Path, **login: str) -> AnswerSource:
    """A server's source that does not wait between two tries."""
    given = Login(**(login or {"token": TOKEN}))
    made = read_server(server.address, captures=captures, login=given)
    assert made.sweep is not None
    made.sweep._client._sleep = lambda _: None
    return made


def read(made: AnswerSource) -> Batch:
    """The one batch of a source."""
    (batch,) = made.read(Known())
    return batch


def rows(batch: Batch, name: str = "failures") -> list[dict[str, Any]]:
    """Rows of a frame."""
    return batch.frames.get(name, pl.DataFrame()).to_dicts()


def test_every_page_is_asked_for(tmp_path: Path) -> None:
    """All of 250 failed tries come, over three pages."""
    with serving(Server(failed=[instance(n) for n in range(250)], log="")) as server:
        batch = read(source(server, tmp_path))
        assert len(rows(batch)) == 250
        assert len([p for p in server.paths("taskInstances?") if "state=failed" in p]) == 3
        assert server.methods == {"GET"}


@pytest.mark.parametrize("parts", [RAISED, [RAISED[:3], RAISED[3:]]])
def test_a_log_fills_the_failure(tmp_path: Path, parts: Any) -> None:
    """A log, whole or in parts, gives the exception; beside it stands what the instance says."""
    with serving(Server(failed=[instance(1)], log=parts)) as server:
        batch = read(source(server, tmp_path))
    logged, told = sorted(rows(batch), key=lambda row: row["source"])
    assert (logged["exception"], logged["message"]) == ("KeyError", "'qty'")
    assert (told["operator"], told["exception"]) == ("Odd", None)
    assert logged["failure_id"] == told["failure_id"]
    assert rows(batch, "task_dependencies")[0]["downstream_task_id"] == "report"


def test_version_one_is_found(tmp_path: Path) -> None:
    """A server of 2.x is asked in its own words, with name and password."""
    pair = base64.b64encode(b"u:p").decode()
    content = (
        "[('w', '*** Found local files\\n[2026-03-02T04:05:00.116+0000] {taskinstance.py:1} ERROR"
        " - Task failed with exception\\nTraceback (most recent call last):\\n"
        '  File "x", line 1, in f\\nKeyError: 1\')]'
    )
    server = Server(version="v1", failed=[instance(1, version="v1")], log=content, basic=pair)
    with serving(server):
        batch = read(source(server, tmp_path, user="u", password="p"))
    assert {row["airflow_version"] for row in rows(batch)} == {"2"}
    assert [r["exception"] for r in rows(batch) if r["source"] == "log"] == ["KeyError"]


@pytest.mark.parametrize("how", [429, 500, 503, "cut"])
def test_a_server_that_stumbles_is_asked_again(tmp_path: Path, how: Any) -> None:
    """Too many requests, a fault, a connection that breaks: asked again, and nothing is lost."""
    server = Server(failed=[instance(1)], log="", stumbles={"taskInstances": [how, how]})
    with serving(server):
        assert len(rows(read(source(server, tmp_path)))) == 1


def test_a_refused_login_says_where_to_put_one(tmp_path: Path) -> None:
    """401 ends it, with the names of the variables and without the token."""
    with serving(Server()) as server, pytest.raises(SourceError, match="AIRFLOW_API_TOKEN") as said:
        read(source(server, tmp_path, token="wrong-and-" + "secret"))
    assert "wrong-and" not in str(said.value)


@pytest.mark.parametrize("hostile", [b"<html>", b'{"a": ', b"[" * 100_000, b"\xff\xfe\x00", b"7"])
def test_a_body_that_is_none_is_refused_with_its_place(tmp_path: Path, hostile: bytes) -> None:
    """What is no JSON is counted with its path; the rest is read."""
    server = Server(failed=[instance(1)], log="", stumbles={"eventLogs": [hostile]})
    with serving(server):
        batch = read(source(server, tmp_path))
    assert len(rows(batch)) == 1
    assert hostile == b"7" or any(r.path.endswith("/eventLogs") for r in batch.rejections)


def test_a_token_goes_nowhere_else(tmp_path: Path) -> None:
    """A server that points elsewhere is not followed."""
    server = Server(failed=[instance(1)], log="", stumbles={"importErrors": ["away"]})
    with serving(server):
        batch = read(source(server, tmp_path))
    assert [r.reason for r in batch.rejections] == ["HTTP 302"]


def test_what_was_answered_is_not_asked_again(tmp_path: Path) -> None:
    """A sweep that breaks off goes on where it was; a complete one is followed by a new one."""
    server = Server(failed=[instance(n) for n in range(150)], log="")
    server.stumbles = {"eventLogs": [500] * 5}
    with serving(server):
        with pytest.raises(SourceError, match="does not answer"):
            read(source(server, tmp_path))
        first = len(server.paths("taskInstances?"))
        assert len(rows(read(source(server, tmp_path)))) == 150
        assert len(server.paths("taskInstances?")) == first
        read(source(server, tmp_path))
        assert len(server.paths("taskInstances?")) == 2 * first


def test_nothing_secret_is_kept(tmp_path: Path) -> None:
    """Neither what the log says nor the token stands in a file."""
    with serving(Server(failed=[instance(1)], log=RAISED)) as server:
        batch = read(source(server, tmp_path))
    texts = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert texts
    assert not [text for text in texts if PLANTED in text or TOKEN in text]
    assert PLANTED not in batch.frames["failures"].write_csv()
    assert list(tmp_path.rglob("*.part")) == []


@pytest.mark.parametrize("address", ["ftp://x", "http://", "nowhere", "http://u:p@host"])
def test_no_address_is_said(tmp_path: Path, address: str) -> None:
    """What is no address, or holds a login that would be kept, is the caller's mistake."""
    with pytest.raises(SourceError):
        read_server(address, captures=tmp_path)


def test_a_login_comes_from_the_environment() -> None:
    """A token first, then name and password; neither is shown."""
    login = Login.of_environment({"AIRFLOW_API_TOKEN": " t-o-k \n", "AIRFLOW_API_USER": "u"})
    assert login.header() == {"Authorization": "Bearer t-o-k"}
    assert "t-o-k" not in repr(login)
    assert replace(login, token="", user="").header() == {}


SKIPPED = instance(5, state="skipped", start_date=None)
RUN = {
    "dag_id": "etl/äé",
    "dag_run_id": "manual__5",
    "state": "failed",
    "run_type": "manual",
    "end_date": "2026-03-02T05:00:00Z",
}
LOST = {
    "event_log_id": 7,
    "when": AT,
    "event": "heartbeat timeout",
    "dag_id": "d",
    "run_id": "r",
    "task_id": "t",
    "map_index": -1,
    "try_number": 2,
    "extra": "Task did not emit heartbeat",
}
PATCHED = {**LOST, "event_log_id": 8, "event": "patch_task_instance", "task_id": "u"}
PATCHED["extra"] = '{"new_state": "failed"}'
FILE = {
    "import_error_id": 1,
    "timestamp": AT,
    "filename": "a.py",
    "bundle_name": "b",
    "stack_trace": 'Traceback (most recent call last):\n  File "a.py", line 1\nImportError: no b',
}


def test_what_a_look_for_failed_misses_is_found(tmp_path: Path) -> None:
    """Runs that timed out, lost heartbeats, states set from outside, files that do not load."""
    server = Server(runs=[RUN], skipped=[SKIPPED], events=[LOST, PATCHED], broken=[FILE])
    with serving(server):
        found = rows(read(source(server, tmp_path)))
    kinds = {row["kind"]: row for row in found}
    assert set(kinds) == {
        "skipped-by-timeout",
        "heartbeat-lost",
        "set-from-outside",
        "import-error",
    }
    assert kinds["heartbeat-lost"]["message"] == "Task did not emit heartbeat"
    assert kinds["import-error"]["exception"] == "ImportError"


@pytest.mark.parametrize(
    ("answer", "count"),
    [
        ({"task_instances": [instance(1), instance(2)], "total_entries": 2}, 2),
        ([instance(1), "odd", None, 7, {}], 1),
        ({"one": {"task_instances": [instance(1)]}, "two": {"event_logs": [LOST]}}, 2),
        (instance(1), 1),
        ({"import_errors": [FILE]}, 1),
        ({"task_instances": [instance(1, try_number="x", map_index="?", end_date=[])]}, 1),
        ({"task_instances": [instance(1, state="success"), instance(2, state="skipped")]}, 1),
    ],
)
def test_saved_answers_are_read_whatever_holds_them(
    tmp_path: Path, answer: Any, count: int
) -> None:
    """One answer, several under names, a bare list, odd values among them."""
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(answer))
    assert len(rows(read(read_answers(path)))) == count


def test_what_is_no_answer_is_rejected(tmp_path: Path) -> None:
    """Broken JSON and other JSON are named, the file beside them is read."""
    (tmp_path / "a.json").write_text('{"task_instances": [')
    (tmp_path / "b.json").write_text('{"hello": 1}')
    (tmp_path / "c.json").write_text(json.dumps([instance(1)]))
    batch = read(read_answers(tmp_path))
    assert len(rows(batch)) == 1
    assert sorted(Path(r.path).name for r in batch.rejections) == ["a.json", "b.json"]
