"""Columns and relationships of models, tables and migrations, read to one meaning."""

from __future__ import annotations

import textwrap

import pytest

from tests.facts import deltas_of, facts, of_function

PATH = "pkg/mod.py"
# What a column says when it says nothing.
PLAIN = {
    "declared": "model",
    "type": None,
    "length": None,
    "nullable": True,
    "default": None,
    "server_default": None,
    "primary_key": False,
    "indexed": False,
    "foreign_key": None,
}


def model(body: str, *, table: str = "boat") -> str:
    head = f'class Boat(Base):\n    __tablename__ = "{table}"\n'
    return head + textwrap.indent(textwrap.dedent(body).strip(), "    ") + "\n"


COLUMNS = [
    ("x = Column(String(36), primary_key=True)", {"type": "String", "length": 36, "key": True}),
    ("x = sa.Column(sa.String(length=36))", {"type": "String", "length": 36}),
    ("x = Column('x', Integer, nullable=False)", {"type": "Integer", "nullable": False}),
    ("x = Column(Integer(), nullable=some())", {"type": "Integer", "nullable": None}),
    (
        "x = mapped_column(String(250), nullable=False)",
        {"type": "String", "length": 250, "nullable": False},
    ),
    ("x: Mapped[str | None] = mapped_column(UtcDateTime)", {"type": "UtcDateTime"}),
    ("x: Mapped[str] = mapped_column(StringID())", {"type": "StringID", "nullable": False}),
    (
        "x: Mapped[str | None] = mapped_column(Text, nullable=False)",
        {"type": "Text", "nullable": False},
    ),
    ("x: Mapped[str]", {"type": "String", "nullable": False}),
    ("x: Mapped[Optional[int]]", {"type": "Integer", "nullable": True}),
    ("x: Mapped['Optional[bool]']", {"type": "Boolean", "nullable": True}),
    ("x: 'Mapped[float | None]'", {"type": "Float", "nullable": True}),
    ("x: Mapped[datetime.datetime]", {"type": "DateTime", "nullable": False}),
    ("x: Mapped[Annotated[bytes, 'raw']]", {"type": "LargeBinary", "nullable": False}),
    ("x: Mapped[Union[None, Decimal]]", {"type": "Numeric", "nullable": True}),
    ("x: Mapped[dict[str, int]]", {"type": None, "nullable": False}),
    ("x: Mapped[int | str]", {"type": None, "nullable": False}),
    ("x: Mapped[str] = mapped_column(primary_key=True)", {"type": "String", "key": True}),
    ("x: str | None = Column(String)", {"type": "String", "nullable": True}),
    ("x: str = Column(String)", {"type": "String", "nullable": True}),
    ("x = deferred(Column(ExtendedJSON))", {"type": "ExtendedJSON"}),
    ("x = Column(MutableDict.as_mutable(JSON))", {"type": "JSON"}),
    ("x = Column(String(9).with_variant(Text(5), 'mysql'))", {"type": "String", "length": 9}),
    ("x = Column(Numeric(10, 2))", {"type": "Numeric", "length": None}),
    ("x = Column(String(SIZE))", {"type": "String", "length": None}),
    ("x = Column(String(99999999999))", {"type": "String", "length": None}),
    ("x = Column(String(-1))", {"type": "String", "length": None}),
    ("x = Column(A if b else C)", {"type": None}),
    ("x: Mapped[str] = mapped_column(A if b else C)", {"type": None, "nullable": False}),
    (
        "x = Column(Integer, default=0, server_default='0')",
        {"type": "Integer", "default": "0", "server": "'0'"},
    ),
    ("x = Column(Integer, server_default=text('0'))", {"type": "Integer", "server": "'0'"}),
    (
        "x = Column(Integer, default=utcnow, index=True)",
        {"type": "Integer", "default": "utcnow", "indexed": True},
    ),
    ("x = Column(Integer, default=None, server_default=None)", {"type": "Integer"}),
    ("x = Column(Integer, unique=True)", {"type": "Integer", "indexed": True}),
    ("x = Column(Integer, unique=some())", {"type": "Integer", "indexed": None}),
    ("x = Column(ForeignKey('port.id'))", {"type": None, "leads": "port.id"}),
    (
        "x = Column(Integer, ForeignKey(Port.id, name='fk'))",
        {"type": "Integer", "leads": "Port.id"},
    ),
    (
        "x: Mapped[int] = mapped_column(ForeignKey('port.id'))",
        {"leads": "port.id", "nullable": False},
    ),
    ("x = Column(type_=String(5), name='x')", {"type": "String", "length": 5}),
    ("x = Column(Integer, Identity(), CheckConstraint('x > 0'))", {"type": "Integer"}),
    ("x = Column()", {}),
    ("x = Column(*args, **options)", {}),
]
SHORT = {"server": "server_default", "leads": "foreign_key"}


@pytest.mark.parametrize(("body", "said"), COLUMNS, ids=[c[0] for c in COLUMNS])
def test_a_column_of_a_model_says(body: str, said: dict[str, object]) -> None:
    """Its type, length, whether it may be NULL, defaults, key, index and where it leads."""
    (row,) = facts(model(body), "columns")
    assert (row["table_name"], row["name"], row["attribute"]) == ("boat", "x", "x")
    assert (row["qualname"], row["line"]) == ("Boat", 3)
    expected = {SHORT.get(name, name): value for name, value in said.items()}
    if expected.pop("key", False):
        expected |= {"primary_key": True, "indexed": True, "nullable": False}
    assert {name: row[name] for name in PLAIN} == PLAIN | expected


NO_COLUMN = [
    "x = column_property(Column('y') + 1)",
    "x = relationship('Port')",
    "x: Mapped[Port] = relationship()",
    "x: Mapped[str] = synonym('y')",
    "x: str = 'a'",
    "x = column('y')",
    "if TYPE_CHECKING:\n    x: Mapped[str]",
    "def x(self): return Column(String)",
    "x: Mapped",
    "x, y = Column(String), Column(String)",
]


@pytest.mark.parametrize("body", NO_COLUMN)
def test_what_is_no_column_gives_none(body: str) -> None:
    """Computed properties, relationships, synonyms, what only type checkers see."""
    assert facts(model(body), "columns") == []


def test_a_column_is_named_by_the_database_and_a_table_by_its_class() -> None:
    """The name it is given, else its attribute; without ``__tablename__`` the class."""
    text = "class Boat(Base):\n    _state: Mapped[str] = mapped_column('state', String(5))\n"
    (row,) = facts(text, "columns")
    assert (row["table_name"], row["name"], row["attribute"]) == ("Boat", "state", "_state")


def test_a_column_below_a_method_does_not_see_the_table() -> None:
    """Only what stands in the head of a class with the name of its table is told together."""
    text = model("x = Column(String)\ndef f(self): pass\ny = Column(Integer)")
    assert [(r["qualname"], r["line"], r["table_name"]) for r in facts(text, "columns")] == [
        ("Boat", 3, "boat"),
        ("Boat", 5, None),
    ]


def test_constraints_of_the_table_say_of_a_column_what_it_could_say_itself() -> None:
    """Keys, foreign keys and an index of it alone; of several, none is indexed."""
    text = model(
        """
        a = Column(Integer)
        _b = Column("b", Integer)
        c = Column(Integer)
        d = Column(Integer)
        __table_args__ = (
            PrimaryKeyConstraint("a", _b),
            ForeignKeyConstraint(["a", "b"], ["port.a", "port.b"]),
            Index("one", c),
            Index("two", c, d),
            {"schema": "sea"},
        )
        """
    )
    names = ("name", "nullable", "primary_key", "indexed", "foreign_key")
    assert [tuple(row[n] for n in names) for row in facts(text, "columns")] == [
        ("a", False, True, True, "port.a"),
        ("b", False, True, True, "port.b"),
        ("c", True, False, True, None),
        ("d", True, False, False, None),
    ]


def test_a_table_without_a_model_has_columns_without_attributes() -> None:
    """``Table(...)`` with a name and its metadata; one of another library does not count."""
    text = (
        'boat_port = Table("boat_port", metadata, Column("boat", ForeignKey("boat.id"), '
        'primary_key=True))\nshown = Table(Column("a"), Column("b"))\n'
    )
    (row,) = facts(text, "columns")
    assert (row["table_name"], row["name"], row["attribute"], row["declared"]) == (
        *("boat_port", "boat", None, "model"),
    )
    assert (row["foreign_key"], row["nullable"], row["qualname"]) == ("boat.id", False, "")


NOTHING = dict.fromkeys(PLAIN)
OPERATIONS = [
    (
        "op.add_column('boat', sa.Column('x', sa.String(5), nullable=False))",
        PLAIN | {"declared": "add_column", "type": "String", "length": 5, "nullable": False},
    ),
    (
        "with op.batch_alter_table('boat') as batch_op:\n"
        "    batch_op.add_column(sa.Column('x', sa.Integer))",
        PLAIN | {"declared": "add_column", "type": "Integer"},
    ),
    (
        "with op.batch_alter_table(table_name='port') as b, op.batch_alter_table('boat') as c:\n"
        "    if wanted:\n"
        "        c.drop_column('x')",
        NOTHING | {"declared": "drop_column"},
    ),
    ("op.drop_column('boat', 'x')", NOTHING | {"declared": "drop_column"}),
    (
        "op.alter_column('boat', 'x', existing_type=sa.String(5), nullable=False)",
        NOTHING | {"declared": "alter_column", "nullable": False},
    ),
    (
        "with op.batch_alter_table('boat') as batch_op:\n"
        "    batch_op.alter_column('x', type_=sa.String(60), server_default=None)",
        NOTHING
        | {"declared": "alter_column", "type": "String", "length": 60, "server_default": "None"},
    ),
    (
        "op.alter_column('boat', 'x', server_default=sa.text('0'))",
        NOTHING | {"declared": "alter_column", "server_default": "'0'"},
    ),
    (
        "op.create_table('boat', sa.Column('x', sa.Integer), sa.PrimaryKeyConstraint('x'))",
        PLAIN
        | {"declared": "create_table", "type": "Integer", "nullable": False}
        | {"primary_key": True, "indexed": True},
    ),
    (
        "table = op.create_table('boat', *made, sa.Column('x', sa.Integer))",
        PLAIN | {"declared": "create_table", "type": "Integer"},
    ),
]


@pytest.mark.parametrize(("body", "said"), OPERATIONS, ids=[o[0] for o in OPERATIONS])
@pytest.mark.parametrize("name", ["upgrade", "downgrade"])
def test_a_migration_says_of_a_column(body: str, said: dict[str, object], name: str) -> None:
    """What it makes or changes, alone or in a batch, and in which direction."""
    (row,) = facts(of_function(body, f"def {name}():"), "columns")
    assert (row["table_name"], row["name"], row["attribute"]) == ("boat", "x", None)
    assert row["qualname"] == name
    assert {field: row[field] for field in PLAIN} == said


def test_a_batch_without_a_table_at_hand_and_other_objects() -> None:
    """A batch that is handed in has no table; what is no operation does not count."""
    text = of_function("batch_op.drop_column('x')\nframe.drop_column('y')\nop.add_column(*both)")
    assert [(row["table_name"], row["name"]) for row in facts(text, "columns")] == [(None, "x")]
    text = of_function("op.drop_column(TABLE, NAME)")
    assert [(r["table_name"], r["name"]) for r in facts(text, "columns")] == [("TABLE", "NAME")]


SAME_COLUMN = [
    ("x = Column(String)", "x: Mapped[str | None] = mapped_column(String)"),
    ("x = Column(String, nullable=False)", "x: Mapped[str]"),
    ("x = Column(String, nullable=False)", "x: Mapped[str] = mapped_column()"),
    ("x = Column(String(5))", "x: Mapped[Optional[str]] = mapped_column(sa.String(length=5))"),
    ("x = Column(Integer, nullable=True)", "x = Column(Integer)"),
    ("x = Column(Integer, primary_key=True)", "x: Mapped[int] = mapped_column(primary_key=True)"),
    ("x = Column('x', StringID(), default=None)", "x = Column(StringID)"),
    ("x = Column(ForeignKey('p.i'))", "x: Mapped[int | None] = mapped_column(ForeignKey('p.i'))"),
    ("x = Column(JSON)", "x: Mapped[dict | None] = mapped_column(MutableDict.as_mutable(JSON))"),
    ("x = Column(Integer, server_default='0')", "x = Column(Integer, server_default=text('0'))"),
    ("x = Column(UtcDateTime)", "x: Mapped[datetime | None] = mapped_column(UtcDateTime)"),
    ("x: str = Column(String)", "x: Mapped[str | None] = mapped_column(String, nullable=True)"),
    ("x = Column(Float, index=True)", "x = Column(Float)\n__table_args__ = (Index('i', x),)"),
    (
        "x = Column(Integer, primary_key=True)",
        "x = Column(Integer)\n__table_args__ = (PrimaryKeyConstraint('x'),)",
    ),
]


def test_a_rewrite_of_the_same_meaning_is_no_change() -> None:
    """In either direction; one commit holds them all."""
    pairs = [*SAME_COLUMN, *((after, before) for before, after in SAME_COLUMN)]
    before, after = (
        {f"pkg/m{at}.py": model(pair[side]) for at, pair in enumerate(pairs)} for side in (0, 1)
    )
    told = deltas_of(before, after)["columns"]
    assert [pairs[int(name.removeprefix("pkg.m"))] for name in told["module"]] == []


OTHER_COLUMN = [
    ("nullable", "x = Column(String)", "x: Mapped[str]"),
    ("nullable", "x: Mapped[str] = mapped_column()", "x: Mapped[str | None] = mapped_column()"),
    ("nullable", "x = Column(Text, nullable=False)", "x = Column(Text)"),
    ("type", "x = Column(String)", "x = Column(Text)"),
    ("type", "x: Mapped[int]", "x: Mapped[float]"),
    ("length", "x = Column(String(20))", "x: Mapped[str | None] = mapped_column(String(25))"),
    ("default", "x = Column(Integer, default=0)", "x = Column(Integer, default=1)"),
    ("server_default", "x = Column(Integer)", "x = Column(Integer, server_default='1')"),
    ("indexed", "x = Column(Integer, index=True)", "x = Column(Integer)"),
    ("foreign_key", "x = Column(ForeignKey('a.id'))", "x = Column(ForeignKey('b.id'))"),
]


@pytest.mark.parametrize(("what", "before", "after"), OTHER_COLUMN)
def test_another_meaning_is_one_change(what: str, before: str, after: str) -> None:
    """Of that column, told by what differs and by nothing else."""
    (delta,) = deltas_of({PATH: model(before)}, {PATH: model(after)})["columns"].to_dicts()
    assert (delta["change"], delta["scope_change"], delta["qualname"]) == (
        "changed",
        "kept",
        "Boat",
    )
    assert [name for name in PLAIN if delta["before"][name] != delta["after"][name]] == [what]


def test_a_column_of_another_name_is_removed_and_added() -> None:
    """A rename in the database is what downstream SQL breaks on."""
    before, after = model("x = Column(String)"), model("y = Column(String)")
    told = deltas_of({PATH: before}, {PATH: after})["columns"]
    assert sorted(told["change"]) == ["added", "removed"]


RELATIONSHIPS = [
    ("x = relationship('Port')", ("Port", "select", None)),
    ("x = relationship(Port, lazy='joined', uselist=False)", ("Port", "joined", False)),
    ("x = relationship(argument=lambda: models.Port)", ("models.Port", "select", None)),
    ("x: Mapped[list[Port]] = relationship()", ("Port", "select", True)),
    ("x: Mapped['list[Port]'] = orm.relationship(lazy=True)", ("Port", "select", True)),
    ("x: Mapped[List['Port']] = relationship(lazy=False)", ("Port", "joined", True)),
    ("x: Mapped['Port | None'] = relationship(lazy=None)", ("Port", "noload", False)),
    ("x: Mapped[dict[str, Port]] = relationship('Pier')", ("Pier", "select", True)),
    ("x: DynamicMapped[Port] = relationship()", ("Port", "dynamic", True)),
    ("x: WriteOnlyMapped['Port'] = relationship()", ("Port", "write_only", True)),
    ("x = relationship('Port', lazy='dynamic')", ("Port", "dynamic", True)),
    ("x = relationship('Port', lazy=how())", ("Port", "how()", None)),
    ("x = dynamic_loader('Port')", ("Port", "dynamic", True)),
    ("x = relationship(*many, **options)", (None, "select", None)),
    ("x: Mapped[int | str] = relationship()", (None, "select", None)),
]


@pytest.mark.parametrize(("body", "said"), RELATIONSHIPS, ids=[r[0] for r in RELATIONSHIPS])
def test_a_relationship_says_where_it_leads_and_how_it_is_loaded(
    body: str, said: tuple[object, ...]
) -> None:
    """As written or as annotated; a list as far as either says."""
    (row,) = facts(model(body), "relationships")
    assert (row["qualname"], row["line"], row["name"]) == ("Boat", 3, "x")
    assert (row["target"], row["lazy"], row["many"]) == said


def test_a_relationship_set_on_a_class_later_counts() -> None:
    """In the function that sets it."""
    (row,) = facts(of_function("Boat.port = relationship(Port)"), "relationships")
    assert (row["qualname"], row["name"], row["target"]) == ("f", "port", "Port")
    assert facts(of_function("port = related('Port')"), "relationships") == []


def test_only_target_and_loading_make_a_relationship_another() -> None:
    """A rewrite to ``Mapped`` does not."""
    before = model("x = relationship('Port')")
    for body, changes in [
        ("x: Mapped[Port] = relationship()", 0),
        ("x: Mapped['Port'] = relationship(Port, back_populates='boats')", 0),
        ("x = relationship('Port', lazy='joined')", 1),
        ("x = relationship('Pier')", 1),
    ]:
        assert deltas_of({PATH: before}, {PATH: model(body)})["relationships"].height == changes
