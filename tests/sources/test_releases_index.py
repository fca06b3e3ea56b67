"""Where archives come from: pip's own index, its cache, files; each silence and absence told."""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.version import Version

from tests.sources.archives_made import make_index, make_sdist, make_wheel
from workbench.errors import SourceError
from workbench.sources.releases import index, simple_index
from workbench.sources.releases.index import archive_of, archives_at_hand, version_of
from workbench.sources.releases.simple_index import SilentIndexError, fetch, offered_files

FILES = {"acme/a.py": "a\n"}
ONE, TWO = Version("1.0"), Version("2.0")


@pytest.fixture(autouse=True)
def _only_our_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine's pip reaches a test."""
    for name in ("EXTRA_INDEX_URL", "FIND_LINKS", "CERT", "NO_INDEX", "DEFAULT_TIMEOUT"):
        monkeypatch.delenv(f"PIP_{name}", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", (tmp_path / "no-index").as_uri())
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")


def refuse(*args: object, **kwargs: object) -> None:
    """Stands in for a program that must not be started."""
    raise AssertionError(f"started {args}")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Acme_Core-1.0-py3-none-any.whl", ("acme-core", ONE)),
        ("acme_core-1.0-1-cp311-cp311-linux_x86_64.whl", ("acme-core", ONE)),
        ("acme.core-1.0.tar.gz", ("acme-core", ONE)),
        ("acme-core-1.0.0.tar.gz", ("acme-core", ONE)),
        ("acme-core-1.0.zip", None),
        ("acme.whl", None),
        ("acme-x.tar.gz", None),
        ("notes.txt", None),
    ],
)
def test_an_archives_name_says_what_it_is(name: str, said: tuple[str, Version] | None) -> None:
    """Spellings of one distribution and of one version are equal."""
    assert version_of(name) == said


def test_a_wheel_is_fetched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pip downloads it, building nothing; the next time nothing is started at all."""
    wheel = make_wheel(tmp_path / "built", "acme", "1.0", FILES)
    sdist = make_sdist(tmp_path / "built", "acme", "1.0", FILES)
    monkeypatch.setenv("PIP_INDEX_URL", make_index(tmp_path / "index", "acme", [wheel, sdist]))
    cache = tmp_path / "cache"
    first = archive_of("Acme", ONE, cache=cache)
    assert first == cache / wheel.name
    assert first.read_bytes() == wheel.read_bytes()
    monkeypatch.setattr(subprocess, "run", refuse)
    assert archive_of("acme", ONE, cache=cache) == first
    assert [path.name for path in cache.iterdir()] == [wheel.name]


def test_without_a_wheel_the_sdist_is_fetched_and_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its digest must be the index's; its setup.py is never run."""
    sdist = make_sdist(tmp_path / "built", "acme", "1.0", FILES)
    alien = make_wheel(tmp_path / "built", "acme", "2.0", FILES, tag="cp27-cp27m-win32")
    archives = [sdist, alien]
    monkeypatch.setenv("PIP_INDEX_URL", make_index(tmp_path / "index", "acme", archives))
    assert archive_of("acme", ONE, cache=tmp_path / "cache").read_bytes() == sdist.read_bytes()
    monkeypatch.setattr(index, "_wheel", lambda *_: None)
    with pytest.raises(SourceError, match="only as wheels for other machines"):
        archive_of("acme", TWO, cache=tmp_path / "cache")

    false = make_index(tmp_path / "false", "acme", archives, wrong=True)
    monkeypatch.setenv("PIP_INDEX_URL", false)
    with pytest.raises(SourceError, match="another sha256"):
        archive_of("acme", ONE, cache=tmp_path / "other")
    assert list((tmp_path / "other").iterdir()) == []


def test_a_version_or_distribution_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The versions that are there are listed in order."""
    wheels = [make_wheel(tmp_path / "w", "acme", v, FILES) for v in ("1.10", "1.9", "2.0rc1")]
    monkeypatch.setenv("PIP_INDEX_URL", make_index(tmp_path / "index", "acme", wheels))
    with pytest.raises(SourceError, match=r"no acme 3\.0") as told:
        archive_of("acme", Version("3.0"), cache=tmp_path / "cache")
    assert told.value.right == "Versions there: 1.9, 1.10, 2.0rc1."
    monkeypatch.setattr(index, "_wheel", lambda *_: None)
    with pytest.raises(SourceError, match="no distribution 'acne'"):
        archive_of("acne", ONE, cache=tmp_path / "cache")


def test_an_environment_without_pip_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some environments come without it; the error says what to do."""
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -S -E "$@"\n')
    bare.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(bare))
    with pytest.raises(SourceError, match="pip is not installed") as told:
        archive_of("acme", ONE, cache=tmp_path / "cache")
    assert "ensurepip" in told.value.todo


def test_a_pip_that_never_ends_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A download has an end, whatever the index does."""
    slow = tmp_path / "python"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(slow))
    monkeypatch.setattr(index, "DOWNLOAD_SECONDS", 0.2)
    with pytest.raises(SourceError, match="does not answer: pip was stopped"):
        archive_of("acme", ONE, cache=tmp_path / "cache")


class Answers(http.server.BaseHTTPRequestHandler):
    """An index over HTTP: one distribution as JSON, one as a page, one that fails, one silent."""

    def do_GET(self) -> None:
        """Answer by the distribution's name."""
        name = self.path.strip("/").split("/")[-1]
        if name == "silent":
            time.sleep(2)
            return
        if name == "locked" and self.headers["Authorization"] != "Basic bWU6YSBi":
            self.send_error(401)
            return
        body, kind = ANSWERS.get(name, (b"", ""))
        if not kind:
            self.send_error(500 if name == "failing" else 404)
            return
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


JSON = json.dumps(
    {"files": [{"filename": "acme-1.0.tar.gz", "url": "../f/acme-1.0.tar.gz", "hashes": {}}]}
)
HTML = '<a href="/f/acme-1.0.tar.gz#sha256=00">x</a><a href="acme%2B-2.0.tar.gz">y</a><a>z</a>'
ANSWERS = {
    "as-json": (JSON.encode(), "application/vnd.pypi.simple.v1+json"),
    "as-html": (HTML.encode(), "text/html"),
    "locked": (JSON.encode(), "application/vnd.pypi.simple.v1+json"),
    "acme-1.0.tar.gz": (b"archive", "application/gzip"),
}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a running index, which pip is set to."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as running:
        running.daemon_threads = True
        running.block_on_close = False
        threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True).start()
        address = f"127.0.0.1:{running.server_address[1]}"
        monkeypatch.setenv("PIP_INDEX_URL", f"http://{address}/simple/")
        yield address
        running.shutdown()


def test_both_forms_of_an_index_are_read(server: str, tmp_path: Path) -> None:
    """JSON or a page of links, relative addresses and digests included."""
    (one,) = offered_files("as-json")
    assert (one.name, one.url) == ("acme-1.0.tar.gz", f"http://{server}/simple/f/acme-1.0.tar.gz")
    assert fetch(one, tmp_path).read_bytes() == b"archive"
    other, plus = offered_files("as.html")
    assert (other.url, other.algorithm, other.digest) == (
        f"http://{server}/f/acme-1.0.tar.gz", "sha256", "00",
    )  # fmt: skip
    assert plus.name == "acme+-2.0.tar.gz"
    with pytest.raises(ValueError, match="another sha256"):
        fetch(other, tmp_path)
    assert offered_files("absent") == []


def test_an_index_that_does_not_answer_is_no_empty_index(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Errors, silence and refused connections are told; an index beside it may still answer."""
    monkeypatch.setattr(simple_index, "TIMEOUT_SECONDS", 0.3)
    for name, why in (("failing", "500"), ("silent", "timed out")):
        with pytest.raises(SilentIndexError, match=why):
            offered_files(name)
    monkeypatch.setenv("PIP_INDEX_URL", "http://me:secret@127.0.0.1:9/simple")
    with pytest.raises(SilentIndexError, match="refused") as told:
        offered_files("as-json")
    assert "secret" not in str(told.value)
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", f"http://{server}/simple ftp://x/simple")
    assert len(offered_files("as-json")) == 1
    monkeypatch.setattr(index, "TIMEOUT_SECONDS", 1)
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL")
    with pytest.raises(SourceError, match="package index does not answer") as error:
        archive_of("acme", ONE, cache=tmp_path / "cache")
    assert "secret" not in str(error.value)


def test_a_user_in_the_address_is_used(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index that asks for a user gets the one of pip's settings."""
    monkeypatch.setenv("PIP_INDEX_URL", f"http://me:a%20b@{server}/simple")
    assert len(offered_files("locked")) == 1


def test_files_at_hand_must_be_the_versions_archives(tmp_path: Path) -> None:
    """A wheel goes before an sdist; strangers, gaps and absent files are told by name."""
    wheel = make_wheel(tmp_path, "acme", "1.0", FILES)
    sdist, other = (make_sdist(tmp_path, "acme", v, FILES) for v in ("1.0", "2.0"))
    found = archives_at_hand([wheel, sdist, other], "ACME", [ONE, TWO])
    assert found == {ONE: wheel, TWO: other}
    with pytest.raises(SourceError, match="No file for acme 3") as told:
        archives_at_hand([wheel, other], "acme", [ONE, Version("3")])
    assert told.value.right == "Files were given for 1.0, 2.0."
    with pytest.raises(SourceError, match="no archive of other"):
        archives_at_hand([wheel], "other", [ONE])
    with pytest.raises(SourceError, match="no such file"):
        archives_at_hand([tmp_path / "acme-9.tar.gz"], "acme", [ONE])
