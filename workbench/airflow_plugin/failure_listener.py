"""Airflow plugin: writes every failed try, failed run and broken DAG file as one JSON line.

Copy this one file into the plugins folder of Airflow 2.10 or later, or 3.x; it needs nothing else.
Lines go to the file that WORKBENCH_FAILURES names, else to ``workbench-failures.jsonl`` in the
home of Airflow. It reads nothing, changes nothing, and never raises into Airflow. Secrets that can
be told by their shape or name are taken out before a line is written.
"""

# Old Pythons run it as well, and its patterns stay on one line each.
# ruff: noqa: E501, UP017, UP031, PTH111, PTH118
# mypy: ignore-errors

from __future__ import annotations

import json
import os
import re
import socket
import traceback
from datetime import datetime, timezone

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

FORMAT = 1
MOST_TEXT = 24_000
MOST_SEEN = 2_000
MARK = "<secret:%s>"
_NAME = r"[\w.\-]{0,60}?(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_\-]?key|access[_\-]?key|private[_\-]?key|account[_\-]?key|credential|authorization|fernet[_\-]?key|session[_\-]?id|cookie|signature)[\w.\-]{0,60}"
PATTERNS = (
    ("private-key", re.compile(r"(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.S)),
    ("uri-password", re.compile(r"((?<![a-z0-9+.\-])[a-z][a-z0-9+.\-]{0,30}://[^\s/:@\"'<>]{0,100}:)[^\s\"'<>]{1,500}(?=@)", re.I)),
    ("bearer", re.compile(r"(\b(?:bearer|basic|digest|token)\s+)[A-Za-z0-9._~+/=\-]{8,}", re.I)),
    ("jwt", re.compile(r"()\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{4,}(?:\.[A-Za-z0-9_\-]*)?")),
    ("cloud-key", re.compile(r"()\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}|\bAIza[\w\-]{30,}|\bya29\.[\w\-]{20,}")),
    ("token", re.compile(r"()\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|gl(?:pat|dt|rt)-[\w\-]{16,}|xox[a-z]-[\w\-]{10,}|sk[-_](?:live_|test_|proj-)?\w{16,}|hf_\w{20,}|npm_\w{20,}|dapi[0-9a-f]{24,}|hv[sb]\.[\w\-]{20,}|SG\.[\w\-]{16,}\.[\w\-]{16,})")),
    ("keyed", re.compile(r"((?<![\w.\-])" + _NAME + r"[\"']?\s*(?:[:=]|=>)\s*[\"']?)(?!<secret:)[^\s\"',;&)}\]]+", re.I)),
    ("email", re.compile(r"()(?<![\w.+\-])[\w.+\-]{1,64}@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+")),
)  # fmt: skip


def redact(text):
    """Return the text without the secrets that shape or name gives away."""
    for kind, pattern in PATTERNS:
        text = pattern.sub(lambda found, kind=kind: (found[1] or "") + MARK % kind, text)
    return text


def _text(value, most=MOST_TEXT):
    """Any object as redacted text, the middle of a very long one left out."""
    try:
        text = value if isinstance(value, str) else str(value)
    except Exception as fault:  # noqa: BLE001
        text = "<%s cannot be shown: %s>" % (type(value).__name__, type(fault).__name__)
    # what is cut is cut before it is read: a message may be a hundred megabytes
    if len(text) > 2 * most:
        text = "%s\n... %d characters are left out here ...\n%s" % (
            *(text[:most], len(text) - 2 * most),
            text[-most:],
        )
    text = redact(text)
    return text.encode("utf-8", "replace").decode("utf-8")


def _get(thing, name):
    try:
        return getattr(thing, name, None)
    except Exception:  # noqa: BLE001
        return None


def _plain(value):
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    return _text(_get(value, "value") if _get(value, "value") is not None else value, 500)


def _chain(error):
    """The exception that was finally raised, then what it came from."""
    told, seen, link = [], set(), ""
    while isinstance(error, BaseException) and id(error) not in seen and len(told) < 20:
        seen.add(id(error))
        kind = type(error)
        name = "%s.%s" % (kind.__module__, kind.__qualname__)
        told.append({"type": name, "message": _text(error, 4_000), "link": link})
        cause = error.__cause__
        link = "cause" if cause is not None else "context"
        error = (
            cause
            if cause is not None
            else (None if error.__suppress_context__ else error.__context__)
        )
    return told


def _failed(previous_state, task_instance, error):
    task = _get(task_instance, "task")
    record = {"hook": "task_failed", "previous_state": _plain(previous_state)}
    for name in ("dag_id", "run_id", "task_id", "map_index", "try_number", "max_tries", "state"):
        record[name] = _plain(_get(task_instance, name))
    for name in ("start_date", "end_date", "queued_dttm", "hostname"):
        record[name] = _plain(_get(task_instance, name))
    for name in ("queue", "pool"):
        mine = _get(task_instance, name)
        record[name] = _plain(mine if mine is not None else _get(task, name))
    operator = _get(task_instance, "operator") or _get(task, "task_type")
    record["operator"] = _plain(operator)
    record["id"] = _plain(_get(task_instance, "id"))
    if isinstance(error, BaseException):
        record["chain"] = _chain(error)
        lines = traceback.format_exception(type(error), error, error.__traceback__, limit=60)
        record["traceback"] = _text("".join(lines))
    elif error is not None:
        record["error"] = _text(error)
    return record


def _write(record):
    from airflow import __version__

    record = {
        "workbench_listener": FORMAT,
        "at": datetime.now(timezone.utc).isoformat(),
        "airflow_version": str(__version__),
        "pid": os.getpid(),
        "host": socket.gethostname(),
        **record,
    }
    home = os.environ.get("AIRFLOW_HOME") or os.path.join(os.path.expanduser("~"), "airflow")
    path = os.environ.get("WORKBENCH_FAILURES") or os.path.join(home, "workbench-failures.jsonl")
    line = (json.dumps(record, default=_text) + "\n").encode("utf-8")
    # one write at the end of the file: lines of several processes do not run into each other
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        if os.write(handle, line) < len(line):
            os.write(handle, b"\n")  # the disk is full: what is cut stays a line of its own
    finally:
        os.close(handle)


def _tell(make, *given):
    """Write what ``make`` gives; whatever goes wrong stays here."""
    try:
        _write(make(*given))
    except Exception:  # noqa: BLE001
        return


class FailureListener:
    """What Airflow calls when something failed."""

    def __init__(self):
        self.seen = set()

    @hookimpl
    def on_task_instance_failed(self, previous_state, task_instance, error):
        _tell(_failed, previous_state, task_instance, error)

    @hookimpl
    def on_dag_run_failed(self, dag_run, msg):
        _tell(
            lambda: {
                "hook": "dag_run_failed",
                "dag_id": _plain(_get(dag_run, "dag_id")),
                "run_id": _plain(_get(dag_run, "run_id")),
                "run_type": _plain(_get(dag_run, "run_type")),
                "state": _plain(_get(dag_run, "state")),
                "start_date": _plain(_get(dag_run, "start_date")),
                "end_date": _plain(_get(dag_run, "end_date")),
                "logical_date": _plain(_get(dag_run, "logical_date")),
                "message": _text(msg, 2_000),
            }
        )

    @hookimpl
    def on_new_dag_import_error(self, filename, stacktrace):
        self._broken(filename, stacktrace)

    @hookimpl
    def on_existing_dag_import_error(self, filename, stacktrace):
        self._broken(filename, stacktrace)

    def _broken(self, filename, stacktrace):
        # the second hook is called at every parse: once for each file and reason is enough
        try:
            key = hash((str(filename), str(stacktrace)))
            if key in self.seen or len(self.seen) > MOST_SEEN:
                return
            self.seen.add(key)
        except Exception:  # noqa: BLE001
            return
        _tell(
            lambda: {
                "hook": "import_error",
                "filename": _text(filename, 1_000),
                "traceback": _text(stacktrace),
            }
        )


class WorkbenchFailures(AirflowPlugin):
    """The plugin; it registers one listener."""

    name = "workbench_failures"
    listeners = [FailureListener()]  # noqa: RUF012
