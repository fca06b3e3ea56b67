"""Logs of failed tries as the two major versions of Airflow write them, from a few words each."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass

import polars as pl

OLD, NEW = "2.10.5", "3.1.8"
LIBRARY = "/opt/venv/lib/python3.11/site-packages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What went wrong: ``{n} {host} {date} {uuid} {hex}`` in a text differ from run to run."""

    cls: str
    exception: str | None
    message: str
    told: str = ""
    place: str = ""


def log_of(fault: Fault, *, version: str, rng: random.Random, as_json: bool = False) -> str:
    """Write a fault's log; the new version as text made readable, or as the JSON lines it is."""
    message, told = filled(fault.message, rng), filled(fault.told, rng)
    frame = ("/opt/airflow/dags/etl.py", fault.place) if fault.place else None
    if version == OLD:
        return _old(fault, message, told, frame)
    return (
        _json_lines(fault, message, told, frame) if as_json else _new(fault, message, told, frame)
    )


def filled(text: str, rng: random.Random) -> str:
    """Put values of one run into a text."""
    digits = "0123456789abcdef"
    made = {
        "n": lambda: str(rng.randint(10_000, 9_999_999)),
        "host": lambda: rng.choice(["db1.acme.internal", f"10.2.3.{rng.randint(2, 250)}"]),
        "date": lambda: f"2026{rng.randint(1, 12):02}{rng.randint(1, 28):02}",
        "hex": lambda: "0x" + "".join(rng.choices(digits, k=12)),
        "uuid": lambda: "-".join("".join(rng.choices(digits, k=k)) for k in (8, 4, 4, 4, 12)),
    }
    return re.sub(r"\{(n|host|date|uuid|hex)\}", lambda found: made[found[1]](), text)


def failures(faults: list[Fault], *, seed: int = 1) -> pl.DataFrame:
    """Return both versions' failures of some faults, with labels beside."""
    rng = random.Random(seed)
    rows = []
    for number, fault in enumerate(faults):
        for version in (OLD, NEW):
            text = log_of(fault, version=version, rng=rng, as_json=number % 3 == 2)
            rows.append(
                {
                    "failure_id": f"{version}-{number}",
                    "exception": fault.exception,
                    "message": _message_in(text, fault, rng),
                    "text": text,
                    "fault": number,
                    "cls": fault.cls,
                    "version": version,
                }
            )
    return pl.DataFrame(rows, infer_schema_length=None)


def _message_in(text: str, fault: Fault, rng: random.Random) -> str:
    """Return the message as a source reads it: another run's values would be another message."""
    if text.lstrip().startswith("{"):
        detail = json.loads(text.strip().split("\n")[-1])["error_detail"]
        return str(detail[0]["exc_value"]).strip()
    _, _, said = text.rpartition(f"{fault.exception}: " if fault.exception else "ERROR - ")
    return said.strip() if said != text else filled(fault.message, rng)


def _old(fault: Fault, message: str, told: str, frame: tuple[str, str] | None) -> str:
    at = "[2026-03-01T09:03:12.602+0000]"
    lines = [f"{at} {{subprocess.py:106}} INFO - {told}"] if told else []
    if fault.exception is None:
        return "\n".join([*lines, f"{at} {{scheduler_job_runner.py:1}} ERROR - {message}"])
    lines += [
        f"{at} {{taskinstance.py:3313}} ERROR - Task failed with exception",
        "Traceback (most recent call last):",
        f'  File "{LIBRARY}/airflow/models/taskinstance.py", line 768, in _execute_task',
        "    result = run(context)",
    ]
    if frame:
        lines += [f'  File "{frame[0]}", line 41, in {frame[1]}', "    load(rows)"]
    return "\n".join([*lines, f"lib.errors.{fault.exception}: {message}"])


def _new(fault: Fault, message: str, told: str, frame: tuple[str, str] | None) -> str:
    lines = [told] if told else []
    if fault.exception is None:
        return "\n".join([*lines, message])
    lines += [
        "Task failed with exception",
        f'  File "{LIBRARY}/airflow/sdk/execution_time/task_runner.py", line 1112, in run',
    ]
    if frame:
        lines.append(f'  File "{frame[0]}", line 57, in {frame[1]}')
    return "\n".join([*lines, f"{fault.exception}: {message}"])


def _json_lines(fault: Fault, message: str, told: str, frame: tuple[str, str] | None) -> str:
    at = "2026-03-01T09:00:00.136520Z"
    rows: list[dict[str, object]] = []
    if told:
        rows.append({"timestamp": at, "level": "info", "event": told, "logger": "task"})
    runner = f"{LIBRARY}/airflow/sdk/execution_time/task_runner.py"
    frames = [{"filename": runner, "lineno": 1112, "name": "run"}]
    if frame:
        frames.append({"filename": frame[0], "lineno": 57, "name": frame[1]})
    raised = {"exc_type": fault.exception, "exc_value": message, "frames": frames}
    failed = {"timestamp": at, "level": "error", "event": "Task failed with exception"}
    rows.append({**failed, "error_detail": [raised]})
    return "\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
