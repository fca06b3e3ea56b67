"""The post-mortem's page in a browser: offline, drawn, readable narrow, dark and on paper."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.pages import Opened
from workbench.exports.postmortem import write_postmortem
from workbench.shipped_files import shipped

pytestmark = pytest.mark.browser
CHARTS = 4
CONTRAST = Path(__file__).with_name("contrast.js").read_text("utf-8").split("\n", 1)[1].strip()
HEADINGS = "() => [...document.querySelectorAll('h1, h2, h3')].map(h => +h.tagName[1])"


@pytest.fixture(scope="session")
def page_file(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped case's page, written once, and only where there is a browser to look at it."""
    folder = tmp_path_factory.mktemp("report")
    case = shipped("fixtures") / "cases" / "2026-02-scheduler"
    written = write_postmortem(case, bench=folder / "case.duckdb", to=folder)
    return next(path for path in written if path.suffix == ".html")


def test_it_opens_without_a_network(page_file: Path, opened: Callable[..., Opened]) -> None:
    """Nothing but the file is asked for, the console is silent, every chart is drawn."""
    made = opened(page_file)
    assert made.asked == []
    assert made.complaints == []
    drawn = made.page.locator("figure.chart svg")
    assert drawn.count() == CHARTS
    for n in range(CHARTS):
        box = drawn.nth(n).bounding_box()
        assert box is not None
        assert box["width"] > 400
        assert box["height"] > 60
        assert drawn.nth(n).locator("path, text").count() > 10


def test_every_link_leads_somewhere_in_the_page(
    page_file: Path, opened: Callable[..., Opened]
) -> None:
    """No link leaves the page, and each has its place; ids are unique."""
    page = opened(page_file).page
    lost = page.evaluate(
        """() => [...document.querySelectorAll('a')].map(a => a.getAttribute('href'))
        .filter(h => !h.startsWith('#') || !document.getElementById(h.slice(1)))"""
    )
    assert lost == []
    ids = page.evaluate("() => [...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("width", [320, 768, 1280, 1920])
def test_no_width_makes_the_page_scroll_sideways(
    page_file: Path, opened: Callable[..., Opened], width: int
) -> None:
    """At 1280 pixels and 400 % zoom a screen is 320 wide; only charts and tables scroll then."""
    page = opened(page_file, width=width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("dark", [False, True])
def test_words_stand_out(page_file: Path, opened: Callable[..., Opened], *, dark: bool) -> None:
    """Text and chart labels have a contrast of 4.5 or more, in light and in dark."""
    assert opened(page_file, dark=dark).page.evaluate(CONTRAST.rstrip(";")) == []


def test_it_can_be_read_out(page_file: Path, opened: Callable[..., Opened]) -> None:
    """One headline, headings in order, charts with words, table headings marked as such."""
    page = opened(page_file).page
    levels = page.evaluate(
        "() => [...document.querySelectorAll('h1,h2,h3')].map(h => +h.tagName[1])"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert page.locator("svg[role=img][aria-label]").count() == CHARTS
    assert page.locator("th:not([scope])").count() == 0
    assert page.locator("html[lang=en]").count() == 1


def test_it_prints(page_file: Path, opened: Callable[..., Opened]) -> None:
    """On paper there is no navigation, everything folded is open, and nothing is cut off."""
    page = opened(page_file, width=794).page
    page.emulate_media(media="print")
    assert not page.locator("nav.contents").is_visible()
    assert page.locator("details").first.locator("table").is_visible()
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF")
    assert 4 <= pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") <= 30
