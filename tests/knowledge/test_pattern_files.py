"""A pattern's folder becomes the record that it was written from."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.knowledge.pattern_folders import write_pattern
from workbench.domain.history import Severity
from workbench.domain.patterns import (
    Example,
    ExpectedHit,
    FailureMode,
    Lifecycle,
    Origin,
    Pattern,
    SqlDetector,
    Stage,
    TextDetector,
)
from workbench.knowledge.pattern_files import read_pattern_file, to_pattern


def test_the_record(tmp_path: Path) -> None:
    """Words become members, dates stay dates, paths are those of the folder."""
    folder = write_pattern(tmp_path)
    examples = folder / "examples"
    assert to_pattern(read_pattern_file(folder)) == Pattern(
        id="T-lost-function",
        version=1,
        stage=Stage.TRIAL,
        title="A function goes away",
        severity=Severity.HIGH,
        failure_mode=FailureMode.CRASH,
        describe="A function that other code calls is taken out, and every call to it fails.",
        message="{name} is gone from {path}.",
        detector=TextDetector(removed=r"(?m)^def (?P<name>\w+)\(", paths=("src/**",)),
        lifecycle=Lifecycle(
            created=date(2026, 1, 10),
            author="pattern-author",
            reviewed=date(2026, 1, 12),
            reviewer="reviewer",
        ),
        examples=(
            Example(
                name="gone",
                why="The only function goes.",
                folder=examples / "gone",
                expect=(ExpectedHit(path="src/shop.py", line=3),),
            ),
            Example(
                name="body-only", why="Only the body of it differs.", folder=examples / "body-only"
            ),
        ),
        origins=(Origin(kind="commit", ref="Shop PR #12", date=date(2026, 1, 5)),),
        folder=folder,
    )


def test_a_query_is_read_with_its_place(tmp_path: Path) -> None:
    """Errors of a query name the file, so the record keeps it."""
    folder = write_pattern(
        tmp_path,
        {"detector": {"kind": "sql", "file": "sql/find.sql"}},
        files={"sql/find.sql": "SELECT 1\n"},
    )
    detector = to_pattern(read_pattern_file(folder)).detector
    assert detector == SqlDetector(path=(folder / "sql/find.sql").as_posix(), text="SELECT 1\n")


sentences = st.text(st.characters(codec="utf-8"), min_size=40, max_size=80)
lines = st.text(st.characters(codec="utf-8", exclude_characters="\n{}"), min_size=10, max_size=60)
days = st.dates(date(2020, 1, 1), date(2026, 1, 1))
lives = st.fixed_dictionaries(
    {"created": days, "author": sentences, "reviewed": days, "reviewer": sentences},
    optional={"retired": days, "reason": sentences, "replaced_by": st.just("none")},
)
hits = st.fixed_dictionaries(
    {"path": st.just("src/shop.py")},
    optional={
        "line": st.integers(1, 4),
        "qualname": st.just("shop.sell"),
        "severity": st.sampled_from(list(Severity)),
    },
)
patterns = st.fixed_dictionaries(
    {
        "version": st.integers(1, 99),
        "severity": st.sampled_from(list(Severity)),
        "failure_mode": st.sampled_from(list(FailureMode)),
        "describe": sentences,
        "message": lines,
        "lifecycle": lives,
        "origins": st.lists(
            st.fixed_dictionaries(
                {"kind": st.just("incident"), "ref": sentences, "date": days},
                optional={"note": sentences},
            ),
            min_size=1,
            max_size=2,
        ),
        "examples": st.just([])
        | st.lists(hits, max_size=3).map(
            lambda expect: [{"name": "gone", "why": "It goes away.", "expect": expect}]
        ),
    },
    optional={
        "advice": sentences,
        "limits": st.lists(sentences, max_size=2),
        "checklist": st.lists(sentences, max_size=2),
        "tags": st.lists(st.sampled_from(["api", "hot-path", "orm"]), unique=True),
    },
)


@settings(max_examples=40)
@given(patterns)
def test_what_is_written_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, data: dict[str, Any]
) -> None:
    """Every key of the file comes back as the field of its name, and nothing else."""
    folder = write_pattern(tmp_path_factory.mktemp("patterns"), data)
    read = read_pattern_file(folder)
    assert read.problems == ()
    pattern = to_pattern(read)
    for key, value in data.items():
        assert _plain(getattr(pattern, key)) == _without_nothing(value), key
    optional = ("advice", "limits", "checklist", "tags")
    assert {name for name in optional if getattr(pattern, name)} <= set(data)


def _plain(value: Any) -> Any:
    """A record as the data of its file: fields that are not set are left out."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        names = [name for name in value.__dataclass_fields__ if name != "folder"]
        return _without_nothing({name: _plain(getattr(value, name)) for name in names})
    return value


def _without_nothing(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_nothing(v) for k, v in value.items() if v not in (None, "", [])}
    return [_without_nothing(v) for v in value] if isinstance(value, list) else value
