"""GET requests to one Airflow server: patient with a server that stumbles, blunt with a refusal."""

from __future__ import annotations

import base64
import http.client
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from workbench.errors import SourceError
from workbench.text.redact import redact

TOKEN, USER, PASSWORD = "AIRFLOW_API_TOKEN", "AIRFLOW_API_USER", "AIRFLOW_API_PASSWORD"
TRIES = 5
TIMEOUT_SECONDS = 30.0
MOST_WAIT_SECONDS = 30.0
MOST_BYTES = 64 << 20
PASSING = (408, 425, 429, 500, 502, 503, 504)
CUT = (http.client.HTTPException, ConnectionError, TimeoutError, urllib.error.URLError)
HOW = f"Put a token into {TOKEN}, or a name and a password into {USER} and {PASSWORD}."


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Login:
    """What the server is asked with; it is shown nowhere."""

    token: str = ""
    user: str = ""
    password: str = ""

    @classmethod
    def of_environment(cls, environment: Mapping[str, str] | None = None) -> Login:
        """Token, or user and password, of AIRFLOW_API_TOKEN, _USER and _PASSWORD."""
        given = os.environ if environment is None else environment
        return cls(
            token=given.get(TOKEN, "").strip(),
            user=given.get(USER, ""),
            password=given.get(PASSWORD, ""),
        )

    def header(self) -> dict[str, str]:
        """The header that says who asks; none without a login."""
        if self.token:
            return {"Authorization": f"Bearer {self.token}"}
        if self.user:
            pair = f"{self.user}:{self.password}".encode()
            return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(Exception):  # noqa: N818
    """The server's last word on one path: its status, or 0 when the answer is no JSON."""

    status: int
    reason: str


class Client:
    """One server, asked by GET only; it is never led to another address.

    Parameters
    ----------
    address : str
        ``http://host[:port][/prefix]``.
    login : Login
        What to ask with.
    sleep : callable
        How to wait between two tries.

    Raises
    ------
    SourceError
        It is no address of the web, or a login stands in it.
    """

    def __init__(
        self, address: str, *, login: Login, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        parts = urllib.parse.urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SourceError(
                "It is no address of a server.", right="http://host:port or https://..."
            )
        if parts.username or parts.password:
            raise SourceError("A login stands in the address: it would be kept.", todo=HOW)
        self.base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
        self.shown = redact(self.base)
        self.host = "".join(c if c.isalnum() or c in ".-" else "_" for c in parts.netloc)
        self._login, self._sleep = login, sleep
        self._opener = urllib.request.build_opener(_Stay)

    def get(self, path: str, query: Sequence[tuple[str, str]] = ()) -> Any:
        """Ask for a path; gives parsed JSON.

        Raises
        ------
        Refused
            The server will not give it, or gives no JSON.
        SourceError
            The login is refused, or the server cannot be reached in five tries.
        """
        asked = urllib.parse.urlencode(list(query))
        url = f"{self.base}{path}{'?' if asked else ''}{asked}"
        why = ""
        for turn in range(TRIES):
            try:
                return self._once(url)
            except urllib.error.HTTPError as fault:
                with fault:
                    why = f"HTTP {fault.code}"
                    if fault.code == 401:
                        raise SourceError(
                            f"{self.shown} does not accept the login (HTTP 401).", todo=HOW
                        ) from None
                    if fault.code not in PASSING:
                        raise Refused(status=fault.code, reason=why) from None
                    wait = _seconds(fault.headers.get("Retry-After"), turn)
            except CUT as fault:
                why, wait = redact(str(fault) or type(fault).__name__)[:200], _seconds(None, turn)
            if turn + 1 < TRIES:
                self._sleep(wait)
        raise SourceError(
            f"{self.shown} does not answer: {why}.",
            todo="Run it again when it does: what was answered is kept and not asked again.",
        )

    def _once(self, url: str) -> Any:
        headers = {"Accept": "application/json", **self._login.header()}
        request = urllib.request.Request(url, headers=headers, method="GET")
        with self._opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            body = answer.read(MOST_BYTES + 1)
            if answer.length:
                raise http.client.IncompleteRead(b"")
        if len(body) > MOST_BYTES:
            raise Refused(status=0, reason=f"the answer is larger than {MOST_BYTES:,} bytes")
        try:
            return json.loads(body.decode("utf-8", "replace"), parse_constant=str)
        except (ValueError, RecursionError):
            raise Refused(status=0, reason="the answer is no JSON") from None


class _Stay(urllib.request.HTTPRedirectHandler):
    """A token goes to the server that the user named, and to no other."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> None:
        del req, fp, code, msg, headers, newurl


def _seconds(told: str | None, turn: int) -> float:
    try:
        return min(max(float(told or ""), 0.0), MOST_WAIT_SECONDS)
    except ValueError:
        return float(min(0.5 * 2.0**turn, MOST_WAIT_SECONDS))
