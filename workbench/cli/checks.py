"""What this machine offers: programs and packages, each with what it is needed for."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import subprocess
import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked for: ``needed`` says whether the main job needs it."""

    name: str
    ok: bool
    needed: bool
    found: str
    todo: str = ""


PACKAGES = {
    "duckdb": (True, "the store"),
    "polars": (True, "every frame"),
    "jupyterlab": (False, "notebooks: pip install 'incident-workbench[lab]'"),
    "papermill": (False, "the post-mortem report: pip install 'incident-workbench[lab]'"),
    "sentence_transformers": (False, "embeddings: pip install 'incident-workbench[embed]'"),
    "psycopg": (False, "the query lab on PostgreSQL: pip install 'incident-workbench[pg]'"),
}
PROGRAMS = {
    "git": (True, "histories: install git 2.31 or later"),
    "chromium": (False, "browser tests: install Debian's chromium"),
}


def checks() -> tuple[Check, ...]:
    """Look for everything the workbench can use."""
    python = ".".join(str(n) for n in sys.version_info[:3])
    out = [Check(name="python", ok=sys.version_info >= (3, 11), needed=True, found=python)]
    for name, (needed, todo) in PACKAGES.items():
        there = importlib.util.find_spec(name) is not None
        found = importlib.metadata.version(name) if there else "not installed"
        out.append(
            Check(name=name, ok=there, needed=needed, found=found, todo="" if there else todo)
        )
    for name, (needed, todo) in PROGRAMS.items():
        path = shutil.which(name)
        found = _version(path) if path else "not found"
        out.append(
            Check(name=name, ok=bool(path), needed=needed, found=found, todo="" if path else todo)
        )
    out.append(_lab_database())
    return tuple(out)


def _lab_database() -> Check:
    """The database that the query lab would take; SQLite alone is half of it."""
    from workbench.lab.programs import find_origin

    origin = find_origin()
    found = origin.name if origin.kind != "sqlite" else "SQLite alone"
    return Check(
        name="postgres",
        ok=origin.kind != "sqlite",
        needed=False,
        found=found,
        todo=f"the query lab: {origin.why_not}" if origin.why_not else "",
    )


def _version(path: str) -> str:
    """Return the first line a program says of its version, or its path when it says nothing."""
    try:
        done = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return path
    return (done.stdout or path).strip().splitlines()[0]
