"""The core files of a commit's tree, by path and blob."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from workbench.sources.patches import SealedGit, core_paths

_FILE_MODES = (b"100644", b"100755")


def read_tree(git_dir: Path, commit: str) -> pl.DataFrame:
    """List the core Python files that stand in a commit's tree.

    Parameters
    ----------
    git_dir : Path
        The repository's git directory.
    commit : str
        Its id.

    Returns
    -------
    polars.DataFrame
        ``path, blob``, in the order of paths; symlinks and submodules are left out.

    Raises
    ------
    SourceError
        The repository or the commit is not there.
    """
    with SealedGit(git_dir / "objects", where=git_dir) as git:
        entries = git.run("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")
    rows = []
    for entry in entries:
        head, _, path = entry.partition(b"\t")
        words = head.split()
        if len(words) == 3 and words[0] in _FILE_MODES and path.endswith(b".py"):
            rows.append((path.decode(errors="replace"), words[2].decode()))
    schema = {"path": pl.String, "blob": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row").filter(core_paths("path"))
