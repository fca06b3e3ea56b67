"""A chat model behind an OpenAI-compatible endpoint, if one is configured: text in, text out."""

from __future__ import annotations

import ipaddress
import os
import threading
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from workbench.errors import EndpointError, Place
from workbench.text.printable import printable
from workbench.text.redact import redact

if TYPE_CHECKING:
    import httpx2

Ask = Callable[[str], str]
"""Sends a prompt and gives the answer, both without secrets; raises EndpointError."""
SETTINGS_FILE = Path("workbench.toml")
TABLE = "endpoint"
MOST_BYTES = 1 << 20
LONGEST_SAID = 200
LONGEST_WAIT_SECONDS = 600
# The library tells its version, the machine and whatever the environment names beside the request.
HEADERS_SENT = frozenset({"host", "content-type", "content-length", "accept", "authorization"})
REFUSAL = "It is on another machine."
INSTALL = "Install it: pip install 'incident-workbench[model]'"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSettings:
    """The table ``[endpoint]`` of ``workbench.toml``.

    Parameters
    ----------
    url : str
        Where the API begins, for example ``http://127.0.0.1:11434/v1``.
    model : str
        What the endpoint calls the model.
    api_key_env : str, optional
        Name of the environment variable that holds the key; without it none is sent.
    timeout_seconds : float
        How long one answer may take, all in all.
    remote : bool
        Whether the endpoint may be on another machine.
    """

    url: str
    model: str
    api_key_env: str | None = None
    timeout_seconds: float = 30.0
    remote: bool = False


KINDS: Mapping[str, tuple[type, ...]] = {
    "url": (str,),
    "model": (str,),
    "api_key_env": (str,),
    "timeout_seconds": (int, float),
    "remote": (bool,),
}


def read_settings(path: Path = SETTINGS_FILE) -> EndpointSettings | None:
    """Return the endpoint that a settings file names; None where there is no file or no table.

    Raises
    ------
    EndpointError
        The file is no TOML, or the table is not of the right shape.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        what = f"The settings cannot be read: {printable(str(error))}"
        raise EndpointError(what, where=Place(path=str(path))) from error
    if TABLE not in data:
        return None
    table = data[TABLE]
    if not isinstance(table, dict):
        raise _wrong(path, "", f"[{TABLE}] is no table.")
    for key, value in table.items():
        if key not in KINDS:
            raise _wrong(path, key, "Unknown key.", right=f"There are: {', '.join(KINDS)}.")
        # a boolean is an int to Python, and no number of seconds
        if not isinstance(value, KINDS[key]) or (isinstance(value, bool) and key != "remote"):
            kinds = " or ".join(kind.__name__ for kind in KINDS[key])
            raise _wrong(path, key, f"Is {type(value).__name__}.", right=f"It is {kinds}.")
    for key in (field.name for field in fields(EndpointSettings)[:2]):
        if not table.get(key):
            raise _wrong(path, key, "Is missing.")
    settings = EndpointSettings(**table)
    if not 0 < settings.timeout_seconds <= LONGEST_WAIT_SECONDS:
        right = f"More than 0, and at most {LONGEST_WAIT_SECONDS}."
        raise _wrong(path, "timeout_seconds", "Is no time to wait.", right=right)
    return settings


def open_endpoint(settings: EndpointSettings) -> Ask:
    """Return a callable that sends a prompt to the model and gives its answer.

    Secrets are taken out of the prompt before it leaves, and out of the answer. It asks once: no
    retry, no redirect, no proxy of the environment.

    Raises
    ------
    EndpointError
        The address is none, or on another machine without ``remote = true``; the key's variable is
        empty; the client library is not installed. Called: no answer in time, or none that is one.
    """
    _check_address(settings)
    key = _key(settings)
    try:
        import openai
    except ImportError as error:
        what = "The client library of the endpoint is not installed."
        raise EndpointError(what, todo=INSTALL) from error

    def ask(prompt: str) -> str:
        sent = redact(prompt)
        try:
            answer = _in_time(lambda: _answer(settings, key, sent), settings.timeout_seconds)
        # the library lets the errors of parsing through: no JSON, not UTF-8, nested too deeply
        except (openai.OpenAIError, ValueError, RecursionError) as error:
            what = f"The endpoint gave no answer: {_said(error, key)}"
            raise EndpointError(what, where=Place(path=settings.url)) from error
        return redact(answer.replace(key, "<secret:api-key>") if key else answer)

    return ask


def _wrong(path: Path, key: str, what: str, *, right: str = "") -> EndpointError:
    at = f"{TABLE}.{key}" if key else TABLE
    return EndpointError(what, where=Place(path=str(path), at=at), right=right)


def _check_address(settings: EndpointSettings) -> None:
    where = Place(path=settings.url)
    try:
        parts = urlsplit(settings.url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise EndpointError("The endpoint's address is none.", where=where) from error
    if parts.scheme not in ("http", "https") or not host:
        right = "It is like http://127.0.0.1:11434/v1."
        raise EndpointError("The endpoint's address is none.", where=where, right=right)
    if parts.username or parts.password:
        # not repeated: it holds a secret
        what, todo = "The endpoint's address holds credentials.", "Name api_key_env instead."
        raise EndpointError(what, todo=todo)
    if not settings.remote and not is_loopback(host):
        right = "Without `remote = true` only an endpoint on this machine is asked."
        raise EndpointError(REFUSAL, where=where, right=right)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its address or as ``localhost``: no name is looked up."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _key(settings: EndpointSettings) -> str:
    if settings.api_key_env is None:
        return ""
    key = os.environ.get(settings.api_key_env, "").strip()
    if not key:
        what = f"The environment variable {settings.api_key_env} is empty."
        raise EndpointError(what, todo="Set it to the endpoint's key, or take api_key_env away.")
    return key


def _in_time(work: Callable[[], str], seconds: float) -> str:
    """Return what the work gives, or stop waiting: a server may answer a byte at a time for ever.

    Raises
    ------
    EndpointError
        It took longer.
    """
    done: list[str] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True, name="endpoint")
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not done:
        raise EndpointError(f"The endpoint gave no answer in {seconds:g} seconds.")
    return done[0]


def _answer(settings: EndpointSettings, key: str, prompt: str) -> str:
    import httpx2
    import openai

    timeout = httpx2.Timeout(settings.timeout_seconds)
    with (
        httpx2.Client(transport=_bounded(), trust_env=False, timeout=timeout) as http,
        openai.OpenAI(
            base_url=settings.url,
            api_key=key or "none",
            max_retries=0,
            timeout=timeout,
            http_client=http,
        ) as client,
    ):
        told: Any = client.chat.completions.create(
            model=settings.model,
            messages=[{"role": "user", "content": prompt}],
            temperature=0,
        )
    # The library believes what comes back to have the right shape, whatever it is.
    choices = getattr(told, "choices", None)
    first = choices[0] if isinstance(choices, list) and choices else None
    text = getattr(getattr(first, "message", None), "content", None)
    if not isinstance(text, str) or not text.strip():
        where = Place(path=settings.url)
        raise EndpointError("The endpoint's answer holds no text of a model.", where=where)
    # half a surrogate is text to JSON, and cannot be written anywhere
    return text.encode("utf-8", "replace").decode("utf-8")


def _bounded() -> httpx2.BaseTransport:
    """A transport that sends the needed headers only, and reads answers of bounded size."""
    import httpx2

    class Bounded(httpx2.HTTPTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            for name in {name.lower() for name in request.headers} - HEADERS_SENT:
                del request.headers[name]
            if request.headers.get("authorization") == "Bearer none":
                del request.headers["authorization"]
            response = super().handle_request(request)
            # What was not asked for could unpack to any size.
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                raise httpx2.RemoteProtocolError("The answer is packed.", request=request)
            stream: Any = response.stream
            response.stream = _stream(stream, request)
            return response

    return Bounded()


def _stream(inner: httpx2.SyncByteStream, request: httpx2.Request) -> httpx2.SyncByteStream:
    import httpx2

    class Counted(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            read = 0
            for chunk in inner:
                read += len(chunk)
                if read > MOST_BYTES:
                    what = f"The answer is longer than {MOST_BYTES:,} bytes."
                    raise httpx2.RemoteProtocolError(what, request=request)
                yield chunk

        def close(self) -> None:
            inner.close()

    return Counted()


def _said(error: Exception, key: str) -> str:
    """What went wrong, with its cause, as one short line without secrets."""
    cause = error.__cause__
    text = f"{error}{f' ({cause})' if cause else ''}"
    line = " ".join((text.replace(key, "<secret:api-key>") if key else text).split())
    return printable(redact(line))[:LONGEST_SAID]
