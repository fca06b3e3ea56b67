"""The endpoint against a real server on this machine that answers well, wrongly, late and slyly."""

from __future__ import annotations

import gzip
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chat_server import Model, Play, Served, said, servers
from workbench.endpoint import EndpointSettings, is_loopback, open_endpoint, read_settings
from workbench.errors import EndpointError, WorkbenchError

SECRET = "password=hunter2hunter2"


@pytest.fixture
def serve() -> Iterator[Callable[[Play], Served]]:
    """Start servers that end with the test."""
    with servers() as start:
        yield start


def opened(served: Served, **more: Any) -> Callable[[str], str]:
    return open_endpoint(EndpointSettings(url=served.url, model="small", **more))


def test_a_prompt_goes_out_and_an_answer_comes_back(serve: Any) -> None:
    """Both without secrets, and the request tells nothing about this machine."""
    served = serve(lambda model: model.answer(said(f"I read {SECRET} there")))
    assert opened(served)(f"look:\n{SECRET}\n") == "I read password=<secret:password> there"
    ((headers, sent),) = served.asked
    assert sent["model"] == "small"
    assert sent["messages"] == [{"role": "user", "content": "look:\npassword=<secret:password>\n"}]
    assert set(headers) <= {"host", "content-type", "content-length", "accept"}


def test_a_key_of_the_environment_is_sent_and_never_told(
    serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the variable that the settings name is sent; an answer that repeats it does not."""
    monkeypatch.setenv("MODEL_KEY", "plain-words-nobody-knows")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-somebody")
    served = serve(lambda model: model.answer(said("it was plain-words-nobody-knows")))
    assert opened(served, api_key_env="MODEL_KEY")("hello") == "it was <secret:api-key>"
    ((headers, _),) = served.asked
    assert headers["authorization"] == "Bearer plain-words-nobody-knows"
    assert "org-of-somebody" not in str(headers)
    refused = serve(lambda model: model.answer(b"plain-words-nobody-knows?", code=401))
    with pytest.raises(EndpointError) as caught:
        opened(refused, api_key_env="MODEL_KEY")("hello")
    assert "plain-words" not in str(caught.value)


def test_half_a_character_is_replaced(serve: Any) -> None:
    """An answer can be written wherever it goes."""
    served = serve(lambda model: model.answer(said("odd \ud800 one")))
    assert opened(served)("hello") == "odd ? one"


def drip(model: Model) -> None:
    """Answer a byte at a time, each in time."""
    model.send_response(200)
    model.send_header("content-type", "application/json")
    model.end_headers()
    for _ in range(60):
        model.wfile.write(b" ")
        model.wfile.flush()
        time.sleep(0.05)


def endless(model: Model) -> None:
    """Answer without an end."""
    model.send_response(200)
    model.send_header("content-type", "application/json")
    model.end_headers()
    for _ in range(64):
        model.wfile.write(b" " * 65_536)


def packed(model: Model) -> None:
    """Answer what unpacks to more than was read."""
    model.answer(gzip.compress(said("x" * 100_000)), content_encoding="gzip")


@pytest.mark.parametrize(
    ("play", "part"),
    [
        (lambda model: model.answer(b"<html>hello</html>", content_type="text/html"), "no text"),
        (lambda model: model.answer(b"{"), "gave no answer"),
        (lambda model: model.answer(b"[]"), "no text"),
        (lambda model: model.answer(b"null"), "no text"),
        (lambda model: model.answer(b'{"choices": []}'), "no text"),
        (lambda model: model.answer(b'{"choices": 7}'), "no text"),
        (lambda model: model.answer(b'{"choices": ["x"]}'), "no text"),
        (lambda model: model.answer(said(None)), "no text"),
        (lambda model: model.answer(said(["x"])), "no text"),
        (lambda model: model.answer(said("  ")), "no text"),
        (lambda model: model.answer(b"[" * 500_000), "gave no answer"),
        (lambda model: model.answer(b"\xff\xfe\x00"), "gave no answer"),
        (lambda model: model.answer(b'{"error": "no"}', code=500), "500"),
        (lambda model: model.answer(b"wait", code=429, retry_after="9"), "429"),
        (lambda model: model.connection.close(), "gave no answer"),
        (endless, "longer than"),
        (packed, "packed"),
    ],
)
def test_what_is_no_answer_is_an_error(serve: Any, play: Play, part: str) -> None:
    """Malformed, endless, packed: one short error after one request."""
    served = serve(play)
    with pytest.raises(EndpointError, match=part) as caught:
        opened(served)("hello")
    assert len(str(caught.value)) < 400
    assert len(served.asked) == 1


@pytest.mark.parametrize(
    ("play", "part"), [(lambda model: time.sleep(1), "gave no answer"), (drip, "0.4 seconds")]
)
def test_no_answer_is_waited_for_longer_than_said(serve: Any, play: Play, part: str) -> None:
    """Silence and a byte now and then end alike, though each byte comes in time."""
    ask = opened(serve(play), timeout_seconds=0.4)
    begun = time.monotonic()
    with pytest.raises(EndpointError, match=part):
        ask("hello")
    assert time.monotonic() - begun < 1.5


def test_no_redirect_is_followed(serve: Any) -> None:
    """An endpoint on this machine cannot send the prompt on to another one."""
    other = serve(lambda model: model.answer(said("mine now")))
    to = f"{other.url}/chat/completions"
    for code in (302, 307, 308):
        first = serve(lambda model, code=code: model.answer(b"", code=code, location=to))
        with pytest.raises(EndpointError):
            opened(first)("hello")
    assert other.asked == []


def test_no_proxy_of_the_environment_is_used(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is for this machine does not leave by a proxy."""
    proxy = serve(lambda model: model.answer(said("by proxy")))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url.removesuffix("/v1"))
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    served = serve(lambda model: model.answer(said("straight")))
    assert opened(served)("hello") == "straight"
    assert proxy.asked == []


def test_nobody_listens() -> None:
    """An endpoint that is not up is said with its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(EndpointError, match=r"127\.0\.0\.1"):
        open_endpoint(EndpointSettings(url=url, model="small"))("hello")


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("LOCALHOST", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("127.0.0.1.example.org", False),
        ("localhost.example.org", False),
        ("2130706433", False),
        ("example.org", False),
    ],
)
def test_what_counts_as_this_machine(host: str, here: bool) -> None:
    """Loopback addresses and ``localhost``, nothing that has to be looked up."""
    assert is_loopback(host) is here


@pytest.mark.parametrize(
    ("url", "remote", "part"),
    [
        ("https://models.example.org/v1", False, "another machine"),
        ("http://10.1.2.3/v1", False, "another machine"),
        ("http://127.0.0.1@evil.example.org/v1", True, "credentials"),
        ("http://me:hunter2@127.0.0.1/v1", True, "credentials"),
        ("file:///etc/passwd", True, "address"),
        ("127.0.0.1:80", False, "address"),
        ("http://[::1/v1", False, "address"),
        ("http://127.0.0.1:port/v1", False, "address"),
    ],
)
def test_an_address_that_is_not_asked(url: str, remote: bool, part: str) -> None:
    """Refused before anything is sent, and no password is repeated."""
    with pytest.raises(EndpointError, match=part) as caught:
        open_endpoint(EndpointSettings(url=url, model="m", remote=remote))
    assert "hunter2" not in str(caught.value)


def test_another_machine_when_it_is_wanted() -> None:
    """``remote = true`` lets an address of another machine be opened."""
    settings = EndpointSettings(url="https://models.example.org/v1", model="m", remote=True)
    assert callable(open_endpoint(settings))


def test_an_empty_variable_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is named and not there is the caller's to set."""
    monkeypatch.setenv("MODEL_KEY", " ")
    settings = EndpointSettings(url="http://localhost/v1", model="m", api_key_env="MODEL_KEY")
    with pytest.raises(EndpointError, match="MODEL_KEY"):
        open_endpoint(settings)


def test_settings_of_a_file(tmp_path: Path) -> None:
    """Off without a file or a table; the table's values otherwise."""
    path = tmp_path / "workbench.toml"
    assert read_settings(path) is None
    path.write_text("[other]\nx = 1\n")
    assert read_settings(path) is None
    path.write_text('[endpoint]\nurl = "http://localhost:1/v1"\nmodel = "m"\n')
    settings = EndpointSettings(url="http://localhost:1/v1", model="m")
    assert read_settings(path) == settings
    assert not settings.remote


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[endpoint", "cannot be read"),
        ("endpoint = 1", "no table"),
        ("[endpoint]\nmodel = 'm'", "endpoint.url"),
        ("[endpoint]\nurl = 'http://localhost'\nmodel = ''", "endpoint.model"),
        ("[endpoint]\nurl = 'u'\nmodel = 'm'\nkey = 'x'", "endpoint.key"),
        ("[endpoint]\nurl = 'u'\nmodel = 'm'\nremote = 1", "endpoint.remote"),
        ("[endpoint]\nurl = 'u'\nmodel = 'm'\nremote = 'no'", "endpoint.remote"),
        ("[endpoint]\nurl = 'u'\nmodel = 'm'\ntimeout_seconds = true", "endpoint.timeout"),
        ("[endpoint]\nurl = 'u'\nmodel = 'm'\ntimeout_seconds = 0", "endpoint.timeout"),
        ("[endpoint]\nurl = 'u'\nmodel = 'm'\ntimeout_seconds = nan", "endpoint.timeout"),
        ("[endpoint]\nurl = 'u'\nmodel = 'm'\ntimeout_seconds = inf", "endpoint.timeout"),
        ("[endpoint]\nurl = 5\nmodel = 'm'", "endpoint.url"),
    ],
)
def test_settings_that_are_wrong(tmp_path: Path, text: str, part: str) -> None:
    """Each is said with the file and the key."""
    path = tmp_path / "workbench.toml"
    path.write_text(text)
    with pytest.raises(WorkbenchError, match=part) as caught:
        read_settings(path)
    assert str(path) in str(caught.value)


def test_the_client_is_not_imported_before_it_is_needed() -> None:
    """Importing the module costs nothing of the client library."""
    code = "import sys, workbench.endpoint; assert not {'openai', 'httpx2'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
