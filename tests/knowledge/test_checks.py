"""A pattern's folder gives all its problems in one answer, each with file, key and line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.knowledge.pattern_folders import SHOP, SOUND, TREES, write_pattern
from workbench.domain.patterns import Problem
from workbench.knowledge.checks import check_pattern
from workbench.knowledge.pattern_files import read_pattern_file

SQL = {"kind": "sql", "file": "detector.sql"}
HITS_SQL = "SELECT sha, path, 1 AS line, '' AS qualname, subject AS name FROM commits\n"
LIFE = SOUND["lifecycle"]


def _check(folder: Path) -> tuple[Problem, ...]:
    return check_pattern(read_pattern_file(folder))


def _said(folder: Path) -> list[str]:
    """Problems as ``key: what``, with file and line proven on their own below."""
    return [f"{p.key}: {p.what} {p.todo}".rstrip() for p in _check(folder)]


def test_a_sound_pattern_has_none(tmp_path: Path) -> None:
    """Text and SQL detectors alike."""
    assert _check(write_pattern(tmp_path)) == ()
    query = "SELECT sha, path, 1 AS line, '' AS qualname, path AS name FROM file_changes"
    other = write_pattern(tmp_path, {"id": "Q-x", "detector": SQL}, files={"detector.sql": query})
    assert _check(other) == ()


def test_everything_at_once_with_file_key_and_line(tmp_path: Path) -> None:
    """Faults of shape hide no fault of sense, nor the other way round."""
    folder = write_pattern(
        tmp_path,
        {
            "id": "T-lost-function",
            "severity": "HIHG",
            "stage": "trail",
            "message": "{nam} is gone.",
            "detector": {"kind": "text", "removed": "(", "absnt": "x"},
            "origins": [{"kind": "commit", "ref": "Shop PR #12", "date": date(2026, 3, 1)}],
            "titel": "x",
        },
        folder="other",
    )
    file = (folder / "pattern.toml").as_posix()
    assert [(p.where.path, p.line, p.key) for p in _check(folder)] == [
        (file, 1, "id"),
        (file, 3, "stage"),
        (file, 5, "severity"),
        (file, 9, "detector.absnt"),
        (file, 11, "origins[0].date"),
        (file, 13, "titel"),
    ]
    assert str(_check(folder)[2]) == (
        f"{file}: line 5, severity: 'HIHG' is not one of LOW, MEDIUM, MEDIUM-HIGH, HIGH, CRITICAL."
        " Did you mean 'HIGH'?"
    )


SHAPES: list[tuple[str, dict[str, Any], str]] = [
    ("unknown key", {"limit": []}, "limit: Unknown key 'limit'. Did you mean 'limits'?"),
    ("nothing close", {"zzz": 1}, "zzz: Unknown key 'zzz'. Known: advice, checklist,"),
    ("missing", {"title": None}, ": 'title' is missing. One line without a full stop."),
    ("id is a path", {"id": "../x"}, "id: '../x' has the wrong form. Letters, digits"),
    ("no text", {"title": 3}, "title: 3 is not text. One line without a full stop."),
    ("full stop", {"title": "It goes away."}, "title: 'It goes away.' has the wrong form."),
    ("no number", {"version": "1"}, "version: '1' is not a whole number. A whole number from 1;"),
    ("zero", {"version": 0}, "version: 0 is less than 1."),
    ("too short", {"describe": "Short."}, "describe: Needs at least 40 characters."),
    ("too long", {"title": "x" * 81}, "title: Has 81 characters, at most 80 are allowed."),
    ("twice", {"tags": ["a", "a"]}, "tags: Holds the same item twice."),
    (
        "kind",
        {"detector": {"kind": "txt"}},
        "detector.kind: 'txt' is not one of sql, text. Did",
    ),
    ("no regex", {"detector": {"kind": "text"}}, "detector: Needs one of removed, added."),
    ("no file", {"detector": {"kind": "sql"}}, "detector: 'file' is missing. The query's file,"),
    ("no origin", {"origins": []}, "origins: Needs at least 1 item. A pattern that runs says why"),
    ("no review", {"lifecycle": {k: LIFE[k] for k in ("created", "author")}}, "'reviewer' is miss"),
    ("date", {"lifecycle": LIFE | {"created": "soon"}}, "lifecycle.created: 'soon' has the wrong"),
    ("retired", {"stage": "retired"}, "lifecycle: 'replaced_by' is missing. A tombstone says"),
    ("graduated", {"stage": "graduated"}, "lifecycle: 'link' is missing. A graduation says when"),
]


@pytest.mark.parametrize(
    ("changes", "expected"), [pytest.param(c, e, id=name) for name, c, e in SHAPES]
)
def test_shape(tmp_path: Path, changes: dict[str, Any], expected: str) -> None:
    """What the schema refuses is said in words, with what would be right."""
    said = _said(write_pattern(tmp_path, changes, folder="T-lost-function"))
    assert any(expected in line for line in said), said


def _examples(*names_and_hits: tuple[str, list[Mapping[str, Any]]]) -> dict[str, Any]:
    why = "A sentence that says why."
    return {"examples": [{"name": n, "why": why, "expect": e} for n, e in names_and_hits]}


HIT = {"path": "src/shop.py"}
SENSE: list[tuple[str, dict[str, Any], str]] = [
    ("id", {"id": "T-other"}, "id: The id 'T-other' is not the folder's name 'T-lost-function'."),
    (
        "look-around",
        {"detector": {"kind": "text", "added": "(?=x)"}, "message": "It is gone."},
        "detector.added: Does not compile: look-around,",
    ),
    (
        "a group with a taken name",
        {"detector": {"kind": "text", "added": "(?P<line>x)"}, "message": "It is gone."},
        "detector.added: A group is called line, which is the hit's own.",
    ),
    (
        "a group of what must be absent",
        {"detector": {"kind": "text", "added": "x", "absent": "(?P<name>x)"}},
        "message: The detector yields no column 'name'.",
    ),
    (
        "message field",
        {"message": "{nane} is gone."},
        "message: The detector yields no column 'nane'. Did you mean 'name'?",
    ),
    ("a form in the message", {"message": "{name!r} is gone."}, "message: {name} is not the plain"),
    (
        "a number in the message",
        {"message": "{} is gone from here."},
        "message: {} is not the",
    ),
    ("an open brace", {"message": "{name is gone."}, "message: Its braces do not pair:"),
    (
        "reviewed before created",
        {"lifecycle": LIFE | {"created": date(2026, 2, 1)}},
        "lifecycle.reviewed: 2026-01-12 is before it was created, 2026-02-01.",
    ),
    (
        "origin after the review",
        {"origins": [{"kind": "incident", "ref": "INC-1", "date": date(2026, 1, 13)}]},
        "origins[0].date: 2026-01-13 is after the pattern was last reviewed, 2026-01-12.",
    ),
    (
        "its own heir",
        {
            "stage": "retired",
            "lifecycle": LIFE
            | {
                "retired": date(2026, 5, 1),
                "reason": "Nothing but noise.",
                "replaced_by": "T-lost-function",
            },
        },
        "lifecycle.replaced_by: A pattern cannot replace itself.",
    ),
    ("only clean", _examples(("body-only", [])), "examples: There is no example that hits."),
    ("only hits", _examples(("gone", [HIT])), "examples: There is no example that is clean."),
    (
        "example without folder",
        _examples(("gone", [HIT]), ("body-only", []), ("nowhere", [])),
        "examples[2].name: There is no folder",
    ),
    (
        "two of one name",
        _examples(("gone", [HIT]), ("body-only", []), ("gone", [])),
        "examples[2].name: There are two examples named 'gone'.",
    ),
    (
        "no such path",
        _examples(("gone", [{"path": "src/shp.py"}]), ("body-only", [])),
        "examples[0].expect[0].path: No tree of the example holds 'src/shp.py'.",
    ),
    (
        "no such line",
        _examples(("gone", [HIT | {"line": 99}]), ("body-only", [])),
        "examples[0].expect[0].line: src/shop.py has no line 99, on neither side.",
    ),
    ("folder without example", _examples(("gone", [HIT])), ": Is no example of its pattern.toml."),
]


@pytest.mark.parametrize(
    ("changes", "expected"), [pytest.param(c, e, id=name) for name, c, e in SENSE]
)
def test_sense(tmp_path: Path, changes: dict[str, Any], expected: str) -> None:
    """What a schema cannot say is checked all the same."""
    said = _said(write_pattern(tmp_path, changes, folder="T-lost-function"))
    assert any(expected in line for line in said), said


@pytest.mark.parametrize(
    ("query", "line", "expected"),
    [
        pytest.param("SELECT sha,\npth FROM commits", 2, '"pth" not found', id="column"),
        pytest.param("SELECT sha\nFROM commts", 2, "There is no view commts.", id="view"),
        pytest.param("SELEC 1", 1, "does not parse", id="syntax"),
        pytest.param("COPY commits TO 'x'", None, "is refused", id="writes"),
        pytest.param("SELECT * FROM read_csv('x')", 1, "is refused", id="reads a file"),
    ],
)
def test_query(tmp_path: Path, query: str, line: int | None, expected: str) -> None:
    """A query that does not fit the views is a problem of its own file, at its line."""
    folder = write_pattern(tmp_path, {"detector": SQL}, files={"detector.sql": query})
    found = [p for p in _check(folder) if p.where.path.endswith("detector.sql")]
    assert found
    assert found[0].line == line
    assert expected in found[0].what


def test_columns_that_a_detector_must_yield(tmp_path: Path) -> None:
    """Each missing column is named."""
    query = "SELECT sha, path, subject AS name FROM file_changes JOIN commits USING (sha)"
    folder = write_pattern(tmp_path, {"detector": SQL}, files={"detector.sql": query})
    assert [p.what for p in _check(folder)] == [
        "Yields no column 'line'.",
        "Yields no column 'qualname'.",
    ]


def test_a_query_that_is_wrong_says_nothing_of_the_message(tmp_path: Path) -> None:
    """Nobody knows its columns, so the message is not blamed."""
    folder = write_pattern(tmp_path, {"detector": SQL}, files={"detector.sql": "SELEC"})
    assert [p.key for p in _check(folder)] == [""]


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        pytest.param('id = "x"\nversion = = 1\n', 2, "Is no TOML: Invalid value.", id="syntax"),
        pytest.param("x = 2026-02-30\n", 1, "Is no TOML: Invalid date", id="date"),
        pytest.param("x = [1,\n\n", 3, "Is no TOML:", id="cut off"),
    ],
)
def test_a_text_that_is_no_toml(tmp_path: Path, text: str, line: int, expected: str) -> None:
    """The reader's own complaint is kept with its line."""
    folder = write_pattern(tmp_path, files={"pattern.toml": text})
    (found,) = _check(folder)
    assert found.line == line
    assert found.what.startswith(expected)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A folder without its file, a file of bytes, a folder in the place of a file."""
    (tmp_path / "E-empty").mkdir()
    assert [p.what for p in _check(tmp_path / "E-empty")] == ["Holds no pattern.toml."]
    folder = write_pattern(tmp_path)
    (folder / "pattern.toml").write_bytes(b'id = "T"\ntitle = "\xff"\n')
    assert [(p.line, p.what) for p in _check(folder)] == [(2, "Is not UTF-8 text.")]
    (folder / "pattern.toml").unlink()
    (folder / "pattern.toml").mkdir()
    assert "Cannot be read" in _check(folder)[0].what


@pytest.mark.parametrize("name", ["../outside.sql", "/etc/hostname", "link.sql", "missing.sql"])
def test_a_detector_stays_in_its_folder(tmp_path: Path, name: str) -> None:
    """Neither a path nor a link leads out, and nothing is read there."""
    (tmp_path / "outside.sql").write_text(HITS_SQL)
    folder = write_pattern(tmp_path, {"detector": SQL | {"file": name}})
    (folder / "link.sql").symlink_to(tmp_path / "outside.sql")
    (found,) = _check(folder)
    assert found.key == "detector.file"
    assert found.line == 9


def test_what_the_system_refuses_is_a_problem(tmp_path: Path) -> None:
    """A name that is too long, a link that leads to itself: said, and the next pattern is read."""
    folder = write_pattern(tmp_path, {"detector": SQL | {"file": "x" * 300}})
    assert "Cannot be read: File name too long." in _check(folder)[0].what
    folder = write_pattern(tmp_path, {"detector": SQL, "id": "T-loop"})
    (folder / "detector.sql").symlink_to("detector.sql")
    assert _check(folder)[0].key == "detector.file"


def test_a_link_out_of_the_tree_is_not_read(tmp_path: Path) -> None:
    """A pattern's folder, an example, a side of it, a file of it."""
    outside = write_pattern(tmp_path / "outside")
    patterns = tmp_path / "patterns"
    patterns.mkdir()
    (patterns / "T-lost-function").symlink_to(outside)
    assert "Leads out of" in _check(patterns / "T-lost-function")[0].what
    for part, said in (
        ("gone", "Leads out of"),
        ("gone/after", "Leads out of"),
        ("gone/after/src", "Is a link."),
        ("gone/after/src/shop.py", "Is a link."),
    ):
        folder = write_pattern(tmp_path / part.replace("/", "-"))
        spot = folder / "examples" / part
        spot.rename(tmp_path / f"moved-{part.replace('/', '-')}")
        spot.symlink_to(tmp_path / f"moved-{part.replace('/', '-')}")
        assert any(said in p.what for p in _check(folder)), part


def test_an_example_in_which_nothing_differs(tmp_path: Path) -> None:
    """It would be clean for any detector."""
    trees = TREES | {"body-only/after/src/shop.py": SHOP}
    assert _said(write_pattern(tmp_path, trees=trees)) == [
        "examples[1].name: Nothing differs between before and after."
    ]


def test_an_example_that_is_no_text(tmp_path: Path) -> None:
    """The file itself is named, with the line of the bad byte."""
    folder = write_pattern(tmp_path)
    file = folder / "examples/gone/after/src/shop.py"
    file.write_bytes(b"\n\xff")
    assert [(p.where.path, p.line) for p in _check(folder)] == [(file.as_posix(), 2)]


def test_a_draft_needs_little(tmp_path: Path) -> None:
    """Neither examples nor origins nor a reviewer."""
    life = {k: LIFE[k] for k in ("created", "author")}
    changes = {"stage": "draft", "origins": None, "examples": None, "lifecycle": life}
    assert _check(write_pattern(tmp_path, changes, trees={})) == ()
