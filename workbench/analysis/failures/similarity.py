"""How alike failures are: one scale on which 0.82 says the same failure with other variables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from workbench.analysis.failures.lexical import Lexical
from workbench.analysis.failures.signs import Signs, shared_particulars, shared_words, signs
from workbench.domain.failure_memory import DEFAULT_SIMILARITY, SIMILAR
from workbench.text.digests import template_of
from workbench.text.error_classes import CLASSES, CODE_ERROR, OTHER

if TYPE_CHECKING:
    from workbench.analysis.failures.embeddings import Embed

SAME, SAME_TEMPLATE = 1.0, 0.93
BELOW = DEFAULT_SIMILARITY - 0.02
"""The most that two failures reach that are not the same one."""
ALIKE = 0.75
"""Share of words from which two templates with the same signs say the same."""
LOOKED_AT = 40
"""Digests a query that are compared sign by sign."""
QUERIES = 256
FEW = 100
WEIGHTS = {"cosine": 0.4, "lexical": 0.35, "classes": 0.25}


class Similarity:
    """Digests of a memory, ready to be asked which of them are most like others.

    The similarity says the same whatever made the vectors: at or over the default gate stand only
    failures with the same template, or with the same exception, codes and names and nearly the same
    words. Vectors, words and classes of trouble order all others below it.

    Parameters
    ----------
    memory : polars.DataFrame
        ``digest_id, digest``; each digest counts once.
    embed : Embed, optional
        What makes the vectors; without it there is no cosine, and words stand in for it.
    """

    def __init__(self, memory: pl.DataFrame, *, embed: Embed | None = None) -> None:
        import numpy as np

        self._rows = memory.select("digest_id", "digest").unique("digest_id").sort("digest_id")
        digests = self._rows["digest"].to_list()
        # variants of a template differ in what was blanked: words and vectors know one of them
        self._templates = list(dict.fromkeys(template_of(each) for each in digests))
        places = {template: at for at, template in enumerate(self._templates)}
        self._of_template: list[list[int]] = [[] for _ in self._templates]
        for at, each in enumerate(digests):
            self._of_template[places[template_of(each)]].append(at)
        self._places = places
        self._digests: list[str] = digests
        self._ids: list[str] = self._rows["digest_id"].to_list()
        self._lexical = Lexical(self._templates)
        self._embed = embed.fitted(self._templates) if embed and self._templates else embed
        self._vectors = self._embed.vectors(self._templates) if self._embed else None
        self._classes = _class_vectors(self._templates)
        assert self._vectors is None or len(self._vectors) == len(self._templates)
        self._order = np.arange(len(self._templates))

    @property
    def scorer(self) -> str:
        """What made the scores; scores of another one mean something else."""
        return f"signs-1+{self._embed.name if self._embed else 'words'}"

    @property
    def note(self) -> str:
        """What everybody who sees an answer should know; empty when there is nothing."""
        return self._embed.note if self._embed else ""

    def top(self, queries: pl.DataFrame, k: int) -> pl.DataFrame:
        """Return the ``k`` digests of the memory that are most like each of some others.

        Parameters
        ----------
        queries : polars.DataFrame
            ``digest_id, digest``, each digest once.
        k : int
            How many for each.

        Returns
        -------
        polars.DataFrame
            As SIMILAR declares, in the order of the queries, best first.
        """
        rows: list[dict[str, object]] = []
        if self._templates:
            asked = queries.select("digest_id", "digest").rows()
            for start in range(0, len(asked), QUERIES):
                rows += self._answers(asked[start : start + QUERIES], k)
        return SIMILAR.frame(rows)

    def _answers(self, asked: Sequence[tuple[str, str]], k: int) -> list[dict[str, object]]:
        import numpy as np

        templates = [template_of(digest) for _, digest in asked]
        lexical = self._lexical.overlap(templates)
        cosine = None
        if self._embed is not None and self._vectors is not None:
            cosine = self._embed.vectors(templates) @ self._vectors.T
        score = WEIGHTS["lexical"] * lexical + WEIGHTS["classes"] * (
            _class_vectors(templates) @ self._classes.T
        )
        score += WEIGHTS["cosine"] * (lexical if cosine is None else np.maximum(cosine, 0))
        looked_at = min(max(LOOKED_AT, k), len(self._templates))
        best = np.argpartition(-score, looked_at - 1, axis=1)[:, :looked_at]
        rows: list[dict[str, object]] = []
        for row, (query_id, digest) in enumerate(asked):
            near = set(best[row].tolist())
            if (same := self._places.get(templates[row])) is not None:
                near.add(same)
            mine = signs(digest)
            found = []
            for at in near:
                for place in self._of_template[at]:
                    theirs = signs(self._digests[place])
                    similarity, reasons = alike(mine, theirs, score=float(score[row, at]))
                    if self._digests[place] == digest and similarity > BELOW:
                        similarity = SAME
                    found.append((-similarity, self._ids[place], at, reasons))
            for minus, digest_id, at, reasons in sorted(found, key=lambda f: f[:2])[:k]:
                rows.append(
                    {
                        "query_id": query_id,
                        "digest_id": digest_id,
                        "similarity": round(-minus, 6),
                        "cosine": None if cosine is None else round(float(cosine[row, at]), 6),
                        "lexical": round(float(min(lexical[row, at], 1.0)), 6),
                        "reasons": reasons,
                    }
                )
        return rows


def alike(mine: Signs, theirs: Signs, *, score: float) -> tuple[float, list[str]]:
    """Return how alike two failures are, and why.

    Parameters
    ----------
    mine, theirs : Signs
        The two.
    score : float
        How near they are by vectors, words and classes, in [0, 1]: it orders what is not the same.
    """
    below = BELOW * min(max(score, 0.0), 1.0)
    against = differences(mine, theirs)
    shared = shared_particulars(mine, theirs)
    if mine.template == theirs.template:
        if against:
            return max(below, BELOW - 0.01 + 0.01 * shared), ["same template", *against]
        said = "and the same values" if shared == 1 else "with other values"
        return SAME_TEMPLATE + 0.06 * shared, [f"same template, {said}"]
    words = shared_words(mine, theirs)
    reasons = [f"{words:.0%} of the words"]
    if mine.exception == theirs.exception and mine.exception:
        reasons.append(f"both {mine.exception}")
    if common := [name for name in mine.classes if name in theirs.classes and name != OTHER]:
        reasons.append(f"both {' and '.join(common)}")
    if against or words < ALIKE:
        return below, [*reasons, *against]
    span = SAME_TEMPLATE - DEFAULT_SIMILARITY - 0.01
    return DEFAULT_SIMILARITY + span * (words - ALIKE) / (1 - ALIKE), reasons


def differences(mine: Signs, theirs: Signs) -> list[str]:
    """Return what says that two failures are not the same one, however alike they sound."""
    found = []
    if mine.exception != theirs.exception:
        names = (mine.exception or "none", theirs.exception or "none")
        found.append(f"other exception ({names[0]}, {names[1]})")
    if mine.telling != theirs.telling:
        apart = sorted(mine.telling ^ theirs.telling)
        found.append(f"other codes or names ({', '.join(apart[:4])})")
    if not set(mine.classes) & set(theirs.classes):
        found.append(f"other trouble ({mine.classes[0]}, {theirs.classes[0]})")
    if mine.is_code_error and mine.place != theirs.place:
        found.append("an error of the code, in another place")
    if mine.says_nothing:
        found.append("the message says only that something failed")
    return found


def _class_vectors(templates: Sequence[str]) -> Any:
    """Return classes of trouble as vectors of length 1; of no class is nothing in common."""
    import numpy as np

    if len(templates) < FEW:
        # what the other way costs before it reads the first template is more than these take
        told = [signs(template).classes for template in templates]
        rows = [[name in classes for name, _ in CLASSES] for classes in told]
        known = np.array(rows, np.float32).reshape(len(templates), len(CLASSES))
    else:
        said = pl.Series("template", templates, pl.String)
        made = pl.DataFrame({name: said.str.contains(each.pattern) for name, each in CLASSES})
        known = made.to_numpy().astype(np.float32)
    code = (known.sum(axis=1) == 0) & np.array([bool(CODE_ERROR.match(t)) for t in templates], bool)
    whole = np.column_stack([known, code]).astype(np.float32)
    return whole / np.maximum(np.sqrt(whole.sum(axis=1, keepdims=True)), 1)
