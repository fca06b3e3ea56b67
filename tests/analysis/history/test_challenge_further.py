"""Arguments of somebody else: what counts, what is dropped and counted, when nobody is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.analysis.history.test_challenge import USED, gone
from workbench.analysis.history.challenge import challenge
from workbench.analysis.history.challenge_brief import Brief
from workbench.analysis.history.challenge_further import MOST_ARGUMENTS, Further
from workbench.analysis.history.model_arguments import arguer_of, arguments_in, prompt_about
from workbench.errors import EndpointError

GOOD = {
    "argument": "No.",
    "direction": "down",
    "where": "downstream",
    "path": USED,
    "line": 1,
}


def brief(folder: Path) -> Brief:
    """One finding whose downstream is one line long."""
    made = gone(folder, "from pkg.a import used\n")
    at = made.history.commits["committed_utc"][0]
    return Brief(finding=made.finding, known=made.known, at=at)


@pytest.mark.parametrize(
    "bad",
    [
        None,
        "no",
        7,
        [],
        {},
        GOOD | {"line": 2},
        GOOD | {"line": 0},
        GOOD | {"line": -1},
        GOOD | {"line": 10**40},
        GOOD | {"line": 1.0},
        GOOD | {"line": True},
        GOOD | {"path": None},
        GOOD | {"path": "/etc/passwd"},
        GOOD | {"path": "../../etc/passwd"},
        GOOD | {"path": f"{USED}\nHEAD:secret"},
        GOOD | {"path": f"{USED}\0"},
        GOOD | {"path": ["a"]},
        GOOD | {"where": "upstream"},
        GOOD | {"where": {}},
        GOOD | {"direction": ["up"]},
        GOOD | {"argument": ""},
        GOOD | {"argument": {"x": 1}},
    ],
)
def test_what_cites_no_line_is_dropped_and_counted(tmp_path: Path, bad: Any) -> None:
    """The good argument beside it still counts."""
    further = Further(lambda _: [bad, GOOD])
    assert [a.line for a in further.arguments(brief(tmp_path))] == [1]
    assert (further.asked, further.answered, further.taken, further.dropped) == (1, 1, 1, 1)


def test_what_is_said_is_short_plain_and_without_secrets(tmp_path: Path) -> None:
    """No escape of a terminal, no second line, no secret, no end."""
    told = "red \x1b[31m\npassword=hunter2hunter2 " + "x" * 1000
    further = Further(lambda _: [GOOD | {"argument": told}])
    (said,) = further.arguments(brief(tmp_path))
    assert said.argument.startswith("red \\x1b[31m password=<secret:password> xxx")
    assert len(said.argument) == 300


def test_who_says_too_much_is_heard_so_far(tmp_path: Path) -> None:
    """A flood of arguments is cut, and what was cut is counted."""
    further = Further(lambda _: [GOOD] * 100)
    assert len(further.arguments(brief(tmp_path))) == MOST_ARGUMENTS
    assert further.dropped == 100 - MOST_ARGUMENTS


def test_who_fails_is_not_asked_for_ever(tmp_path: Path) -> None:
    """After three failures in a row nobody is asked; one answer between begins the count anew."""
    turns = iter([False, False, True, False, False, False])
    given = brief(tmp_path)

    def arguer(_: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        if next(turns):
            return [GOOD]
        raise EndpointError("It is down.")

    further = Further(arguer)
    assert [len(further.arguments(given)) for _ in range(8)] == [0, 0, 1, 0, 0, 0, 0, 0]
    assert further.counts() == {
        "asked": 6,
        "answered": 1,
        "failed": 5,
        "not_asked": 2,
        "taken": 1,
        "dropped": 0,
    }
    assert further.notes == ["It is down."]
    assert Further().counts() == {}


@pytest.mark.parametrize(
    "answer",
    ["", "no", "[]", "{}", '{"arguments": {}}', '{"arguments": [', '{"a": ' * 100_000 + "}", "}{"],
)
def test_an_answer_that_is_none(answer: str) -> None:
    """Anything but an object with a list is an error, which means no argument."""
    with pytest.raises(EndpointError, match="no list"):
        arguments_in(answer)


@pytest.mark.parametrize(
    "answer",
    ['{"arguments": [{"line": 1}]}', 'Sure!\n```json\n{"arguments": [{"line": 1}]}\n```\nBye'],
)
def test_an_answer_among_words(answer: str) -> None:
    """A fence and politeness around the object do no harm."""
    assert arguments_in(answer) == [{"line": 1}]


def test_a_model_is_shown_the_lines_it_may_cite(tmp_path: Path) -> None:
    """The prompt holds claim and lines, each once; the answer moves the severity by one step."""
    made = gone(tmp_path, "from pkg.a import used\n", severity="HIGH")
    prompts: list[str] = []

    def ask(prompt: str) -> str:
        prompts.append(prompt)
        return '{"arguments": [{"argument": "x", "direction": "up", "where": "upstream",' + (
            ' "path": "nowhere.py", "line": 3}]}'
        )

    further = Further(arguer_of(ask))
    told = challenge(
        made.findings, made.known, hits=made.hits, history=made.history, further=further
    )
    assert told["severity"].to_list() == ["HIGH"]
    assert (further.taken, further.dropped) == (0, 1)
    (prompt,) = prompts
    assert prompt.count('"text": "from pkg.a import used"') == 1
    assert prompt_about({}).startswith("A change of a library")
