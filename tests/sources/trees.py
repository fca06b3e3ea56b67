"""Downstream trees from text, and what the source reads in them."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import polars as pl

from workbench.domain.frames import CALL_SITES, DOWNSTREAM_IMPORTS, DOWNSTREAMS
from workbench.domain.loading import Batch, Known
from workbench.sources.downstreams import read_downstream

GIT = ("git", "-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "commit.gpgsign=false")


def write_tree(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files, dedented, and answer the folder."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder."""
    command = [*GIT, "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def committed(folder: Path) -> Path:
    """Make a repository of a folder with one commit of all its files."""
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A", "-f")
    git(folder, "commit", "-q", "-m", "all", "--date", "2026-01-02T03:04:05+00:00")
    return folder


def batch(folder: Path, **options: object) -> Batch:
    """The one batch of a tree, its frames as declared."""
    (read,) = read_downstream(folder, **options).read(Known())  # type: ignore[arg-type]
    for table in (DOWNSTREAMS, DOWNSTREAM_IMPORTS, CALL_SITES):
        table.check(read.frames[table.name])
    return read


def imports(folder: Path, **options: object) -> pl.DataFrame:
    """The import map of a tree."""
    return batch(folder, **options).frames["downstream_imports"]


def sites(folder: Path, *columns: str, path: str | None = None) -> list[tuple[object, ...]]:
    """Call sites of a tree, import statements left out, as rows of some columns."""
    frame = batch(folder).frames["call_sites"].filter(pl.col("kind") != "import")
    if path is not None:
        frame = frame.filter(pl.col("path") == path)
    return frame.select(columns or ("line", "kind", "target")).rows()
