"""Paths: what is core, what declares options, of one and of a column; names as git quotes them."""

from __future__ import annotations

import polars as pl
import pytest

from workbench.sources.patches.paths import (
    CONFIG_ENDINGS,
    config_paths,
    core_paths,
    is_config_path,
    is_core_path,
    unquote,
)

PATHS = {
    "setup.py": True,
    "airflow/models/dag.py": True,
    "airflow/testing/x.py": True,
    "airflow/tests_common/x.py": True,
    "latest/docstring.py": True,
    "airflow/test.py": True,
    "tests/x.py": False,
    "test/x.py": False,
    "docs/conf.py": False,
    "doc/conf.py": False,
    "providers/a/tests/unit/x.py": False,
    "providers/a/docs/x.py": False,
    "a/doc/b/c.py": False,
    "airflow/models/dag.pyi": False,
    "airflow/models/dag.py.txt": False,
    "README.md": False,
}

CONFIG = {
    "airflow/config_templates/config.yml": True,
    "core/src/airflow/config_templates/config.yml": True,
    "config_templates/config.yml": True,
    "providers/a/provider.yaml": True,
    "provider.yaml": True,
    "airflow/my_config_templates/config.yml": False,
    "airflow/config_templates/config.yml.schema.json": False,
    "airflow/config_templates/old/config.yml": False,
    "airflow/config_templates/airflow.cfg": False,
    "a/myprovider.yaml": False,
    "tests/config_templates/config.yml": False,
    "providers/a/docs/provider.yaml": False,
    "config.yml": False,
}


@pytest.mark.parametrize(("path", "core"), PATHS.items())
def test_core_is_python_outside_tests_and_docs(path: str, *, core: bool) -> None:
    """A folder called tests, test, docs or doc takes all below it out of core."""
    assert is_core_path(path) is core


def test_a_column_and_a_path_agree() -> None:
    """The expression says of every path what the function says."""
    said = pl.DataFrame({"p": list(PATHS)}).select(core_paths("p")).to_series().to_list()
    assert said == list(PATHS.values())


@pytest.mark.parametrize(("path", "declares"), CONFIG.items())
def test_options_are_declared_in_two_kinds_of_files(path: str, *, declares: bool) -> None:
    """In folders that are not aside of core; none of them is core, all end as is asked for."""
    assert is_config_path(path) is declares
    assert not is_core_path(path)
    assert path.endswith(CONFIG_ENDINGS) >= declares


def test_a_column_and_a_path_agree_on_configuration() -> None:
    """The expression says of every path what the function says."""
    paths = pl.DataFrame({"p": [*CONFIG, *PATHS]})
    said = paths.select(config_paths("p")).to_series().to_list()
    assert said == [*CONFIG.values(), *([False] * len(PATHS))]


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("plain name.py", "plain name.py"),
        (r'"two\nlines"', "two\nlines"),
        (r'"tab\there \"quoted\" back\\slash"', 'tab\there "quoted" back\\slash'),
        (r'"\001\177"', "\x01\x7f"),
        (r'"\303\251"', "é"),
        (r'"bad\377"', "bad\ufffd"),
        ('"é\\n"', "é\n"),
    ],
)
def test_a_quoted_name_is_read_back(printed: str, name: str) -> None:
    """C-quoting is undone; bytes that are not UTF-8 show as U+FFFD."""
    assert unquote(printed) == name
