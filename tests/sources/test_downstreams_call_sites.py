"""Call sites: each line that uses an upstream name, and no line that uses another of that name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources.trees import batch, sites, write_tree

Rows = list[tuple[int, str, str]]
M = "airflow.models"

ONE_FILE: dict[str, tuple[str, Rows]] = {
    "a name that is imported and called": (
        "from airflow.models import find\nfind(1)\n",
        [(2, "call", f"{M}.find")],
    ),
    "a name that is only read": (
        "from airflow.models import DagRun\nisinstance(x, DagRun)\n",
        [(2, "attribute", f"{M}.DagRun")],
    ),
    "a chain of attributes, read and called": (
        "from airflow import models\nmodels.TaskInstance.state\nmodels.DagRun.find(a=1)\n",
        [(2, "attribute", "airflow.models.TaskInstance.state"), (3, "call", f"{M}.DagRun.find")],
    ),
    "a module under another name": (
        "import airflow.models as m\nm.DagRun.find()\n",
        [(2, "call", f"{M}.DagRun.find")],
    ),
    "a module under its own name": (
        "import airflow.models\nairflow.models.DagRun.find()\n",
        [(2, "call", f"{M}.DagRun.find")],
    ),
    "a symbol under another name": (
        "from airflow.models import DagRun as R\nR.find()\n",
        [(2, "call", f"{M}.DagRun.find")],
    ),
    "a second name for the same thing": (
        "import airflow.models as m\nR = m.DagRun\nR.find()\n",
        [(2, "attribute", f"{M}.DagRun"), (3, "call", f"{M}.DagRun.find")],
    ),
    "a variable is no use where it is read": (
        "import airflow.models as m\nfind = m.find\nuse(find)\nfind(1)\nname = m.DagRun().dag_id\n"
        "use(name)\n",
        [
            (2, "attribute", f"{M}.find"),
            (4, "call", f"{M}.find"),
            (5, "attribute", f"{M}.DagRun.dag_id"),
            (5, "call", f"{M}.DagRun"),
        ],
    ),
    "an instance": (
        "from airflow.deps import Dep\ndep = Dep(1)\ndep.met(2)\nDep().name\n",
        [
            (2, "call", "airflow.deps.Dep"),
            (3, "call", "airflow.deps.Dep.met"),
            (4, "attribute", "airflow.deps.Dep.name"),
            (4, "call", "airflow.deps.Dep"),
        ],
    ),
    "an instance that is handed around is no use of its class": (
        "from airflow.deps import Dep\ndep = Dep()\nuse(dep, [dep])\ndep()\n",
        [(2, "call", "airflow.deps.Dep")],
    ),
    "what a function returns is unknown": (
        "from airflow.deps import get_dep\nget_dep().met()\n",
        [(2, "call", "airflow.deps.get_dep")],
    ),
    "an instance from a with": (
        "from airflow import DAG\nwith DAG('x') as dag:\n  dag.add()\n",
        [(2, "call", "airflow.DAG"), (3, "call", "airflow.DAG.add")],
    ),
    "an instance from one of two branches": (
        "from airflow.deps import Dep\ndep = Dep() if x else given or Dep()\ndep.met()\n",
        [(2, "call", "airflow.deps.Dep"), (3, "call", "airflow.deps.Dep.met")],
    ),
    "a walrus": (
        "from airflow.deps import Dep\nif (dep := Dep()):\n  dep.met()\n",
        [(2, "call", "airflow.deps.Dep"), (3, "call", "airflow.deps.Dep.met")],
    ),
    "a parameter that is annotated": (
        "from airflow.models import TaskInstance\ndef f(ti: TaskInstance): ti.refresh_from_db()\n",
        [(2, "call", f"{M}.TaskInstance.refresh_from_db")],
    ),
    "annotations in quotes, optional, united, of a module": (
        "import airflow.models as m\nfrom typing import Optional\n"
        "def f(a: 'm.X', b: Optional[m.X], *, c: m.X | None, d: 'm.X | None' = None):\n"
        "  a.p; b.q; c.r; d.s\n",
        [(4, "attribute", f"{M}.X.{n}") for n in "pqrs"],
    ),
    "a list of them is not one of them": (
        "from airflow.models import X\ndef f(xs: list[X]): xs.append(1)\n",
        [],
    ),
    "an annotation itself is no use": (
        "from airflow.models import X\ndef f(x: X) -> X: ...\ny: X\n",
        [],
    ),
    "a variable that is annotated": (
        "from airflow.models import X\nx: X = get()\nx.go()\n",
        [(3, "call", f"{M}.X.go")],
    ),
    "decorators": (
        "from airflow.utils.session import provide_session\nfrom airflow import task\n"
        "@provide_session\n@task.branch\n@task(1)\ndef f(): ...\n@task\nclass C: ...\n",
        [
            (3, "call", "airflow.utils.session.provide_session"),
            (4, "call", "airflow.task.branch"),
            (5, "call", "airflow.task"),
            (7, "call", "airflow.task"),
        ],
    ),
    "defaults, comprehensions, lambdas, f-strings, except, raise": (
        "from airflow.e import A, b\ndef f(x=b()): ...\n[A.m(y) for y in b() if A.k]\n"
        "lambda z: A.n(z)\nf'{A.o}'\ntry: ...\nexcept A: raise A('x') from b\n",
        [
            (2, "call", "airflow.e.b"),
            (3, "attribute", "airflow.e.A.k"),
            (3, "call", "airflow.e.A.m"),
            (3, "call", "airflow.e.b"),
            (4, "call", "airflow.e.A.n"),
            (5, "attribute", "airflow.e.A.o"),
            (7, "attribute", "airflow.e.A"),
            (7, "attribute", "airflow.e.b"),
            (7, "call", "airflow.e.A"),
        ],
    ),
    "further places": (
        "from airflow.e import A, b\nlambda x=b(1), *, y=b(2): x\n[z for x in y for z in b(3)]\n"
        "class C(b(4), metaclass=A): ...\nd[b(5)] = 1\ng(k=b(6))\nif b.VERSION >= 3: ...\n",
        [
            (2, "call", "airflow.e.b"),
            (2, "call", "airflow.e.b"),
            (3, "call", "airflow.e.b"),
            (4, "attribute", "airflow.e.A"),
            (4, "call", "airflow.e.b"),
            (5, "call", "airflow.e.b"),
            (6, "call", "airflow.e.b"),
            (7, "attribute", "airflow.e.b.VERSION"),
        ],
    ),
    "match": (
        "from airflow.e import A, b\nmatch x:\n  case A(y): b(y)\n  case b.c: ...\n",
        [
            (3, "attribute", "airflow.e.A"),
            (3, "call", "airflow.e.b"),
            (4, "attribute", "airflow.e.b.c"),
        ],
    ),
    "an import inside a function": (
        "def f():\n  from airflow.models import X\n  X.go()\nX.go()\n",
        [(3, "call", f"{M}.X.go")],
    ),
    "a function sees what is bound after it": (
        "def f(): X.go()\nfrom airflow.models import X\n",
        [(1, "call", f"{M}.X.go")],
    ),
    "an attribute of the upstream that is set": (
        "from airflow.configuration import conf\nconf.flag = 1\nconf.count += 1\ndel conf.gone\n",
        [
            (2, "attribute", "airflow.configuration.conf.flag"),
            (3, "attribute", "airflow.configuration.conf.count"),
            (4, "attribute", "airflow.configuration.conf.gone"),
        ],
    ),
}


@pytest.mark.parametrize("case", ONE_FILE)
def test_uses_in_one_file(tmp_path: Path, case: str) -> None:
    """Names are followed from their import to the lines that use them."""
    source, expected = ONE_FILE[case]
    assert sorted(sites(write_tree(tmp_path / "t", {"a.py": source}))) == sorted(expected)


DECOYS = {
    "another module": "from acme.models import DagRun\nDagRun.find()\n",
    "a class of the same name": "class DagRun: ...\nDagRun.find()\n",
    "a name that is bound anew": "from airflow.models import DagRun\nDagRun = 1\nDagRun.find()\n",
    "a parameter": "from airflow.models import DagRun\ndef f(DagRun): DagRun.find()\n",
    "a local variable": "from airflow.m import DagRun\ndef f():\n  DagRun = g()\n  DagRun.x()\n",
    "parts of a target": "from airflow.m import a, b\na, *b = x\na.x; b.y\n",
    "a relative import beyond the top": "from airflow.m import a\nfrom ... import a\na.x()\n",
    "an annotation that is no expression": "from airflow.m import a\ndef f(x: 'a b'): x.y()\n",
    "an annotation that is computed": "from airflow.m import a\ndef f(x: (lambda: 1)): x.y()\n",
    "a loop variable": "from airflow.models import DagRun\nfor DagRun in y: DagRun.find()\n",
    "a comprehension": "from airflow.models import DagRun\n[DagRun.find() for DagRun in y]\n",
    "a lambda's parameter": "from airflow.models import DagRun\nlambda DagRun: DagRun.find()\n",
    "a caught exception": "from airflow.models import e\ntry: ...\nexcept KeyError as e: e.x\n",
    "a definition": "from airflow.models import f\ndef f(): ...\nf()\n",
    "a star of a match": "from airflow.models import r\nmatch x:\n  case [*r]: r.x\n",
    "a rest of a match": "from airflow.models import r\nmatch x:\n  case {**r}: r.x\n",
    "an attribute elsewhere": "from airflow.models import DagRun\nacme.DagRun.find()\n",
    "a class's own name is not seen by its methods": (
        "class C:\n  from airflow.models import X\n  def m(self): X.go()\n"
    ),
    "a static method has no self": (
        "from airflow.b import Base\nclass C:\n  @staticmethod\n  def m(self): self.go()\n"
    ),
    "text": "from airflow.models import DagRun\n'DagRun.find()'\n'''\nDagRun.find()\n'''\n",
}


@pytest.mark.parametrize("case", DECOYS)
def test_another_thing_of_the_same_name_is_no_use(tmp_path: Path, case: str) -> None:
    """A name counts only while it stands for the imported object."""
    assert sites(write_tree(tmp_path / "t", {"a.py": DECOYS[case]})) == []


def test_alternatives_all_count(tmp_path: Path) -> None:
    """Where branches import alternatives, a use is a use of each, under its guard."""
    source = """
        try:
            from airflow.new import X
        except ImportError:
            from airflow.old import X
        if VERSION > 2:
            import airflow.a as n
        else:
            n = None
        X.go()
        n.go()
    """
    found = sites(write_tree(tmp_path / "t", {"a.py": source}), "line", "target", "guard")
    assert found == [
        (9, "airflow.new.X.go", "try"),
        (9, "airflow.old.X.go", "try"),
        (10, "airflow.a.go", "version-check"),
    ]


def test_a_class_for_annotations_alone_does_not_guard_its_instances(tmp_path: Path) -> None:
    """A TYPE_CHECKING import is no use at run time; a call on such an object is one."""
    source = """
        from __future__ import annotations
        if TYPE_CHECKING:
            from airflow.models import TI
        def f(ti: TI) -> TI:
            cast(TI, ti.refresh())
    """
    folder = write_tree(tmp_path / "t", {"a.py": source})
    frame = batch(folder).frames["call_sites"].select("line", "kind", "target", "guard")
    assert frame.rows() == [
        (3, "import", "airflow.models.TI", "type-checking"),
        (5, "attribute", "airflow.models.TI", "type-checking"),
        (5, "call", "airflow.models.TI.refresh", "none"),
    ]


CLASSES = """
    from airflow.deps import Dep
    from airflow.log import Log
    class Ours(Dep, Generic[T]):
        NAME = "ours"
        kept: Log
        def __init__(self, log: Log):
            super().__init__()
            self.log = log
            self.own = Log()
            self.fine = 1
        def check(self, ti):
            self.passes("x")
            self.check(ti)
            self.fine
            self.log.write()
            self.own.close()
            self.kept.read()
            return super().check(ti)
        @classmethod
        def make(cls): return cls.build()
        @property
        def late(self): return lambda: self.limit
    Ours(1).passes("y")
    Ours.build()
"""


def test_classes_of_the_tree(tmp_path: Path) -> None:
    """A subclass, what it overrides, what it inherits, and what it keeps on itself."""
    found = sites(write_tree(tmp_path / "t", {"a.py": CLASSES}), "line", "kind", "target", "scope")
    assert found == [
        (3, "subclass", "airflow.deps.Dep", "Ours"),
        (4, "override", "airflow.deps.Dep.NAME", "Ours.NAME"),
        (6, "override", "airflow.deps.Dep.__init__", "Ours.__init__"),
        (7, "call", "airflow.deps.Dep.__init__", "Ours.__init__"),
        (9, "call", "airflow.log.Log", "Ours.__init__"),
        (11, "override", "airflow.deps.Dep.check", "Ours.check"),
        (12, "call", "airflow.deps.Dep.passes", "Ours.check"),
        (15, "call", "airflow.log.Log.write", "Ours.check"),
        (16, "call", "airflow.log.Log.close", "Ours.check"),
        (17, "call", "airflow.log.Log.read", "Ours.check"),
        (18, "call", "airflow.deps.Dep.check", "Ours.check"),
        (20, "call", "airflow.deps.Dep.build", "Ours.make"),
        (20, "override", "airflow.deps.Dep.make", "Ours.make"),
        (22, "override", "airflow.deps.Dep.late", "Ours.late"),
        (22, "attribute", "airflow.deps.Dep.limit", "Ours.late"),
        (23, "call", "airflow.deps.Dep.passes", ""),
        (24, "call", "airflow.deps.Dep.build", ""),
    ]


def test_names_are_followed_through_the_tree(tmp_path: Path) -> None:
    """Relative imports, re-exports of any length, star imports, modules, subclasses elsewhere."""
    files = {
        "src/ours/__init__.py": "from .compat import Dep\nfrom .star import *\n",
        "src/ours/compat.py": (
            "try:\n  from airflow.new import Dep\nexcept ImportError:\n  Dep = None\n"
            "from airflow import models\nhook = models.Hook()\n"
        ),
        "src/ours/star.py": "from airflow.stars import twinkle\n",
        "src/ours/classes.py": (
            "from ours import Dep\nclass A(Dep):\n  def own(self): ...\nclass B(A): ...\n"
        ),
        "src/ours/sub/__init__.py": "",
        "src/ours/sub/use.py": (
            "from .. import Dep, twinkle, compat\nfrom ..classes import B\n"
            "import ours.compat as c\n"
            "Dep.a()\ntwinkle()\ncompat.models.x()\nc.hook.y()\nc.nothing()\nours_of(c.hook)\n"
            "class D(B):\n  def check(self):\n    self.own()\n    self.theirs()\n"
        ),
    }
    folder = write_tree(tmp_path / "t", files)
    found = sites(folder, "line", "kind", "target", "guard", path="src/ours/sub/use.py")
    assert found == [
        (4, "call", "airflow.new.Dep.a", "try"),
        (5, "call", "airflow.stars.twinkle", "none"),
        (6, "call", "airflow.models.x", "none"),
        (7, "call", "airflow.models.Hook.y", "none"),
        (10, "subclass", "airflow.new.Dep", "try"),
        (11, "override", "airflow.new.Dep.check", "try"),
        (13, "call", "airflow.new.Dep.theirs", "try"),
    ]


def test_a_mixin_of_the_tree_is_asked_before_the_upstream(tmp_path: Path) -> None:
    """What a class of the tree defines is not looked for upstream, whatever the order of bases."""
    source = """
        from airflow.a import Base
        class Mixin:
            def ours(self): ...
        class C(Base, Mixin):
            def m(self):
                self.ours()
                self.theirs()
                super().ours()
    """
    found = sites(write_tree(tmp_path / "t", {"a.py": source}), "line", "target")
    assert found == [
        (4, "airflow.a.Base"),
        (5, "airflow.a.Base.m"),
        (7, "airflow.a.Base.theirs"),
    ]


def test_circles_end(tmp_path: Path) -> None:
    """Modules that import each other, and classes that descend from themselves, lead nowhere."""
    files = {
        "ours/__init__.py": "from ours.a import x, C\nfrom ours.a import *\n",
        "ours/a.py": "from ours import x, C\nfrom ours import *\nx.y()\nclass C(C):\n"
        "  def m(self): self.z()\nnothing.w()\n",
    }
    assert sites(write_tree(tmp_path / "t", files)) == []


def test_expressions_are_cut_as_written(tmp_path: Path) -> None:
    """A use is shown on one line, its first 200 characters; an import names what it binds."""
    long = ", ".join(["'ä'"] * 90)
    source = (
        "from airflow.a import f as g, h\nimport airflow.b\nimport airflow.c as c\n"
        f"from airflow.d import *\nx = 'ü'; g(1,\n    2)\nh({long})\n"
    )
    frame = batch(write_tree(tmp_path / "t", {"a.py": source})).frames["call_sites"]
    assert frame.select("line", "target", "expression").rows() == [
        (1, "airflow.a.f", "from airflow.a import f as g"),
        (1, "airflow.a.h", "from airflow.a import h"),
        (2, "airflow.b", "import airflow.b"),
        (3, "airflow.c", "import airflow.c as c"),
        (4, "airflow.d", "from airflow.d import *"),
        (5, "airflow.a.f", "g(1, 2)"),
        (7, "airflow.a.h", f"h({long})"[:200]),
    ]


def test_a_renamed_class_is_found_where_it_is_used(tmp_path: Path) -> None:
    """One class, two trees: exactly the lines that would break."""
    one = write_tree(tmp_path / "one", {"a.py": "from airflow.w import T\n\nT(1)\n"})
    two = write_tree(
        tmp_path / "two", {"b.py": "from acme.w import T\nfrom airflow import w\nT(1)\nw.T(2)\n"}
    )
    assert [sites(one), sites(two)] == [
        [(3, "call", "airflow.w.T")],
        [(4, "call", "airflow.w.T")],
    ]


@pytest.mark.parametrize(
    ("source", "expression"),
    [
        (
            'Hook(login="etl", password="hunter2-planted")',
            'Hook(login="etl", password="<secret:password>")',
        ),
        ('Hook(\n    password=\n    "planted",\n)', 'Hook( password= "<secret:password>", )'),
        (
            'Hook("postgresql://etl:planted@db/wh")',
            'Hook("postgresql://etl:<secret:uri-password>@db/wh")',
        ),
        ("Hook(password=password)", "Hook(password=password)"),
    ],
)
def test_an_expression_has_no_secrets(tmp_path: Path, source: str, expression: str) -> None:
    """What a call says is kept without the passwords written into it; names stay as they are."""
    text = f"from airflow.hooks import Hook\n{source}\n"
    folder = write_tree(tmp_path, {"a.py": text})
    assert sites(folder, "expression") == [(expression,)]


def test_secrets_that_the_cut_would_halve_are_gone(tmp_path: Path) -> None:
    """A token at the end of what is kept leaves no half; nor does the line of a definition."""
    token = "gh" + "p_" + "9fQ2vKp7Lx0aZr8TnB3cYd6WgHs1UeMj4R5o"
    text = (
        "from airflow.hooks import Hook\n"
        f'Hook({"1, " * 60}"{token}")\n'
        'class Ours(Hook, password="planted"): ...\n'
    )
    (_, _), *rest = rows = sites(write_tree(tmp_path, {"a.py": text}), "kind", "expression")
    assert rest
    assert not any(token[:8] in str(row) or "planted" in str(row) for row in rows)
