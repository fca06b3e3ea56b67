"""Globs: what each sign spans, and taking paths out again."""

from __future__ import annotations

import polars as pl
import pytest

from workbench.text.globs import glob_match, glob_regex

TABLE = [
    ("docs/**", "docs/a/b.rst", True),
    ("docs/**", "docs", False),
    ("docs/**", "my-docs/a.rst", False),
    ("**/docs/**", "docs/a.rst", True),
    ("**/docs/**", "core/docs/a.rst", True),
    ("**/docs/**", "core/mydocs/a.rst", False),
    ("*.md", "README.md", True),
    ("*.md", "a/README.md", False),
    ("**/*.md", "README.md", True),
    ("**/*.md", "a/b/README.md", True),
    ("src/?.py", "src/a.py", True),
    ("src/?.py", "src/ab.py", False),
    ("a.py", "aXpy", False),
    ("a+b(c)[d]|e", "a+b(c)[d]|e", True),
    ("a b.py", "a b.py", True),
    ("**.py", "x/y.py", True),
    ("**.py", "x/y.pyi", False),
    ("a/**", "a/new\nline.py", True),
    ("ünï/*.py", "ünï/é.py", True),
]


@pytest.mark.parametrize(("glob", "path", "matches"), TABLE)
def test_what_a_sign_spans(glob: str, path: str, matches: bool) -> None:
    """One star stays in its folder, two span folders, everything else means itself."""
    assert pl.Series([path]).str.contains(glob_regex([glob])).to_list() == [matches]


def test_a_glob_after_an_exclamation_mark_takes_out() -> None:
    """What it matches is out again, wherever it stands in the list."""
    paths = pl.DataFrame({"p": ["lib/a/x.py", "lib/b/x.py", "app/x.py"]})
    globs = ["!lib/b/**", "lib/**"]
    assert paths.filter(glob_match(pl.col("p"), globs))["p"].to_list() == ["lib/a/x.py"]


def test_without_globs_nothing_matches() -> None:
    """An empty list is no wildcard."""
    assert not pl.Series(["", "a", "\n"]).str.contains(glob_regex([])).any()
