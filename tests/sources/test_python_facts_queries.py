"""The facts about SQLAlchemy statements."""

from __future__ import annotations

import ast

import pytest
from hypothesis import assume, given, settings

from tests.facts import deltas_of, facts, of_function
from tests.sources.python_texts import modules

Row = dict[str, object]


def queries(body: str) -> list[Row]:
    return facts(of_function(body, "def f(session, x, items):"), "queries")


def query(body: str) -> Row:
    (row,) = queries(body)
    return row


def told(row: Row) -> Row:
    """What a row says beside its text, where it says anything."""
    return {k: v for k, v in row.items() if v and k not in ("text", "line", "qualname", "terms")}


BEGINNINGS = [
    ("select(Run)", "select", ["Run"]),
    ("select(Run, Task.id)", "select", ["Run", "Task"]),
    ("select(func.count(Run.id)).select_from(Run)", "select", ["Run"]),
    ("select(func.count()).select_from(join(Run, Task))", "select", []),
    ("select(models.Run)", "select", ["Run"]),
    ("sa.select(Run.id)", "select", ["Run"]),
    ("session.query(Run).all()", "query", ["Run"]),
    ("self.session.query(Run.id, Task).count()", "query", ["Run", "Task"]),
    ("session.query(Run).filter(Run.x == 1).delete()", "delete", ["Run"]),
    ("session.query(Run).update({'x': 1})", "update", ["Run"]),
    ("update(Run).values(x=1)", "update", ["Run"]),
    ("delete(Run)", "delete", ["Run"]),
    ("insert(Run).values(x=1)", "insert", ["Run"]),
    ("delete(cls).where(cls.x == 1)", "delete", ["cls"]),
    ("conn.execute(task_table.update().where(task_table.c.x == 1))", "update", ["task_table"]),
    ("Run.__table__.delete().where(Run.x == 1)", "delete", ["Run"]),
    ("update(Run.__table__).values(x=1)", "update", ["Run"]),
    ("session.get(Run, x)", "get", ["Run"]),
    ("session.get(Run, x, options=[joinedload(Run.tasks)])", "get", ["Run"]),
    ("exists().where(Run.x == 1)", "select", ["Run"]),
    ("exists(select(Run.id))", "select", ["Run"]),
]


@pytest.mark.parametrize(("body", "kind", "tables"), BEGINNINGS)
def test_a_statement_is_known_by_how_it_begins(body: str, kind: str, tables: list[str]) -> None:
    """Functions, methods of the session and of tables; models in the order of mention."""
    row = query(body)
    assert (row["kind"], row["tables"]) == (kind, tables)


NONE = [
    *("d.update(x)", "d.update({'a': 1})", "session.get('http://x')", "session.delete(x)"),
    *("exists(path)", "items.insert(0, x)", "update(x)", "hook.query(sql)", "select()"),
    *("router.delete('/x')(f)", "select.select(r, w, x)", "cache.get(Key, None)"),
]


@pytest.mark.parametrize("body", NONE)
def test_what_only_looks_like_a_statement_is_none(body: str) -> None:
    """Dicts, lists, routers, paths and requests have methods of the same names."""
    assert queries(body) == []


FILTERS = [
    ("where(Run.a == x, Run.b.in_(items))", ["Run.a", "Run.b"]),
    ("where(Run.a == Task.b)", ["Run.a", "Task.b"]),
    ("filter(and_(Run.a > 1, or_(Run.b.is_(None), ~Run.c)))", ["Run.a", "Run.b", "Run.c"]),
    ("filter_by(a=x, b=1)", ["Run.a", "Run.b"]),
    ("join(Task).filter_by(a=x)", ["Task.a"]),
    ("join(Task, Task.run_id == Run.id)", ["Run.id", "Task.run_id"]),
    ("outerjoin(Task, onclause=Task.run_id == Run.id)", ["Run.id", "Task.run_id"]),
    ("where(func.coalesce(Run.a, x) < now())", ["Run.a"]),
    ("where(Run.state == State.RUNNING)", ["Run.state"]),
    ("where(Run.state.in_(State.unfinished))", ["Run.state"]),
    ("where(Run.a == run.a, Run.b == self.b)", ["Run.a", "Run.b"]),
    ("where(sub.c.a == Run.a)", ["Run.a", "sub.a"]),
    ("where(Run.id.in_(select(Task.run_id).where(Task.b == 1)))", ["Run.id", "Task.b"]),
    ("where(tuple_(Run.a, Run.b).in_(items))", ["Run.a", "Run.b"]),
    ("order_by(Run.a)", []),
]


@pytest.mark.parametrize(("links", "filters"), FILTERS)
def test_filters_are_the_columns_that_are_compared(links: str, filters: list[str]) -> None:
    """In where, filter, filter_by and the condition of a join, also inside a subquery."""
    assert query(f"select(Run).{links}")["filters"] == filters


def test_an_alias_stands_for_its_model() -> None:
    """Columns and tables have the model's name."""
    row = query("t = aliased(Task)\nselect(t).where(t.a == 1).options(joinedload(t.run))")
    assert told(row) == {
        "kind": "select",
        "tables": ["Task"],
        "filters": ["Task.a"],
        "eager": ["joinedload:Task.run"],
        "eager_uses": ["run:passed"],
    }


FLAGS = [
    ("session.scalar(select(A).limit(1))", {"limited"}),
    ("session.scalars(select(A)).first()", {"limited"}),
    ("session.execute(select(A)).scalar_one_or_none()", {"limited"}),
    ("rows = session.scalars(select(A))\nreturn rows.one()", {"limited"}),
    ("session.scalar(select(A))", set()),
    ("session.query(A).with_for_update().all()", {"locked"}),
    ("session.scalars(with_row_locks(select(A), of=A, session=session))", {"locked"}),
    ("q = select(A)\nq = with_row_locks(q, of=A)\nsession.scalars(q)", {"locked"}),
    ("if x:\n    session.scalars(select(A))", {"conditional"}),
    ("for y in items:\n    session.scalars(select(A))", {"loops"}),
    ("q = select(A)\nfor y in items:\n    session.scalars(q)", {"loops"}),
    ("[session.scalar(select(A)) for y in items]", {"loops"}),
    ("for y in session.scalars(select(A)):\n    pass", set()),
    ("q = select(A)\nfor y in items:\n    q = q.where(A.x == y)\nsession.scalars(q)", set()),
]


@pytest.mark.parametrize(("body", "expected"), FLAGS)
def test_flags_of_a_statement(body: str, expected: set[str]) -> None:
    """Limited, locked, conditional; a loop counts around the place where it is executed."""
    row = query(body)
    assert {n for n in ("limited", "locked", "conditional", "loops") if row[n]} == expected


STEPS = """\
query = select(Run).options(joinedload(Run.tasks)).join(Run.dag)
if x:
    query = query.where(Run.a == x)
else:
    query = query.where(Run.b.is_(None)).order_by(Run.b.desc())
for y in items:
    query = query.filter(Run.c != y)
query = query.limit(3)
return session.scalars(query).all()
"""


def test_a_statement_built_step_by_step_is_one_where_it_begins() -> None:
    """With the terms of all branches, in order, and the text of all steps."""
    row = query(STEPS)
    assert row["line"] == 2
    assert row["terms"] == ["Run.a == x", "Run.b.is_(None)", "Run.c != y"]
    assert row["text"] == (
        "select(Run).options(joinedload(Run.tasks)).join(Run.dag).where(Run.a == x)"
        ".where(Run.b.is_(None)).order_by(Run.b.desc()).filter(Run.c != y).limit(3)"
    )
    assert told(row) == {
        "kind": "select",
        "tables": ["Run"],
        "filters": ["Run.a", "Run.b", "Run.c"],
        "ordered_by": ["Run.b.desc()"],
        "joins": ["Run.dag"],
        "limited": True,
        "eager": ["joinedload:Run.tasks"],
        "eager_uses": ["tasks:passed"],
    }


def test_two_beginnings_that_meet_both_go_on() -> None:
    """What follows the branches belongs to either."""
    body = "if x:\n    q = select(A)\nelse:\n    q = select(B)\nq = q.where(C.z == 1)\nreturn q"
    assert [(r["text"], r["filters"]) for r in queries(body)] == [
        ("select(A).where(C.z == 1)", ["C.z"]),
        ("select(B).where(C.z == 1)", ["C.z"]),
    ]


def test_a_statement_that_a_function_adds_to_goes_on() -> None:
    """What the function adds is not seen, but what comes after it is."""
    body = "q = select(A)\nq = only_mine(q, x)\nq = q.where(A.x == 1)\nreturn q"
    assert query(body)["filters"] == ["A.x"]


def test_a_statement_in_another_is_part_of_it_and_one_in_a_variable_is_not() -> None:
    """One fact for the first, two for the second."""
    inside = "session.scalars(select(A).where(A.id.in_(select(B.a_id).where(B.x == 1))))"
    row = query(inside)
    assert (row["tables"], row["terms"]) == (
        *(["A", "B"], ["A.id.in_(select(B.a_id).where(B.x == 1))"]),
    )
    apart = (
        "sub = select(B.a_id).subquery()\nsession.scalars(select(A).join(sub, sub.c.id == A.id))"
    )
    assert [r["kind"] for r in queries(apart)] == ["select", "select"]


def test_statements_stand_in_their_function() -> None:
    """Nested functions and methods have their own; a module has none."""
    text = (
        "base = select(A)\n\n\nclass C:\n    def m(self):\n"
        "        def inner():\n            return delete(B)\n        return inner\n"
    )
    found = [(r["line"], r["qualname"], r["kind"]) for r in facts(text, "queries")]
    assert found == [(1, "", "select"), (7, "C.m.inner", "delete")]


DELTAS = [
    ("a term more", "select(A).where(A.x == 1)", "select(A).where(A.x == 1, A.y == 2)", "similar"),
    ("layout", "select(A).where(A.x == 1)", "select(\n    A\n).where(\n    A.x == 1,\n)", "none"),
    (
        "into a loop",
        "session.scalar(select(A))",
        "for y in x:\n    session.scalar(select(A))",
        "loop",
    ),
]


@pytest.mark.parametrize(
    ("before", "after", "what"), [c[1:] for c in DELTAS], ids=[c[0] for c in DELTAS]
)
def test_a_statement_that_is_edited_stays_the_same_one(before: str, after: str, what: str) -> None:
    """Text that differs a little, or another number of loops, is a change."""
    frame = deltas_of({"m.py": of_function(before)}, {"m.py": of_function(after)})["queries"]
    assert frame["change"].to_list() == ([] if what == "none" else ["changed"])


def test_an_expression_nested_hundreds_deep_costs_only_what_comes_after_it() -> None:
    """The file is read all the same."""
    deep = " + ".join(["x"] * 700)
    first = of_function(f"select(A)\ny = {deep}\ndelete(B)")
    rows = facts(
        f"import x\n\n\nif x:\n    y = {deep}\n{first}\nupdate(C).values(x=1)\n", "queries"
    )
    assert [(r["kind"], r["loops"], r["conditional"]) for r in rows] == [
        ("select", 0, False),
        ("update", 0, False),
    ]


def test_the_text_is_one_line_and_cut() -> None:
    """At 600 characters, terms included."""
    row = query(f"select(A).where(A.x == '''a\nb''', {', '.join(['A.long == 1'] * 80)})")
    assert len(str(row["text"])) == 600
    assert "\n" not in str(row["text"])


@settings(max_examples=60, deadline=None)
@given(modules())
def test_no_code_breaks_the_reading_of_queries(text: str) -> None:
    """Whatever parses gives rows that fit their table."""
    try:
        ast.parse(text)
    except SyntaxError:
        assume(False)
    for row in facts(text, "queries"):
        assert row["kind"] in {"select", "query", "update", "delete", "insert", "get"}
        loaded = {str(each).rpartition(".")[2].rpartition(":")[2] for each in row["eager"]}
        assert {str(use).partition(":")[0] for use in row["eager_uses"]} == loaded
