"""Indexes, keys and unique constraints of models, tables and migrations."""

from __future__ import annotations

import textwrap

import pytest

from tests.facts import deltas_of, facts, of_function

PATH = "pkg/mod.py"
SAID = ("table_name", "name", "column_names", "descending", "is_unique", "declared")


def model(arguments: str, columns: str = "a = Column(Integer)\nb = Column('bb', Integer)") -> str:
    body = f'__tablename__ = "boat"\n{columns}\n__table_args__ = {arguments}\n'
    return "class Boat(Base):\n" + textwrap.indent(body, "    ")


def said(text: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in SAID) for row in facts(text, "indexes")]


ARGUMENTS = [
    ("(Index('i', a, b),)", ("i", ["a", "bb"], [], False, "model")),
    ("(Index('i', a.desc(), 'b', unique=True),)", ("i", ["a", "b"], ["a"], True, "model")),
    ("(Index('i', sa.desc('a'), b.asc()),)", ("i", ["a", "bb"], ["a"], False, "model")),
    ("(Index('i', a.desc().nullslast()),)", ("i", ["a"], ["a"], False, "model")),
    ("(Index('i', text('a DESC NULLS LAST')),)", ("i", ["a"], ["a"], False, "model")),
    ("(Index('i', text('a'), unique=some()),)", ("i", ["a"], [], None, "model")),
    ("(Index('i', text('lower(a) desc')),)", ("i", ["lower(a) desc"], [], False, "model")),
    ("(Index('i', func.lower(a)),)", ("i", ["func.lower(a)"], [], False, "model")),
    ("(Index(None, a, *others),)", (None, ["a"], [], False, "model")),
    ("(Index('i', Boat.__table__.c.a),)", ("i", ["a"], [], False, "model")),
    ("(UniqueConstraint('a', 'b', name='u'), {})", ("u", ["a", "b"], [], True, "unique")),
    ("[PrimaryKeyConstraint(a, b)]", (None, ["a", "bb"], [], True, "primary-key")),
    (
        "(ForeignKeyConstraint(['a'], ['port.id'], name='f'),)",
        ("f", ["a"], [], False, "foreign-key"),
    ),
    ("(ForeignKeyConstraint((b,), refs()),)", (None, ["bb"], [], False, "foreign-key")),
    ("more + (Index('i', a),)", ("i", ["a"], [], False, "model")),
]


@pytest.mark.parametrize(("arguments", "row"), ARGUMENTS, ids=[a[0] for a in ARGUMENTS])
def test_table_arguments_say(arguments: str, row: tuple[object, ...]) -> None:
    """Columns by their names in the database, in order, with direction."""
    assert said(model(arguments)) == [("boat", *row)]


COLUMNS = [
    ("a = Column(Integer, index=True)", [(None, ["a"], [], False, "model")]),
    ("a = Column(Integer, index=True, unique=True)", [(None, ["a"], [], True, "model")]),
    ("a = Column('x', Integer, unique=True)", [(None, ["x"], [], True, "unique")]),
    (
        "a: Mapped[int] = mapped_column(ForeignKey('port.id', name='f'), index=True)",
        [(None, ["a"], [], False, "model"), ("f", ["a"], [], False, "foreign-key")],
    ),
    (
        "b = Column('bb', Integer, primary_key=True)\na: Mapped[int] = mapped_column("
        "primary_key=True)\nc = Column(Integer)",
        [(None, ["bb", "a"], [], True, "primary-key")],
    ),
    ("a = Column(Integer, index=some())", []),
]


@pytest.mark.parametrize(("columns", "rows"), COLUMNS, ids=[c[0] for c in COLUMNS])
def test_columns_say_of_themselves(columns: str, rows: list[tuple[object, ...]]) -> None:
    """Index, uniqueness, where they lead, and one key of all key columns in order."""
    assert said(model("{}", columns)) == [("boat", *row) for row in rows]


def test_a_key_said_twice_is_one() -> None:
    """The constraint knows the order."""
    columns = "a = Column(Integer, primary_key=True)\nb = Column(Integer, primary_key=True)"
    rows = said(model("(PrimaryKeyConstraint('b', 'a', name='k'),)", columns))
    assert rows == [("boat", "k", ["b", "a"], [], True, "primary-key")]


def test_a_foreign_key_of_its_own_stands_beside_one_that_a_constraint_gives() -> None:
    """A column may lead to two tables; the one it says itself is told with the column."""
    text = model(
        "(ForeignKeyConstraint(['a', 'b'], ['port.a', 'port.b']),)",
        "a = Column(ForeignKey('sea.id'))\nb = Column(Integer)",
    )
    assert [r[2] for r in said(text)] == [["a"], ["a", "b"]]
    assert [r["foreign_key"] for r in facts(text, "columns")] == ["sea.id", "port.b"]


def test_an_index_may_stand_beside_its_table() -> None:
    """Under the model that its columns name, under a table variable, or under none."""
    text = (
        'Index("one", Boat.a.desc())\nkept = Index("two", boats.c.a)\nIndex("three", "a")\n'
        'def f():\n    Index("four", Boat.a)\n'
        'class Mast(Base):\n    __tablename__ = "mast"\n    def f(self): pass\n'
        '    __table_args__ = (Index("five", "a"),)\n'
    )
    assert said(text) == [
        ("Boat", "one", ["a"], ["a"], False, "model"),
        ("boats", "two", ["a"], [], False, "model"),
        (None, "three", ["a"], [], False, "model"),
        (None, "five", ["a"], [], False, "model"),
    ]
    assert [r["qualname"] for r in facts(text, "indexes")] == ["", "", "", "Mast"]


OPERATIONS = [
    ("op.create_index('i', 'boat', ['a', sa.text('b DESC')], unique=True)", "i", "create_index"),
    ("op.create_index(op.f('i'), table_name='boat', columns=['a', 'b'])", "i", "create_index"),
    ("with op.batch_alter_table('boat') as b:\n    b.create_index('i', ['a'])", "i", None),
    ("op.create_unique_constraint('u', 'boat', ['a', 'b'])", "u", "unique"),
    ("op.create_primary_key('k', 'boat', ['a'])", "k", "primary-key"),
    ("op.create_foreign_key('f', 'boat', 'port', ['a'], ['id'])", "f", "foreign-key"),
    (
        "with op.batch_alter_table('boat') as b:\n"
        "    b.create_foreign_key('f', 'port', ['a'], ['id'], ondelete='CASCADE')",
        *("f", "foreign-key"),
    ),
    ("op.drop_index('i', table_name='boat')", "i", "drop_index"),
    ("op.drop_constraint('u', 'boat', type_='unique')", "u", "drop_constraint"),
    (
        "with op.batch_alter_table('boat') as b:\n    b.drop_constraint(b.f('u'))",
        *("u", "drop_constraint"),
    ),
    ("op.add_column('boat', sa.Column('a', sa.Integer, index=True))", None, "create_index"),
    ("op.create_table('boat', sa.Column('a'), sa.UniqueConstraint('a'))", None, "unique"),
]


@pytest.mark.parametrize(("body", "name", "declared"), OPERATIONS, ids=[o[0] for o in OPERATIONS])
def test_a_migration_says(body: str, name: str | None, declared: str | None) -> None:
    """Which index or constraint it makes or drops on which table, alone or in a batch."""
    (row,) = facts(of_function(body, "def upgrade():"), "indexes")
    assert (row["qualname"], row["table_name"], row["name"]) == ("upgrade", "boat", name)
    assert row["declared"] == (declared or "create_index")
    dropped = row["declared"].startswith("drop")
    columns = ["a", "b"] if "'b'" in body or "b DESC" in body else ["a"]
    assert row["column_names"] == ([] if dropped else columns)
    assert row["descending"] == (["b"] if "DESC" in body else [])
    unique = "unique=True" in body or declared in ("unique", "primary-key")
    assert row["is_unique"] == (None if dropped else unique)


SAME = [
    ("(Index('i', 'a'),)", "(Index('other', a),)"),
    ("(Index('i', a.desc()),)", "(Index('i', text('a DESC')),)"),
    ("(UniqueConstraint('a'),)", "(UniqueConstraint(a, name='u'),)"),
]


def test_another_way_to_write_an_index_is_no_change() -> None:
    """Nor is another name."""
    before, after = (
        {f"pkg/m{at}.py": model(pair[side]) for at, pair in enumerate(SAME)} for side in (0, 1)
    )
    assert deltas_of(before, after)["indexes"].is_empty()


def test_a_key_that_moves_into_its_column_is_no_change() -> None:
    """So are a foreign key and a unique constraint."""
    columns = "a = Column(Integer)\nb = Column(Integer)"
    apart = model(
        "(PrimaryKeyConstraint(a), UniqueConstraint(b), ForeignKeyConstraint([b], ['port.id']))",
        columns,
    )
    inside = model(
        "()",
        "a = Column(Integer, primary_key=True)\n"
        "b = Column(Integer, ForeignKey('port.id'), unique=True)",
    )
    told = deltas_of({PATH: apart}, {PATH: inside})
    assert told["indexes"].is_empty()
    assert told["columns"].is_empty()


OTHER = [
    ("(Index('i', a),)", "(Index('i', a.desc()),)", ["changed"]),
    ("(Index('i', a),)", "(Index('i', a, unique=True),)", ["changed"]),
    ("(Index('i', a, b),)", "(Index('i', b, a),)", ["added", "removed"]),
    ("(Index('i', a, b),)", "(Index('i', a),)", ["added", "removed"]),
    ("(Index('i', a),)", "()", ["removed"]),
]


@pytest.mark.parametrize(("before", "after", "changes"), OTHER)
def test_columns_order_direction_and_uniqueness_count(
    before: str, after: str, changes: list[str]
) -> None:
    """Other columns are another index."""
    told = deltas_of({PATH: model(before)}, {PATH: model(after)})["indexes"]
    assert sorted(told["change"]) == changes
