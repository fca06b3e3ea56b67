"""One sweep over a server: each answer is kept, redacted, before anything is read of it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from workbench.domain.history import Rejection
from workbench.sources.airflow_api.client import Client, Refused
from workbench.text.redact import redact_json

ASKED = "workbench_asked"
SWEPT = "sweep.json"
"""The file that says that a sweep is complete."""
PAGE = 100
MOST_PAGES = 10_000
MOST_LOG_PARTS = 200
FAILED = (("state", "failed"), ("state", "up_for_retry"))
UNDONE = (("state", "queued"), ("state", "scheduled"))
Query = Sequence[tuple[str, str]]


class Sweep:
    """Asks for failed tries, their logs, failed runs, events, import errors and tasks.

    Parameters
    ----------
    client : Client
        The server.
    captures : Path
        Folder that holds a folder for each server, and in it one for each sweep.
    """

    def __init__(self, client: Client, captures: Path) -> None:
        self._client = client
        self.rejections: list[Rejection] = []
        server = captures / client.host
        done = sorted(int(p.name) for p in server.glob("[0-9]*") if p.is_dir())
        last = done[-1] if done else 0
        is_open = last and not (server / f"{last:04}" / SWEPT).exists()
        self.folder = server / f"{last if is_open else last + 1:04}"

    def run(self) -> None:
        """Ask for everything; what is kept already is not asked for again.

        Raises
        ------
        SourceError
            The login is refused, or the server does not answer.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        api, major = self._api()
        asked = {"major": major}
        instances = f"{api}/dags/~/dagRuns/~/taskInstances"
        failed = list(self._pages(instances, FAILED, "task_instances", asked))
        list(self._pages(instances, UNDONE, "task_instances", asked))
        runs = list(self._pages(f"{api}/dags/~/dagRuns", (("state", "failed"),), "dag_runs", asked))
        list(self._pages(f"{api}/dags/~/dagRuns", (("state", "running"),), "dag_runs", asked))
        for run in runs:
            # a run that timed out leaves its tasks skipped, not failed
            path = f"{api}/dags/{_word(run, 'dag_id')}/dagRuns/{_word(run, 'dag_run_id')}"
            skipped = (("state", "skipped"),)
            list(self._pages(f"{path}/taskInstances", skipped, "task_instances", asked))
        list(self._pages(f"{api}/eventLogs", (), "event_logs", asked))
        list(self._pages(f"{api}/importErrors", (), "import_errors", asked))
        for dag_id in sorted({str(item.get("dag_id")) for item in failed}):
            path = f"{api}/dags/{quote(dag_id, safe='')}/tasks"
            self._answer(path, (), {**asked, "dag_id": dag_id})
        for item in failed:
            self._tries(api, item, asked)
        self._keep(SWEPT, {"complete": True, "major": major})

    def _api(self) -> tuple[str, str]:
        try:
            self._client.get("/api/v2/version")
        except Refused:
            return "/api/v1", "2"
        return "/api/v2", "3"

    def _tries(self, api: str, item: dict[str, Any], asked: dict[str, Any]) -> None:
        """Ask for the earlier tries of a task, and for the log of each."""
        names = (_word(item, n) for n in ("dag_id", "dag_run_id", "task_id"))
        path = "{}/dags/{}/dagRuns/{}/taskInstances/{}".format(api, *names)
        index = item.get("map_index", -1)
        index = index if isinstance(index, int) else -1
        last = item.get("try_number")
        last = last if isinstance(last, int) and last > 0 else 1
        if last > 1:
            mapped = f"/{index}" if index >= 0 else ""
            self._answer(f"{path}{mapped}/tries", (), asked)
        for number in range(max(1, last - 50), last + 1):
            said = {
                **asked,
                **{n: item.get(n) for n in ("dag_id", "task_id")},
                "run_id": item.get("dag_run_id"),
                "map_index": index,
                "try_number": number,
            }
            query = [("full_content", "true"), ("map_index", str(index))]
            self._log(f"{path}/logs/{number}", query, said)

    def _log(self, path: str, query: Query, asked: dict[str, Any]) -> None:
        """Ask for a log; one that comes in parts is kept as one."""
        name = self._name(path, query)
        if (self.folder / name).exists():
            return
        parts: list[Any] = []
        token = ""
        for _ in range(MOST_LOG_PARTS):
            more = [("token", token)] if token else []
            answer = self._ask(path, [*query, *more])
            if not isinstance(answer, dict) or "content" not in answer:
                return
            content = answer["content"]
            if not content or (parts and content == parts[-1]):
                break
            parts.append(content)
            following = answer.get("continuation_token")
            if not isinstance(following, str) or not following or following == token:
                break
            token = following
        lists = [part for part in parts if isinstance(part, list)]
        whole: Any = (
            [item for part in lists for item in part]
            if lists
            else "".join(str(part) for part in parts)
        )
        if len(parts) == 1:
            whole = parts[0]
        self._keep(name, {ASKED: asked, "answer": {"content": whole}})

    def _pages(
        self, path: str, query: Query, name: str, asked: dict[str, Any]
    ) -> Iterator[dict[str, Any]]:
        """Ask page by page until the server has no more."""
        offset = 0
        for _ in range(MOST_PAGES):
            page = [*query, ("limit", str(PAGE)), ("offset", str(offset))]
            answer = self._answer(path, page, asked)
            items = answer.get(name) if isinstance(answer, dict) else None
            if not isinstance(items, list) or not items:
                return
            yield from (item for item in items if isinstance(item, dict))
            offset += len(items)
            total = answer.get("total_entries")
            if isinstance(total, int) and offset >= total:
                return

    def _answer(self, path: str, query: Query, asked: dict[str, Any]) -> Any:
        """An answer, of the file that it was kept in if there is one."""
        name = self._name(path, query)
        kept = self.folder / name
        if kept.exists():
            return json.loads(kept.read_text("utf-8")).get("answer")
        answer = redact_json(self._ask(path, query))
        if answer is not None:
            self._keep(name, {ASKED: asked, "answer": answer}, is_redacted=True)
        return answer

    def _ask(self, path: str, query: Query) -> Any:
        try:
            return self._client.get(path, query)
        except Refused as refused:
            self.rejections.append(
                Rejection(path=f"{self._client.shown}{path}", at="", reason=refused.reason)
            )
            return None

    def _name(self, path: str, query: Query) -> str:
        said = json.dumps([path, list(query)]).encode()
        what = path.rstrip("/").rpartition("/")[2][:40]
        plain = "".join(c if c.isalnum() else "-" for c in what)
        return f"{plain}-{hashlib.blake2b(said, digest_size=8).hexdigest()}.json"

    def _keep(self, name: str, value: object, *, is_redacted: bool = False) -> None:
        """Write a file whole, or not at all."""
        safe = value if is_redacted else redact_json(value)
        part = self.folder / f"{name}.{os.getpid()}.part"
        text = json.dumps(safe, ensure_ascii=False, indent=1)
        part.write_bytes(text.encode("utf-8", "replace"))
        part.rename(self.folder / name)


def _word(item: dict[str, Any], name: str) -> str:
    return quote(str(item.get(name)), safe="")
