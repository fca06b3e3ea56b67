"""Cutting a file into segments gives what parsing it whole gives."""

from __future__ import annotations

import textwrap
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.sources.python_facts.parsing import Unparsed, parse
from workbench.sources.python_facts.segments import Segments, segment_id, source_text
from workbench.sources.python_facts.syntax import Segment
from workbench.sources.python_facts.visitors import VISITORS

CUTS = [
    ("nothing", "", [("", 1)]),
    ("module code", "x = 1\n\nif x:\n    def f(): pass\nelse:\n    y = 1\n", [("", 1)]),
    ("imports", '"""Doc."""\nimport a\nfrom b import (\n    c,\n)\nx = 1\nimport d  # why\n',
     [("", 1), ("", 2), ("", 3), ("", 6), ("", 7)]),
    ("guarded imports", "try:\n    import a\nexcept E:\n    import b\nx = 1\n", [("", 1)]),
    ("functions", "import a\n\n\ndef f():\n    def g(): pass\nasync def h(): pass\nx = 1\ny = 1\n",
     [("", 1), ("", 4), ("", 6), ("", 7)]),
    ("decorators", "@a\n@b(\n    1,\n)\ndef f(): pass\n"
     "@c\nclass C:\n    @d\n    @e\n    def m(): pass\n",
     [("", 1), ("", 6), ("C", 8)]),
    ("members", "class C(B):\n    x = 1\n    def a(self):\n        def b(): pass\n    y = 1\n"
     "    class D:\n        def e(self): pass\n    async def f(self): pass\nz = 1\n",
     [("", 1), ("C", 3), ("C", 6), ("C", 8), ("", 9)]),
    ("tabs", "class C:\n\tdef a(self):\n\t\tdef b(): pass\n\tdef c(self): pass\n",
     [("", 1), ("C", 2), ("C", 4)]),
    ("two blanks", "class C:\n  def a(self):\n    def b(): pass\n  def c(self): pass\n",
     [("", 1), ("C", 2), ("C", 4)]),
    ("three blanks", "class C:\n   def a(self): pass\n   def c(self): pass\n", [("", 1)]),
    ("methods under an if", "class C:\n  if x:\n    def a(self): pass\n  def b(self): pass\n",
     [("", 1), ("C", 4)]),
    ("code in a string", 'def f():\n    """\ndef g():\n    pass\nx = 1\n"""\ndef h(): pass\n',
     [("", 1), ("", 7)]),
    ("margin text in a method", 'class C:\n    def a(self):\n        x = """\nselect\n"""\n'
     "    def b(self): pass\ndef f(): pass\n", [("", 1), ("C", 2), ("", 7)]),
    ("open to the end", 'def f():\n    """\ndef g(): pass\n', [("", 1)]),
    ("module __getattr__", "T = {}\ndef f(): pass\ndef __getattr__(name: str): return T[name]\n",
     [("", 1)]),
    ("class __getattr__", "class C:\n    def __getattr__(self, name): pass\n", [("", 1), ("C", 2)]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [c[1:] for c in CUTS], ids=[c[0] for c in CUTS])
def test_a_file_is_cut_where_blocks_start(text: str, expected: list[tuple[str, int]]) -> None:
    """Top-level blocks and class members, each with its class and first line."""
    segments = Segments()
    numbers, lines = segments.cut(text.encode())
    owners = [segments.texts[number][0] for number in numbers]
    assert list(zip(owners, lines, strict=True)) == expected


def test_equal_segments_share_a_number_and_blank_ends_do_not_count() -> None:
    """A text is numbered once for each class that it stands in."""
    segments = Segments()
    first, _ = segments.cut(b"def f(): pass\n\n\ndef g(): pass\n")
    second, _ = segments.cut(b"def g(): pass\ndef f(): pass")
    assert sorted(first) == sorted(set(second) & set(first))
    in_c, _ = segments.cut(b"class C:\n    def f(): pass\n")
    in_d, _ = segments.cut(b"class D:\n    def f(): pass\n")
    assert in_c[1] != in_d[1]


def test_a_segment_id_depends_on_text_and_placement_alone() -> None:
    """The same text is another segment inside a class, whatever the class."""
    assert segment_id(b"def f(): pass", in_class=False) == segment_id(
        b"def f(): pass", in_class=False
    )
    ids = {
        segment_id(text, in_class=in_class)
        for text in (b"def f(): pass", b"def g(): pass")
        for in_class in (False, True)
    }
    assert len(ids) == 4


@pytest.mark.parametrize(
    ("blob", "text"),
    [
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
        (b"x = 1\r\ny = 2\r\n", "x = 1\ny = 2\n"),
        (b"# -*- coding: latin-1 -*-\nx = '\xe9'\n", "# -*- coding: latin-1 -*-\nx = 'é'\n"),
        (b"#!/bin/python\n# coding=cp1252\nx = '\x80'", "#!/bin/python\n# coding=cp1252\nx = '€'"),
        ("# coding: utf-8\nx = 'é'".encode(), "# coding: utf-8\nx = 'é'"),
        (b"# coding: no-such\nx = 1", "# coding: no-such\nx = 1"),
        (b"x = 1\n\n# coding: latin-1\ny = '\xc3\xa9'", "x = 1\n\n# coding: latin-1\ny = 'é'"),
    ],
)
def test_equal_code_is_equal_bytes_whatever_its_encoding(blob: bytes, text: str) -> None:
    """Byte order marks, newlines and declared encodings are levelled."""
    assert source_text(blob).decode() == text


UNPARSED = [
    (b"print 'a'\n", False, 1, "Missing parentheses"),
    (b"x = 1\ny = = 2\n", False, 2, "invalid syntax"),
    (b"x = 1\0\n", False, 1, "null bytes"),
    (b"x = 1\ny = '\xff'\n", False, 2, "UTF-8"),
    (b"    def f(self):\n        x = = 1\n", True, 2, "invalid syntax"),
    (b"    def f(self): pass\nx = 1", True, 2, "end with its class"),
    (b"(" * 500 + b")" * 500, False, 1, ""),
    (b"x = " + b"-" * 9000 + b"1", False, 1, "nested too deeply"),
]


@pytest.mark.parametrize(("text", "in_class", "line", "reason"), UNPARSED)
def test_what_does_not_parse_says_where_and_why(
    text: bytes, line: int, reason: str, *, in_class: bool
) -> None:
    """The line counts from the segment's first; nothing raises."""
    found = parse(text, in_class=in_class)
    assert isinstance(found, Unparsed)
    assert found.line == line
    assert reason in found.reason


def test_a_class_head_without_a_body_parses() -> None:
    """Its first method is another segment."""
    assert not isinstance(parse(b"class C:", in_class=False), Unparsed)


def facts_of(owner: str, text: bytes, line: int) -> Counter[tuple[object, ...]]:
    body = parse(text, in_class=bool(owner))
    assert not isinstance(body, Unparsed), body
    segment = Segment(text, body, in_class=bool(owner))
    found: Counter[tuple[object, ...]] = Counter()
    for family, visit in VISITORS.items():
        for qualname, offset, *rest in visit(segment):
            full = ".".join(part for part in (owner, str(qualname)) if part)
            if family == "definitions":
                del rest[1]  # whether it is public depends on the class too
            found[family, full, int(str(offset)) + line, repr(rest)] += 1
    return found


NAMES = st.sampled_from(["a", "b", "_c", "ctx", "items", "self"])
SIMPLE = st.sampled_from(
    [
        "pass",
        "x = 1",
        "ctx.deps.add(1)",
        "items[0] = ctx",
        "deps = ctx.deps; deps.pop()",
        "if a: return",
        "if a: raise E",
        "import os.path",
        "from .m import (\n    n,\n)",
        "# def no(): pass",
        "",
        "yield session.scalar(q)",
        'text = """\ndef f():\n    pass\n"""',
        "text = '''\nx = 1\n'''",
        "for i in items:\n    if i: continue\n    i.n += 1",
        "def inner(x=1):\n    x.add(1)\n    return ctx.deps.add(x)",
        "async def inner():\n    ctx.deps |= {1}",
    ]
)


def indented(text: str) -> str:
    return textwrap.indent(text, "    ")


@st.composite
def functions(draw: st.DrawFn) -> str:
    head = draw(st.sampled_from(["", "@deco\n", "@deco(\n    1,\n)\n"]))
    word = draw(st.sampled_from(["def", "async def"]))
    arguments = ", ".join(draw(st.lists(NAMES, unique=True, max_size=3)))
    body = "\n".join([*draw(st.lists(SIMPLE, max_size=4)), "return 1"])
    if "yield" in body and word == "async def":
        body = body.replace("return 1", "pass")
    doc = draw(st.sampled_from(["", '"""Doc.\n\ndef no(): pass\n"""\n']))
    return f"{head}{word} {draw(NAMES)}({arguments}):\n{indented(doc + body)}"


@st.composite
def classes(draw: st.DrawFn) -> str:
    members = draw(
        st.lists(
            st.one_of(functions(), st.sampled_from(["y: int = 1", "class Meta:\n    z = 1", ""])),
            max_size=4,
        )
    )
    doc = draw(st.sampled_from(["", '"""Doc."""\n', "x = 1\n"]))
    body = doc + "\n".join(members)
    return f"class {draw(NAMES).title()}(B):\n{indented(body if body.strip() else 'pass')}"


MODULE_CODE = st.sampled_from(
    [
        "import os",
        "X = {}",
        "if X:\n    def f(): pass\nelse:\n    Y = 1",
        "# note",
        "",
        "__all__ = ['a']",
    ]
)


@given(st.lists(st.one_of(functions(), classes(), MODULE_CODE), max_size=6))
def test_segments_together_say_what_the_whole_file_says(parts: list[str]) -> None:
    """Facts of every family, with qualname and line, are the same however the file is read."""
    text = source_text(("\n".join(parts) + "\n").encode())
    segments = Segments()
    together: Counter[tuple[object, ...]] = Counter()
    for number, line in zip(*segments.cut(text), strict=True):
        together += facts_of(*segments.texts[number], line)
    assert together == facts_of("", text, 1)
