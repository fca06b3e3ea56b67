"""What a path says about a file: its dotted module, and whether relative imports start below it."""

from __future__ import annotations

import re
from functools import lru_cache

# Everything up to the first `src` folder; else the folder of an unpacked archive (`name-1.2/`).
ROOT = re.compile(r"^(?:.*?(?:^|/)src/|[^/]+-\d[^/]*/)")


@lru_cache(maxsize=1 << 16)
def module_of(path: str) -> str:
    """Give the dotted module that a path is imported as.

    Parameters
    ----------
    path : str
        POSIX path inside a repository, an unpacked wheel or an unpacked sdist.

    Returns
    -------
    str
        ``airflow.models.dag`` for ``airflow-core/src/airflow/models/dag.py``; the package for an
        ``__init__.py``; empty for an ``__init__.py`` that stands in no folder.
    """
    inner = ROOT.sub("", path, count=1).removesuffix(".py")
    parts = inner.split("/")
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts)
