"""What tells one digest from another: its words, its codes and names, its class, its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from workbench.text.digests import AT, WITH, template_of
from workbench.text.error_classes import error_classes
from workbench.text.evidence import UNSPECIFIC

PLACEHOLDER = re.compile(r"<[a-z]{1,12}>")
HUMP = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|-?\d+")
TELLING = re.compile(
    r"(?<![\w.])-?\d{1,5}\b"  # statuses, exit codes, error numbers: other numbers are blanked
    r"|\b[A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+\b"  # AccessDenied, ConnectTimeoutError
    r"|\b[A-Z]{2,}[A-Z0-9]*(?:_[A-Z0-9]+)+\b"  # CERTIFICATE_VERIFY_FAILED
    r"|\bSIG[A-Z]{3,6}\b|\b(?:not|no|un\w+|in(?:valid|correct))\b"
)
SMALL = frozenset(
    (
        "the", "a", "an", "of", "to", "in", "on", "at", "for", "with", "by", "is", "was", "are",
        "be", "it", "its", "this", "that", "and", "or", "as", "from", "has", "have",
    )
)  # fmt: skip
CODE_ERRORS = frozenset(
    (
        "AttributeError", "TypeError", "KeyError", "IndexError", "NameError", "UnboundLocalError",
        "ZeroDivisionError", "AssertionError", "RecursionError", "NotImplementedError",
        "StopIteration", "LookupError",
    )
)  # fmt: skip
"""Errors of the language: what they say is the same wherever they are raised."""
SAYS_LITTLE = UNSPECIFIC | {"", "CalledProcessError"}
EMPTY_WORDS = re.compile(
    r"(?:[A-Z]\w+ )?(?:command|process|task|job|step|pod|script)?\W*(?:<\w+>)?\W*"
    r"(?:has )?(?:failed|error)?\W*(?:The command )?(?:returned|exited|failed)?(?: with)?(?: a)?"
    r" ?(?:non-?zero)? ?(?:exit|return)? ?(?:code|status)?:? ?1?\W*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """``told`` are the words beside the failure; ``telling`` is what two alike ones must share."""

    template: str
    exception: str
    words: frozenset[str]
    told: frozenset[str]
    telling: frozenset[str]
    classes: tuple[str, ...]
    particulars: frozenset[str]
    place: str

    @property
    def says_nothing(self) -> bool:
        """Whether the template says only that something failed."""
        said = self.template[len(self.exception) :].lstrip(": ")
        return self.exception in SAYS_LITTLE and EMPTY_WORDS.fullmatch(said) is not None

    @property
    def is_code_error(self) -> bool:
        return self.exception in CODE_ERRORS


@lru_cache(maxsize=60_000)
def signs(digest: str) -> Signs:
    """Read a digest's signs."""
    template, _, below = digest.partition("\n")
    particulars: frozenset[str] = frozenset()
    place = ""
    for line in below.split("\n"):
        if line.startswith(WITH):
            particulars = frozenset(line[len(WITH) :].split("; "))
        elif line.startswith(AT):
            place = line[len(AT) :]
    bare = PLACEHOLDER.sub(" ", template)
    exception = template.partition(":")[0] if re.match(r"[A-Za-z_]\w*(?::|$)", template) else ""
    return Signs(
        template=template,
        exception=exception,
        words=frozenset(words(template)),
        told=frozenset(words(template.partition(" | ")[2])),
        telling=frozenset(TELLING.findall(bare[len(exception) :])),
        classes=error_classes(template),
        particulars=particulars,
        place=place,
    )


def words(text: str) -> list[str]:
    """Return the words of a digest's template, humps apart, in small letters."""
    bare = PLACEHOLDER.sub(" ", template_of(text))
    said = [hump.lower() for hump in HUMP.findall(bare)]
    return [word for word in said if word not in SMALL and (len(word) > 1 or word.isdigit())]


def shared_words(one: Signs, other: Signs) -> float:
    """Return the share of words that two templates have in common, in [0, 1].

    Where a template holds what stood beside the failure, that part has to be alike by itself: the
    words before it are the same for whatever a shell or a pod ran.
    """
    if one.told or other.told:
        return min(_shared(one.words, other.words), _shared(one.told, other.told))
    if not one.words and not other.words:
        return float(one.template == other.template)
    return _shared(one.words, other.words)


def _shared(mine: frozenset[str], theirs: frozenset[str]) -> float:
    return 2 * len(mine & theirs) / max(len(mine) + len(theirs), 1)


def shared_particulars(one: Signs, other: Signs) -> float:
    """Return how much of the values and of the place two failures have in common, in [0, 1]."""
    mine = one.particulars | ({one.place} if one.place else set())
    theirs = other.particulars | ({other.place} if other.place else set())
    whole = len(mine | theirs)
    return len(mine & theirs) / whole if whole else 1.0
