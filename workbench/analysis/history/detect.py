"""Runs patterns over a history: each detector's rows become hits of one declared shape."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence

import polars as pl

from workbench.analysis.history.composite import raised
from workbench.analysis.history.reachability import hot_functions
from workbench.analysis.history.text_scan import scan_text
from workbench.analysis.sql import View, run_query
from workbench.domain.frames import HITS
from workbench.domain.histories import History
from workbench.domain.history import Severity
from workbench.domain.patterns import HotPath, Pattern, TextDetector
from workbench.domain.standing import HOT_PATHS, HOT_VIEW
from workbench.domain.tables import PolarsType
from workbench.errors import DetectorError, Place

MOST_NAMES = 5
REQUIRED: dict[str, PolarsType] = {
    "sha": pl.String,
    "path": pl.String,
    "line": pl.Int64,
    "qualname": pl.String,
}
OPTIONAL: dict[str, PolarsType] = {
    "side": pl.String,
    "severity": pl.String,
    "names": pl.List(pl.String),
}
SIDES = ("before", "after")
_ROW = ("sha", "path", "line", "pattern", "qualname")
_RANKS = {severity.value: severity.rank for severity in Severity}


def detect(
    patterns: Pattern | Sequence[Pattern],
    history: History,
    *,
    hot_paths: Sequence[HotPath] = (),
    failed: Callable[[str, DetectorError], None] | None = None,
) -> pl.DataFrame:
    """Run detectors over a history.

    Parameters
    ----------
    patterns : Pattern or sequence of Pattern
        What to look for; whether a pattern's stage lets it run is the caller's choice.
    history : History
        Where to look.
    hot_paths : sequence of HotPath
        Entry points that a detector may ask about.
    failed : callable, optional
        Told the id of a pattern whose detector fails, and how; the others go on, unless there is
        no other. Without it the first failure ends the run.

    Returns
    -------
    polars.DataFrame
        Hits as declared in :data:`workbench.domain.frames.HITS`, sorted by sha, path, line,
        pattern and qualname; at most one for each of these. Several kinds of risk in one commit
        raise each other, see :func:`workbench.analysis.history.composite.raised`.

    Raises
    ------
    DetectorError
        A detector is refused, fails, or returns other columns than a detector does; with
        ``failed`` only when all of them do.
    """
    listed = (patterns,) if isinstance(patterns, Pattern) else tuple(patterns)
    offered: dict[str, View] = {
        HOT_PATHS.name: _hot_path_frame(hot_paths),
        HOT_VIEW.name: lambda: _hot_view(history, hot_paths),
    }
    hits: list[pl.DataFrame] = []
    for number, pattern in enumerate(listed, start=1):
        try:
            hits.append(_hits_of(pattern, history, offered))
        except DetectorError as error:
            if failed is None or (number == len(listed) and not hits):
                raise
            failed(pattern.id, error)
    return raised(pl.concat([HITS.empty(), *hits]), listed).sort(_ROW)


def _hot_path_frame(hot_paths: Sequence[HotPath]) -> pl.DataFrame:
    return HOT_PATHS.frame(
        [{"qualname": h.qualname, "multiplicity": h.multiplicity, "why": h.why} for h in hot_paths]
    )


def _hot_view(history: History, hot_paths: Sequence[HotPath]) -> pl.DataFrame:
    """Functions that the span's commits touch on hot paths: those that are kept, or told anew."""

    def made() -> pl.DataFrame:
        kept = history["hot_paths"].equals(_hot_path_frame(hot_paths))
        rows = history["hot_functions"] if kept else hot_functions(history, hot_paths)
        shas = history.commits.select("commit_id", "sha")
        return rows.join(shas, on="commit_id").select(list(HOT_VIEW.columns))

    return history.derived(f"hot functions {hash(tuple(hot_paths))}", made)


def _hits_of(pattern: Pattern, history: History, offered: Mapping[str, View]) -> pl.DataFrame:
    detector = pattern.detector
    where = Place(path=pattern.id if isinstance(detector, TextDetector) else detector.path)
    try:
        if isinstance(detector, TextDetector):
            rows = scan_text(detector, history)
        else:
            rows = run_query(detector.text, history, extra=offered, path=detector.path)
        return _shaped(_checked(rows, history, where), pattern, where)
    except pl.exceptions.PolarsError as error:
        # a column twice, a type that no frame has, a line beyond four thousand million
        what = f"Its rows cannot be read: {str(error).splitlines()[0]}"
        right = "A detector returns text, whole numbers and lists of text, each name once."
        raise DetectorError(what, where=where, right=right) from error


def _checked(rows: pl.DataFrame, history: History, where: Place) -> pl.DataFrame:
    """The rows with the columns of a detector in their types, or an error that names them."""
    wrong = [f"{name} is missing" for name in REQUIRED if name not in rows.columns]
    wrong += [
        f"{name} is {rows.schema[name]}"
        for name, dtype in (REQUIRED | OPTIONAL).items()
        if name in rows.columns and not _fits(rows.schema[name], dtype)
    ]
    if wrong:
        raise DetectorError(
            f"A detector's columns are wrong: {'; '.join(wrong)}.",
            where=where,
            right="sha, path, qualname are text, line a whole number; side, severity are text, "
            "names is a list of text; every other column is a field of the message.",
        )
    typed = rows.with_columns(
        pl.col(name).cast(dtype)
        for name, dtype in (REQUIRED | OPTIONAL).items()
        if name in rows.columns
    )
    empty = [name for name in REQUIRED if typed[name].null_count()]
    if empty:
        raise DetectorError(
            f"A hit without {' and '.join(empty)}.", where=where, right="Say where every hit is."
        )
    _check_words(typed, "severity", tuple(_RANKS), where)
    _check_words(typed, "side", SIDES, where)
    strangers = typed.join(history.commits, on="sha", how="anti")["sha"]
    if len(strangers):
        raise DetectorError(f"A hit in {strangers[0]!r}, no commit of the history.", where=where)
    return typed


def _fits(found: pl.DataType, wanted: PolarsType) -> bool:
    """Whether a column can stand for a declared one; all-null columns of a query are integers."""
    if wanted == pl.Int64:
        return found.is_integer()
    return found == wanted or found == pl.Null


def _check_words(rows: pl.DataFrame, name: str, words: Sequence[str], where: Place) -> None:
    if name not in rows.columns:
        return
    unknown = rows[name].drop_nulls().unique().sort()
    unknown = unknown.filter(~unknown.is_in(list(words)))
    if len(unknown):
        raise DetectorError(
            f"{name} is {unknown[0]!r}.", where=where, right=f"One of {', '.join(words)}."
        )


def _shaped(rows: pl.DataFrame, pattern: Pattern, where: Place) -> pl.DataFrame:
    """Rows as hits: what a detector leaves out is the pattern's, each place hit once."""
    full = rows.with_columns(
        pl.lit(None, dtype).alias(name)
        for name, dtype in OPTIONAL.items()
        if name not in rows.columns
    )
    named = pl.col("names").list.drop_nulls().list.unique(maintain_order=True)
    own = pl.concat_list("qualname")
    hits = full.with_columns(
        pl.col("side").fill_null("after"),
        pl.col("severity").fill_null(pattern.severity.value),
        pl.when(named.list.len() > 0)
        .then(named.list.head(MOST_NAMES))
        .otherwise(own)
        .alias("names"),
        pl.col("line").clip(lower_bound=1).cast(pl.UInt32),
        pattern=pl.lit(pattern.id),
        stage=pl.lit(pattern.stage.value),
        message=_message(pattern, full, where),
    )
    rank = pl.col("severity").replace_strict(_RANKS, return_dtype=pl.Int8)
    worst_first = [rank, pl.col("message")]
    once = hits.sort(worst_first, descending=[True, False]).unique(_ROW, keep="first")
    return HITS.check(once.select(list(HITS.columns)))


def _message(pattern: Pattern, rows: pl.DataFrame, where: Place) -> pl.Expr:
    """The pattern's message with its ``{fields}`` filled from the row."""
    try:
        parts = list(string.Formatter().parse(pattern.message))
    except ValueError as fault:
        raise DetectorError(f"The message cannot be read: {fault}.", where=where) from None
    pieces: list[pl.Expr] = []
    for text, field, _, _ in parts:
        pieces.append(pl.lit(text))
        if field is None:
            continue
        if field not in rows.columns:
            raise DetectorError(
                f"The message names {{{field}}}, which the detector does not return.",
                where=where,
                right=f"It returns {', '.join(rows.columns)}.",
            )
        pieces.append(_as_text(pl.col(field), rows.schema[field]))
    return pl.concat_str(pieces) if pieces else pl.lit("")


def _as_text(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    text = (
        value.cast(pl.List(pl.String)).list.join(", ", ignore_nulls=True)
        if isinstance(dtype, pl.List)
        else value.cast(pl.String)
    )
    return text.fill_null("")
