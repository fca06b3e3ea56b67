"""Rows of a history with the commit and the file they belong to, joined once per history."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from workbench.domain.histories import History

PLACE = ("sha", "commit_id", "path", "old_path", "is_core")


def placed(history: Mapping[str, pl.DataFrame], name: str) -> pl.DataFrame:
    """Give a frame's rows their ``sha``, and where they have a ``change_id``, their file.

    All rows stay, because leaving some out would copy every column; ``sha`` is null where the
    commit is not in the history's span.

    Parameters
    ----------
    history : mapping
        Frames by name; a :class:`History` keeps the result.
    name : str
        The frame.
    """
    if name == "commits":
        return history[name]
    if isinstance(history, History):
        return history.derived(f"placed {name}", lambda: _placed(history, name))
    return _placed(history, name)


def _placed(history: Mapping[str, pl.DataFrame], name: str) -> pl.DataFrame:
    frame = history[name]
    commits = history["commits"].select("commit_id", "sha")
    if name == "file_changes":
        return frame.join(commits, on="commit_id", how="left", maintain_order="left")
    files = history["file_changes"].select("change_id", "commit_id", "path", "old_path", "is_core")
    places = frame.select("change_id").join(
        files.join(commits, on="commit_id"), on="change_id", how="left", maintain_order="left"
    )
    return pl.concat([frame, places.select(PLACE)], how="horizontal")
