"""DAG files are read one by one; what cannot be read is refused with its place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.domain.history import Rejection
from workbench.errors import SourceError
from workbench.sources.dag_files import MOST_BYTES, DagFile, parsed, read_dag_file, read_dag_files


@pytest.mark.parametrize(
    ("data", "at", "reason"),
    [
        (b"x = 1\nprint 'two'\n", "line 2", "Python 2"),
        (b"try:\n    pass\nexcept ValueError, e:\n    pass\n", "line 3", "Python 2"),
        (b"if 1 <> 2:\n    pass\n", "line 1", "Python 2"),
        (b"mode = 0777\n", "line 1", "Python 2"),
        (b"{% for x in xs %}\na = {{ x }}\n{% endfor %}\n", "line 1", "Jinja template"),
        (b"def {{ name }}():\n    pass\n", "line 1", "Jinja template"),
        (b"def f(:\n", "line 1", "Does not parse"),
        (b"x = 1\ny = \x00\n", "line", "Does not parse"),
        (b"# coding: klingon\n", "line 1", "no text that Python reads"),
        (b"x = 1\ny = '\xff'\n", "line 2", "no text that Python reads"),
        (b"(" * 5000, "line 1", "Does not parse"),
        (b"a = " + b"-" * 200_000 + b"1\n", "line 1", "Does not parse"),
    ],
)
def test_what_is_no_python_is_refused_with_its_line(data: bytes, at: str, reason: str) -> None:
    """The reason says what it is instead, where that shows."""
    found = parsed("dags/x.py", data)
    assert isinstance(found, Rejection)
    assert found.path == "dags/x.py"
    assert found.at.startswith(at)
    assert reason in found.reason


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xef\xbb\xbfx = 1\n",
        b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
        b"x = 1\r\ny = 2\r\n",
        b"text = '{{ ds }}'\n",
        b"x = '\\d'\n",
    ],
)
def test_what_python_reads_is_read(data: bytes) -> None:
    """Marks, encodings, line ends and templates inside strings are no obstacle."""
    assert isinstance(parsed("x.py", data), DagFile)


@given(st.binary(max_size=200))
def test_no_bytes_raise(data: bytes) -> None:
    """Whatever a file holds, it is a tree or a rejection."""
    assert isinstance(parsed("x.py", data), DagFile | Rejection)


def test_a_folder_is_walked_once_and_in_order(tmp_path: Path) -> None:
    """Hidden folders and environments are left out, links to files already read too."""
    for name in ("b.py", "a.py", "sub/c.py", ".git/x.py", "env/y.py", "__pycache__/z.py", "n.txt"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("x = 1\n")
    (tmp_path / "env" / "pyvenv.cfg").write_text("")
    (tmp_path / "again.py").symlink_to(tmp_path / "b.py")
    read = [f.path for f in read_dag_files([tmp_path, tmp_path / "a.py"])]
    assert [Path(path).name for path in read] == ["a.py", "again.py", "c.py"]


def test_dirty_files_are_rejected_and_the_run_goes_on(tmp_path: Path) -> None:
    """A notebook, a huge file, a pipe, links that lead round: each is named, the rest is read."""
    (tmp_path / "good.py").write_text("x = 1\n")
    (tmp_path / "book.ipynb").write_text("{}")
    (tmp_path / "huge.py").write_bytes(b"#" * (10 * 1024 * 1024))
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "round").symlink_to(tmp_path)
    (tmp_path / "self.py").symlink_to(tmp_path / "self.py")
    (tmp_path / "gone.py").symlink_to(tmp_path / "nowhere")
    found = list(read_dag_files([tmp_path]))
    assert [f.path for f in found if isinstance(f, DagFile)] == [str(tmp_path / "good.py")]
    refused = {Path(f.path).name: f.reason for f in found if isinstance(f, Rejection)}
    assert set(refused) == {"book.ipynb", "huge.py", "pipe.py", "round", "self.py", "gone.py"}
    assert "10.0 MB" in refused["huge.py"]
    assert "notebook" in refused["book.ipynb"]
    assert "stands in" in refused["round"]


def test_the_largest_file_that_is_read_is_read(tmp_path: Path) -> None:
    """The limit itself is allowed."""
    file = tmp_path / "x.py"
    file.write_bytes(b"#" * MOST_BYTES)
    assert isinstance(read_dag_file(file), DagFile)


def test_a_path_that_is_not_there_is_the_callers_mistake() -> None:
    """Nothing is read before it is said."""
    with pytest.raises(SourceError, match="no such file"):
        list(read_dag_files(["nowhere.py"]))
