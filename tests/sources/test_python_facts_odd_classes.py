"""Facts of schemas from code that nobody would write: nothing raises, all rows are in place."""

from __future__ import annotations

import ast
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.facts import facts
from workbench.domain.facts import FACT_TABLES
from workbench.sources.python_facts.parsing import Unparsed, parse, quiet
from workbench.sources.python_facts.reading import _frame
from workbench.sources.python_facts.syntax import Segment
from workbench.sources.python_facts.visitors import (
    columns,
    fields,
    indexes,
    literals,
    relationships,
)

VISITS = {
    "columns": columns.visit,
    "indexes": indexes.visit,
    "relationships": relationships.visit,
    "fields": fields.visit,
    "literals": literals.visit,
}
NAMES = st.sampled_from(
    [
        *("x", "str", "None", "List", "models.Boat", "__tablename__", "op", "batch_op"),
        *("NOTHING", "..."),
    ]
)
VALUES = st.sampled_from(
    [
        *("'a'", "''", '"int | None"', "'Mapped[x]'", "'('", "'\\ud800'", "'a' 'b'", "b'x'"),
        *("0", "-1", "99999999999", "1j", "True", "None", "..."),
        *("f'{x!r:>{y}}'", "lambda a: a", "*x"),
    ]
)
CALLED = st.sampled_from(
    [
        *("Column", "sa.mapped_column", "relationship", "deferred", "Table", "String", "text"),
        *("Index", "UniqueConstraint", "PrimaryKeyConstraint", "ForeignKeyConstraint"),
        *("ForeignKey", "x.with_variant", "M.as_mutable", "desc", "x.desc", "op.f", "dict"),
        *("Field", "attrs.field", "Factory", "Discriminator"),
        *("op.add_column", "op.alter_column", "op.drop_column", "op.create_table"),
        *("op.create_index", "op.create_primary_key", "op.drop_constraint"),
        *("batch_op.create_foreign_key", "batch_op.drop_index"),
    ]
)
WRAPPING = st.sampled_from(
    ["Mapped", "Optional", "Union", "Annotated", "Literal", "List", "ClassVar", "Required", "x.y"]
)
KEYWORDS = st.sampled_from(
    [
        *("nullable", "type_", "name", "length", "unique", "index", "primary_key", "default"),
        *("server_default", "lazy", "argument", "uselist", "columns", "table_name"),
        *("local_cols", "default_factory", "discriminator", "init", "description"),
        "polymorphic_identity",
    ]
)


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions made of smaller ones, many of which do not fit together."""
    several = st.lists(inner, max_size=3)
    keywords = st.lists(st.tuples(KEYWORDS, inner), max_size=2, unique_by=lambda pair: pair[0])
    call = st.builds(
        lambda name, args, given: f"{name}({', '.join([*args, *(f'{k}={v}' for k, v in given)])})",
        *(CALLED, several, keywords),
    )
    return st.one_of(
        call,
        st.builds("{}({}).{}()".format, CALLED, inner, st.sampled_from(["desc", "asc", "label"])),
        st.builds(lambda name, args: f"{name}[{', '.join(args) or '()'}]", WRAPPING, several),
        st.builds(lambda args: f"({''.join(arg + ', ' for arg in args)})", several),
        st.builds(lambda args: f"[{', '.join(args)}]", several),
        st.builds("{{'polymorphic_identity': {}, **x}}".format, inner),
        st.builds("{} | {}".format, inner, inner),
        st.builds("{} if x else {}".format, inner, inner),
        st.builds("f'{{{}}}'".format, NAMES),
        st.builds("(\n    {}\n)".format, inner),
    )


EXPRESSIONS = st.recursive(NAMES | VALUES, larger, max_leaves=6)
TARGETS = st.sampled_from(
    [
        *("x", "_y", "__table_args__", "__tablename__", "__mapper_args__"),
        *("a, b", "x.y", "x[0]", "*z, w"),
    ]
)
BATCH = "with op.batch_alter_table({}) as batch_op:\n    {}"
STATEMENTS = st.one_of(
    st.builds("{} = {}".format, TARGETS, EXPRESSIONS),
    st.builds("{}: {}".format, st.sampled_from(["x", "y", "x.y", "(z)"]), EXPRESSIONS),
    st.builds("{}: {} = {}".format, st.sampled_from(["x", "__a__"]), EXPRESSIONS, EXPRESSIONS),
    st.builds("{}".format, EXPRESSIONS),
    st.builds(
        "with op.batch_alter_table({}) as batch_op:\n    {}".format, EXPRESSIONS, EXPRESSIONS
    ),
    st.builds("def f(a: {}, *b, **c):\n    return {}".format, EXPRESSIONS, EXPRESSIONS),
    st.builds("if x:\n    y: {} = {}".format, EXPRESSIONS, EXPRESSIONS),
)
HEADS = st.sampled_from(
    [
        *("class Boat(Base):", "class Boat(BaseModel):", "class Boat(str, Enum):"),
        *("@dataclass\nclass Boat:", "@attr.s\nclass Boat:", "class Boat(TypedDict, total=x):"),
        *("class Boat(*bases, **options):", "def upgrade():", "if x:"),
    ]
)


def parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


@settings(max_examples=150, deadline=None)
@given(HEADS, st.lists(STATEMENTS.filter(parses), min_size=1, max_size=4), st.booleans())
def test_no_class_makes_a_visitor_raise(
    head: str,
    statements: list[str],
    in_class: bool,
) -> None:
    """Rows can be stored as declared and stand on lines of their segment."""
    body = textwrap.indent("\n".join(statements), "    ")
    text = (body if in_class else f"{head}\n{body}").encode()
    with quiet():
        parsed = parse(text, in_class=in_class)
        if isinstance(parsed, Unparsed):
            return
        segment = Segment(text, parsed, in_class=in_class)
        for family, visit in VISITS.items():
            rows = list(visit(segment))
            assert all(0 <= row[1] <= text.count(b"\n") for row in rows)  # type: ignore[operator]
            table = FACT_TABLES[f"fact_{family}"]
            table.check(_frame(table, rows, first=[0] * len(rows)))


ODD = [
    "class C(B):\n    x: Mapped[()]\n    y: Mapped[1:2]\n    z: Mapped[*T]\n",
    "class C(B):\n    x: 'Mapped[\\n\\nstr\\n]' = mapped_column()\n",
    "class C(BaseModel):\n    x: '\\n\\n Annotated[int, Field(\\ndefault=[1,\\n2])]'\n",
    "class C(B):\n    x = Column('\\ud800', String, server_default='\\ud800')\n",
    "class C(B):\n    x: Literal['\\ud800', b'\\xff', 1j] = 1\n",
    "class C(B):\n    x: int = " + "-" * 80 + "1\n",
    "class C(BaseModel):\n    x: " + "list[" * 60 + "'int'" + "]" * 60 + "\n",
    "class C(B):\n    x = deferred(" + "deferred(" * 60 + "Column(Integer)" + ")" * 61 + "\n",
    "def f():\n    with op.batch_alter_table() as a, b as (c, d): a.alter_column()\n",
    "x = Column(Integer)\nTable('a', m, Index())\nIndex()\nTable('a', *b)\n",
    "class C(Enum): A, B = 1, 2\n",
    "class C(B):\n    x = Column(Integer, default=0x1" + "0" * 6000 + ")\n",
]


@pytest.mark.parametrize("text", ODD, ids=[text[:40] for text in ODD])
def test_odd_code_is_read(text: str) -> None:
    """Empty brackets, annotations over several lines in quotes, half characters, large numbers."""
    for family in VISITS:
        assert all(row["line"] <= text.count("\n") for row in facts(text, family))  # type: ignore[operator]
