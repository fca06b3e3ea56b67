"""The pipeline: a notebook kept as text is run by this interpreter and becomes one page."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import ExportError
from workbench.exports import page, postmortem
from workbench.exports.postmortem import executed

SOURCE = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: some-kernel-that-nobody-registered
# ---

# %% tags=["parameters"]
words = "nobody"

# %% tags=["hidden"]
import sys
from workbench.exports import charts
from workbench.exports.report.blocks import prose, table
charts.enable()

# %% [markdown]
# ## First part
# Some *words*.

# %%
prose(f"Said by **{words}** & <friends>.")

# %%
table([{"n": 1.5, "path": "a<b"}], name="t", caption="Two & more", columns={"n": "N", "path": "P"})

# %%
import altair as alt
alt.Chart(alt.InlineData(values=[{"a": 1}])).mark_point().encode(x="a:Q").properties(
    description="One point at 1."
)

# %% [markdown]
# ## The interpreter

# %%
print(sys.executable)
"""


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A small notebook with every kind of output, executed once."""
    template = tmp_path_factory.mktemp("template") / "small.py"
    template.write_text(SOURCE, encoding="utf-8")
    return executed(template, parameters={"words": "somebody"})


@pytest.fixture(scope="module")
def html(notebook: Any) -> str:
    """Its page."""
    return page.html_page(notebook, title="A <title>", kicker="Case x")


def test_the_running_interpreter_runs_it(notebook: Any) -> None:
    """Whatever kernels the machine knows, and whatever the notebook names."""
    printed = [o.text for c in notebook.cells for o in c.get("outputs", ()) if "text" in o]
    assert printed == [f"{sys.executable}\n"]


def test_parameters_replace_the_defaults(html: str) -> None:
    """What is passed is what is shown."""
    assert "<strong>somebody</strong>" in html
    assert "nobody" not in html


def test_no_clock_is_left_in_the_notebook(notebook: Any) -> None:
    """Running it again gives the same file."""
    assert "papermill" not in notebook.metadata
    assert not [c for c in notebook.cells if {"papermill", "execution"} & set(c.metadata)]


def test_the_page_asks_for_nothing(html: str) -> None:
    """No script, no address to fetch from, no code, no hidden cell."""
    assert "<script" not in html
    assert re.findall(r"""(?:src|href)\s*=\s*["']?(?!#)[^"'\s>]+""", html) == []
    assert re.findall(r"url\(|@import", html) == []
    assert "charts.enable()" not in html


def test_words_stay_words(html: str) -> None:
    """Title, sentences and cells are escaped, markdown is rendered."""
    assert "<title>A &lt;title&gt;</title>" in html
    assert "&amp; &lt;friends&gt;" in html
    assert "a&lt;b" in html
    assert "<em>words</em>" in html


def test_the_page_lists_its_parts(html: str) -> None:
    """Each second-level heading is in the contents, and the link finds it."""
    for place, title in (("first-part", "First part"), ("the-interpreter", "The interpreter")):
        assert f'<a href="#{place}">{title}</a>' in html
        assert re.search(rf'<h2 id="{place}"', html)


def test_one_style_for_the_whole_page(html: str) -> None:
    """A table's own style is for notebooks; in the page one style sheet decides."""
    assert html.count("<style>") == 1
    assert 'class="gt_table"' in html
    assert 'aria-label="One point at 1."' in html


def test_the_same_in_markdown(notebook: Any) -> None:
    """Tables become tables, a chart its description; no markup of the page is left."""
    text = page.markdown_page(notebook, title="Title")
    assert text.startswith("# Title\n\n## First part\n")
    assert "| N | P |" in text
    assert "*Chart: One point at 1.*" in text
    assert "<div" not in text
    assert "\n\n\n" not in text


def test_the_title_is_no_markup_in_markdown(notebook: Any) -> None:
    """The first heading shows a title as it is written in the case file."""
    text = page.markdown_page(notebook, title="Post-mortem: <script>a</script>\n[l](x)")
    first = text.splitlines()[0]
    assert first == r"# Post-mortem: \<script\>a\</script\>; \[l\](x)"


def test_a_failing_cell_is_named(tmp_path: Path) -> None:
    """The error says which cell failed and in which words."""
    template = tmp_path / "bad.py"
    header, *_ = SOURCE.partition("# %% [markdown]")
    failing = header.replace("charts.enable()", "raise KeyError('no such column')")
    template.write_text(failing, encoding="utf-8")
    with pytest.raises(ExportError, match="no such column") as caught:
        executed(template, parameters={})
    assert caught.value.where is not None
    assert caught.value.where.path == str(template)
    assert re.fullmatch(r"cell \d+", caught.value.where.at)


def test_without_the_lab_extra_the_error_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who installed the bare package is told what to install."""
    monkeypatch.setitem(sys.modules, "papermill", None)
    with pytest.raises(ExportError, match=r"incident-workbench\[lab\]"):
        postmortem.executed(tmp_path / "any.py", parameters={})
