"""What a DAG folder leaves out by its ignore files, and what its zip archives hold."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from workbench.domain.history import Rejection
from workbench.sources.dag_archives import MOST_MEMBERS
from workbench.sources.dag_files import MOST_BYTES, DagFile, read_dag_files
from workbench.sources.dag_ignores import Ignored


def _tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def _told(root: Path) -> dict[str, str]:
    kinds = {DagFile: "read", Rejection: "refused", Ignored: "ignored"}
    return {
        Path(found.path).relative_to(root).as_posix(): kinds[type(found)]
        for found in read_dag_files([root])
    }


@pytest.mark.parametrize(
    ("files", "told"),
    [
        pytest.param(
            {".airflowignore": "drafts/\n# note\n*_old.py\n", "a.py": "", "a_old.py": "",
             "drafts/b.py": ""},
            {"a.py": "read", "a_old.py": "ignored", "drafts": "ignored"},
            id="a folder and a name",
        ),
        pytest.param(
            {".airflowignore": "*_old.py\n!keep_old.py\n", "keep_old.py": "", "b_old.py": ""},
            {"keep_old.py": "read", "b_old.py": "ignored"},
            id="an exception",
        ),
        pytest.param(
            {"team/.airflowignore": "x.py\n", "team/x.py": "", "team/in/x.py": "", "x.py": ""},
            {"team/x.py": "ignored", "team/in/x.py": "ignored", "x.py": "read"},
            id="only below its own folder",
        ),
        pytest.param(
            {".airflowignore": "*.py\n", "team/.airflowignore": "!x.py\n", "team/x.py": "",
             "y.py": ""},
            {"team/x.py": "read", "y.py": "ignored"},
            id="the inner file has the last word",
        ),
        pytest.param(
            {".airflowignore": "/a.py\n", "a.py": "", "in/a.py": ""},
            {"a.py": "ignored", "in/a.py": "read"},
            id="anchored",
        ),
    ],
)  # fmt: skip
def test_an_ignore_file_leaves_out_what_it_names(
    tmp_path: Path, files: dict[str, str], told: dict[str, str]
) -> None:
    """Patterns are globs as in a .gitignore, and what they leave out is told."""
    assert _told(_tree(tmp_path, files)) == told


def test_a_file_that_was_asked_for_is_read_whatever_is_ignored(tmp_path: Path) -> None:
    """Who names a file wants it read."""
    _tree(tmp_path, {".airflowignore": "*.py\n", "a.py": ""})
    assert [type(f) for f in read_dag_files([tmp_path / "a.py"])] == [DagFile]


def test_an_ignore_file_that_is_no_text_ignores_nothing_and_is_told(tmp_path: Path) -> None:
    """The files are read as if it were not there."""
    _tree(tmp_path, {"a.py": ""})
    (tmp_path / ".airflowignore").write_bytes(b"\xff\xfe\x00")
    assert _told(tmp_path) == {".airflowignore": "refused", "a.py": "read"}


def test_a_pattern_that_is_none_is_told_with_its_line(tmp_path: Path) -> None:
    """The place is the line of the pattern."""
    _tree(tmp_path, {"a.py": "", ".airflowignore": "b.py\n!\n"})
    refused = [f for f in read_dag_files([tmp_path]) if isinstance(f, Rejection)]
    assert [(Path(f.path).name, f.at) for f in refused] == [(".airflowignore", "line 2")]


def _zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_an_archive_gives_the_files_at_its_top(tmp_path: Path) -> None:
    """A module in a folder of the archive is imported by DAGs, and is none."""
    path = _zipped(
        tmp_path / "packed.zip",
        {"b.py": b"y = 1\n", "a.py": b"x = 1\n", "lib/c.py": b"z = 1\n", "notes.txt": b"n"},
    )
    found = list(read_dag_files([tmp_path]))
    assert [(f.path, f.packaged) for f in found if isinstance(f, DagFile)] == [
        (f"{path.as_posix()}/a.py", True),
        (f"{path.as_posix()}/b.py", True),
    ]
    assert len(found) == 2


def test_what_an_archive_hides_is_refused_and_the_rest_is_read(tmp_path: Path) -> None:
    """A bomb stops at the limit, a member that does not parse has its line."""
    _zipped(
        tmp_path / "p.zip",
        {"bomb.py": b"#" * (MOST_BYTES * 20), "bad.py": b"x = 1\ndef (\n", "good.py": b"x = 1\n"},
    )
    found = {Path(f.path).name: f for f in read_dag_files([tmp_path])}
    assert isinstance(found["good.py"], DagFile)
    assert isinstance(found["bomb.py"], Rejection)
    assert "too large" in found["bomb.py"].reason
    assert isinstance(found["bad.py"], Rejection)
    assert found["bad.py"].at == "line 2"


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda data: b"not an archive", id="no archive"),
        pytest.param(lambda data: data[: len(data) // 2], id="cut"),
        pytest.param(lambda data: b"", id="empty"),
        pytest.param(lambda data: data.replace(b"x = 1", b"y = 2"), id="wrong checksum"),
    ],
)
def test_a_spoilt_archive_is_refused(tmp_path: Path, spoil) -> None:
    """The other files of the folder are read."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.py", b"x = 1\n" * 10)
    (tmp_path / "p.zip").write_bytes(spoil(held.getvalue()))
    (tmp_path / "z.py").write_text("")
    found = list(read_dag_files([tmp_path]))
    assert [type(f) for f in found] == [Rejection, DagFile]


def test_an_archive_of_too_many_members_is_refused(tmp_path: Path) -> None:
    """Its directory alone is looked at."""
    _zipped(tmp_path / "p.zip", {f"m{i}.py": b"" for i in range(MOST_MEMBERS + 1)})
    (refused,) = read_dag_files([tmp_path / "p.zip"])
    assert isinstance(refused, Rejection)
    assert "10,001 members" in refused.reason
