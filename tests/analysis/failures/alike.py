"""A small stand-in for the search of like digests: the share of words that two have in common."""

from __future__ import annotations

import polars as pl

from workbench.domain.failure_memory import SIMILAR


class WordsInCommon:
    """Jaccard's share over words: enough to tell the same from the like and from the other."""

    def __init__(self, memory: pl.DataFrame) -> None:
        self._memory = memory.unique("digest_id", maintain_order=True)
        self.asked = 0

    def top(self, queries: pl.DataFrame, k: int) -> pl.DataFrame:
        """As the protocol says."""
        self.asked += queries.height
        rows = []
        for query, text in queries.select("digest_id", "digest").iter_rows():
            mine = set(text.split())
            scored = []
            for digest_id, other in self._memory.select("digest_id", "digest").iter_rows():
                theirs = set(other.split())
                scored.append((len(mine & theirs) / max(len(mine | theirs), 1), digest_id))
            best = sorted(scored, key=lambda pair: (-pair[0], pair[1]))[:k]
            rows += [
                {"query_id": query, "digest_id": other, "similarity": share, "lexical": share,
                 "reasons": ["words in common"]}
                for share, other in best
            ]  # fmt: skip
        return SIMILAR.frame(rows)
