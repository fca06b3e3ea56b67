"""How much text is read of one patch, one commit and one part, so that memory stays bounded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bytes of text, as git prints it.

    A file change whose patch is over ``patch_bytes``, or that comes when the patches of its commit
    are over ``commit_bytes``, is kept without its hunks: what is generated or vendored in such
    amounts is not what anybody wrote. ``part_bytes`` only says when the commits read so far are
    handed on, ``block_bytes`` how much is parsed at once (arrays of that size stay in the
    processor's cache).
    """

    patch_bytes: int = 2_000_000
    commit_bytes: int = 64_000_000
    part_bytes: int = 24_000_000
    block_bytes: int = 1_000_000


LIMITS = Limits()
"""What every source reads with."""
