"""Where the first gate should open, by class of error: as low as labels allow, and no lower."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log

import polars as pl

from workbench.analysis.failures.gates import LEVEL, Gates
from workbench.analysis.failures.outcomes import fix_key
from workbench.analysis.intervals import at_least, wilson
from workbench.domain.failure_memory import DEFAULT_SIMILARITY, Verdict
from workbench.errors import WorkbenchError
from workbench.text.counted import counted

PRECISION = 0.95
BINS = 10
LABELLED = {
    "failure_id": pl.String,
    "error_class": pl.String,
    "similarity": pl.Float64,
    "right": pl.Boolean,
}
NOTHING = (None, None, None)
ROWS = {
    "error_class": pl.String,
    "labels": pl.Int64,
    "right": pl.Int64,
    "threshold": pl.Float64,
    "precision_low": pl.Float64,
    "recall": pl.Float64,
    "needed": pl.Int64,
    "calibrated": pl.Boolean,
    "says": pl.String,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What labels say of the first gate.

    ``rows`` has one row for all labels together (``error_class`` null) and one a class:
    ``error_class, labels, right, threshold`` (null when the labels are too few), ``precision_low``
    (what one may be sure of at that threshold), ``recall`` (of the right ones, how many pass),
    ``needed`` (right ones in a row that would be enough), ``calibrated, says``.
    """

    rows: pl.DataFrame
    precision: float
    level: float

    def gates(self, *, confidence: float | None = None) -> Gates:
        """Return the gates that these labels allow; the default where they are too few."""
        found = self.rows.filter("calibrated")
        classes = found.drop_nulls("error_class").select("error_class", "threshold")
        every = found.filter(pl.col("error_class").is_null())["threshold"].to_list()
        more = {} if confidence is None else {"confidence": confidence}
        return Gates(
            similarity=every[0] if every else DEFAULT_SIMILARITY,
            classes=dict(classes.iter_rows()),
            calibrated=bool(every),
            **more,
        )


def calibrate(
    labelled: pl.DataFrame, *, precision: float = PRECISION, level: float = LEVEL
) -> Calibration:
    """Find the lowest similarity at which one may be sure of a precision, for all and by class.

    Parameters
    ----------
    labelled : polars.DataFrame
        As LABELLED declares: was the most similar failure of the same kind, and how similar?
    precision : float
        Of the failures that pass, the share for which that has to be so.
    level : float
        How sure: the lower bound is that of Clopper and Pearson, one-sided.

    Raises
    ------
    WorkbenchError
        The precision or the level is no share that can be reached.
    """
    for name, value in (("precision", precision), ("level", level)):
        if not 0.0 < value < 1.0:
            raise WorkbenchError(f"{name} is {value}.", right="It lies between 0 and 1.")
    needed = ceil(log(1 - level) / log(precision))
    rows = [_row(None, labelled, precision, level, needed)]
    for (name,), group in labelled.drop_nulls("error_class").group_by(
        ["error_class"], maintain_order=True
    ):
        rows.append(_row(str(name), group, precision, level, needed))
    made = pl.DataFrame(rows, schema=ROWS, orient="row")
    return Calibration(
        rows=made.sort("error_class", nulls_last=False), precision=precision, level=level
    )


def spoken_labels(resolutions: pl.DataFrame, *, scorer: str) -> pl.DataFrame:
    """Return what people's verdicts say of suggestions that were shown to them.

    Approved is right. Rejected, edited and novel are wrong: doing it unasked would have been.
    Verdicts under another scorer say nothing, because their similarities mean something else.

    Parameters
    ----------
    resolutions : polars.DataFrame
        As RESOLUTIONS declares, with ``exception`` beside.
    scorer : str
        What the similarities of now come from.
    """
    same = fix_key("done") == fix_key("suggested")
    right = (pl.col("verdict") == Verdict.APPROVED) | (
        (pl.col("verdict") == Verdict.RESOLVED) & same
    )
    return resolutions.filter(
        pl.col("similarity").is_not_null(),
        pl.col("scorer") == scorer,
        pl.col("suggested").is_not_null() | (pl.col("verdict") == Verdict.NOVEL),
    ).select(
        "failure_id", error_class="exception", similarity="similarity",
        right=right.fill_null(value=False),
    )  # fmt: skip


def reliability(labelled: pl.DataFrame, *, bins: int = BINS) -> pl.DataFrame:
    """Return how often the nearest was right, by how similar it was said to be.

    Returns
    -------
    polars.DataFrame
        ``low, high`` (of the similarity), ``said`` (its mean), ``share, share_low, share_high``
        (that was right, with its Wilson interval), ``labels``; bins without labels are left out.
    """
    at = (pl.col("similarity") * bins).floor().clip(0, bins - 1).cast(pl.Int64)
    counted = (
        labelled.with_columns(bin=at)
        .group_by("bin")
        .agg(said=pl.col("similarity").mean(), right=pl.col("right").sum(), labels=pl.len())
        .sort("bin")
    )
    rows = [
        {
            "low": row["bin"] / bins,
            "high": (row["bin"] + 1) / bins,
            "said": row["said"],
            "share": row["right"] / row["labels"],
            **dict(
                zip(("share_low", "share_high"), wilson(row["right"], row["labels"]), strict=True)
            ),
            "labels": row["labels"],
        }
        for row in counted.iter_rows(named=True)
    ]
    names = ("low", "high", "said", "share", "share_low", "share_high")
    schema = {**dict.fromkeys(names, pl.Float64), "labels": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def cost_curve(
    labelled: pl.DataFrame, *, wrong_minutes: float, person_minutes: float
) -> pl.DataFrame:
    """Return what a failure costs on average, by where the first gate opens.

    Parameters
    ----------
    labelled : polars.DataFrame
        As LABELLED declares.
    wrong_minutes, person_minutes : float
        What it costs to do the wrong thing unasked, and to ask a person.

    Returns
    -------
    polars.DataFrame
        ``threshold, automatic_share, wrong_share`` (of all), ``minutes`` (a failure); the last row
        asks a person always.
    """
    total = labelled.height
    at = (
        labelled.group_by("similarity")
        .agg(passed=pl.len(), wrong=(~pl.col("right")).sum())
        .sort("similarity", descending=True)
        .select(
            threshold="similarity",
            passed=pl.col("passed").cum_sum().cast(pl.Int64),
            wrong=pl.col("wrong").cum_sum().cast(pl.Int64),
        )
        .reverse()
    )
    never = pl.DataFrame({"threshold": [None], "passed": [0], "wrong": [0]}, schema=at.schema)
    cost = pl.col("wrong") * wrong_minutes + (total - pl.col("passed")) * person_minutes
    return pl.concat([at, never] if total else [at]).select(
        "threshold",
        automatic_share=pl.col("passed") / total,
        wrong_share=pl.col("wrong") / total,
        minutes=cost / total,
    )


def _row(
    name: str | None, labelled: pl.DataFrame, precision: float, level: float, needed: int
) -> dict[str, object]:
    right, labels = int(labelled["right"].sum()), labelled.height
    best = _lowest(labelled, precision, level)
    told, kind = counted(labels, "label"), f"of {name}" if name else "in all"
    if best is None:
        many = "too few" if right < needed else "too many wrong ones among them"
        says = f"{told} {kind}, {right} right: {many} to be sure of {precision:.0%}"
        says += f"; {needed} right ones in a row would do"
    else:
        says = f"{told} {kind}: at {best[0]:.3f} one may be sure of {best[1]:.1%}"
    return {
        "error_class": name,
        "labels": labels,
        "right": right,
        **dict(zip(("threshold", "precision_low", "recall"), best or NOTHING, strict=True)),
        "needed": needed,
        "calibrated": best is not None,
        "says": says,
    }


def _lowest(
    labelled: pl.DataFrame, precision: float, level: float
) -> tuple[float, float, float] | None:
    """Return the lowest similarity whose bound holds, that bound, and the share of right ones."""
    at = (
        labelled.group_by("similarity")
        .agg(right=pl.col("right").sum(), labels=pl.len())
        .sort("similarity", descending=True)
        .with_columns(pl.col("right", "labels").cum_sum())
    )
    every = int(labelled["right"].sum())
    found = None
    for similarity, right, labels in at.iter_rows():
        bound = at_least(int(right), int(labels), level=level)
        if bound >= precision:
            found = (float(similarity), bound, right / every)
    return found
