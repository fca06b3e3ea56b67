"""Numbers with their nouns, as a person writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, which has an s unless there is one of it.

    Examples
    --------
    >>> counted(1, "hit"), counted(1200, "hit"), counted(2, "call site")
    ('1 hit', '1,200 hits', '2 call sites')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def counted_each(column: str, one: str, many: str = "") -> pl.Expr:
    """Return the numbers of a column with their noun, as :func:`counted` writes one of them.

    Parameters
    ----------
    column : str
        Holds whole numbers.
    one, many : str
        The noun; with an s for many unless given.
    """
    import polars as pl

    number = pl.col(column)
    digits = number.cast(pl.String)
    # a comma before each three digits, counted from the end
    written = digits.str.reverse().str.replace_all(r"(\d{3})", "$1,").str.reverse()
    noun = pl.when(number == 1).then(pl.lit(one)).otherwise(pl.lit(many or f"{one}s"))
    return pl.concat_str(written.str.strip_prefix(","), noun, separator=" ")
