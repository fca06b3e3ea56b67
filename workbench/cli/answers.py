"""How a command speaks: one JSON document or a screen on stdout, progress and notes on stderr."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.errors import Place, WorkbenchError
from workbench.text.printable import printable

if TYPE_CHECKING:
    from rich.console import Console

    from workbench.bench import Bench

INTERRUPTED = 130
QUIET_SECONDS = 2.0
DEFAULT_BENCH = Path("workbench.duckdb")

BenchOption = Annotated[
    Path | None, typer.Option("--bench", help="The DuckDB file.", show_default="workbench.duckdb")
]
PatternsOption = Annotated[
    Path | None,
    typer.Option(
        "--patterns", help="Folder of the patterns.", show_default="./patterns, or shipped"
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="One JSON document on stdout; progress on stderr.")
]
SinceOption = Annotated[
    str | None, typer.Option("--since", help="First day or moment (UTC) of the commits looked at.")
]
UntilOption = Annotated[
    str | None, typer.Option("--until", help="Last day (included) or moment (UTC) looked at.")
]
PatternOption = Annotated[
    list[str] | None,
    typer.Option("--pattern", help="A pattern's id or a unique beginning of it; may be repeated."),
]


class CallerError(WorkbenchError):
    """An option's value is not what the command takes."""


@dataclass(slots=True, kw_only=True)
class Shared:
    """Options given before the command's name."""

    bench: Path | None = None
    patterns: Path | None = None
    as_json: bool = False


_given = Shared()


def remember(given: Shared) -> None:
    """Keep the options that stood before the command's name."""
    _given.bench, _given.patterns, _given.as_json = given.bench, given.patterns, given.as_json


def shared() -> Shared:
    """Return the options before the command's name."""
    return _given


def wants_json(as_json: bool) -> bool:
    """Whether the answer is to be a JSON document."""
    return as_json or shared().as_json


def screen() -> Console:
    """The console for people, on stdout."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True)


def note(sentence: str) -> None:
    """Say something beside the answer, on stderr."""
    typer.echo(printable(sentence), err=True)


def answer(name: str, fields: Mapping[str, object]) -> None:
    """Print the one JSON document of a command: ``workbench.<name>``, format version 1."""
    document = {"format": f"workbench.{name}", "format_version": 1, **fields}
    sys.stdout.write(json.dumps(document, ensure_ascii=False, default=_plain) + "\n")


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Path):
        return str(value)
    raise TypeError(type(value).__name__)


def open_for_loading(bench: Path | None, patterns: Path | None) -> Bench:
    """The bench a load writes to; it is made when it is not there."""
    from workbench.bench import open_bench

    return open_bench(
        bench or shared().bench or DEFAULT_BENCH,
        patterns=patterns or shared().patterns,
        progress=Bar(),
        say=note,
    )


def open_for_reading(bench: Path | None, patterns: Path | None) -> Bench:
    """The bench a question is put to.

    Raises
    ------
    CallerError
        The file is not there; the message names the command that loads it.
    """
    path = bench or shared().bench or DEFAULT_BENCH
    if not path.exists():
        what = "There is no bench here."
        todo = "Load something first, for example: workbench load git REPO"
        raise CallerError(what, where=Place(path=str(path)), todo=todo)
    return open_for_loading(path, patterns)


def moment(text: str | None, *, option: str, end_of_day: bool = False) -> datetime | None:
    """A date or time of an option, as UTC; a bare date may mean its end (24:00).

    Raises
    ------
    CallerError
        The text is neither an ISO date nor an ISO time.
    """
    from workbench.text.moments import NoDateError
    from workbench.text.moments import moment as moment_of

    try:
        return moment_of(text, name=option, end_of_day=end_of_day)
    except NoDateError as error:
        raise CallerError(error.what, right=error.right) from error


def refuse_bytes(arguments: list[str]) -> None:
    """Refuse arguments that are no UTF-8: a store keeps text, and would lose where it came from.

    Raises
    ------
    CallerError
        One of them holds bytes that are no text; they are shown escaped.
    """
    for argument in arguments:
        if any("\ud800" <= character <= "\udfff" for character in argument):
            what = f"{printable(argument)} is not UTF-8."
            raise CallerError(what, todo="Rename it, or reach it through a link with a plain name.")


def folder(path: Path, *, option: str) -> Path:
    """Return a folder to write into; it need not be there yet.

    Raises
    ------
    CallerError
        Something else stands there, or above it.
    """
    above = next(place for place in (path, *path.absolute().parents) if place.exists())
    if not above.is_dir():
        what = f"{option} names {above}, which is no folder."
        raise CallerError(what, todo="Name a folder; it is made when it is missing.")
    return path


class Bar:
    """Progress of long work on stderr; work that is done in a moment says nothing.

    On a terminal one line changes; elsewhere a line comes now and then.
    """

    def __init__(self) -> None:
        self._begun: dict[str, float] = {}
        self._said: dict[str, float] = {}

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Say that ``done`` of ``total`` of ``what`` is behind us."""
        now = time.monotonic()
        begun = self._begun.setdefault(what, now)
        live = sys.stderr.isatty()
        ended = total is not None and done >= total
        pause = 0.1 if live else QUIET_SECONDS
        if now - begun < QUIET_SECONDS or (now - self._said.get(what, begun) < pause and not ended):
            return
        self._said[what] = now
        of = f" of {total:,}" if total is not None else ""
        line = f"{what}: {done:,}{of}"
        if live:
            sys.stderr.write(f"\r\x1b[K{line}" + ("\n" if ended else ""))
            sys.stderr.flush()
        else:
            note(line)


@contextmanager
def exit_codes() -> Iterator[None]:
    """Map what went wrong to exit codes: 2 the caller's mistake or bad input, 3 a fault inside."""
    import traceback

    try:
        yield
    except WorkbenchError as error:
        note(f"error: {error}")
        raise SystemExit(2) from error
    except SystemExit as stop:
        # the command line's own frame turns an interrupt into this code before it gets here
        if stop.code == INTERRUPTED:
            note("stopped; what was written before stands, nothing is half-written")
        raise
    except BrokenPipeError as error:
        sys.stderr.close()
        raise SystemExit(0) from error
    except Exception as error:
        traceback.print_exc()
        note("fault inside the workbench: the lines above say where")
        raise SystemExit(3) from error
