"""Declared options: cut by blocks, read with their lines, told of a change, refused with a line."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.facts import Blobs, changes_of
from workbench.analysis.history.deltas import deltas
from workbench.domain.facts import FACT_TABLES
from workbench.domain.frames import CHANGE_FACTS, CHANGE_SEGMENTS, SEGMENTS
from workbench.domain.history import Rejection
from workbench.sources.config_facts import extract_options
from workbench.sources.config_facts.blocks import blocks_of, declaring
from workbench.sources.config_facts.declared import Broken, declared_options
from workbench.sources.config_facts.reading import module_of_config

PATH = "airflow/config_templates/config.yml"
TABLES = (SEGMENTS, CHANGE_SEGMENTS, CHANGE_FACTS, *FACT_TABLES.values())
Tree = Mapping[str, str | bytes]

BY_KEY = """\
# A comment.
---
core:
  description: |
    What options: are
    for: all
  options:
    home:
      description: |
        Where things live.

        # not a comment
        other: no option
      version_added: ~
      type: string
      default: "{HOME}/x"
    # Another comment
    "Slots":
      type: integer
      default: 16
      version_deprecated: 3.0.0
    bare: ~
  renamed:
    previous_name: kernel
empty:
  options: {}
web:
  options:
    port:
      default: ''
      deprecated: false
"""
BY_NAME = """\
- name: core
  description: ~
  options:
    - name: home
      type: string
      default: "{HOME}/x"
    - name: slots
      type: integer
      default: 16
      deprecation_reason: |
        Nobody
        needs it.
- name: web
  options:
    - name: port
      default: ""
"""
COLUMNS = ("section", "option", "default", "type", "deprecated")
HOME = ("core", "home", "{HOME}/x", "string", False)
SLOTS = ("core", "slots", "16", "integer", True)
PORT = ("web", "port", "", None, False)


def extracted(before: Tree, after: Tree) -> tuple[dict[str, pl.DataFrame], list[Rejection]]:
    """Frames of a commit's configuration files, and what was refused."""
    changes = changes_of(before, after)
    blobs = Blobs([*before.values(), *after.values()])
    batches = list(extract_options(changes, blobs=blobs, extractor=7))
    frames = {t.name: pl.concat([t.empty(), *(b.frames[t.name] for b in batches)]) for t in TABLES}
    return frames, [rejection for batch in batches for rejection in batch.rejections]


def options(text: str | bytes, path: str = PATH) -> list[tuple[object, ...]]:
    """Line and columns of each option of a file that is new."""
    frames, rejections = extracted({}, {path: text})
    assert not rejections
    placed = frames["change_segments"].join(
        frames["fact_options"], on="segment_id", suffix="_local"
    )
    assert set(placed["kind"]) <= {"declared"}
    assert set(placed["qualname"]) <= {""}
    lines = placed.with_columns(line=pl.col("line") + pl.col("line_local"))
    return lines.sort("line").select("line", *COLUMNS).rows()


def told(before: Tree, after: Tree) -> list[tuple[object, ...]]:
    """Change, line, module and option of each delta."""
    frames, _ = extracted(before, after)
    made = deltas(
        changes_of(before, after), frames["change_facts"], frames["change_segments"], frames
    )
    fact = pl.coalesce("after", "before").struct
    told = made["options_deltas"].select(
        "change", "line", "module", fact.field("section"), fact.field("option")
    )
    return told.rows()


def test_both_layouts_declare_the_same() -> None:
    """Sections and options as keys or as named items, each at its line, names in lower case."""
    assert options(BY_KEY) == [
        (8, *HOME),
        (18, *SLOTS),
        (22, "core", "bare", None, None, False),
        (29, *PORT),
    ]
    assert options(BY_NAME) == [(4, *HOME), (7, *SLOTS), (15, *PORT)]


def test_an_option_is_a_segment() -> None:
    """What did not change is in no segment; the others are known by section and text."""
    frames, _ = extracted({PATH: BY_KEY}, {PATH: BY_KEY.replace("16", "32")})
    assert frames["change_segments"].select("side", "owner", "line").rows() == [
        (0, "", 18),
        (1, "", 18),
    ]
    assert frames["fact_options"]["default"].to_list() == ["16", "32"]
    assert frames["segments"]["extractor"].to_list() == [7, 7]
    assert frames["change_facts"].rows() == [(0, 7, "ok", "airflow.config", "airflow.config")]


def test_known_segments_are_not_given_again() -> None:
    """Their places are, their facts are not."""
    changes = changes_of({}, {PATH: BY_KEY})
    (batch,) = extract_options(changes, blobs=Blobs([BY_KEY]), extractor=7)
    known = frozenset(batch.frames["segments"]["segment_id"].to_list())
    (again,) = extract_options(changes, blobs=Blobs([BY_KEY]), extractor=7, known=known)
    assert again.frames["fact_options"].is_empty()
    assert again.frames["segments"].is_empty()
    assert again.frames["change_segments"].equals(batch.frames["change_segments"])


SECTIONS = BY_KEY.partition("---\n")[2]
PROVIDER = f"""\
package-name: one
options:
  aside: 1
config:
{textwrap.indent(SECTIONS, "  ")}
hooks:
  - config: {{}}
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PROVIDER, [10, 20, 24, 31]),
        ("name: x\n", []),
        ("config: ~\nname: x\n", []),
        ("config: {core: {options: {home: {default: 1}}}}\n", [1]),
        ("a: 1\nconfig:\n- name: core\n  options:\n  - name: home\nb: 1\n", [5]),
    ],
)
def test_a_provider_declares_under_config(text: str, expected: list[int]) -> None:
    """What else stands in its file is not read."""
    assert [row[0] for row in options(text, "providers/one/provider.yaml")] == expected


ODD_LAYOUTS = [
    ("flow", "core: {options: {home: {default: 1}}}\n", [1]),
    ("flow options", "core:\n  options: {home: {default: 1}}\n", [2]),
    ("wide", "core:\n    options:\n        home:\n            default: 1\n", [3]),
    ("item in line", "- name: core\n  options:\n  - name: home\n    default: 1\n", [3]),
    ("name last", "- options:\n    - default: 1\n      name: home\n  name: core\n", [2]),
    (
        "alias",
        "core:\n  options:\n    a: &one\n      default: 1\n    home: *one\n",
        [3, 5],
    ),
    ("text at margin", 'core:\n  options:\n    home:\n      default: "a\n    b: c"\n', [3]),
    ("anchored section", "core: &c\n  options:\n    home:\n      default: 1\n", [3]),
    ("byte order mark", "\ufeffcore:\n  options:\n    home:\n      default: 1\n", [3]),
    ("carriage returns", "core:\r\n  options:\r\n    home:\r\n      default: 1\r\n", [3]),
    ("nothing", "", []),
    ("no sections", "- 1\n- name: core\n- x: {}\n", []),
    ("text", "just words\n", []),
    ("list of options is text", "core:\n  options: words\n", []),
]


@pytest.mark.parametrize(("text", "lines"), [layout[1:] for layout in ODD_LAYOUTS])
def test_other_layouts_are_read_whole(text: str, lines: list[int]) -> None:
    """Whatever is YAML is read, if not by blocks then all of it."""
    assert [row[0] for row in options(text)] == lines


def test_an_alias_that_stood_still_does_not_hide_a_change() -> None:
    """The version that has no alias is compared with all of the one that has."""
    before = "core:\n  options:\n    a: &one\n      default: 1\n    home: *one\n"
    after = "core:\n  options:\n    a:\n      default: 1\n    home:\n      default: 2\n"
    assert told({PATH: before}, {PATH: after}) == [("changed", 5, "airflow.config", "core", "home")]


BROKEN = [
    ("block", BY_KEY.replace('"{HOME}/x"', '"{HOME}/x'), "line 18"),
    ("description", BY_KEY.replace("previous_name: kernel", "previous_name: {"), "line 26"),
    ("tab", "core:\n  options:\n\thome: 1\n", "line 3"),
    ("not text", b"core:\n  options:\n    a:\n      default: \xff\n", "line 4"),
    ("two documents", "a: 1\n---\nb: 1\n", "line 2"),
    ("control", "a:\n  options:\n    b: \x07\n", "line 3"),
]


@pytest.mark.parametrize(("text", "at"), [broken[1:] for broken in BROKEN])
def test_broken_yaml_is_refused_with_its_line(text: str | bytes, at: str) -> None:
    """It gives no facts, and its change is noted so that it is not read again."""
    frames, rejections = extracted({PATH: BY_KEY}, {PATH: text})
    assert [(r.path, r.at) for r in rejections] == [(PATH, at)]
    assert "no options of this version" in rejections[0].reason
    assert frames["change_facts"]["status"].to_list() == ["unparsed"]
    assert frames["change_segments"].is_empty()


def test_a_blob_that_is_missing_is_refused() -> None:
    """Said with the blob's id."""
    changes = changes_of({}, {PATH: BY_KEY})
    (batch,) = extract_options(changes, blobs=Blobs([]), extractor=7)
    (rejection,) = batch.rejections
    assert "missing" in rejection.reason
    assert str(changes["new_blob"][0]) in rejection.reason


CHANGES = [
    ("default", "default: 16", "default: 17", [("changed", 18, "core", "slots")]),
    ("text alone", "Where things live.", "Where they live.", []),
    ("quotes", "default: 16", 'default: "16"', []),
    ("type", "type: string", "type: path", [("changed", 8, "core", "home")]),
    (
        "no more deprecated",
        "      version_deprecated: 3.0.0\n",
        "",
        [("changed", 18, "core", "slots")],
    ),
    (
        "renamed",
        "    home:\n",
        "    house:\n",
        [("removed", 8, "core", "home"), ("added", 8, "core", "house")],
    ),
    ("section", "web:", "api:", [("removed", 29, "web", "port"), ("added", 29, "api", "port")]),
]


@pytest.mark.parametrize(("old", "new", "expected"), [change[1:] for change in CHANGES])
def test_a_change_is_told_by_option(old: str, new: str, expected: list[tuple[object, ...]]) -> None:
    """A description is no change; a default, a type, a deprecation, a name is one."""
    found = told({PATH: BY_KEY}, {PATH: BY_KEY.replace(old, new)})
    shown = [(change, line, section, option) for change, line, _, section, option in found]
    assert sorted(shown, key=str) == sorted(expected, key=str)


def test_another_layout_or_folder_is_no_change() -> None:
    """The file moved between folders and went from items to keys without a word of this."""
    moved = {"core/src/airflow/config_templates/config.yml": BY_NAME}
    assert told({PATH: BY_NAME}, moved) == []
    by_key = BY_KEY.replace("    bare: ~\n", "")
    assert told({PATH: BY_NAME}, {PATH: by_key}) == []


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("airflow/config_templates/config.yml", "airflow.config"),
        ("airflow-core/src/airflow/config_templates/config.yml", "airflow.config"),
        ("apache-airflow-2.1/airflow/config_templates/config.yml", "airflow.config"),
        ("airflow/providers/one/config_templates/config.yml", "airflow.providers.one.config"),
        ("providers/a/b/provider.yaml", "airflow.providers.a.b.config"),
        ("providers/src/airflow/providers/a/provider.yaml", "airflow.providers.a.config"),
    ],
)
def test_a_module_stands_in_for_the_file(path: str, module: str) -> None:
    """The same one wherever the file stood in its time."""
    assert module_of_config(path) == module


NAMES = st.sampled_from(["a", "b-c", '"d"', "options", "name", "'e"])
VALUES = st.sampled_from(
    ["", " ~", " 1", " 'x", ' "x"', " |\n        x\n      y: z", " {}", " [", " *a", " &a 1", " #"]
)
INDENTS = st.sampled_from(["", "  ", "    ", "      ", "- ", "    - "])
LINES = st.builds("{}{}:{}".format, INDENTS, NAMES, VALUES)
# Where, how many lines go, what comes.
EDITS = st.tuples(st.integers(0, 30), st.integers(0, 2), st.lists(LINES, max_size=2))


@given(st.sampled_from([BY_KEY, BY_NAME]), st.lists(EDITS, max_size=3))
def test_blocks_say_what_the_whole_says(text: str, edits: list[tuple[int, int, list[str]]]) -> None:
    """Where a text is cut and its blocks can be read, they declare what the whole declares."""
    lines = text.splitlines()
    for at, gone, come in edits:
        lines[at : at + gone] = come
    data = "\n".join(lines).encode()
    whole = declared_options(data, section=None)
    blocks = blocks_of(declaring(data, provider=False))
    if blocks is None or isinstance(whole, Broken):
        return
    rows = []
    for block in blocks:
        found = declared_options(block.text, section=block.section)
        if isinstance(found, Broken):
            return
        rows += [(block.line - 1 + line, *rest) for _, line, *rest in found]
    assert rows == [(line, *rest) for _, line, *rest in whole]
