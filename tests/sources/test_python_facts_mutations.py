"""In-place changes, however they are spelled, and what is none."""

from __future__ import annotations

import pytest

from tests.facts import facts, of_function


def found(text: str) -> list[tuple[object, object]]:
    return [(row["target"], row["how"]) for row in facts(text, "mutations")]


SPELLINGS = [
    # Methods of what hangs on a parameter.
    ("ctx.deps.add(1)", [("ctx.deps", "add")]),
    ("ctx.deps.setdefault('a', 1)", [("ctx.deps", "setdefault")]),
    ("x = ctx.deps.pop()", [("ctx.deps", "pop")]),
    ("items.sort()", [("items", "sort")]),
    ("return items.update(a=1)", [("items", "update")]),
    ("ctx.deps.difference_update({1})", [("ctx.deps", "difference_update")]),
    ("if ctx.seen.discard(1) or items.pop(): pass", [("ctx.seen", "discard"), ("items", "pop")]),
    ("(ctx\n    .deps\n    .add(1))", [("ctx.deps", "add")]),
    ("yield f'{items.pop()}'", [("items", "pop")]),
    ("ctx.a.b[0].c.append(1)", [("ctx.a.b[].c", "append")]),
    ("ctx['deps'].add(1)", [('ctx["deps"]', "add")]),
    # Statements.
    ("ctx.deps[1] = 2", [("ctx.deps", "setitem")]),
    ("ctx[items[0]] = 2", [("ctx", "setitem")]),
    ("del ctx.deps[1]", [("ctx.deps", "delitem")]),
    ("del ctx.deps", [("ctx.deps", "delattr")]),
    ("ctx.count = 1", [("ctx.count", "setattr")]),
    ("ctx.count: int = 1", [("ctx.count", "setattr")]),
    ("ctx.count += 1", [("ctx.count", "augassign")]),
    ("ctx.deps |= {1}", [("ctx.deps", "augassign")]),
    ("items += [1]", [("items", "augassign")]),
    ("items[0] += 1", [("items[]", "augassign")]),
    (
        "ctx.a, (ctx.b, items[0]) = 1, (2, 3)",
        [("ctx.a", "setattr"), ("ctx.b", "setattr"), ("items", "setitem")],
    ),
    ("for ctx.current in items: pass", [("ctx.current", "setattr")]),
    # Functions.
    ("setattr(ctx, 'deps', 1)", [("ctx.deps", "setattr")]),
    ("setattr(ctx, name, 1)", [("ctx.*", "setattr")]),
    ("delattr(ctx, 'deps')", [("ctx.deps", "delattr")]),
    ("object.__setattr__(ctx, 'deps', 1)", [("ctx.deps", "setattr")]),
    ("ctx.__setattr__('deps', 1)", [("ctx.deps", "setattr")]),
    ("ctx.deps.__setitem__(1, 2)", [("ctx.deps", "setitem")]),
    ("ctx.deps.__ior__({1})", [("ctx.deps", "augassign")]),
    ("set.add(ctx.deps, 1)", [("ctx.deps", "add")]),
    ("list.append(items, 1)", [("items", "append")]),
    ("dict.__setitem__(ctx.deps, 1, 2)", [("ctx.deps", "setitem")]),
    ("collections.deque.appendleft(items, 1)", [("items", "appendleft")]),
    ("operator.setitem(ctx.deps, 1, 2)", [("ctx.deps", "setitem")]),
    ("operator.ior(ctx.deps, {1})", [("ctx.deps", "augassign")]),
    ("ior(ctx.deps, {1})", [("ctx.deps", "augassign")]),
    ("operator.methodcaller('add', 1)(ctx.deps)", [("ctx.deps", "add")]),
    ("heapq.heappush(ctx.queue, 1)", [("ctx.queue", "heappush")]),
    ("bisect.insort(items, 1)", [("items", "insort")]),
    ("random.shuffle(items)", [("items", "shuffle")]),
    ("vars(ctx)['deps'] = 1", [("ctx.__dict__", "setitem")]),
    ("ctx.__dict__.update(deps=1)", [("ctx.__dict__", "update")]),
    ("getattr(ctx, 'deps').add(1)", [("ctx.deps", "add")]),
    ("list(map(ctx.deps.add, items))", [("ctx.deps", "add")]),
    ("[ctx.deps.add(i) for i in items]", [("ctx.deps", "add")]),
    ("g = lambda: ctx.deps.add(1)", [("ctx.deps", "add")]),
    # Aliases.
    ("deps = ctx.deps\ndeps.add(1)", [("ctx.deps", "add")]),
    ("deps = more = ctx.deps\nmore.add(1)", [("ctx.deps", "add")]),
    ("a = ctx\nb = a.deps\nb.add(1)", [("ctx.deps", "add")]),
    ("(deps := ctx.deps).add(1)", [("ctx.deps", "add")]),
    ("if (deps := ctx.deps): deps.add(1)", [("ctx.deps", "add")]),
    ("a, deps = 1, ctx.deps\ndeps.add(1)", [("ctx.deps", "add")]),
    ("a, deps = ctx.pair\ndeps.add(1)", [("ctx.pair[]", "add")]),
    ("deps, items = items, ctx.deps\nitems.add(1)", [("ctx.deps", "add")]),
    ("push = ctx.deps.append\npush(1)", [("ctx.deps", "append")]),
    ("for item in items: item.deps.add(1)", [("items[].deps", "add")]),
    ("for i, item in enumerate(items): item.n = i", [("items[].n", "setattr")]),
    ("for k, v in ctx.deps.items(): v.append(k)", [("ctx.deps[]", "append")]),
    ("for v in sorted(ctx.deps.values()): v.append(1)", [("ctx.deps[]", "append")]),
    ("for a, b in zip(items, ctx.deps): b.n = a", [("ctx.deps[].n", "setattr")]),
    ("for d in (ctx.a, ctx.b): d.clear()", [("ctx.a", "clear"), ("ctx.b", "clear")]),
    ("[v.add(1) for v in ctx.deps.values() if v]", [("ctx.deps[]", "add")]),
    ("with ctx.lock as lock: lock.owners.add(1)", [("ctx.lock.owners", "add")]),
    ("with nullcontext(ctx) as c: c.deps.add(1)", [("ctx.deps", "add")]),
    (
        "d = ctx.deps.setdefault('a', [])\nd.append(1)",
        [("ctx.deps", "setdefault"), ('ctx.deps["a"]', "append")],
    ),
    ("next(iter(items)).deps.add(1)", [("items[].deps", "add")]),
    ("cast('Ctx', ctx).deps.add(1)", [("ctx.deps", "add")]),
    # Still the caller's object, perhaps.
    ("ctx = ctx or Ctx()\nctx.deps.add(1)", [("ctx.deps", "add")]),
    ("if ctx is None:\n    ctx = Ctx()\nctx.deps.add(1)", [("ctx.deps", "add")]),
    ("ctx = Ctx() if ctx is None else ctx\nctx.deps.add(1)", [("ctx.deps", "add")]),
    ("if items:\n    ctx = Ctx()\nctx.deps.add(1)", [("ctx.deps", "add")]),
    ("try:\n    ctx = Ctx()\nexcept E:\n    pass\nctx.deps.add(1)", [("ctx.deps", "add")]),
    ("for i in items:\n    ctx = Ctx()\nctx.deps.add(1)", [("ctx.deps", "add")]),
    # Branches and elements of every shape.
    (
        "match items:\n  case [a]:\n    ctx.deps.add(a)\n  case {**rest}:\n    rest.pop(1)",
        [("ctx.deps", "add")],
    ),
    (
        "match items:\n  case []:\n    deps = ctx.a\n  case _:\n    deps = ctx.b\ndeps.add(1)",
        [("ctx.a", "add"), ("ctx.b", "add")],
    ),
    ("for d in ctx.a or items: d.add(1)", [("ctx.a[]", "add"), ("items[]", "add")]),
    ("for d in (ctx.a if items else ctx.b): d.add(1)", [("ctx.a[]", "add"), ("ctx.b[]", "add")]),
    ("for d in (i for i in items if i): d.add(1)", [("items[]", "add")]),
    ("for d in items[1:]: d.add(1)", [("items[]", "add")]),
    ("for d in chain(ctx.a, items): d.add(1)", [("ctx.a[]", "add"), ("items[]", "add")]),
    ("for d in filter(None, items): d.add(1)", [("items[]", "add")]),
    ("(items and ctx.deps).add(1)", [("ctx.deps", "add")]),
    ("first, *rest = items\nfirst.add(1)\nrest.append(1)", [("items[]", "add")]),
    ("while items.pop(): ctx.deps.add(1)", [("items", "pop"), ("ctx.deps", "add")]),
    ("deps = ctx.deps\ndeps += list(items)", [("ctx.deps", "augassign")]),
    (
        "try:\n    deps = ctx.a\nfinally:\n    ctx.b.add(1)\ndeps.add(1)",
        [("ctx.a", "add"), ("ctx.b", "add")],
    ),
    ("class G:\n    class H:\n        def m(self): ctx.deps.add(1)", [("ctx.deps", "add")]),
    ("assert items.pop()\nraise E(ctx.deps.pop())", [("items", "pop"), ("ctx.deps", "pop")]),
    ("async with ctx.lock as x, ctx.b as y:\n    y.add(x)", [("ctx.b", "add")]),
    # Module and closure state.
    ("CACHE[ctx] = 1", [("CACHE", "setitem")]),
    ("cache = CACHE\ncache.clear()", [("CACHE", "clear")]),
    ("Registry.names.append(1)", [("Registry.names", "append")]),
    ("global COUNT\nCOUNT = 1", [("COUNT", "assign")]),
    ("global COUNT\nCOUNT += 1", [("COUNT", "augassign")]),
    ("import settings\nsettings.URL = 1", [("settings.URL", "setattr")]),
    ("def g():\n    ctx.deps.add(1)\nreturn g", [("ctx.deps", "add")]),
    ("class G:\n    def run(self):\n        ctx.deps.add(1)", [("ctx.deps", "add")]),
]

NONE = [
    "ctx = copy(ctx)\nctx.deps.add(1)",
    "ctx = Ctx()\nctx.deps.add(1)",
    "deps = set(ctx.deps)\ndeps.add(1)",
    "deps = ctx.deps | {1}\ndeps.add(1)",
    "deps = ctx.deps.copy()\ndeps.add(1)",
    "deps = [d for d in ctx.deps]\ndeps.append(1)",
    "deps = items[1:]\ndeps.append(1)",
    "out = []\nfor i in items:\n    out.append(i)\nreturn out",
    "with open(items) as file:\n    file.names.append(1)",
    "try:\n    pass\nexcept E as e:\n    e.args.append(1)",
    "if ctx is None:\n    ctx = Ctx()\nelse:\n    ctx = copy(ctx)\nctx.deps.add(1)",
    "if items:\n    ctx = Ctx()\nelse:\n    return\nctx.deps.add(1)",
    "count = ctx.count\ncount += 1",
    "items = items + [1]",
    "os.remove(items)",
    "x = np.append(items, 1)",
    "return ctx.deps.union({1}), sorted(items), ctx.update",
    "g = lambda ctx: ctx.deps.add(1)",
    "[ctx.deps.add(1) for ctx in make()]",
    "del ctx",
    "for d in (f(i) for i in items): d.add(1)",
    "for k in ctx.deps.keys(): k.add(1)",
    "for k, v in pairs(items): v.add(1)",
    "super().__setattr__('a', 1)",
    "list.append()\nsetattr()",
    "push = make()\npush(1)",
    "if items:\n    return\nelse:\n    raise E\nctx.deps.add(1)",
    "# ctx.deps.add(1)\n'ctx.deps.add(1)'",
]


@pytest.mark.parametrize(("body", "expected"), SPELLINGS, ids=[s[0] for s in SPELLINGS])
def test_a_change_in_place_is_found_however_it_is_spelled(
    body: str, expected: list[tuple[str, str]]
) -> None:
    """Every spelling gives what is changed and how."""
    assert sorted(found(of_function(body))) == sorted(expected)


@pytest.mark.parametrize("body", NONE)
def test_what_changes_no_object_from_outside_is_no_mutation(body: str) -> None:
    """New objects, copies, and look-alikes give nothing."""
    assert found(of_function(body)) == []


def test_a_mutation_tells_where_it_hangs_and_under_what() -> None:
    """Root, its kind and annotation, value, fallback, alias, condition and loops are told."""
    text = of_function(
        """
        ctx = ctx or Ctx()
        deps = ctx.deps
        for item in items:
            if item:
                deps.add(Dep(item, n=1))
        """,
        signature="def f(ctx: Ctx | None = None, *, items):",
    )
    assert facts(text, "mutations") == [
        {
            "qualname": "f",
            "line": 6,
            "root": "ctx",
            "root_kind": "parameter",
            "target": "ctx.deps",
            "how": "add",
            "value": "Dep(item, n=1)",
            "root_annotation": "Ctx | None",
            "fallback": True,
            "alias": True,
            "conditional": True,
            "loops": 1,
        }
    ]


@pytest.mark.parametrize(
    ("body", "fallback"),
    [
        ("ctx.deps.add(1)", False),
        ("ctx = ctx or Ctx()\nctx.deps.add(1)", True),
        ("if not ctx:\n    ctx = Ctx()\nctx.deps.add(1)", True),
        ("ctx = ctx if ctx is not None else Ctx()\nctx.deps.add(1)", True),
        ("if items:\n    ctx = Ctx()\nctx.deps.add(1)", False),
    ],
)
def test_a_fallback_is_what_stands_in_for_a_missing_argument(body: str, *, fallback: bool) -> None:
    """Only a choice that asks for the parameter itself makes a fallback."""
    assert [row["fallback"] for row in facts(of_function(body), "mutations")] == [fallback]


METHODS = [
    (
        "def m(self):\n    self.x = 1\n    self.n += 1\n    del self.x\n    setattr(self, 'y', 1)",
        [],
    ),
    ("def m(self):\n    self.update()\n    self.pop()", []),
    ("def m(self):\n    self.x.append(1)", [("self", "self.x", "append")]),
    ("def m(self):\n    self.x[1] = 2", [("self", "self.x", "setitem")]),
    ("def m(self):\n    self[1] = 2", [("self", "self", "setitem")]),
    ("def m(self):\n    self.x |= {1}", [("self", "self.x", "augassign")]),
    ("def m(self):\n    self.x.y = 1", [("self", "self.x.y", "setattr")]),
    ("def m(this):\n    this.x.append(1)", [("self", "this.x", "append")]),
    ("def m(self):\n    x = self.x\n    x.append(1)", [("self", "self.x", "append")]),
    ("@classmethod\ndef m(cls):\n    cls.x = 1", [("cls", "cls.x", "setattr")]),
    ("@staticmethod\ndef m(x):\n    x.y = 1", [("parameter", "x.y", "setattr")]),
    ("def m(self, *a, **k):\n    k.pop('x')\n    k['y'].add(1)", [("parameter", 'k["y"]', "add")]),
    (
        "def m(self, x):\n  def inner():\n    nonlocal x\n    x = 1\n    self.y.add(1)",
        [("closure", "x", "assign"), ("self", "self.y", "add")],
    ),
    ("def m(self, x):\n    return lambda: x.y.add(1)", [("parameter", "x.y", "add")]),
]


@pytest.mark.parametrize(("method", "expected"), METHODS, ids=[m[0] for m in METHODS])
def test_a_method_changes_its_own_attributes_freely(
    method: str, expected: list[tuple[str, str, str]]
) -> None:
    """Of its own object only changes of what hangs on it count; kinds of roots are told apart."""
    text = "class C:\n" + "\n".join(f"    {line}" for line in method.split("\n")) + "\n"
    rows = facts(text, "mutations")
    assert [(row["root_kind"], row["target"], row["how"]) for row in rows] == expected
