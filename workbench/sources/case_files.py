"""A case folder's ``case.toml``: read strictly, every problem at once, with key and line."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.domain.cases import Case
from workbench.errors import Place, SourceError
from workbench.text.suggestions import suggestion
from workbench.text.toml_lines import Key, key_lines, line_of

REQUIRED = ("id", "started_utc")
TEXTS = ("id", "title", "running_version")
TIMES = ("started_utc", "ended_utc", "deployed_utc")
LISTS = ("timeline", "logs", "stats_before", "stats_after", "loops", "downstreams")
KEYS = {*TEXTS, *TIMES, "inputs"}
INPUTS = {*LISTS, "history"}
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def read_case(folder: str | Path) -> Case:
    """Read a case.

    Parameters
    ----------
    folder : str or pathlib.Path
        Holds ``case.toml``. Paths in it are relative to the folder; absolute ones and ``..`` are
        the user's own word and are taken.

    Raises
    ------
    SourceError
        There is no such file, it is no TOML, or keys are unknown, missing or wrong, or an input is
        not there; all of it is listed with key and line.
    """
    home = Path(folder)
    file = home / "case.toml"
    try:
        text = file.read_text("utf-8")
        data = tomllib.loads(text)
    except OSError as error:
        what = f"A case needs a case.toml: {error.strerror}."
        raise SourceError(what, where=Place(path=str(file))) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceError(f"This is no TOML: {error}.", where=Place(path=str(file))) from error
    reading = _Reading(home=home.resolve(), data=data)
    case = reading.case()
    if reading.faults or case is None:
        lines = key_lines(text)
        listed = [f"line {line_of(lines, key)}: {what}" for key, what in reading.faults]
        what = "\n  ".join([f"{len(listed)} things are wrong in the case:", *listed])
        raise SourceError(what, where=Place(path=str(file)))
    return case


class _Reading:
    """One case file being read; ``faults`` collects what is wrong, by key."""

    def __init__(self, *, home: Path, data: dict[str, Any]) -> None:
        self.home, self.data = home, data
        self.faults: list[tuple[Key, str]] = []

    def case(self) -> Case | None:
        inputs = self.data.get("inputs", {})
        if not isinstance(inputs, dict):
            self._fault(("inputs",), "inputs is no table")
            inputs = {}
        self._unknown(self.data, (), KEYS)
        self._unknown(inputs, ("inputs",), INPUTS)
        for key in REQUIRED:
            if key not in self.data:
                self._fault((), f"{key} is missing")
        texts = {key: self._text(key) for key in TEXTS}
        times = {key: self._time(key) for key in TIMES}
        lists = {key: self._paths(inputs, key) for key in LISTS}
        history = self._path(inputs.get("history"), ("inputs", "history"))
        self._in_order(times)
        self._one_name_each(lists["downstreams"])
        case_id, started = texts["id"], times["started_utc"]
        if case_id is None or started is None:
            return None
        if not NAME.fullmatch(case_id):
            self._fault(("id",), f"id {case_id!r} is no name of letters, digits, dot, - and _")
        return Case(
            id=case_id,
            title=texts["title"] or case_id,
            folder=self.home,
            started_utc=started,
            ended_utc=times["ended_utc"],
            running_version=texts["running_version"],
            deployed_utc=times["deployed_utc"],
            history=history,
            **lists,
        )

    def _fault(self, key: Key, what: str) -> None:
        self.faults.append((key, what))

    def _unknown(self, table: dict[str, Any], at: Key, known: set[str]) -> None:
        for key in table.keys() - known:
            self._fault((*at, key), f"{key} is no key of a case. {suggestion(key, known)}")

    def _text(self, key: str) -> str | None:
        value = self.data.get(key)
        if value is None or (isinstance(value, str) and value.strip()):
            return value
        self._fault((key,), f"{key} is {value!r}, which is no text")
        return None

    def _time(self, key: str) -> datetime | None:
        value = self.data.get(key)
        if value is None:
            return None
        if not isinstance(value, datetime):
            self._fault((key,), f"{key} is {value!r}; write {key} = 2026-02-10T06:00:00Z")
            return None
        if value.tzinfo is None:
            self._fault((key,), f"{key} has no time zone; write a Z or an offset behind it")
            return None
        return value.astimezone(UTC)

    def _paths(self, inputs: dict[str, Any], key: str) -> tuple[Path, ...]:
        value = inputs.get(key, [])
        if not isinstance(value, list):
            self._fault(("inputs", key), f"{key} is no list of paths")
            return ()
        found = [self._path(each, ("inputs", key, n)) for n, each in enumerate(value)]
        return tuple(path for path in found if path is not None)

    def _path(self, value: object, key: Key) -> Path | None:
        if value is None:
            return None
        if not isinstance(value, str) or not value:
            self._fault(key, f"{value!r} is no path")
            return None
        path = self.home / value
        if not path.exists():
            self._fault(key, f"{value} is not there")
            return None
        return path

    def _in_order(self, times: dict[str, datetime | None]) -> None:
        started, ended = times["started_utc"], times["ended_utc"]
        if started and ended and ended < started:
            self._fault(("ended_utc",), "ended_utc is before started_utc")

    def _one_name_each(self, downstreams: tuple[Path, ...]) -> None:
        names = [path.name.removesuffix(".git") for path in downstreams]
        for name in sorted({n for n in names if names.count(n) > 1}):
            self._fault(("inputs", "downstreams"), f"two downstreams are called {name}")
