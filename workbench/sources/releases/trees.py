"""A repository of our own with one commit for each version, so that git compares releases too."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from workbench.sources.patches import run_git, sealed_environment
from workbench.sources.releases.archives import Archive, read_archive

TREE_RULES = 1
"""Raised when what goes into a tree changes, so that trees of older rules are made anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseTrees:
    """A bare repository with a tag for each version; the commits have no parents.

    Objects are named by their content, so adding a version twice, or from two processes, is safe.
    """

    git_dir: Path
    distribution: str

    def commit_of(self, version: Version, archive: Path) -> str:
        """The commit of a version, made from its archive unless it is there already.

        Parameters
        ----------
        version : Version
            Names the tag.
        archive : Path
            A wheel or sdist.

        Returns
        -------
        str
            The commit's id.

        Raises
        ------
        SourceError
            The archive cannot be read.
        """
        if not (self.git_dir / "objects").is_dir():
            self.git_dir.mkdir(parents=True, exist_ok=True)
            self._git("init", "--quiet", "--bare")
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        made_from = f"{archive.name} sha256:{digest} rules:{TREE_RULES}"
        tag = f"refs/tags/{version}"
        shown = "--format=%(objectname) %(contents:lines=9)"
        there = self._git("for-each-ref", shown, tag).decode()
        if made_from in there:
            return there[:40]
        stream = self._stream(tag, read_archive(archive), made_from=made_from)
        self._git("fast-import", "--quiet", "--force", feed=stream)
        return self._git("rev-parse", "--verify", f"{tag}^{{commit}}").decode().strip()

    def left_out(self, commit: str) -> int:
        """How many files of an archive were no source."""
        message = self._git("show", "--no-patch", "--format=%B", commit).decode()
        return int(message.rpartition("left out: ")[2])

    def _stream(self, tag: str, archive: Archive, *, made_from: str) -> bytes:
        version = tag.rpartition("/")[2]
        message = (
            f"{self.distribution} {version}\n\n{made_from}\nleft out: {archive.left_out}\n"
        ).encode()
        who = f"{self.distribution} <> {int(archive.newest.timestamp())} +0000".encode()
        return b"".join(
            [
                b"reset %b\n\n" % tag.encode(),
                b"commit %b\nauthor %b\ncommitter %b\n" % (tag.encode(), who, who),
                b"data %d\n%b\n" % (len(message), message),
                *_files(archive.files),
            ]
        )

    def _git(self, *args: str, feed: bytes = b"") -> bytes:
        env = sealed_environment(self.git_dir)
        return run_git(
            f"--git-dir={self.git_dir}",
            *args,
            env=env,
            where=self.git_dir,
            feed=feed,
            todo=f"Delete {self.git_dir} and run this again; it is only a cache.",
        )


def tree_before(git_dir: Path, sha: str) -> str | None:
    """The commit of the earlier version of a pair; None when its tree was cleared away.

    Parameters
    ----------
    git_dir : Path
        The repository that versions were put into.
    sha : str
        ``release:A..B``.
    """
    version = sha.removeprefix("release:").partition("..")[0]
    if not (git_dir / "objects").is_dir():
        return None
    ref = "--format=%(objectname)", f"refs/tags/{version}"
    env = sealed_environment(git_dir)
    found = run_git(f"--git-dir={git_dir}", "for-each-ref", *ref, env=env, where=git_dir)
    return found.decode().strip() or None


def _files(files: Mapping[str, bytes]) -> list[bytes]:
    parts: list[bytes] = []
    for path, content in sorted(files.items()):
        name = b"".join(b"\\%03o" % byte for byte in os.fsencode(path))
        parts.append(b'M 100644 inline "%b"\ndata %d\n%b\n' % (name, len(content), content))
    return parts
