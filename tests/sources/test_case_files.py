"""case.toml: read strictly, every problem at once, with its line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from workbench.errors import SourceError
from workbench.sources.case_files import read_case


def _case(folder: Path, text: str) -> Path:
    (folder / "case.toml").write_text(text)
    return folder


def test_id_and_start_are_enough(tmp_path: Path) -> None:
    """All else is optional; offsets become UTC."""
    case = read_case(_case(tmp_path, 'id = "a"\nstarted_utc = 2026-02-10T08:00:00+02:00\n'))
    assert (case.id, case.title) == ("a", "a")
    assert case.started_utc == datetime(2026, 2, 10, 6, tzinfo=UTC)
    assert (case.timeline, case.history, case.ended_utc) == ((), None, None)


def test_inputs_are_found_beside_the_file(tmp_path: Path) -> None:
    """Relative paths are relative to the case, not to where one stands."""
    (tmp_path / "events.json").write_text("{}")
    (tmp_path / "ours").mkdir()
    text = 'id = "a"\nstarted_utc = 2026-02-10T08:00:00Z\n[inputs]\ntimeline = ["events.json"]\n'
    case = read_case(_case(tmp_path, text + 'downstreams = ["ours"]\n'))
    assert case.timeline == (tmp_path.resolve() / "events.json",)
    assert case.downstreams == (tmp_path.resolve() / "ours",)


def test_every_problem_comes_at_once_with_its_line(tmp_path: Path) -> None:
    """Seven faults, one error."""
    text = """id = "../a"
started_utc = 2026-02-10T08:00:00
ended_utc = "tomorrow"
titel = "x"
[inputs]
timelines = []
logs = ["nowhere"]
stats_after = "x.csv"
history = 3
"""
    with pytest.raises(SourceError) as caught:
        read_case(_case(tmp_path, text))
    said = str(caught.value)
    for words in (
        "line 2: started_utc has no time zone",
        "line 3: ended_utc is 'tomorrow'",
        "line 4: titel is no key of a case. Did you mean 'title'?",
        "line 6: timelines is no key of a case. Did you mean 'timeline'?",
        "line 7: nowhere is not there",
        "line 8: stats_after is no list of paths",
        "line 9: 3 is no path",
    ):
        assert words in said
    assert "7 things are wrong" in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "id is missing"),
        ('id = ""\nstarted_utc = 2026-02-10T08:00:00Z', "which is no text"),
        ('id = "a b"\nstarted_utc = 2026-02-10T08:00:00Z', "is no name"),
        ("id = ", "no TOML"),
        ('id = "a"\nid = "b"', "no TOML"),
        (
            'id = "a"\nstarted_utc = 2026-02-10T08:00:00Z\nended_utc = 2026-02-10T07:00:00Z',
            "before started_utc",
        ),
        ('id = "a"\nstarted_utc = 2026-02-10T08:00:00Z\ninputs = 3', "inputs is no table"),
    ],
)
def test_a_wrong_case_is_refused(tmp_path: Path, text: str, words: str) -> None:
    """The message names the file and the fault."""
    with pytest.raises(SourceError, match=words) as caught:
        read_case(_case(tmp_path, text))
    assert "case.toml" in str(caught.value)


def test_two_downstreams_with_one_name_are_refused(tmp_path: Path) -> None:
    """They would overwrite each other."""
    for folder in ("x/ours", "y/ours"):
        (tmp_path / folder).mkdir(parents=True)
    text = 'id = "a"\nstarted_utc = 2026-02-10T08:00:00Z\n[inputs]\n'
    with pytest.raises(SourceError, match="two downstreams are called ours"):
        read_case(_case(tmp_path, text + 'downstreams = ["x/ours", "y/ours"]\n'))


def test_a_folder_without_a_case_is_said(tmp_path: Path) -> None:
    """The file that is missing is named."""
    with pytest.raises(SourceError, match=r"case\.toml: A case needs a case\.toml"):
        read_case(tmp_path)
