"""Keeping: a size is written whole or not at all, and one lab holds a run's folder."""

from __future__ import annotations

import errno
from pathlib import Path

import polars as pl
import pytest

from workbench.errors import LabError
from workbench.lab.frames import BUILDS, MEASUREMENTS, PLANS
from workbench.lab.keeping import open_keeper
from workbench.lab.ladders import Measured

IDENTITY = {"scenario": "s", "rows": [1, 2], "engine": "sqlite"}
EMPTY = Measured(measurements=MEASUREMENTS.empty(), plans=PLANS.empty(), builds=BUILDS.empty())


def test_a_run_that_another_lab_holds_is_left_alone(tmp_path: Path) -> None:
    """Two labs at once measure in two folders; the one that was let go is gone on with."""
    first = open_keeper(tmp_path, IDENTITY)
    second = open_keeper(tmp_path, IDENTITY)
    assert first.folder != second.folder
    first.keep(1, EMPTY)
    first.close()
    third = open_keeper(tmp_path, IDENTITY)
    assert (third.folder, third.done) == (first.folder, (1,))
    assert third.size(1).plans.equals(EMPTY.plans)
    other = open_keeper(tmp_path, {**IDENTITY, "engine": "postgresql"})
    assert other.done == ()
    for each in (second, third, other):
        each.close()


def test_a_full_disk_leaves_no_half_of_a_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error is clear, what was half-written is gone, and the size counts as not done."""
    keeper = open_keeper(tmp_path, IDENTITY)
    keeper.keep(1, EMPTY)

    def full(frame: pl.DataFrame, file: Path) -> None:
        file.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    with pytest.raises(LabError, match="the disk is full"):
        keeper.keep(2, EMPTY)
    keeper.close()
    again = open_keeper(tmp_path, IDENTITY)
    assert again.done == (1,)
    again.close()
    assert not list(keeper.folder.glob(".half-*"))


def test_halves_of_a_killed_lab_are_swept(tmp_path: Path) -> None:
    """What a kill left in the middle of writing is no size."""
    keeper = open_keeper(tmp_path, IDENTITY)
    (keeper.folder / ".half-x").mkdir()
    keeper.close()
    again = open_keeper(tmp_path, IDENTITY)
    assert again.done == ()
    again.close()
    assert not (keeper.folder / ".half-x").exists()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A file stands in the way."""
    (tmp_path / "measurements").write_text("x")
    with pytest.raises(LabError, match="cannot be kept"):
        open_keeper(tmp_path / "measurements", IDENTITY)
