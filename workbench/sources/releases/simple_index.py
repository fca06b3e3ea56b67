"""What a package index offers of a distribution, read from its simple pages; nothing is built."""

from __future__ import annotations

import ast
import base64
import hashlib
import http.client
import json
import ssl
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import IO

from packaging.utils import canonicalize_name

TIMEOUT_SECONDS = 15.0
_ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
_DIGESTS = ("sha256", "sha384", "sha512")
_BUFFER_BYTES = 1 << 20
_FAILURES = (OSError, http.client.HTTPException, ValueError)

_DEFAULT_INDEX = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexFile:
    """A file that an index offers, with a digest when the index gives one we can check."""

    name: str
    url: str
    algorithm: str = ""
    digest: str = ""


class SilentIndexError(OSError):
    """No index gave an answer."""


def offered_files(distribution: str) -> list[IndexFile]:
    """Every file of a distribution on the indexes that pip is set to.

    Parameters
    ----------
    distribution : str
        Its name.

    Returns
    -------
    list of IndexFile
        Empty when an index answered that it has no such distribution.

    Raises
    ------
    SilentIndexError
        No index answered.
    """
    settings = _pip_settings()
    found: list[IndexFile] = []
    silent: list[str] = []
    answered = False
    for address in _addresses(settings):
        page = f"{address.rstrip('/')}/{canonicalize_name(distribution)}/"
        try:
            with _opened(page, settings) as (answer, kind):
                text = answer.read()
            found += _listed(text, kind, page)
            answered = True
        except urllib.error.HTTPError as error:
            answered = answered or error.code in (403, 404, 410)
            if not answered:
                silent.append(f"{_public(address)} ({error.code})")
        except FileNotFoundError:
            answered = True
        except _FAILURES as error:
            silent.append(f"{_public(address)} ({error})")
    if not answered:
        raise SilentIndexError(", ".join(silent))
    return found


def fetch(file: IndexFile, folder: Path) -> Path:
    """Download a file and check it against the digest that the index gives.

    Parameters
    ----------
    file : IndexFile
        As offered.
    folder : Path
        Where it is put, under its own name.

    Returns
    -------
    Path

    Raises
    ------
    SilentIndexError
        The index did not answer.
    ValueError
        What came is not what the index says it is.
    """
    place = folder / Path(file.name).name
    checked = hashlib.new(file.algorithm or "sha256")
    try:
        with _opened(file.url, _pip_settings()) as (answer, _), place.open("wb") as out:
            while piece := answer.read(_BUFFER_BYTES):
                checked.update(piece)
                out.write(piece)
    except (OSError, http.client.HTTPException) as error:
        raise SilentIndexError(f"{_public(file.url)} ({error})") from error
    if file.digest and checked.hexdigest() != file.digest:
        place.unlink()
        raise ValueError(f"{file.name} has another {file.algorithm} than the index says")
    return place


def _pip_settings() -> dict[str, str]:
    """Settings of pip, the stronger over the weaker: global, of downloads, from the environment."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list", "--disable-pip-version-check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    settings: dict[str, str] = {}
    for section in ("global.", "download.", ":env:."):
        for line in listed.stdout.splitlines():
            key, _, value = line.partition("=")
            if key.startswith(section):
                settings[key.removeprefix(section)] = str(ast.literal_eval(value))
    return settings


def _addresses(settings: dict[str, str]) -> list[str]:
    if settings.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        return []
    first = settings.get("index-url") or _default_index()
    return [first, *settings.get("extra-index-url", "").split()]


def _default_index() -> str:
    """The index that pip asks when nobody says which; only pip knows."""
    asked = [sys.executable, "-c", _DEFAULT_INDEX]
    return subprocess.run(
        asked, capture_output=True, text=True, check=True, timeout=60
    ).stdout.strip()


@contextmanager
def _opened(url: str, settings: dict[str, str]) -> Iterator[tuple[IO[bytes], str]]:
    """An answer and its content type; a folder is its ``index.html``."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme == "file":
        path = Path(urllib.request.url2pathname(parts.path))
        with (path / "index.html" if path.is_dir() else path).open("rb") as file:
            yield file, "text/html"
        return
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"an address that begins with {parts.scheme!r}")
    host = parts.netloc.rpartition("@")
    request = urllib.request.Request(
        urllib.parse.urlunsplit(parts._replace(netloc=host[2])), headers={"Accept": _ACCEPT}
    )
    if host[0]:
        user = urllib.parse.unquote(host[0]).encode()
        request.add_header("Authorization", f"Basic {base64.b64encode(user).decode()}")
    trusted = ssl.create_default_context(cafile=settings.get("cert") or None)
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS, context=trusted) as answer:
        yield answer, answer.headers.get_content_type()


def _listed(text: bytes, kind: str, page: str) -> list[IndexFile]:
    if kind.endswith("json"):
        return [
            _file(one["filename"], one["url"], one.get("hashes", {}), page)
            for one in json.loads(text)["files"]
        ]
    anchors = _Anchors()
    anchors.feed(text.decode("utf-8", "replace"))
    files = []
    for href in anchors.hrefs:
        url, _, fragment = href.partition("#")
        name = urllib.parse.unquote(urllib.parse.urlsplit(url).path).rpartition("/")[2]
        files.append(_file(name, url, dict(urllib.parse.parse_qsl(fragment)), page))
    return files


def _file(name: str, url: str, hashes: dict[str, str], page: str) -> IndexFile:
    best = next((a for a in _DIGESTS if a in hashes), "")
    whole = urllib.parse.urljoin(page, url)
    return IndexFile(name=name, url=whole, algorithm=best, digest=hashes.get(best, ""))


class _Anchors(HTMLParser):
    """The addresses that a page links to."""

    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a link."""
        href = dict(attrs).get("href")
        if tag == "a" and href:
            self.hrefs.append(href)


def _public(url: str) -> str:
    """An address without the user and password in it."""
    parts = urllib.parse.urlsplit(url)
    return urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
