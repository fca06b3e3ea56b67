"""Words of digests as weighted vectors: how alike two texts are said, without any model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from workbench.analysis.failures.signs import words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STEM = 5
"""Letters that stand for a word's family: authorize, authorization, authorized."""


class Lexical:
    """Words and their stems in some texts, weighted by how few of the texts have them.

    Parameters
    ----------
    texts : sequence of str
        Digests of the memory.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        import numpy as np

        self._ids: dict[str, int] = {}
        rows, columns = _places(texts, self._ids, grow=True)
        width = max(len(self._ids), 1)
        seen = np.bincount(columns, minlength=width)
        self._weights = np.log((1 + len(texts)) / (1 + seen)) + 1
        self._unseen = float(np.log(1 + len(texts)) + 1)
        self._matrix = self._weighed(rows, columns, len(texts))[0]
        self._by_word = self._matrix.T.tocsr()

    def matrix(self) -> Any:
        """Rows of length 1, as a sparse matrix."""
        return self._matrix

    def overlap(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return how alike each of some texts is to each of the memory's, in [0, 1]."""
        asked = self.vectors(texts)
        return (asked @ self._by_word).toarray()  # type: ignore[no-any-return]

    def vectors(self, texts: Sequence[str]) -> Any:
        """Return sparse vectors of other texts; words that the memory has not count in length."""
        rows, columns = _places(texts, self._ids, grow=False)
        return self._weighed(rows, columns, len(texts))[0]

    def _weighed(self, rows: Any, columns: Any, height: int) -> tuple[Any, Any]:
        import numpy as np
        from scipy.sparse import csr_matrix

        known = columns >= 0
        weights = np.where(known, self._weights[np.maximum(columns, 0)], self._unseen)
        lengths = np.sqrt(np.bincount(rows, weights=weights**2, minlength=height))
        scaled = (weights / np.maximum(lengths, 1e-9)[rows])[known].astype(np.float32)
        shape = (height, len(self._weights))
        return csr_matrix((scaled, (rows[known], columns[known])), shape=shape), lengths


def _places(texts: Sequence[str], ids: dict[str, int], *, grow: bool) -> tuple[Any, Any]:
    """Return row and column of every word once a text; -1 stands for words that have no column."""
    import numpy as np

    rows: list[int] = []
    columns: list[int] = []
    for row, text in enumerate(texts):
        found = words(text)
        stems = [f"{word[:STEM]}~" for word in found if len(word) > STEM and word.isalpha()]
        for word in dict.fromkeys([*found, *stems]):
            column = ids.setdefault(word, len(ids)) if grow else ids.get(word, -1)
            rows.append(row)
            columns.append(column)
    return np.array(rows, np.int64), np.array(columns, np.int64)
