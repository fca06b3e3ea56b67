"""Blocks of a report: each shows itself in a notebook, in the HTML page and in Markdown."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import polars as pl

from workbench.exports.report.words import quantity

Row = Mapping[str, Any]
LONG_NAME = re.compile(r"\S{20,}")
CODE = re.compile(r"(?<!`)(`[^`]+`)(?!`)")
MARKUP = re.compile(r"[\\`*<>\[\]|#~]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")
"""What Markdown may read as markup; an underscore only at the edge of a word."""
BREAKS = re.compile(r"[/._]+(?=\w)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One piece of a report in both of its forms."""

    html: str
    markdown: str

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        shown = f"<style>{block_style()}</style>{self.html}"
        return {"text/html": shown, "text/markdown": self.markdown, "text/plain": self.markdown}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A headline figure: the number, what it counts, and what it means beside it."""

    value: str
    label: str
    note: str = ""
    alarming: bool = False


def prose(*sentences: str) -> Block:
    """A paragraph of sentences; ``**words**`` in them are set in bold."""
    text = " ".join(s for s in sentences if s)
    parts = [inline(part) for part in text.split("**")]
    marked = "".join(f"<strong>{p}</strong>" if n % 2 else p for n, p in enumerate(parts))
    plain = "**".join(as_markdown(part) for part in text.split("**"))
    return Block(html=f'<p class="wb-prose">{marked}</p>', markdown=f"{plain}\n")


def inline(text: str) -> str:
    """Words as HTML: `` `code` `` set as such, lines kept, long names allowed to break."""
    parts = [_breakable(part) for part in text.split("`")]
    marked = "".join(f"<code>{p}</code>" if n % 2 else p for n, p in enumerate(parts))
    return marked.replace("\n", "<br>")


def as_markdown(text: str) -> str:
    """Words as Markdown on one line: nothing in them is markup but `` `code` ``."""
    parts = CODE.split("; ".join(text.splitlines()))
    # a table is split at its pipes before code is looked for, so a backslash there may cut the code
    return "".join(
        part.replace("|", "\\|") if n % 2 and "\\|" not in part else MARKUP.sub(r"\\\g<0>", part)
        for n, part in enumerate(parts)
    )


def figures(shown: Sequence[Figure]) -> Block:
    """Headline figures side by side."""
    cards = "".join(
        f'<div class="wb-figure{" wb-alarming" if f.alarming else ""}">'
        f"<dt>{html.escape(f.label)}</dt><dd>{html.escape(f.value)}</dd>"
        f'<dd class="wb-note">{html.escape(f.note)}</dd></div>'
        for f in shown
    )
    lines = [
        f"- **{as_markdown(f.value)}** {as_markdown(f.label)}"
        + (f" ({as_markdown(f.note)})" if f.note else "")
        for f in shown
    ]
    return Block(html=f'<dl class="wb-figures">{cards}</dl>', markdown="\n".join(lines) + "\n")


def table(
    rows: Sequence[Row],
    *,
    name: str,
    caption: str,
    columns: Mapping[str, str],
    code: Collection[str] = (),
    right: Collection[str] = (),
    links: Mapping[str, Callable[[Row], str]] | None = None,
    anchor: Callable[[Row], str] | None = None,
    note: str = "",
) -> Block:
    """A captioned table; a wide one scrolls inside its own frame.

    Parameters
    ----------
    rows : sequence of mapping
        Cells are words or numbers; numbers stand right.
    name : str
        The table's id in the page.
    caption : str
        What it shows, in a sentence.
    columns : mapping
        Key of the cell to heading, in order.
    code : collection of str
        Columns set in a fixed-width face.
    right : collection of str
        Columns of words that stand right all the same, since they are figures with a unit.
    links : mapping
        Column to the place in the page that its cell leads to.
    anchor : callable, optional
        The id that a row can be found by.
    note : str
        What the reader must know beside it.
    """
    marked = [_cells(row, columns, code, links or {}, anchor) for row in rows]
    drawn = _great_table(marked, rows, name=name, columns=columns, right=right)
    words = html.escape(caption)
    below = f'<p class="wb-note">{html.escape(note)}</p>' if note else ""
    shown = (
        f'<figure class="wb-table" id="table-{name}"><figcaption>{words}</figcaption>'
        f'<div class="wb-scroll" role="region" aria-label="{words}" tabindex="0">{drawn}</div>'
        f"{below}</figure>"
    )
    return Block(html=shown, markdown=_pipe_table(rows, columns, caption, note))


def folded(block: Block, *, title: str) -> Block:
    """A block behind a title that opens it; printed open."""
    shown = (
        f'<details class="wb-folded"><summary>{html.escape(title)}</summary>{block.html}</details>'
    )
    return Block(html=shown, markdown=block.markdown)


@cache
def block_style() -> str:
    """The style that blocks need wherever they stand."""
    return (resources.files("workbench.exports.report") / "blocks.css").read_text("utf-8")


def _cells(
    row: Row,
    columns: Mapping[str, str],
    code: Collection[str],
    links: Mapping[str, Callable[[Row], str]],
    anchor: Callable[[Row], str] | None,
) -> dict[str, str]:
    made = {}
    for key in columns:
        said = _said(row[key])
        cell = f"<code>{_breakable(said)}</code>" if key in code else inline(said)
        cell = f'<a href="#{html.escape(links[key](row))}">{cell}</a>' if key in links else cell
        made[key] = cell
    if anchor is not None:
        first = next(iter(columns))
        made[first] = f'<span id="{html.escape(anchor(row))}"></span>{made[first]}'
    return made


def _great_table(
    marked: Sequence[dict[str, str]],
    rows: Sequence[Row],
    *,
    name: str,
    columns: Mapping[str, str],
    right: Collection[str],
) -> str:
    from great_tables import GT

    numbers = [
        key
        for key in columns
        if key in right or (rows and all(isinstance(row[key], int | float | None) for row in rows))
    ]
    made = GT(pl.DataFrame(marked, schema=dict.fromkeys(columns, pl.String)), id=f"{name}-in")
    made = made.cols_label(dict(columns)).cols_align(align="left")
    if numbers:
        made = made.cols_align(align="right", columns=numbers)
    made = made.fmt(fns=str).tab_options(table_font_size="14px", table_margin_left="0")
    drawn: str = made.as_raw_html()
    style = drawn[drawn.index("<style>") : drawn.index("</style>") + len("</style>")]
    body = drawn[drawn.index("<table") : drawn.index("</table>") + len("</table>")]
    return f'<div id="{name}-in">{style}{body}</div>'


def _pipe_table(rows: Sequence[Row], columns: Mapping[str, str], caption: str, note: str) -> str:
    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(as_markdown(cell) for cell in cells)} |"

    lines = [
        f"**{as_markdown(caption)}**",
        "",
        line(list(columns.values())),
        line(["---"] * len(columns)),
    ]
    lines += [line([_said(row[key]) for key in columns]) for row in rows]
    return "\n".join([*lines, "", *([as_markdown(note), ""] if note else [])])


def _breakable(text: str) -> str:
    """Escaped text whose long names may break behind a slash, dot or underscore."""
    marked = LONG_NAME.sub(lambda name: BREAKS.sub("\\g<0>\0", name[0]), text)
    return html.escape(marked).replace("\0", "<wbr>")


def _said(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return quantity(value)
