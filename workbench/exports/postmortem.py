"""A case's post-mortem: the template notebook executed, as notebook, HTML page and Markdown."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.domain.cases import Case
from workbench.errors import ExportError, Place
from workbench.exports.documents import write_bytes
from workbench.exports.page import html_page, markdown_page
from workbench.exports.report.words import window
from workbench.shipped_files import shipped

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager

CELL_SECONDS = 600
TEMPLATE = Path("templates") / "postmortem.py"


def write_postmortem(
    case_folder: str | Path,
    *,
    bench: str | Path,
    to: str | Path,
    patterns: str | Path | None = None,
) -> list[Path]:
    """Write a case's post-mortem: an executed notebook, one HTML page, and Markdown.

    The template takes the case and the bench as parameters and runs in an interpreter of its own,
    the one that runs this. What the case names and the bench does not hold yet is loaded.

    Parameters
    ----------
    case_folder : str or Path
        Folder with ``case.toml``.
    bench : str or Path
        The DuckDB file.
    to : str or Path
        Folder for ``post-mortem-<case>.ipynb``, ``.html`` and ``.md``.
    patterns : str or Path, optional
        The folder of the catalogue; as :func:`workbench.open_bench` finds it unless given.

    Returns
    -------
    list of Path
        The files, notebook first.

    Raises
    ------
    ExportError
        The ``lab`` extra is not installed, or a cell of the template failed.
    """
    from workbench.sources.case_files import read_case

    case = read_case(Path(case_folder))
    parameters = {
        "case_folder": str(Path(case_folder).resolve()),
        "bench_file": str(Path(bench).resolve()),
        "patterns_folder": None if patterns is None else str(Path(patterns).resolve()),
    }
    notebook = executed(shipped("notebooks") / TEMPLATE, parameters=parameters)
    return _written(notebook, case, Path(to))


def executed(template: Path, *, parameters: dict[str, Any]) -> Any:
    """Run a notebook kept as text, its parameters replaced, in the interpreter that runs this.

    Returns
    -------
    nbformat.NotebookNode
        With outputs, and without the clock times that running it leaves behind.

    Raises
    ------
    ExportError
        The ``lab`` extra is not installed, or a cell failed; its own words are in the message.
    """
    try:
        import jupytext
        import papermill
        from papermill.exceptions import PapermillExecutionError
    except ImportError as error:
        raise ExportError(
            f"A post-mortem runs a notebook, and {error.name} is not installed.",
            todo="Install the lab extra: pip install 'incident-workbench[lab]'",
        ) from error
    source = jupytext.read(template)
    try:
        made = papermill.execute_notebook(
            source,
            None,
            parameters=parameters,
            kernel_name="python3",
            language="python",
            progress_bar=False,
            execution_timeout=CELL_SECONDS,
            kernel_manager_class=_own_interpreter(),
        )
    except PapermillExecutionError as error:
        what = f"A cell of the notebook failed with {error.ename}: {error.evalue}"
        raise ExportError(
            what, where=Place(path=str(template), at=f"cell {error.cell_index + 1}")
        ) from error
    return _without_clock(made)


def _own_interpreter() -> type[AsyncKernelManager]:
    """A kernel manager that starts the running interpreter, whatever kernels are registered."""
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    class OwnInterpreter(AsyncKernelManager):
        """Starts ``sys.executable``."""

        @property
        def kernel_spec(self) -> KernelSpec:
            start = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            argv = [*start, "--log-level=ERROR"]  # it warns of TCP, which stays on this machine
            return KernelSpec(argv=argv, display_name="Python 3", language="python")

    return OwnInterpreter


def _without_clock(notebook: Any) -> Any:
    """The same notebook without times of execution: running it again gives the same file."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
    return notebook


def _written(notebook: Any, case: Case, to: Path) -> list[Path]:
    import nbformat

    written: Any = nbformat.writes
    stem = f"post-mortem-{case.id}"
    kicker = f"Post-mortem of {case.id}, {window(case.started_utc, case.ended_utc)}"
    texts = {
        f"{stem}.ipynb": written(notebook) + "\n",
        f"{stem}.html": html_page(notebook, title=case.title, kicker=kicker),
        f"{stem}.md": markdown_page(notebook, title=f"Post-mortem: {case.title}"),
    }
    return [write_bytes(text.encode(), to / name) for name, text in texts.items()]
