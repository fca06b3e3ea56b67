"""An executed notebook as one HTML page that needs no network, and as Markdown."""

from __future__ import annotations

import copy
import html
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.exports.report.blocks import as_markdown, block_style

TEMPLATES = Path(__file__).parent
STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
HEADING = re.compile(r"^## +(.+?) *$", re.MULTILINE)
HIDDEN = frozenset({"parameters", "injected-parameters", "hidden"})
IN_HTML = ("image/svg+xml", "text/html", "text/markdown", "text/plain")
IN_MARKDOWN = ("text/markdown", "text/plain")


def html_page(notebook: Any, *, title: str, kicker: str) -> str:
    """Return the notebook's words and outputs as one page: no script, no address, no code.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        An executed notebook. Cells tagged ``hidden`` or ``parameters`` are left out.
    title : str
        The page's title and headline.
    kicker : str
        A few words above the headline.
    """
    import nbconvert

    make: Any = nbconvert.HTMLExporter
    exporter = make(
        template_name="report",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_input=True,
        exclude_anchor_links=True,
    )
    shown = _pruned(notebook, IN_HTML)
    style = (TEMPLATES / "report" / "report.css").read_text("utf-8") + block_style()
    report: dict[str, Any] = {
        "title": title,
        "kicker": kicker,
        "style": style,
        "contents": contents(shown),
    }
    page, _ = exporter.from_notebook_node(shown, resources={"report": report})
    for heading in report["contents"]:
        found = f"<h2>{heading['title']}</h2>"
        page = page.replace(found, f'<h2 id="{heading["id"]}">{heading["title"]}</h2>')
    return f"{page.strip()}\n"


def markdown_page(notebook: Any, *, title: str) -> str:
    """Return the notebook's words and outputs as Markdown; a chart is told in a sentence."""
    import nbconvert

    make: Any = nbconvert.MarkdownExporter
    page, _ = make(exclude_input=True).from_notebook_node(_pruned(notebook, IN_MARKDOWN))
    body = re.sub(r"\n{3,}", "\n\n", page.strip())
    return f"# {as_markdown(title)}\n\n{body}\n"


def contents(notebook: Any) -> list[dict[str, str]]:
    """The second-level headings of the notebook, each with the id that its heading gets."""
    texts = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    titles = [title for text in texts for title in HEADING.findall(text)]
    return [{"id": place_of(title), "title": html.escape(title)} for title in titles]


def place_of(title: str) -> str:
    """The id of a heading: ``Scheduler loops`` is found at ``scheduler-loops``."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _pruned(notebook: Any, kinds: Sequence[str]) -> Any:
    """The notebook without hidden cells, each output in the first of ``kinds`` that it has."""
    made = copy.deepcopy(notebook)
    made.cells = [c for c in made.cells if not HIDDEN & set(c.metadata.get("tags", ()))]
    for cell in made.cells:
        for output in cell.get("outputs", ()):
            if data := output.get("data"):
                kind = next((k for k in kinds if k in data), None)
                output.data = {} if kind is None else {kind: STYLE.sub("", data[kind])}
    return made
