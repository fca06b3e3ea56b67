"""A chat server on this machine that plays what a test asks of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Play = Callable[["Model"], None]


def said(text: object) -> bytes:
    """An answer as the protocol has it."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}}
    return json.dumps({"id": "1", "object": "chat.completion", "choices": [choice]}).encode()


class Model(BaseHTTPRequestHandler):
    """Plays one kind of server; what it was sent is kept."""

    play: Play
    asked: list[tuple[dict[str, str], Any]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.asked.append(({k.lower(): v for k, v in self.headers.items()}, json.loads(body)))
        type(self).play(self)

    def answer(self, body: bytes, *, code: int = 200, **headers: str) -> None:
        self.send_response(code)
        told = {"content-type": "application/json", "content-length": str(len(body))}
        for name, value in (told | {k.replace("_", "-"): v for k, v in headers.items()}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        """Say nothing."""


class Served:
    """A server on a free port of this machine."""

    def __init__(self, play: Play) -> None:
        self.asked: list[tuple[dict[str, str], Any]] = []
        handler = type("Playing", (Model,), {"play": staticmethod(play), "asked": self.asked})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


@contextmanager
def servers() -> Iterator[Callable[[Play], Served]]:
    """Start servers that end with the block."""
    begun: list[Served] = []

    def start(play: Play) -> Served:
        begun.append(Served(play))
        return begun[-1]

    yield start
    for served in begun:
        served.server.shutdown()
        served.server.server_close()
