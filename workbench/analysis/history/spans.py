"""When each segment of each file stood: intervals of places on a line of commits."""

from __future__ import annotations

import polars as pl

from workbench.domain.standing import BASE_SEGMENTS, SEGMENT_SPANS

# Version of what is told here: another number makes stored spans be told anew.
SPANS_RULES = 1
_LINE = ["repository", "pair"]
_PATH = [*_LINE, "path"]
_WHAT = ["file", "owner", "segment_id"]


def segment_spans(
    changes: pl.DataFrame,
    change_facts: pl.DataFrame,
    change_segments: pl.DataFrame,
    commits: pl.DataFrame,
    *,
    base: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Tell from what came and went in which commits each segment stood.

    A segment stands from ``since_position`` on, up to but not in ``until_position``; one that
    stands twice in a file has two rows. What went without having come stood from the beginning.

    Parameters
    ----------
    changes : polars.DataFrame
        ``change_id, commit_id, old_path, path, old_blob, new_blob``.
    change_facts, change_segments : polars.DataFrame
        As extracted.
    commits : polars.DataFrame
        ``commit_id, repository, repository_kind, position`` of whole lines: a commit that is left
        out would be taken for one that changes nothing.
    base : polars.DataFrame, optional
        What stood before the first commit of each line, as :data:`BASE_SEGMENTS` declares.

    Returns
    -------
    polars.DataFrame
        As :data:`SEGMENT_SPANS` declares, in the order of repository, pair, path, since and line.
    """
    base = BASE_SEGMENTS.empty() if base is None else base
    places = commits.select(
        "commit_id",
        "repository",
        pair=pl.when(pl.col("repository_kind") == "release").then("commit_id"),
        position=pl.col("position").cast(pl.Int64),
    )
    first = places.group_by(_LINE).agg(first=pl.col("position").min() - 1)
    steps = (
        changes.select("change_id", "commit_id", "old_path", "path", "old_blob", "new_blob")
        .join(places, on="commit_id")
        .join(change_facts.select("change_id", "module_before", "module_after"), on="change_id")
        .sort("position")
    )
    lives = _lives(steps, base, first)
    steps = _life(_life(steps, lives, of="old_path", before=True), lives, of="path", before=False)
    base = base.join(first, on=_LINE, nulls_equal=True).join(
        lives.select("life", *_PATH, first="since"), on=[*_PATH, "first"], nulls_equal=True
    )
    lives = lives.join(_roots(lives.height, steps), on="life").join(
        _modules(steps, base), on="life", how="left"
    )
    events = _events(steps, change_segments, base, lives)
    return SEGMENT_SPANS.check(
        _by_path(_intervals(events), lives.join(first, on=_LINE, nulls_equal=True))
    )


def _lives(steps: pl.DataFrame, base: pl.DataFrame, first: pl.DataFrame) -> pl.DataFrame:
    """``life, repository, pair, path, since, until``: when there was a file of that path."""
    enters = steps.filter(_enters()).select(*_PATH, since="position")
    leaves = steps.filter(_leaves()).select(*_LINE, path="old_path", until="position")
    paths = pl.concat(
        [steps.select(_PATH), steps.select(*_LINE, path="old_path"), base.select(_PATH)]
    ).unique()
    known = paths.join(first, on=_LINE, nulls_equal=True).select(*_PATH, since="first")
    # Grouping by a null group is not what asof joins do.
    lives = _keyed(pl.concat([known, enters]).unique()).sort("since")
    leaves = _keyed(leaves).drop(_PATH).sort("until")
    return (
        lives.join_asof(
            leaves,
            left_on="since",
            right_on="until",
            by="key",
            strategy="forward",
            allow_exact_matches=False,
            coalesce=False,
            check_sortedness=False,
        )
        .sort("key", "since")
        .with_columns(until=pl.min_horizontal("until", pl.col("since").shift(-1).over("key")))
        .with_row_index("life")
    )


def _enters() -> pl.Expr:
    other = pl.col("old_blob").is_null() | (pl.col("old_path") != pl.col("path"))
    return pl.col("new_blob").is_not_null() & other


def _leaves() -> pl.Expr:
    other = pl.col("new_blob").is_null() | (pl.col("old_path") != pl.col("path"))
    return pl.col("old_blob").is_not_null() & other


def _keyed(frame: pl.DataFrame, path: str = "path") -> pl.DataFrame:
    return frame.with_columns(key=pl.struct(*_LINE, pl.col(path).alias("path")).hash())


def _life(steps: pl.DataFrame, lives: pl.DataFrame, *, of: str, before: bool) -> pl.DataFrame:
    """Add the life that a path had before, or has after, each step."""
    return (
        _keyed(steps, of)
        .sort("position")
        .join_asof(
            lives.sort("since").select("key", "since", pl.col("life").alias(f"life_{of}")),
            left_on="position",
            right_on="since",
            by="key",
            strategy="backward",
            allow_exact_matches=not before,
            check_sortedness=False,
        )
        .drop("key", "since")
    )


def _roots(count: int, steps: pl.DataFrame) -> pl.DataFrame:
    """``life, file``: lives that follow each other by renames under one module name."""
    carried = steps.filter(
        _enters(), _leaves(), pl.col("module_before") == pl.col("module_after")
    ).select(life="life_path", above="life_old_path")
    lives = pl.DataFrame({"life": pl.int_range(count, dtype=pl.UInt32, eager=True)})
    above = lives.join(carried.unique("life"), on="life", how="left").sort("life")
    parents = above.select(pl.coalesce("above", "life")).to_series()
    while not (further := parents.gather(parents)).equals(parents):
        parents = further
    return lives.with_columns(file=parents)


def _modules(steps: pl.DataFrame, base: pl.DataFrame) -> pl.DataFrame:
    """``life, module``."""
    named = [
        steps.select(life="life_old_path", module="module_before"),
        steps.select(life="life_path", module="module_after"),
        base.select("life", "module"),
    ]
    return pl.concat(named).drop_nulls().unique("life")


def _events(
    steps: pl.DataFrame, change_segments: pl.DataFrame, base: pl.DataFrame, lives: pl.DataFrame
) -> pl.DataFrame:
    """``file, owner, segment_id, position, line, step``: what comes (1) and goes (-1) when."""
    sides = pl.concat(
        [
            steps.select("change_id", "position", life="life_old_path", side=pl.lit(0, pl.UInt8)),
            steps.select("change_id", "position", life="life_path", side=pl.lit(1, pl.UInt8)),
        ]
    )
    files = lives.select("life", "file")
    columns = [*_WHAT, "position", "line", "step"]
    came = (
        change_segments.join(sides, on=["change_id", "side"])
        .join(files, on="life")
        .with_columns(step=pl.col("side").cast(pl.Int8) * 2 - 1)
        .select(columns)
    )
    stood = (
        base.join(files, on="life")
        .with_columns(position="first", step=pl.lit(1, pl.Int8))
        .select(columns)
    )
    return pl.concat([stood, came]).sort(*_WHAT, "position", "step", "line")


def _intervals(events: pl.DataFrame) -> pl.DataFrame:
    """``file, owner, segment_id, since, until, line``: what comes first goes first."""
    running = pl.col("step").cast(pl.Int64).cum_sum().over(_WHAT)
    # Gone more often than come: it stood before the first commit, and nobody read that tree.
    missing = (
        events.with_columns(stands=running)
        .filter(pl.col("stands") < 0)
        .group_by(_WHAT)
        .agg(pl.col("line").first(), times=-pl.col("stands").min())
    )
    before = missing.select(
        *_WHAT, "line", position=pl.lit(-1, pl.Int64), times=pl.int_ranges(0, "times")
    ).explode("times")
    rank = pl.int_range(pl.len()).over(_WHAT)
    columns = [*_WHAT, "position", "line"]
    came = (
        pl.concat([before.select(columns), events.filter(step=1).select(columns)])
        .sort(*_WHAT, "position", maintain_order=True)
        .with_columns(rank=rank)
    )
    went = events.filter(step=-1).select(*_WHAT, until="position").with_columns(rank=rank)
    return came.join(went, on=[*_WHAT, "rank"], how="left").rename({"position": "since"})


def _by_path(stood: pl.DataFrame, lives: pl.DataFrame) -> pl.DataFrame:
    """Intervals of files as intervals of the paths that they had."""
    # A pair of releases is told of in two places: before, and after.
    beyond = pl.when(pl.col("pair").is_not_null()).then("first") + 2
    until = pl.min_horizontal("until", "until_life", beyond)
    return (
        stood.join(lives.rename({"since": "since_life", "until": "until_life"}), on="file")
        .with_columns(since_position=pl.max_horizontal("since", "since_life"), until_position=until)
        .filter(
            pl.col("until_position").is_null()
            | (pl.col("since_position") < pl.col("until_position"))
        )
        .select(list(SEGMENT_SPANS.columns))
        .sort("repository", "pair", "path", "since_position", "line", "owner", "segment_id")
    )
