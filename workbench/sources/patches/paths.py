"""Paths in a patch: which of them are core, which declare configuration, how git quotes them."""

from __future__ import annotations

import re

import polars as pl

CORE_PATHSPEC: tuple[str, ...] = (
    "*.py",
    "*config_templates/config.yml",
    # Four plain exclusions, because git tries each on every path: `**` globs, or four more for test
    # and doc, cost a history of 35,000 commits a second. What they let through is dropped after.
    ":(exclude)*/tests/*",
    ":(exclude)tests/",
    ":(exclude)*/docs/*",
    ":(exclude)docs/",
)
"""What git is asked for when only core is read: all of core, the one configuration, little else."""

CONFIG_ENDINGS: tuple[str, ...] = ("config_templates/config.yml", "provider.yaml")
"""How the paths of files that declare options end; other files may have such an ending too."""

_ASIDE_FOLDER = r"(?:^|/)(?:tests|test|docs|doc)/"
_IS_ASIDE = re.compile(_ASIDE_FOLDER)
_CONFIG_FILE = r"(?:^|/)(?:config_templates/config\.yml|provider\.yaml)$"
_IS_CONFIG = re.compile(_CONFIG_FILE)

_QUOTED = re.compile(rb'\\(?:([0-7]{3})|([abtnvfr"\\]))')
_ESCAPES = dict(zip(b'abtnvfr"\\', b'\a\b\t\n\v\f\r"\\', strict=True))


def is_core_path(path: str) -> bool:
    """Whether a path is core: Python, in no folder called tests, test, docs or doc.

    Parameters
    ----------
    path : str
        POSIX path, relative to its repository.

    Returns
    -------
    bool
    """
    return path.endswith(".py") and not _IS_ASIDE.search(path)


def core_paths(column: str) -> pl.Expr:
    """Say :func:`is_core_path` of every path in a column.

    Parameters
    ----------
    column : str
        Name of a column of paths.

    Returns
    -------
    polars.Expr
        Boolean.
    """
    path = pl.col(column)
    return path.str.ends_with(".py") & ~path.str.contains(_ASIDE_FOLDER)


def is_config_path(path: str) -> bool:
    """Whether a file declares options: Airflow's or a provider's, in no folder aside of core.

    Parameters
    ----------
    path : str
        POSIX path, relative to its repository.

    Returns
    -------
    bool
        Never true of a path that is core.
    """
    return bool(_IS_CONFIG.search(path)) and not _IS_ASIDE.search(path)


def config_paths(column: str) -> pl.Expr:
    """Say :func:`is_config_path` of every path in a column.

    Parameters
    ----------
    column : str
        Name of a column of paths.

    Returns
    -------
    polars.Expr
        Boolean.
    """
    path = pl.col(column)
    ends = pl.any_horizontal(path.str.ends_with(ending) for ending in CONFIG_ENDINGS)
    return ends & path.str.contains(_CONFIG_FILE) & ~path.str.contains(_ASIDE_FOLDER)


def unquoted(paths: pl.Series) -> pl.Series:
    """Say :func:`unquote` of every path; mostly none is quoted, and nothing is done."""
    if not paths.str.starts_with('"').any():
        return paths
    return paths.map_elements(unquote, return_dtype=pl.String)


def unquote(path: str) -> str:
    """A path as it is on disk, from the C-quoted form that git prints for odd names.

    Parameters
    ----------
    path : str
        As printed; returned as it is unless it stands in double quotes.

    Returns
    -------
    str
        Bytes that are not UTF-8 show as U+FFFD.
    """
    if not path.startswith('"'):
        return path

    def plain(found: re.Match[bytes]) -> bytes:
        octal, letter = found.groups()
        return bytes([int(octal, 8) if octal else _ESCAPES[letter[0]]])

    return _QUOTED.sub(plain, path[1:-1].encode()).decode("utf-8", "replace")
