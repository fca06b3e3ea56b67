"""What a frame's declaration is: typed columns, each with its unit or meaning, and a check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from polars.datatypes import DataType, DataTypeClass

from workbench.errors import WorkbenchError

PolarsType = DataType | DataTypeClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its polars type and, in a sentence, what it means and in which unit."""

    dtype: PolarsType
    means: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One kind of rows: name, columns in order, and the columns that identify a row (``key``)."""

    name: str
    columns: Mapping[str, Column]
    key: tuple[str, ...] = ()

    @property
    def schema(self) -> dict[str, PolarsType]:
        """Column names and polars types, in order."""
        return {name: column.dtype for name, column in self.columns.items()}

    def empty(self) -> pl.DataFrame:
        """A frame with these columns and no rows."""
        return pl.DataFrame(schema=self.schema)

    def frame(self, rows: list[dict[str, object]]) -> pl.DataFrame:
        """A frame of these columns from row mappings; a key that is missing is null."""
        return pl.DataFrame(rows, schema=self.schema, orient="row") if rows else self.empty()

    def check(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame in declared column order.

        Raises
        ------
        WorkbenchError
            A column is missing, unknown, or of another type; all of them are named.
        """
        wrong = [f"{c} is missing" for c in self.columns if c not in frame.columns]
        wrong += [f"{c} is not declared" for c in frame.columns if c not in self.columns]
        wrong += [
            f"{c} is {frame.schema[c]}, not {t}"
            for c, t in self.schema.items()
            if c in frame.columns and frame.schema[c] != t
        ]
        if wrong:
            what = f"Frame for table {self.name} has wrong columns: {'; '.join(wrong)}."
            raise WorkbenchError(what, right=f"Declared: {', '.join(self.columns)}.")
        return frame.select(list(self.columns))


def table(
    name: str, columns: Mapping[str, tuple[PolarsType, str]], key: tuple[str, ...] = ()
) -> Table:
    """Declare a table from ``{column: (type, meaning)}``."""
    made = {c: Column(dtype=t, means=m) for c, (t, m) in columns.items()}
    return Table(name=name, columns=made, key=key)
