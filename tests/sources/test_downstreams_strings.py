"""Names in quotes: what of the upstream a string names, on which line, and what names nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources.trees import sites, write_tree
from workbench.sources.downstreams.sql import named_in

Rows = list[tuple[int, str, str]]
IMPORT = "from airflow.models import DagRun\n"
CONF = "from airflow.configuration import conf\n"

NAMED: dict[str, tuple[str, Rows]] = {
    "a dotted path": (
        'x = import_string("airflow.models.DagRun")\ny = {"callback": "airflow.a.b:run"}\n',
        [(1, "string", "airflow.models.DagRun"), (2, "string", "airflow.a.b.run")],
    ),
    "a path that is patched": (
        '@mock.patch("airflow.models.DagRun.find")\ndef test(find): ...\n',
        [(1, "string", "airflow.models.DagRun.find")],
    ),
    "an attribute by its name": (
        f'{IMPORT}getattr(DagRun, "conf", None)\nmocker.patch.object(DagRun, "find")\n',
        [
            (2, "attribute", "airflow.models.DagRun"),
            (2, "string", "airflow.models.DagRun.conf"),
            (3, "attribute", "airflow.models.DagRun"),
            (3, "string", "airflow.models.DagRun.find"),
        ],
    ),
    "an attribute of an instance": (
        f'{IMPORT}def f(run: DagRun):\n  return getattr(run, "conf")\n',
        [(3, "string", "airflow.models.DagRun.conf")],
    ),
    "an option that is read": (
        f'{CONF}conf.get("core", "Parallelism")\nconf.getint(section="core", key="pool")\n',
        [
            (2, "call", "airflow.configuration.conf.get"),
            (2, "config", "config:core.parallelism"),
            (3, "call", "airflow.configuration.conf.getint"),
            (3, "config", "config:core.pool"),
        ],
    ),
    "a section that is read": (
        f'{CONF}conf.getsection("core")\n',
        [
            (2, "call", "airflow.configuration.conf.getsection"),
            (2, "config", "config:core"),
        ],
    ),
    "an option by its variable": (
        'env = {"AIRFLOW__CORE__SQL_CONN": 1}\nx = "set AIRFLOW__API_AUTH__JWT to x"\n',
        [(1, "config", "config:core.sql_conn"), (2, "config", "config:api_auth.jwt")],
    ),
    "options that a test sets": (
        'with conf_vars({("core", "pool"): "x", other: "y"}): ...\n',
        [(1, "config", "config:core.pool")],
    ),
    "a word that is compared with": (
        f'{IMPORT}if x.type == "DagCallback": ...\nif "late" != y: ...\n'
        'z in ("one", "two-b")\nmatch x:\n  case "three": ...\n',
        [
            (2, "literal", "literal:DagCallback"),
            (3, "literal", "literal:late"),
            (4, "literal", "literal:one"),
            (4, "literal", "literal:two-b"),
            (6, "literal", "literal:three"),
        ],
    ),
    "a type that selects a class": (
        f'{IMPORT}q.filter_by(type="job")\nclass C:\n'
        '  __mapper_args__ = {"polymorphic_identity": "our_job"}\n',
        [(2, "literal", "literal:job"), (4, "literal", "literal:our_job")],
    ),
    "SQL, on its lines": (
        f'{IMPORT}x = """\n  SELECT ti.state, count(*)\n  FROM task_instance AS ti\n'
        '  JOIN dag_run dr ON dr.run_id = ti.run_id\n"""\n',
        [
            (3, "sql", "table:task_instance.state"),
            (4, "sql", "table:task_instance"),
            (5, "sql", "table:dag_run"),
            (5, "sql", "table:dag_run.run_id"),
            (5, "sql", "table:task_instance.run_id"),
        ],
    ),
    "SQL of an f-string": (
        f"{IMPORT}x = f\"DELETE FROM log WHERE dttm < '{{old}}' and event = {{e}}\"\n",
        [
            (2, "sql", "table:log"),
            (2, "sql", "table:log.dttm"),
            (2, "sql", "table:log.event"),
        ],
    ),
}


@pytest.mark.parametrize("case", NAMED)
def test_what_a_string_names(tmp_path: Path, case: str) -> None:
    """Each line with a name in quotes, under its kind and what it stands for."""
    source, expected = NAMED[case]
    assert sorted(sites(write_tree(tmp_path / "t", {"a.py": source}))) == sorted(expected)


NOTHING = {
    "a docstring": f'"""airflow.models"""\n{IMPORT}def f():\n  "airflow.models.DagRun"\n',
    "a sentence with a path in it": 'x = "see airflow.models.DagRun for more"\n',
    "a path of somebody else": 'x = "acme.airflow.models.DagRun"\n',
    "a variable of somebody else": 'x = "MY_AIRFLOW__CORE__X"\ny = "AIRFLOW__CORE"\n',
    "somebody else's configuration": 'conf.get("core", "pool")\n',
    "a configuration of the same name": 'from acme import conf\nconf.get("core", "pool")\n',
    "an option that is not known": f"{CONF.replace('airflow', 'acme')}conf.get(a, b)\n",
    "an attribute of somebody else": 'getattr(x, "conf")\n',
    "words in a file that has nothing to do with it": 'x == "job"\n"SELECT a FROM log"\n',
    "a module's own name": f'{IMPORT}if __name__ == "__main__": ...\n',
    "words that are no words": f'{IMPORT}x == "a b"\ny == ""\nz == "-"\n',
    "a list of words": f'{IMPORT}x == ["one", "two"]\n',
    "a sentence": f'{IMPORT}x = "select a colour"\ny = "update from time to time"\n',
}


@pytest.mark.parametrize("case", NOTHING)
def test_text_that_names_nothing(tmp_path: Path, case: str) -> None:
    """What only looks like a name is none."""
    assert sites(write_tree(tmp_path / "t", {"a.py": NOTHING[case]})) == []


def test_a_path_through_the_tree_is_followed(tmp_path: Path) -> None:
    """What is patched in a module of the tree is what that module imported, as far as it goes."""
    files = {
        "src/ours/__init__.py": "",
        "src/ours/base.py": "from airflow.hooks import Hook\nclass Own: ...\n",
        "src/ours/compat.py": "from ours.base import *\n",
        "tests/test_a.py": (
            'mock.patch("ours.base.Hook.get")\nmock.patch("ours.compat.Hook")\n'
            'mock.patch("ours.base.Own.get")\nmock.patch("ours.gone.Hook")\nx = "ours"\n'
        ),
    }
    found = sites(write_tree(tmp_path / "t", files), path="tests/test_a.py")
    assert found == [(1, "string", "airflow.hooks.Hook.get"), (2, "string", "airflow.hooks.Hook")]


def test_a_path_to_the_trees_own_part_of_the_name_space_is_its_own(tmp_path: Path) -> None:
    """A provider's own module is not the upstream's, whatever it is called."""
    files = {
        "src/airflow/providers/acme/hooks.py": "from airflow.hooks import Base\n",
        "tests/test_a.py": 'patch("airflow.providers.acme.hooks.Base")\npatch("airflow.x.Y")\n',
    }
    found = sites(write_tree(tmp_path / "t", files), path="tests/test_a.py")
    assert found == [(1, "string", "airflow.hooks.Base"), (2, "string", "airflow.x.Y")]


SQL = {
    "select id, state from dag_run where note = 'x y'": "dag_run .id .note .state",
    'SELECT "state" FROM "dag_run"': "dag_run .state",
    "UPDATE public.dag_run SET state = :s WHERE end_date IS NULL": "dag_run .end_date .state",
    "insert into pool (name) values (1) on conflict do nothing": "pool .name",
    "create index i on dag_run (dag_id, state)": "dag_run .dag_id .state",
    "alter table dag add column note varchar(9)": "dag .note",
    "-- all of it\ndelete from log": "log",
    "with a as (select x from dag) select a.x from a": "dag",
    "select a.x, b.y from dag a, log b": "dag log .x .y",
    "select x from t -- where y\n/* and z */": "t .x",
    "select lower(x), x::text, %(y)s from t": "t .x",
    "from t select x": "",
    "select 1": "",
}


@pytest.mark.parametrize("text", SQL)
def test_tables_and_columns_of_sql(text: str) -> None:
    """A column counts where its table is known; values, comments, functions, parameters do not."""
    found = {(named.table, named.column) for named in named_in(text)}
    tables = sorted({table for table, _ in found})
    columns = sorted(f".{column}" for _, column in found if column)
    assert " ".join([*tables, *columns]) == SQL[text]


def test_a_text_that_is_data_is_not_read() -> None:
    """A dump of megabytes costs nothing."""
    assert list(named_in("insert into t values " + "(1, 2), " * 1_000_000)) == []
