"""Packages of a downstream that refuse to be imported unless a version is the right one."""

from __future__ import annotations

import ast
import re
from datetime import datetime
from pathlib import PurePosixPath

from workbench.analysis.history.verify_evidence import Row, Texts

VERSION = re.compile(r"(?i)version|(^|_)v_?\d|airflow_?\d")
"""Names that say which version is there: AIRFLOW_VERSION, AIRFLOW_V_2, __version__."""


def package_check(site: Row, texts: Texts, at: datetime) -> Row | None:
    """The line of a package around a site that raises by a version; None where none does.

    Parameters
    ----------
    site : mapping
        ``downstream`` and ``path`` of a file.
    texts : Texts
        The downstream's files.
    at : datetime
        When.
    """
    for folder in PurePosixPath(site["path"]).parents:
        path = (folder / "__init__.py").as_posix()
        tree = texts.tree(site["downstream"], path, at)
        for node in tree.body if tree is not None else ():
            if isinstance(node, ast.If) and _refuses(node):
                text = (texts.text(site["downstream"], path, at) or "").split("\n")
                line = node.lineno
                return {**site, "path": path, "line": line, "text": text[line - 1].strip()}
    return None


def _refuses(node: ast.If) -> bool:
    """Whether an if of a module asks for a version, and raises."""
    names = [n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)]
    names += [n.attr for n in ast.walk(node.test) if isinstance(n, ast.Attribute)]
    return any(map(VERSION.search, names)) and any(isinstance(n, ast.Raise) for n in node.body)
