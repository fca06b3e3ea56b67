"""What the families hooks, routes, options and migrations read, and what they say of a change."""

from __future__ import annotations

import ast
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.facts import deltas_of, facts
from workbench.domain.facts import FAMILIES
from workbench.sources.python_facts.syntax import Segment
from workbench.sources.python_facts.visitors import VISITORS

Rows = list[tuple[object, ...]]
HOOKS = ("line", "qualname", "kind", "name", "parameters")
ROUTES = ("qualname", "method", "path", "router", "response", "status", "bodies")
OPTIONS = ("line", "qualname", "section", "option", "default", "type")
MIGRATIONS = tuple(FAMILIES["migrations"].columns)


def rows(source: str, family: str, *columns: str) -> Rows:
    """These columns of the facts of a module."""
    found = facts(textwrap.dedent(source), family)
    return [tuple(row[column] for column in columns) for row in found]


def told(before: str, after: str, family: str, *columns: str) -> Rows:
    """What became of which fact, with these columns of it."""
    texts = [textwrap.dedent(text) for text in (before, after)]
    frame = deltas_of({"pkg/m.py": texts[0]}, {"pkg/m.py": texts[1]})[family]
    return [
        (row["change"], *((row["after"] or row["before"])[column] for column in columns))
        for row in frame.iter_rows(named=True)
    ]


def test_a_hook_is_told_by_its_decorator() -> None:
    """Called or not, dotted or not; self is left out, an own name for the hook is followed."""
    source = """\
        @hookspec
        def on_start(when, who): ...

        @hookspec(firstresult=True)
        def may_run(who, *, why=None, **more): ...

        class Watcher:
            @hookimpl
            def on_start(self, who): ...

            @plugins.hookimpl(specname="may_run")
            def judge(self): ...

            def hookimpl(self): ...

        @staticmethod
        def hookspec(): ...
        """
    assert rows(source, "hooks", *HOOKS) == [
        (2, "on_start", "hookspec", "on_start", ["when", "who"]),
        (5, "may_run", "hookspec", "may_run", ["who", "why", "more"]),
        (9, "Watcher.on_start", "hookimpl", "on_start", ["who"]),
        (12, "Watcher.judge", "hookimpl", "may_run", []),
    ]


def test_a_plugin_offers_its_attributes() -> None:
    """Of a class that is called or built on a Plugin; nothing of its methods or of others."""
    source = """\
        class Macros(base.SomePlugin):
            name = "macros"
            macros: list = []
            a, b = 1, 2

            def load(self):
                local = 1

        class Plain(Base):
            name = "Plugin"

        Plugin = 1
        """
    assert rows(source, "hooks", "line", "qualname", "kind", "name") == [
        (2, "Macros", "plugin-attribute", "name"),
        (3, "Macros", "plugin-attribute", "macros"),
        (4, "Macros", "plugin-attribute", "a"),
        (4, "Macros", "plugin-attribute", "b"),
    ]


def test_a_logging_table_names_what_makes_its_handlers() -> None:
    """Handlers of a table, of a table under a name that says so, with their class as written."""
    source = """\
        CONFIG: dict = {
            "formatters": {"plain": {"class": "own.Formatter"}},
            "handlers": {
                "task": {"class": "own.log.TaskHandler", "filters": []},
                "odd": {'class': Handler},
                **MORE,
                "none": {"level": 1},
                "text": "class",
            },
        }
        REMOTE_HANDLERS = {"task": {"class": "own.log.RemoteHandler"}}
        OTHER = {"task": {"class": "own.Other"}}
        """
    assert rows(source, "hooks", *HOOKS) == [
        (4, "", "handler-factory", "task", ["own.log.TaskHandler"]),
        (5, "", "handler-factory", "odd", ["Handler"]),
        (11, "", "handler-factory", "task", ["own.log.RemoteHandler"]),
    ]


ROUTED = """\
    @things_router.get(
        "/{id}", responses=errors([404]), status_code=status.HTTP_200_OK, dependencies=[Depends(a)]
    )
    def get_thing(id: int, session: SessionDep, untyped=1) -> Thing: ...

    @router.post("", response_model=ThingOut)
    async def post_thing(body: ThingBody, user: Annotated[str, Depends(who)]) -> dict: ...

    @app.route("/list", methods=["GET", "post"])
    @other
    def listed(): ...

    class View:
        @expose("/clear", methods=("POST",))
        def clear(self): ...

        @expose("/")
        def index(self): ...

    @router.patch(prefix + "/{id}")
    def patch_thing(): ...
    """


def test_a_route_tells_method_path_types_and_status() -> None:
    """One row a method; of the response, the model that is said before the annotation."""
    assert rows(ROUTED, "routes", *ROUTES) == [
        (
            *("get_thing", "GET", "/{id}", "things_router", "Thing", "status.HTTP_200_OK"),
            ["int", "SessionDep"],
        ),
        (
            *("post_thing", "POST", "", "router", "ThingOut", None),
            ["ThingBody", "Annotated[str, Depends(who)]"],
        ),
        ("listed", "GET", "/list", "app", None, None, []),
        ("listed", "POST", "/list", "app", None, None, []),
        ("View.clear", "POST", "/clear", "", None, None, []),
        ("View.index", "GET", "/", "", None, None, []),
        ("patch_thing", "PATCH", "prefix + '/{id}'", "router", None, None, []),
    ]


@pytest.mark.parametrize(
    "decorator",
    [
        '@mock.patch("pkg.mod.name")',
        "@patch('/x')",
        "@cache.get(key)",
        "@router.get",
        "@router.get()",
        "@router.on_event('/x')",
        "@router.get(5)(1)",
        '@mock.patch.dict("os.environ")',
    ],
)
def test_other_decorators_are_no_routes(decorator: str) -> None:
    """A mock, a cache, a decorator without a path."""
    assert rows(f"{decorator}\ndef f(a: int): ...\n", "routes", *ROUTES) == []


def test_a_read_tells_section_option_getter_and_fallback() -> None:
    """By place or keyword, in lower case; a name stands for a value that is not said here."""
    source = """\
        LIMIT = conf.getint("core", "LIMIT", fallback=3 * 4)

        def run(dag_run, given=configuration.conf.get("core", "home")):
            if conf.has_option(section="api", key="auth"):
                return conf.get_mandatory_value("api", "auth")
            airflow_conf.getboolean(SECTION, "flag", fallback=None)
            return conf.getsection("logging")

        class Executor:
            def start(self):
                return [self.conf.getlist("exec", KEY) for _ in conf.getjson("a", "b")]
        """
    assert rows(source, "options", *OPTIONS) == [
        (1, "", "core", "limit", "3 * 4", "getint"),
        (3, "", "core", "home", None, "get"),
        (4, "run", "api", "auth", None, "has_option"),
        (5, "run", "api", "auth", None, "get_mandatory_value"),
        (6, "run", "SECTION", "flag", "None", "getboolean"),
        (7, "run", "logging", None, None, "getsection"),
        (11, "Executor.start", "a", "b", None, "getjson"),
        (11, "Executor.start", "exec", "KEY", None, "getlist"),
    ]
    assert {row["kind"] for row in facts(textwrap.dedent(source), "options")} == {"read"}


@pytest.mark.parametrize(
    "call",
    [
        'dag_run.conf.get("key", "default")',
        'context["dag_run"].conf.get("key", "default")',
        'conf.get("key")',
        "conf.get(a, b)",
        'spark.conf.getAll("a", "b")',
        'conf.set("core", "home")',
        "conf.getsection(name)",
        'config.get("core", "home")',
    ],
)
def test_another_conf_is_no_configuration(call: str) -> None:
    """A run's conf, a mapping, something that is not text."""
    assert rows(f"def f():\n    {call}\n", "options", *OPTIONS) == []


HEAD = """\
    \"\"\"Add a column.\"\"\"
    from alembic import op

    revision = "b2"
    down_revision: str | None = "a1"
    branch_labels = None
    depends_on = None
    airflow_version = "3.1.0"
    """
UPGRADE = """

    def upgrade():
        conn = op.get_bind()
        with op.batch_alter_table("t") as batch_op:
            batch_op.add_column(sa.Column("c", sa.Integer()))
            batch_op.create_index("i", ["c"])
        with op.batch_alter_table("u") as b, other() as c:
            b.drop_column("d"); c.drop_column("e")
        if conn.dialect.name == "x":
            op.execute("select 1")


    def downgrade():
        op.drop_column("t", "c")


    def helper():
        op.drop_table("t")
    """
DONE = [
    *("op.get_bind", "op.batch_alter_table", "batch_op.add_column", "batch_op.create_index"),
    *("op.batch_alter_table", "batch_op.drop_column", "op.execute"),
]


def test_a_migration_is_a_head_and_what_its_functions_do() -> None:
    """Names of the revision, operations in the order written; what helpers do is theirs."""
    assert rows(HEAD + UPGRADE, "migrations", "line", "qualname", *MIGRATIONS) == [
        (4, "", "head", "b2", "a1", None, "3.1.0", []),
        (11, "upgrade", "upgrade", None, None, None, None, DONE),
        (22, "downgrade", "downgrade", None, None, None, None, ["op.drop_column"]),
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("revision = 'a'\ndown_revision = None\n", ("a", None, None)),
        ("revision = 'c'\ndown_revision = ('a', 'b')\n", ("c", "a, b", None)),
        ("revision, x = 'c', 1\ndown_revision = 'b'\n", None),
        ("revision = 'c'\n", None),
        ("def f():\n    revision = 'c'\n    down_revision = 'b'\n", None),
        ("class A:\n    revision = 'c'\n    down_revision = 'b'\n", None),
        ("revision = 'c'\ndown_revision = LAST\nbranch_labels = ('x',)\n", ("c", "LAST", "x")),
    ],
)
def test_a_head_says_what_it_is_and_what_it_follows(
    source: str, expected: tuple[object, ...] | None
) -> None:
    """Both names at module level, or it is no revision."""
    found = rows(source, "migrations", "revision", "down_revision", "branch_labels")
    assert found == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    "source",
    [
        "class Runner:\n    def upgrade(self):\n        op.run()\n",
        "def upgrade(args):\n    stop.now()\n",
        "def f():\n    def upgrade():\n        op.drop_table('t')\n",
    ],
)
def test_an_upgrade_of_something_else_is_no_migration(source: str) -> None:
    """A method, a function without operations, a function inside another."""
    assert rows(source, "migrations", "part") == []


CHANGES = [
    ("hooks", "@hookspec\ndef f(a): ...\n", "@hookspec\ndef f(a, b): ...\n", ("changed", "f")),
    ("hooks", "@hookspec\ndef f(a): ...\n", "def f(a): ...\n", ("removed", "f")),
    ("hooks", "class P(XPlugin):\n    a = 1\n", "class P(XPlugin):\n    b = 1\n", None),
    (
        "routes",
        '@r_router.get("/x")\ndef f() -> A: ...\n',
        '@r_router.get("/x")\ndef f() -> B: ...\n',
        ("changed", "/x"),
    ),
    (
        "routes",
        '@r_router.get("/x")\ndef f(b: A): ...\n',
        '@r_router.get("/x", tags=["a"])\ndef f(b: A):\n    return 1\n',
        (),
    ),
    ("options", 'conf.get("a", "b")\n', 'conf.get("a", "b", fallback=1)\n', ("changed", "b")),
    ("options", 'conf.get("a", "b")\n', 'conf.get("a", "c")\n', None),
    (
        "migrations",
        'revision = "b"\ndown_revision = "a"\n',
        'revision = "b"\ndown_revision = "a2"\n',
        ("changed", "head"),
    ),
    (
        "migrations",
        "def upgrade():\n    op.add_column()\n    op.execute()\n",
        "def upgrade():\n    op.execute()\n    op.add_column()\n",
        ("changed", "upgrade"),
    ),
]
NAMED = {"hooks": "name", "routes": "path", "options": "option", "migrations": "part"}


@pytest.mark.parametrize(("family", "before", "after", "expected"), CHANGES)
def test_a_change_is_told_by_what_it_did(
    family: str, before: str, after: str, expected: tuple[str, ...] | None
) -> None:
    """The same fact changed, another one in its place (none given), or nothing (empty)."""
    found = told(before, after, family, NAMED[family])
    if expected is None:
        assert sorted(row[0] for row in found) == ["added", "removed"]
    else:
        assert found == ([expected] if expected else [])


DECORATORS = [
    *("@hookimpl", "@x.hookspec(specname=n)", "@r.get('/a', methods=[1, *m])", "@expose(*p)"),
    *("@router.route(*p, methods={**m})", "@expose('/a', methods=m)", "@hookimpl()()", "@a[0]"),
]
DEFINITIONS = [
    "def upgrade(a: int = 1, *b, **c): op.x().y(); conf.get(*a, 'x')",
    "def downgrade():\n    with op.batch_alter_table() as (a, b), c as op: a.x(op.z(*op.k))",
    "class APlugin(*b, m=M):\n    (x, *y), z.k = 1, 2\n    def f(self, /): ...",
    "async def f(cls, *, a, b=conf.getint('a', option='b', **k)) -> 'X': ...",
]
STATEMENTS = [
    "x = y = {'handlers': {'a': {'class': f'{c}'}, **k}}",
    "HANDLERS['class'] = {'handlers': {**{'class': 1}}}",
    "a_handlers, b = {'class': {'class': 'class'}}, 1",
    "revision = down_revision = ('a', None, *b)",
    "(a, *revision), down_revision = 1, 2",
    "revision: str\ndown_revision: str = f''",
    "conf.get('a', section='b', **k)",
    'f\'{conf.get("a", "b")}\'',
]
TEXTS = st.lists(
    st.one_of(
        st.sampled_from(STATEMENTS),
        st.tuples(
            st.lists(st.sampled_from(DECORATORS), max_size=3).map("\n".join),
            st.sampled_from(DEFINITIONS),
        ).map("\n".join),
    ),
    max_size=5,
).map("\n".join)


@given(TEXTS)
def test_whatever_parses_is_read(source: str) -> None:
    """No visitor raises, and every row has its family's columns and a line inside the text."""
    body = ast.parse(source).body
    segment = Segment(source.encode(), body, in_class=False)
    for family in ("hooks", "routes", "options", "migrations"):
        for qualname, line, *columns in VISITORS[family](segment):
            assert isinstance(qualname, str)
            assert isinstance(line, int)
            assert 0 <= line <= source.count("\n")
            assert len(columns) == len(FAMILIES[family].columns)
