"""A chain of exceptions: what was finally raised first, then what it came from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

LAST_NAME = re.compile(r"[^.>]*$")
MOST_LINKS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """One exception. ``link`` says how the one before it in the chain came from it.

    ``cause`` is ``raise ... from``, ``context`` one that was being handled; the first of a chain,
    and what a text does not say, is empty. ``inside`` holds the chains of an exception group.
    """

    type: str
    message: str
    link: str = ""
    inside: tuple[tuple[Raised, ...], ...] = field(default=())

    @property
    def name(self) -> str:
        """The last part of the type's name: the same in both versions of Airflow."""
        found = LAST_NAME.search(self.type)
        return (found[0] if found else "") or self.type


Chain = tuple[Raised, ...]


def chain_of_detail(detail: object, *, depth: int = 0) -> Chain:
    """Return the chain in a log line's ``error_detail``.

    Raises
    ------
    ValueError
        It is not a list of exceptions.
    """
    if not isinstance(detail, list) or not all(isinstance(item, dict) for item in detail):
        raise ValueError("error_detail is no list of exceptions")
    chain: list[Raised] = []
    for item in detail[:MOST_LINKS]:
        inside = item.get("exceptions")
        groups = inside if item.get("is_group") and isinstance(inside, list) else []
        said = item.get("is_cause")
        chain.append(
            Raised(
                type=_text(item.get("exc_type")) or "Exception",
                message=_text(item.get("exc_value")).strip(),
                link=("cause" if said else "context") if chain else "",
                inside=tuple(
                    chain_of_detail(group, depth=depth + 1)
                    for group in groups[:MOST_LINKS]
                    if depth < MOST_LINKS
                ),
            )
        )
    return tuple(chain)


def _text(value: object) -> str:
    return "" if value is None else str(value)
