"""Fills: as many rows as asked, each key where it belongs, in the words of either database."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.lab.scenarios import Order, read_scenario
from workbench.lab.statements import (
    Numbers,
    create_statement,
    expression,
    fill_statement,
    index_statement,
    key_of_row,
    key_statements,
    more_statement,
    placeholders,
)

LOOKUP = read_scenario("task-reschedule-lookup")


def _keys(order: Order, rows: int, each: int, skew: float = 1.0) -> list[int]:
    fill = dataclasses.replace(LOOKUP.fill, order=order, skew=skew)
    scenario = dataclasses.replace(LOOKUP, fill=fill)
    key = key_of_row(scenario, Numbers(rows=rows, rows_per_key=each))
    with sqlite3.connect(":memory:") as database:
        database.create_function("power", 2, pow)
        found = database.execute(
            "WITH RECURSIVE g(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM g WHERE n + 1 < ?) "
            f"SELECT {key} FROM g",
            (rows,),
        )
        keys = [int(row[0]) for row in found]
    database.close()
    return keys


@settings(deadline=None)
@given(
    order=st.sampled_from(["clustered", "round-robin", "random"]),
    rows=st.integers(1, 400),
    each=st.integers(1, 60),
)
def test_every_row_has_a_key_that_exists(order: Order, rows: int, each: int) -> None:
    """Whatever the numbers, a foreign key to the keys' table holds."""
    keys = _keys(order, rows, each)
    assert len(keys) == rows
    assert min(keys) >= 0
    assert max(keys) < Numbers(rows=rows, rows_per_key=each).keys


def test_the_oldest_stands_first_and_the_newest_last() -> None:
    """In every order one key has its rows at the beginning, one at the end, and only there."""
    for order in ("clustered", "round-robin", "random"):
        keys = _keys(order, 1000, 20)
        assert [n for n, key in enumerate(keys) if key == 0] == list(range(20))
        assert [n for n, key in enumerate(keys) if key == 49] == list(range(980, 1000))


def test_round_robin_is_even_and_skew_is_not() -> None:
    """Interleaved keys have the same number of rows; a skewed fill gives most rows to a few."""
    even = Counter(_keys("round-robin", 10_000, 100))
    assert max(even.values()) - min(even.values()) <= 3
    skewed = Counter(_keys("random", 10_000, 100, skew=3.0))
    assert skewed.most_common(1)[0][1] > 10 * 100


@pytest.mark.parametrize(
    ("text", "sqlite"),
    [
        ("n + rows", "n + 900"),
        ("'rows' || keys", "'rows' || 90"),
        ("$uuid(keys + (n + 1))", "printf('%032x', 90 + (n + 1))"),
        ("CASE WHEN n >= rows - 20 THEN newest END", "CASE WHEN n >= 900 - 20 THEN 89 END"),
        ("oldest", "0"),
        ("rows_per_key", "10"),
        ("'it''s rows'", "'it''s rows'"),
        ("arrows", "arrows"),
    ],
)
def test_words_stand_for_numbers(text: str, sqlite: str) -> None:
    """Outside texts; a function's inside is put into words as well."""
    numbers = Numbers(rows=900, rows_per_key=10)
    assert expression(text, numbers, dialect="sqlite") == sqlite


def test_a_filled_table_is_whole() -> None:
    """All rows, keys that hold, and more rows behind them that hold too."""
    numbers = Numbers(rows=500, rows_per_key=20)
    with sqlite3.connect(":memory:") as database:
        database.execute("PRAGMA foreign_keys = ON")
        for table in LOOKUP.tables:
            database.execute(create_statement(table, dialect="sqlite"))
            database.execute(fill_statement(table, LOOKUP, numbers, dialect="sqlite"))
        database.execute(index_statement(LOOKUP.indexes[1], "task_reschedule"))
        database.execute(more_statement(LOOKUP, numbers, 7, dialect="sqlite"))
        count = database.execute("SELECT count(*), count(DISTINCT ti_id) FROM task_reschedule")
        assert count.fetchone() == (507, 25)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    database.close()


def test_postgresql_gets_its_keys_after_the_fill() -> None:
    """No key is in the table's own statement; primary keys come before foreign ones."""
    table = LOOKUP.tables[1]
    assert "KEY" not in create_statement(table, dialect="postgresql")
    keys, foreign = key_statements(table)
    assert keys == ["ALTER TABLE task_reschedule ADD PRIMARY KEY (id)"]
    assert foreign == [
        "ALTER TABLE task_reschedule ADD CONSTRAINT task_reschedule_ti_id_fkey "
        "FOREIGN KEY (ti_id) REFERENCES task_instance ON DELETE CASCADE"
    ]


def test_parameters_are_written_as_the_client_does() -> None:
    """Casts, texts and percent signs stay what they are."""
    query = "SELECT 5 % 2, ':no', x::text FROM t WHERE a = :key AND b LIKE 'a%'"
    assert placeholders(query, dialect="sqlite") == query
    assert placeholders(query, dialect="postgresql") == (
        "SELECT 5 %% 2, ':no', x::text FROM t WHERE a = %(key)s AND b LIKE 'a%%'"
    )
