"""Debian's chromium without a network: what the browser tests stand on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, sync_playwright

from tests.browser.pages import Opened

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser; where it is missing the tests are skipped, in CI they fail."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not found:
        reason = "chromium is not installed (Debian: apt-get install chromium)"
        if os.environ.get("WORKBENCH_CI") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Callable[..., Opened]]:
    """Open a file in a window of its own; nothing but that file may be fetched."""
    contexts = []

    def open_file(path: Path, *, width: int = 1280, dark: bool = False) -> Opened:
        scheme = "dark" if dark else "light"
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True
        )
        contexts.append(context)
        made = Opened(page=context.new_page())

        def gate(route: Route) -> None:
            if route.request.url.startswith(path.as_uri()):
                route.continue_()
            else:
                made.asked.append(route.request.url)
                route.abort()

        made.page.route("**/*", gate)
        made.page.on("console", lambda m: made.complaints.append(m.text))
        made.page.on("pageerror", lambda e: made.complaints.append(str(e)))
        made.page.goto(path.as_uri())
        return made

    yield open_file
    for context in contexts:
        context.close()
