"""The marked stream: how git is asked for patches, and what the first byte of each line says.

Content lines begin with our own indicators and message lines with a blank, so no content can look
like a header, a commit mark or an end mark: every line is known by its first byte.
"""

from __future__ import annotations

from collections.abc import Sequence

COMMIT = b"*"
"""``*sha<0x1f>author seconds<0x1f>committer seconds<0x1f>author``; message lines follow."""
MESSAGE = b" "
RAW = b":"
"""``:mode mode blob blob status<TAB>path[<TAB>path]``, one for each file."""
SECTION = b"d"
"""With ``if`` after it: ``diff --git``, opens the patch of a file; a type change has two."""
HUNK = b"@"
OLD = b"<"
NEW = b">"
NO_NEWLINE = b"\\"
BINARY = b"B"
DROPPED = b"!"
"""Ours, put in place of hunks that were left out: ``!bytes removed added``."""
END = b"="
"""Ours, echoed by git because it is no commit: everything asked for before it has been answered."""

FIELD = "\x1f"
CUT_AT = (b"\n" + COMMIT, b"\ndiff --git ")
"""A block may be cut before any of these."""

# All files of a history take memory elsewhere; a smaller map of its pack gives back 300 MB for two
# parts in a hundred of the time.
_LESS_OF_THE_PACK = ("-c", "core.packedGitLimit=256m", "-c", "core.packedGitWindowSize=32m")
# A field parted by NUL would be lost: %w treats what stands before it as a C string.
_FORMAT = "*%H%x1f%at%x1f%ct%x1f%an%n%w(0,1,1)%B"


def diff_command(pathspec: Sequence[str]) -> list[str]:
    """The git command that answers ``sha parent`` lines with marked patches.

    Parameters
    ----------
    pathspec : sequence of str
        What to look at; everything when empty.

    Returns
    -------
    list of str
        Arguments after ``git``.
    """
    return [
        *([] if pathspec else _LESS_OF_THE_PACK),
        "diff-tree",
        "--stdin",
        "--root",
        "--always",
        "-r",
        "-p",
        "-U0",
        "-M",
        "--raw",
        # Shortening an id costs a search in the packs; the whole id costs nothing.
        "--full-index",
        "--no-abbrev",
        "--no-color",
        "--no-ext-diff",
        "--no-textconv",
        "--submodule=short",
        "--encoding=UTF-8",
        f"--format={_FORMAT}",
        f"--output-indicator-old={OLD.decode()}",
        f"--output-indicator-new={NEW.decode()}",
        "--",
        *pathspec,
    ]


def question(pairs: Sequence[tuple[str, str | None]], *, number: int) -> bytes:
    """The lines that ask for some commits, each against its base, and for an end mark."""
    lines = [f"{sha} {base}" if base else sha for sha, base in pairs]
    return "\n".join([*lines, f"={number}", ""]).encode()


def end_mark(number: int) -> bytes:
    """What git echoes when it has answered :func:`question`."""
    return b"\n=%d\n" % number
