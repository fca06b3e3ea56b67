"""Every key of a TOML text gets the line it stands on."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.knowledge.pattern_folders import toml
from workbench.text.toml_lines import Key, key_lines, line_of

WHOLE = '''\
#:schema nowhere.json
id = "A"   # a comment = with [marks]
"two words".list = [ 1.5,
  { x = "}", y = [2] }, # ] is no end
  """text
  ]""" ]
day = 2026-01-01 10:00:00

[table.inner]
raw = \'\'\'it's ] " here\'\'\'
"quoted \\"key\\"" = -1
[[example]]
n = 1
  [[example.hit]]
  line = 1
  [[example.hit]]
  line = 2
[[example]]
n = 2
[example.sub]
empty = {}
nested = { a.b = true, c = [[], [3]] }
ends = """four quotes""""
'''


def test_every_kind_of_statement() -> None:
    """Dotted and quoted keys, inline and outer tables, lists over lines: each at its own line."""
    lines = key_lines(WHOLE)
    expected: dict[Key, int] = {
        ("id",): 2,
        ("two words", "list"): 3,
        ("two words", "list", 1, "y", 0): 4,
        ("two words", "list", 2): 5,
        ("day",): 7,
        ("table", "inner"): 9,
        ("table", "inner", "raw"): 10,
        ("table", "inner", 'quoted "key"'): 11,
        ("example", 0): 12,
        ("example", 0, "hit", 1): 16,
        ("example", 0, "hit", 1, "line"): 17,
        ("example", 1, "n"): 19,
        ("example", 1, "sub", "nested", "a", "b"): 22,
        ("example", 1, "sub", "nested", "c", 1, 0): 22,
        ("example", 1, "sub", "ends"): 23,
    }
    assert {key: lines[key] for key in expected} == expected
    assert set(lines) == set(_keys(tomllib.loads(WHOLE)))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_newlines_of_both_kinds(newline: str) -> None:
    """A file from Windows has the same lines."""
    assert key_lines(WHOLE.replace("\n", newline)) == key_lines(WHOLE)


def test_nearest_place() -> None:
    """What has no line of its own is shown where the thing around it stands."""
    lines: dict[Key, int] = {("a",): 4, ("a", 0): 5}
    assert [line_of(lines, key) for key in (("a", 0, "b"), ("a", 1), ("b",), ())] == [5, 4, 1, 1]


scalars = st.one_of(
    st.booleans(),
    st.integers(-(2**40), 2**40),
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.dates(),
)
keys = st.text(st.characters(codec="utf-8", exclude_characters="\x7f"), max_size=6)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(keys, values, max_size=5))
def test_any_document(data: dict[str, Any]) -> None:
    """Whatever the standard reader finds has a line, and keys of the top stand one per line."""
    text = toml(data)
    assert tomllib.loads(text) == data
    lines = key_lines(text)
    assert set(lines) == set(_keys(data))
    assert [lines[(key,)] for key in data] == list(range(1, len(data) + 1))


def _keys(value: Any, path: Key = ()) -> Iterator[Key]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _keys(item, (*path, key))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _keys(item, (*path, at))
