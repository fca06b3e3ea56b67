"""The import map: every import of the upstream, its line, its name, its guard, its coupling."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sources.trees import batch, imports, write_tree
from workbench.domain.patterns import PathRule

FORMS = [
    ("import airflow", [("airflow", None, "airflow")]),
    ("import airflow.models.dag", [("airflow.models.dag", None, "airflow")]),
    ("import airflow.models as m", [("airflow.models", None, "m")]),
    ("import os, airflow.stats", [("airflow.stats", None, "airflow")]),
    ("from airflow import models", [("airflow", "models", "models")]),
    ("from airflow.models import DAG as D", [("airflow.models", "DAG", "D")]),
    ("from airflow.models import *", [("airflow.models", "*", None)]),
    ("from airflow.a import (b,\n  c)", [("airflow.a", "b", "b"), ("airflow.a", "c", "c")]),
    ("import airflowish", []),
    ("from airflow_plugins import x", []),
    ("from .airflow import x", []),
    ("from . import airflow", []),
    ("text = 'from airflow import x'", []),
]


@pytest.mark.parametrize(("source", "expected"), FORMS)
def test_each_form_of_import(
    tmp_path: Path, source: str, expected: list[tuple[str, str | None, str | None]]
) -> None:
    """Module, symbol and bound name are kept as written; nothing else is an import."""
    folder = write_tree(tmp_path / "t", {"ours/__init__.py": "", "ours/a.py": source})
    assert imports(folder).select("module", "symbol", "alias").rows() == expected


def test_names_on_several_lines_have_their_own_line(tmp_path: Path) -> None:
    """Each name of a long import stands on its line."""
    folder = write_tree(tmp_path / "t", {"a.py": "from airflow.a import (\n    b,\n    c,\n)\n"})
    assert imports(folder)["line"].to_list() == [2, 3]


GUARDS = """
    import contextlib
    import typing
    from typing import TYPE_CHECKING
    from packaging.version import Version
    NEW = Version(get()) >= Version("3")
    import airflow.plain
    try:
        import airflow.tried
    except ImportError:
        import airflow.fallback
    else:
        import airflow.after
    try:
        import airflow.not_forgiven
    except ValueError:
        pass
    finally:
        import airflow.at_last
    if TYPE_CHECKING:
        import airflow.typed
    else:
        import airflow.run
    if not typing.TYPE_CHECKING:
        import airflow.run_too
    if AIRFLOW_VERSION >= (3, 0):
        import airflow.new
    elif NEW:
        import airflow.newer
    else:
        import airflow.old
    if something:
        import airflow.conditional
    with contextlib.suppress(ImportError):
        import airflow.suppressed
    def f():
        import airflow.inside
        try:
            import airflow.tried_inside
        except (KeyError, ModuleNotFoundError):
            pass
    class C:
        import airflow.in_class
        def m(self):
            import airflow.in_method
    if TYPE_CHECKING:
        try:
            import airflow.both
        except ImportError:
            pass
    try:
        def late():
            import airflow.late
    except Exception:
        pass
"""


def test_guards(tmp_path: Path) -> None:
    """An import says what it stands under; of several guards the strongest counts."""
    folder = write_tree(tmp_path / "t", {"a.py": GUARDS})
    found = dict(imports(folder).select("module", "guard").rows())
    assert {m.removeprefix("airflow."): g for m, g in found.items()} == {
        "plain": "none",
        "tried": "try",
        "fallback": "try",
        "after": "none",
        "not_forgiven": "none",
        "at_last": "none",
        "typed": "type-checking",
        "run": "none",
        "run_too": "none",
        "new": "version-check",
        "newer": "version-check",
        "old": "version-check",
        "conditional": "none",
        "suppressed": "try",
        "inside": "in-function",
        "tried_inside": "try",
        "in_class": "none",
        "in_method": "in-function",
        "both": "type-checking",
        "late": "try",
    }


def test_the_trees_own_part_of_the_name_space_is_no_upstream(tmp_path: Path) -> None:
    """A provider lives below `airflow` itself: its own modules are its own."""
    base = "src/airflow/providers/ours"
    files = {
        f"{base}/__init__.py": "",
        f"{base}/hook.py": "from airflow.hooks.base import BaseHook\n",
        f"{base}/op.py": "from airflow.providers.ours.hook import BaseHook\nBaseHook.get()\n",
        "src/airflow/__init__.py": "",
        "dags/d.py": "from airflow import DAG\n",
    }
    read = batch(write_tree(tmp_path / "t", files)).frames
    assert read["downstream_imports"].select("path", "module").rows() == [
        ("dags/d.py", "airflow"),
        (f"{base}/hook.py", "airflow.hooks.base"),
    ]
    calls = read["call_sites"].filter(kind="call").select("path", "target").rows()
    assert calls == [(f"{base}/op.py", "airflow.hooks.base.BaseHook.get")]


def test_any_root_package_can_be_the_upstream(tmp_path: Path) -> None:
    """The upstream is a list of root packages."""
    folder = write_tree(tmp_path / "t", {"a.py": "import celery.app\nimport airflow\nimport kombu"})
    assert imports(folder, upstream="celery")["module"].to_list() == ["celery.app"]
    found = imports(folder, upstream=["celery", "kombu"])["module"].to_list()
    assert found == ["celery.app", "kombu"]


def test_coupling_follows_the_rules_in_order(tmp_path: Path) -> None:
    """The first rule that fits module, or module and symbol, decides; else it is `other`."""
    rules = [
        PathRule(id="a", globs=("airflow.models.*", "!airflow.models.DAG"), means="orm"),
        PathRule(id="b", globs=("airflow.models",), means="late"),
        PathRule(id="c", globs=("airflow.jobs", "airflow.jobs.*"), means="loop"),
    ]
    source = "from airflow.models import X, DAG\nimport airflow.jobs\nimport airflow.jobsite\n"
    found = imports(write_tree(tmp_path / "t", {"a.py": source}), coupling=rules)
    assert found.select("module", "symbol", "coupling").rows() == [
        ("airflow.models", "DAG", "late"),
        ("airflow.models", "X", "orm"),
        ("airflow.jobs", None, "loop"),
        ("airflow.jobsite", None, "other"),
    ]


def test_one_import_more_is_one_row_more(tmp_path: Path) -> None:
    """The map is read anew each time: an import that is added or deleted is one row."""
    folder = write_tree(tmp_path / "t", {"a.py": "import airflow.a\n"})
    before = imports(folder)
    (folder / "a.py").write_text("import airflow.a\nimport airflow.b\n")
    after = imports(folder)
    assert after.join(before, on=after.columns, how="anti", nulls_equal=True)[
        "module"
    ].to_list() == ["airflow.b"]
    (folder / "a.py").write_text("import airflow.a\n")
    assert imports(folder).equals(before)


IMPORTS = st.sampled_from(
    ["import airflow.x", "import airflow.y as y", "from airflow.z import a, b as c", "import os"]
)
BLOCKS = st.recursive(
    IMPORTS,
    lambda inner: st.tuples(
        st.sampled_from(
            [
                "if TYPE_CHECKING:",
                "def f(a=1):",
                "class C(B):",
                "for i in j:",
                "while t:",
                "with a as b:",
                "try:",
                "async def g():",
                "match m:\n case [x, *y]:",
            ]
        ),
        st.lists(inner, min_size=1, max_size=3),
    ).map(lambda pair: _indented(*pair)),
    max_leaves=12,
)


def _indented(head: str, body: list[str]) -> str:
    depth = "  " if "match" in head else " "
    lines = [f"{depth}{line}" for part in body for line in part.split("\n")]
    tail = "\nexcept ImportError:\n import airflow.w" if head == "try:" else ""
    return "\n".join([head, *lines]) + tail


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(BLOCKS, max_size=6))
def test_no_import_is_missed_or_made_up(tmp_path: Path, blocks: list[str]) -> None:
    """Wherever an import stands, it is in the map once, and nothing else is."""
    source = "\n".join(blocks)
    expected = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            expected += [(a.lineno, a.name, None) for a in node.names if a.name != "os"]
        elif isinstance(node, ast.ImportFrom):
            expected += [(a.lineno, node.module, a.name) for a in node.names]
    folder = write_tree(tmp_path / "t", {})
    (folder / "a.py").write_text(source)
    found = imports(folder).select("line", "module", "symbol").rows()
    assert sorted(found, key=str) == sorted(expected, key=str)
