"""What stood as of a commit: indexes by their time, both sides of touched files."""

from __future__ import annotations

import polars as pl

from workbench.analysis.sql import run_query
from workbench.knowledge.example_history import history_of_trees

MODEL = """
from sqlalchemy import Index, Column, String
class Order(Base):
    __tablename__ = "orders"
    id = Column(String, primary_key=True)
    state = Column(String)
    {index}
"""
INDEX = '__table_args__ = (Index("ix_state", "state"),)'
MIGRATION = """
revision = "1"
down_revision = None
def upgrade():
    op.create_index("ix_other", "orders", ["other"])
"""


def rows(sql: str, before: dict[str, str], after: dict[str, str]) -> list[tuple[object, ...]]:
    return run_query(sql, history_of_trees(before, after)).rows()


def test_an_index_stands_from_the_commit_that_brings_it() -> None:
    """Before it only the primary key does; what a migration creates is no declaration."""
    sql = """
        SELECT step.side, i.column_names, i.declared
        FROM commits c, (VALUES ('before', 1), ('after', 0)) step(side, back)
        JOIN indexes_as_of i ON i.repository = c.repository
            AND i.since_position <= c.position - step.back
            AND (i.until_position IS NULL OR i.until_position > c.position - step.back)
        WHERE i.table_name = 'orders' ORDER BY ALL
    """
    made = rows(
        sql,
        {"shop/models.py": MODEL.format(index=""), "shop/versions/1.py": MIGRATION},
        {"shop/models.py": MODEL.format(index=INDEX), "shop/versions/1.py": MIGRATION + "x = 1"},
    )
    assert made == [
        ("after", ["id"], "primary-key"),
        ("after", ["state"], "model"),
        ("before", ["id"], "primary-key"),
    ]


def test_an_index_of_a_file_that_nobody_touched_stands_too() -> None:
    """The tree before the commit counts, not only its changes."""
    model = {"shop/models.py": MODEL.format(index=INDEX)}
    made = rows(
        "SELECT column_names FROM indexes_as_of WHERE declared = 'model'",
        {**model, "shop/a.py": "x = 1"},
        {**model, "shop/a.py": "x = 2"},
    )
    assert made == [(["state"],)]


def test_a_side_holds_what_did_not_change_too() -> None:
    """A name that goes, while a star import that nobody edited may still offer it."""
    text = "from .types import *\nfrom .core import run\n\ndef stop():\n    pass\n\n"
    gone = text + "class Order(Base):\n    pass\n"
    sides = ({"shop/__init__.py": gone}, {"shop/__init__.py": text})
    offered = "SELECT name, how, target FROM exports_{} ORDER BY ALL"
    before, after = rows(offered.format("before"), *sides), rows(offered.format("after"), *sides)
    assert set(before) - set(after) == {("Order", "definition", None)}
    assert ("*", "star", "shop.types") in after
    assert ("run", "reexport", "shop.core.run") in after
    defined = "SELECT qualname, kind, bases, line FROM definitions_{} ORDER BY ALL"
    assert rows(defined.format("before"), *sides) == [
        ("Order", "class", ["Base"], 7),
        ("stop", "function", [], 4),
    ]
    assert rows(defined.format("after"), *sides) == [("stop", "function", [], 4)]
    imported = "SELECT imported, name FROM imports_after ORDER BY ALL"
    assert rows(imported, *sides) == [("shop.core", "run"), ("shop.types", "*")]


def test_both_sides_of_a_moved_file_go_by_their_own_module() -> None:
    """A rename to another module: before under the old name, after under the new one."""
    text = "def run():\n    return 1\n\n\ndef stop():\n    return 2\n"
    sql = "SELECT b.module AS was, a.module AS is_now FROM definitions_before b JOIN "
    sql += "definitions_after a USING (change_id, qualname) WHERE qualname = 'stop'"
    assert rows(sql, {"shop/a.py": text}, {"shop/b.py": text}) == [("shop.a", "shop.b")]


def test_only_commits_of_the_span_are_looked_at() -> None:
    """A side view of a history that is cut to nothing is empty."""
    history = history_of_trees({}, {"shop/a.py": "def f():\n    pass\n"})
    cut = history.between(since=history.commits["committed_utc"].max())
    none = history.between(until=history.commits["committed_utc"].min())
    sql = "SELECT count(*) AS n FROM definitions_after"
    assert run_query(sql, cut).equals(pl.DataFrame({"n": [1]}))
    assert run_query(sql, none).equals(pl.DataFrame({"n": [0]}))


def test_columns_and_relationships_stand_while_their_class_does() -> None:
    """What a column was before an edit and is after it; what nobody touched; no migration's."""
    before = (
        "from sqlalchemy import Column, Integer, String\n\n\nclass Order(Base):\n"
        "    __tablename__ = 'orders'\n    id = Column(Integer, primary_key=True)\n"
        "    state = Column(String(20))\n    lines = relationship('Line', lazy='joined')\n"
    )
    after = before.replace("String(20))", "String(50), nullable=False)").replace("joined", "raise")
    rest = {"shop/line.py": before.replace("Order", "Line").replace("orders", "lines")}
    sides = (
        {"shop/models.py": before, "shop/versions/1.py": MIGRATION, **rest},
        {"shop/models.py": after, "shop/versions/1.py": MIGRATION, **rest},
    )
    at = """
        SELECT step.side, {} FROM commits c, (VALUES ('before', 1), ('after', 0)) step(side, back)
        JOIN {}_as_of i ON i.repository = c.repository
            AND i.since_position <= c.position - step.back
            AND (i.until_position IS NULL OR i.until_position > c.position - step.back)
        WHERE {} ORDER BY ALL
    """
    columns = at.format("name, length, nullable", "columns", "table_name = 'orders'")
    assert rows(columns, *sides) == [
        ("after", "id", None, False),
        ("after", "state", 50, False),
        ("before", "id", None, False),
        ("before", "state", 20, True),
    ]
    relations = at.format("qualname, target, lazy", "relationships", "name = 'lines'")
    assert rows(relations, *sides) == [
        ("after", "Line", "Line", "joined"),
        ("after", "Order", "Line", "raise"),
        ("before", "Line", "Line", "joined"),
        ("before", "Order", "Line", "joined"),
    ]
