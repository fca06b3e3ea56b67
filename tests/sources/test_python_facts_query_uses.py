"""What a function does with the relationships that a statement loads eagerly."""

from __future__ import annotations

import pytest

from tests.facts import facts, of_function


def query(body: str) -> dict[str, object]:
    (row,) = facts(of_function(body, "def f(session, x, items):"), "queries")
    return row


EAGER = [
    ("joinedload(A.b)", ["joinedload:A.b"]),
    ("joinedload(A.b).selectinload(B.c)", ["joinedload:A.b", "selectinload:B.c"]),
    ("orm.subqueryload(A.b), contains_eager(A.c)", ["subqueryload:A.b", "contains_eager:A.c"]),
    ("joinedload('b')", ["joinedload:b"]),
    ("joinedload(A.b.of_type(C)).load_only(C.x)", ["joinedload:A.b"]),
    (
        "joinedload(A.b).options(joinedload(B.c), load_only(B.x))",
        ["joinedload:A.b", "joinedload:B.c"],
    ),
    ("lazyload(A.b), load_only(A.x), *more", []),
]


@pytest.mark.parametrize(("options", "expected"), EAGER)
def test_eager_loads_are_told_with_their_strategy(options: str, expected: list[str]) -> None:
    """Chained, nested, as text; what loads lazily is none."""
    assert query(f"select(A).options({options})")["eager"] == expected


LOADED = "stmt = select(A).options(joinedload(A.rel))\n"
ONE = f"{LOADED}a = session.scalar(stmt)\n"
MANY = f"{LOADED}rows = session.scalars(stmt).all()\n"
USES = [
    (f"{ONE}if not a.rel:\n    go()", ["truth"]),
    (f"{ONE}if a and a.rel:\n    go()", ["truth"]),
    (f"{ONE}return bool(a.rel)", ["truth"]),
    (f"{ONE}if a.rel is None:\n    go()", ["truth"]),
    (f"{ONE}x = 1 if a.rel else 2", ["truth"]),
    (f"{ONE}if a.rel == []:\n    go()", ["truth"]),
    (f"{ONE}if len(a.rel) > 3:\n    go()", ["counted"]),
    (f"{ONE}for r in a.rel:\n    go(r)", ["iterated"]),
    (f"{ONE}x = [r.id for r in a.rel]", ["iterated"]),
    (f"{ONE}x = a.rel[0]", ["iterated"]),
    (f"{ONE}x = sorted(a.rel)", ["iterated"]),
    (f"{ONE}if any(r.x for r in a.rel):\n    go()", ["iterated"]),
    (f"{ONE}if x in a.rel:\n    go()", ["iterated"]),
    (f"{ONE}for r in a.rel or []:\n    pass", ["iterated", "truth"]),
    (f"{ONE}x = a.rel.name", ["read"]),
    (f"{ONE}x = f'{{a.rel}}'", ["read"]),
    (f"{ONE}go(a.rel)", ["passed"]),
    (f"{ONE}return a.rel", ["passed"]),
    (f"{ONE}self.kept = a.rel", ["passed"]),
    (f"{ONE}go(a)", ["passed"]),
    (f"{ONE}return a", ["passed"]),
    (f"{ONE}a.save()", ["passed"]),
    (f"{ONE}items.append(a)", ["passed"]),
    (f"{ONE}x = {{**a.__dict__}}", ["passed"]),
    (f"{ONE}kept = a.rel\nif kept:\n    go()", ["truth"]),
    (f"{ONE}other = a\nif other.rel:\n    go()", ["truth"]),
    (f"{ONE}a.name = x\nsession.merge(a)", ["unused"]),
    (f"{ONE}return a.name", ["unused"]),
    (f"{ONE}a = None\nreturn a", ["unused"]),
    (f"{ONE}if not a:\n    return\nif x:\n    b = a\nelse:\n    b = None\nlen(b.rel)", ["counted"]),
    (f"{MANY}for a in rows:\n    if a.rel:\n        go()", ["truth"]),
    (f"{MANY}x = {{a.id: a for a in rows}}\nx['k'].rel.go()", ["read"]),
    (f"{MANY}x = [a for a in rows if a.ok]\nreturn x", ["passed"]),
    (f"{MANY}x = [a.rel for a in rows]", ["passed"]),
    (f"{MANY}x = rows[0]\nreturn len(x.rel)", ["counted"]),
    (f"{MANY}return rows", ["passed"]),
    (f"{LOADED}return stmt", ["passed"]),
    (f"{LOADED}go()", ["passed"]),
    (f"{LOADED}for a, b in session.execute(stmt):\n    len(a.rel)", ["counted"]),
    (f"{LOADED}for row in session.execute(stmt):\n    len(row.A.rel)", ["counted"]),
    (f"{LOADED}if (a := session.scalar(stmt)) and not a.rel:\n    go()", ["truth"]),
    (f"{LOADED}for a in session.scalars(stmt).unique():\n    a.rel.x", ["read"]),
    ("for a in session.query(A).options(joinedload(A.rel)):\n    len(a.rel)", ["counted"]),
    ("a = session.query(A).options(joinedload(A.rel)).first()\nif a.rel:\n    go()", ["truth"]),
    ("a = session.get(A, x, options=[joinedload(A.rel)])\nif a.rel:\n    go()", ["truth"]),
]


@pytest.mark.parametrize(("body", "expected"), USES)
def test_uses_of_what_was_loaded(body: str, expected: list[str]) -> None:
    """As far as the function shows; what leaves the function may be used in any way."""
    assert query(body)["eager_uses"] == [f"rel:{use}" for use in expected]


def test_a_relationship_of_a_relationship_is_followed() -> None:
    """On the way to the second the first is read."""
    body = """
        q = select(A).options(joinedload(A.b).joinedload(B.cs), joinedload(A.d))
        a = session.scalar(q)
        if a.b.cs:
            go()
        """
    assert query(body)["eager_uses"] == ["b:read", "cs:truth", "d:unused"]


HANDED_ON = [
    ("go(a.b)", ["b:passed", "cs:passed", "d:unused", "e:passed"]),
    ("a.b.go()", ["b:read", "cs:passed", "d:unused", "e:passed"]),
    ("for c in a.b.cs:\n    go(c)", ["b:read", "cs:iterated", "d:unused", "e:passed"]),
    ("go(a.d)", ["b:unused", "cs:unused", "d:passed", "e:unused"]),
]


@pytest.mark.parametrize(("body", "expected"), HANDED_ON)
def test_what_hangs_on_a_relationship_is_handed_on_with_it(body: str, expected: list[str]) -> None:
    """And what hangs beside it is not."""
    loads = "joinedload(A.b).joinedload(B.cs).options(joinedload(C.e)), joinedload(A.d)"
    begin = f"a = session.scalar(select(A).options({loads}))\n"
    assert query(begin + body)["eager_uses"] == expected


CHECKED_ONLY = """
    version = session.scalar(
        select(Version)
        .where(Version.key == x)
        .options(joinedload(Version.runs))
        .order_by(Version.made.desc())
        .limit(1)
    )
    if version and version.digest == digest(x):
        return False
    if version and not version.runs:
        version.place = x.place
        session.merge(version)
        log.info("%s has not run", version)
        return True
    """


def test_a_relationship_that_is_only_asked_whether_it_is_empty() -> None:
    """Nothing between the load and the question uses it, so only its truth counts."""
    row = query(CHECKED_ONLY)
    assert row["eager"] == ["joinedload:Version.runs"]
    assert row["eager_uses"] == ["runs:truth"]
    iterated = query(CHECKED_ONLY + "for run in version.runs:\n        run.stop()\n")
    assert iterated["eager_uses"] == ["runs:iterated", "runs:truth"]
