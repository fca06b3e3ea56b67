"""Archives: the same paths from a wheel and an sdist, source only, nothing that leads outside."""

from __future__ import annotations

import tarfile
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.sources.archives_made import BUILT, make_sdist, make_wheel
from workbench.errors import SourceError
from workbench.sources.releases import archives
from workbench.sources.releases.archives import read_archive

FILES = {"acme/__init__.py": "", "acme/models/x.py": "x = 1\n", "acme/api.yaml": "a: é\n"}


def test_a_wheel_and_an_sdist_give_the_same_paths(tmp_path: Path) -> None:
    """The top folder and src/ of an sdist, and the metadata of both, are gone."""
    wheel = read_archive(make_wheel(tmp_path, "acme", "1.0", FILES))
    sdist = read_archive(
        make_sdist(tmp_path, "acme", "1.0", {f"src/{path}": text for path, text in FILES.items()})
    )
    plain = {path: text.encode() for path, text in FILES.items()}
    assert wheel.files == plain
    assert sdist.files == {**plain, "setup.py": b"raise SystemExit('never run')\n"}


def test_what_is_no_source_is_left_out_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Binary, generated and linked files do not go in."""
    monkeypatch.setattr(archives, "TEXT_CAP_BYTES", 100)
    monkeypatch.setattr(archives, "PYTHON_CAP_BYTES", 1000)
    extra: dict[str, str | bytes] = {
        "acme/long.py": "x\n" * 400,
        "acme/huge.py": "x\n" * 600,
        "acme/bundle.js": "x" * 101,
        "acme/lib.so": b"\x7fELF\0\0",
        "acme-1.0.data/purelib/acme/beside.py": "b\n",
        "acme-1.0.data/scripts/run.py": "s\n",
        "acme/PKG-INFO": "kept: only the top one is metadata\n",
    }
    wheel = read_archive(make_wheel(tmp_path, "acme", "1.0", {**FILES, **extra}))
    kept = {*FILES, "acme/long.py", "acme/beside.py", "acme/PKG-INFO"}
    assert set(wheel.files) == kept
    assert wheel.left_out == 4 + 3  # and three files of metadata
    links = {"acme/link.py": "models/x.py", "acme/out.py": "/etc/passwd"}
    sdist = read_archive(make_sdist(tmp_path, "acme", "1.0", FILES, links=links))
    assert set(sdist.files) == {*FILES, "setup.py"}
    assert sdist.left_out == 2 + 1


def test_a_release_is_as_old_as_its_newest_file(tmp_path: Path) -> None:
    """The time is UTC; a time that no build can have had is not believed."""
    for make in (make_wheel, make_sdist):
        assert read_archive(make(tmp_path, "acme", "1.0", FILES)).newest == BUILT
        far = datetime(2106, 1, 1, tzinfo=UTC)
        assert read_archive(make(tmp_path, "acme", "2.0", FILES, at=far)).newest < BUILT
    later = make_wheel(tmp_path, "acme", "3.0", FILES, at=BUILT + timedelta(days=1))
    assert read_archive(later).newest == BUILT + timedelta(days=1)


@pytest.mark.parametrize("name", ["../evil.py", "/etc/evil.py", "a/../../evil.py", "C:/x.py"])
@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_a_member_that_leads_outside_condemns_the_archive(
    tmp_path: Path, name: str, kind: str
) -> None:
    """Nothing is read from it, and the error names the member."""
    if kind == "wheel":
        path = make_wheel(tmp_path, "acme", "1.0", {**FILES, name: "x\n"})
    else:
        path = tmp_path / "acme-1.0.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            archive.addfile(tarfile.TarInfo(name))
    with pytest.raises(SourceError, match="outside its folder") as told:
        read_archive(path)
    assert repr(name) in told.value.what
    assert not list(tmp_path.rglob("evil.py"))


def test_a_broken_archive_is_told(tmp_path: Path) -> None:
    """Cut short, no archive at all, locked with a password, or empty."""
    cut = make_wheel(tmp_path, "acme", "1.0", FILES)
    cut.write_bytes(cut.read_bytes()[:-30])
    tar = make_sdist(tmp_path, "acme", "1.0", {"a.py": "x = 1\n" * 9000})
    tar.write_bytes(tar.read_bytes()[:-90])
    fake = tmp_path / "acme-2.0.tar.gz"
    fake.write_text("<html>not found</html>")
    for path in (cut, tar, fake):
        with pytest.raises(SourceError, match="cannot be read") as told:
            read_archive(path)
        assert told.value.where is not None
        assert told.value.where.path == str(path)
    bare = tmp_path / "acme-3.0-py3-none-any.whl"
    with zipfile.ZipFile(bare, "w"):
        pass
    with pytest.raises(SourceError, match="holds no source"):
        read_archive(bare)
