"""File contents by their blob id, many at a time."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Sequence
from io import BufferedReader
from pathlib import Path
from typing import IO

from workbench.errors import Place, SourceError
from workbench.sources.patches import Child, SealedGit

BLOB_CAP_BYTES = 2_000_000
_BUFFER_BYTES = 1 << 20


def read_blobs(
    git_dir: Path, blobs: Sequence[str], *, cap_bytes: int = BLOB_CAP_BYTES
) -> Iterator[tuple[str, bytes | None]]:
    """Read blobs in the order they are asked for; what is missing is never fetched.

    Parameters
    ----------
    git_dir : Path
        The repository's git directory.
    blobs : sequence of str
        Blob ids.
    cap_bytes : int
        Longer blobs are not read.

    Yields
    ------
    tuple of (str, bytes or None)
        The id and the content; None when it is missing, no blob, or over the cap.

    Raises
    ------
    SourceError
        The repository is gone, or git ended.
    """
    if not (git_dir / "objects").is_dir():
        raise SourceError(
            "The repository is not there.",
            where=Place(path=str(git_dir)),
            right="The git directory that the history was loaded from.",
            todo="Load the history again from where it is now.",
        )
    with SealedGit(git_dir / "objects", where=git_dir) as git:
        # Without --buffer git writes each blob on its own; it flushes when its input ends.
        child = git.start(["cat-file", "--batch", "--buffer"])
        feeder = threading.Thread(target=_feed, args=(child, blobs), daemon=True)
        feeder.start()
        stream = BufferedReader(child.stdout, _BUFFER_BYTES)
        try:
            for blob in blobs:
                head = stream.readline()
                if not head.endswith(b"\n"):
                    raise child.failed(where=git_dir, at=blob)
                yield blob, _content(stream, head, cap_bytes=cap_bytes)
        finally:
            child.process.kill()
            feeder.join()


def _feed(child: Child, blobs: Sequence[str]) -> None:
    """Write what is asked for while the answers are read, or both pipes would fill."""
    text = "".join(f"{blob}\n" for blob in blobs).encode()
    # A child that was ended takes no more; whoever reads its answers says so.
    with contextlib.suppress(BrokenPipeError):
        while text:
            text = text[os.write(child.stdin.fileno(), text) :]
    child.stdin.close()


def _content(stream: IO[bytes], head: bytes, *, cap_bytes: int) -> bytes | None:
    """The content that follows a head ``id type size``, read to its end in any case."""
    words = head.split()
    if len(words) != 3:
        return None
    size = int(words[2])
    if words[1] == b"blob" and size <= cap_bytes:
        return stream.read(size + 1)[:-1]
    left = size + 1
    while left:
        left -= len(stream.read(min(left, _BUFFER_BYTES)))
    return None
