"""A small Airflow server: pages, logs in parts, and every way in which a server can stumble."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

AT = "2026-03-02T04:05:00Z"
TOKEN = "a-" + "token-of-the-test"
PLANTED = "Pl4nted-" + "canary-72"


def instance(number: int, *, state: str = "failed", version: str = "v2", **more: Any) -> Any:
    """A task instance as the API shows it."""
    dates = {"v1": {"execution_date": AT, "sla_miss": None}, "v2": {"logical_date": AT}}[version]
    return {
        "dag_id": "etl/äé",
        "dag_run_id": f"manual__{number}",
        "task_id": "load",
        "map_index": -1,
        "try_number": 1,
        "max_tries": 0,
        "state": state,
        "start_date": AT,
        "end_date": "2026-03-02T04:06:00Z" if state == "failed" else None,
        "pool": "default_pool",
        "operator": "Odd",
        "hostname": "w",
        **dates,
    } | more


@dataclass
class Server:
    """What it answers with, what it was asked, and what is wrong with it."""

    version: str = "v2"
    failed: list[Any] = field(default_factory=list)
    runs: list[Any] = field(default_factory=list)
    skipped: list[Any] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)
    broken: list[Any] = field(default_factory=list)
    log: Any = None
    stumbles: dict[str, list[Any]] = field(default_factory=dict)
    """For a path's last word: statuses, or a way to break, each used once."""
    asked: list[str] = field(default_factory=list)
    methods: set[str] = field(default_factory=set)
    address: str = ""
    basic: str = ""

    def paths(self, word: str) -> list[str]:
        """Paths asked for that hold a word."""
        return [path for path in self.asked if word in path]

    def answer(self, path: str, query: dict[str, list[str]]) -> Any:
        """The answer to a path, or None."""
        last = path.rpartition("/")[2]
        states = query.get("state", [])
        if last == "version":
            return {"version": "3.1.8"}
        if "/logs/" in path:
            return self._log(query)
        if last == "tries":
            return {"task_instances": [instance(0, try_number=n) for n in (1, 2)]}
        if last == "tasks":
            return {"tasks": [{"task_id": "load", "downstream_task_ids": ["report"]}]}
        every = {
            "taskInstances": ("task_instances", self._instances(path, states)),
            "dagRuns": ("dag_runs", [r for r in self.runs if r["state"] in states]),
            "eventLogs": ("event_logs", self.events),
            "importErrors": ("import_errors", self.broken),
        }
        if last not in every:
            return None
        name, items = every[last]
        start, most = int(query["offset"][0]), int(query["limit"][0])
        return {name: items[start : start + min(most, 100)], "total_entries": len(items)}

    def _instances(self, path: str, states: list[str]) -> list[Any]:
        if "failed" in states:
            return self.failed
        run = unquote(path.split("/")[-2])
        return [i for i in self.skipped if i["dag_run_id"] == run and "skipped" in states]

    def _log(self, query: dict[str, list[str]]) -> Any:
        if not isinstance(self.log, list) or not self.log or not isinstance(self.log[0], list):
            return {"content": self.log, "continuation_token": None}
        part = int(query.get("token", ["0"])[0])
        content = self.log[part] if part < len(self.log) else []
        more = str(part + 1) if part < len(self.log) else None
        return {"content": content, "continuation_token": more}


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    """Let it answer on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            return

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            server.asked.append(self.path)
            server.methods.add(self.command)
            if f"/api/{server.version}/" not in parts.path:
                self.send_error(404)
                return
            wanted = f"Basic {server.basic}" if server.basic else f"Bearer {TOKEN}"
            if self.headers.get("Authorization") != wanted:
                self.send_error(401)
                return
            waiting = server.stumbles.get(parts.path.rpartition("/")[2], [])
            if waiting:
                self._stumble(waiting.pop(0))
                return
            found = server.answer(parts.path, parse_qs(parts.query))
            if found is None:
                self.send_error(404)
                return
            self._send(json.dumps(found).encode())

        def _stumble(self, how: Any) -> None:
            if how == "cut":
                self.send_response(200)
                self.send_header("Content-Length", "10000")
                self.end_headers()
                self.wfile.write(b'{"task_instances": [')
                self.close_connection = True
            elif how == "away":
                self.send_response(302)
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.end_headers()
            elif isinstance(how, bytes):
                self._send(how)
            else:
                self.send_response(how)
                self.send_header("Retry-After", "0")
                self.send_header("Content-Length", "0")
                self.end_headers()

        def _send(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PATCH = do_PUT = do_DELETE = do_GET  # noqa: N815

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
    thread.start()
    server.address = f"http://127.0.0.1:{listening.server_port}"
    try:
        yield server
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()
