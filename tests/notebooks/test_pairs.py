"""Notebooks are text that people review: paired, without outputs, short, with a purpose."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest

from workbench.shipped_files import shipped

FOLDER = shipped("notebooks")
TEXTS = sorted(FOLDER.glob("*.py"))
TEMPLATES = sorted((FOLDER / "templates").glob("*.py"))
MOST_LINES = 10


def cells(path: Path) -> list[tuple[str, str]]:
    """Kind and source of every cell."""
    notebook = jupytext.read(path) if path.suffix == ".py" else nbformat.read(path, 4)
    return [(cell.cell_type, cell.source.strip()) for cell in notebook.cells]


def code(path: Path) -> list[str]:
    """Sources of the code cells."""
    return [source for kind, source in cells(path) if kind == "code"]


@pytest.mark.parametrize("text", TEXTS, ids=lambda p: p.stem)
def test_text_and_notebook_say_the_same(text: Path) -> None:
    """Cell for cell; after an edit of one, jupytext --sync brings the other along."""
    assert cells(text.with_suffix(".ipynb")) == cells(text)


@pytest.mark.parametrize("text", TEXTS, ids=lambda p: p.stem)
def test_notebooks_are_kept_without_outputs(text: Path) -> None:
    """No output, no execution count, and a kernel that every machine has."""
    notebook: Any = nbformat.read(text.with_suffix(".ipynb"), 4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
    assert notebook.metadata.kernelspec.name == "python3"


@pytest.mark.parametrize("text", TEXTS, ids=lambda p: p.stem)
def test_a_notebook_opens_with_its_purpose(text: Path) -> None:
    """A headline and some sentences, then the one cell with what a reader changes."""
    (kind, first), (second, parameters) = cells(text)[:2]
    assert kind == "markdown"
    assert first.startswith("# ")
    assert len(first.split()) > 30
    assert second == "code"
    assert "case_folder" in parameters


@pytest.mark.parametrize("text", [*TEXTS, *TEMPLATES], ids=lambda p: p.stem)
def test_cells_and_functions_are_short(text: Path) -> None:
    """No cell and no function has more than ten lines: what is longer belongs in the package."""
    long = [source for source in code(text) if len(source.splitlines()) > MOST_LINES]
    assert long == []
    functions = [
        node
        for source in code(text)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
    ]
    assert all((f.end_lineno or 0) - f.lineno < MOST_LINES for f in functions)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda p: p.stem)
def test_a_template_names_its_language_and_its_parameters(template: Path) -> None:
    """Without the one papermill stops, without the other it has nothing to replace."""
    notebook = jupytext.read(template)
    assert notebook.metadata.kernelspec.language == "python"
    tagged = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", ())]
    assert len(tagged) == 1
