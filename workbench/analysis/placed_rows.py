"""Rows of a history with the commit and the file they belong to, joined once per history."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from workbench.domain.histories import History

PLACE = ("sha", "commit_id", "path", "old_path", "is_core")
FEW = 4
"""Below one row in so many it takes less to copy the span's than to look at all."""


def placed(history: Mapping[str, pl.DataFrame], name: str) -> pl.DataFrame:
    """Give a frame's rows their ``sha``, and where they have a ``change_id``, their file.

    Rows of commits outside the history's span may stay, because leaving them out would copy every
    column; their ``sha`` is null.

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
    commits = history["commits"].select("commit_id", "sha")
    frame = _near(history, name)
    if name == "file_changes":
        return frame.join(commits, on="commit_id", how="left", maintain_order="left")
    files = _near(history, "file_changes")
    files = files.select("change_id", "commit_id", "path", "old_path", "is_core")
    places = frame.select("change_id").join(
        files.join(commits, on="commit_id"), on="change_id", how="left", maintain_order="left"
    )
    return pl.concat([frame, places.select(PLACE)], how="horizontal")


def _near(history: Mapping[str, pl.DataFrame], name: str) -> pl.DataFrame:
    """The frame, or only its rows of the span where these are few."""
    inside = (
        history.derived("near file changes", lambda: _few(history))
        if isinstance(history, History)
        else _few(history)
    )
    if inside is None:
        return history[name]
    if name == "file_changes":
        return inside
    touched = inside.select("change_id")
    return history[name].join(touched, on="change_id", how="semi", maintain_order="left")


def _few(history: Mapping[str, pl.DataFrame]) -> pl.DataFrame | None:
    """The file changes of the span, unless they are many."""
    files = history["file_changes"]
    commits = history["commits"].select("commit_id")
    inside = files.join(commits, on="commit_id", how="semi", maintain_order="left")
    return inside if inside.height * FEW < files.height else None
