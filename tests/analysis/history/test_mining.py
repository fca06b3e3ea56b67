"""Labels that a history gives: reverts, named causes, fragments, small fixes."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.analysis.histories import SHAS, START, changes, commits, history, hunks
from tests.builders import Commit, git, make_repository
from workbench.analysis.history.mining import as_labels, mine
from workbench.domain.histories import HISTORY_COMMITS, History
from workbench.domain.loading import Known
from workbench.sources.git import read_git

CAUSE = "Give out slots by team (#10)"


def told(subject: str, body: str = "", *, days: float = 5, cause: str = CAUSE) -> pl.DataFrame:
    """What is mined of a cause, some other commit, and a later one with this message."""
    message = f"{subject}\n\n{body}" if body else subject
    frame = commits(
        3,
        subject=[cause, "Something else (#11)", subject],
        message=[cause, "Something else (#11)", message],
        committed_utc=[START, START + timedelta(hours=1), START + timedelta(days=days)],
    )
    return mine(history({"commits": frame}))


@pytest.mark.parametrize(
    ("subject", "body", "rule", "trust"),
    [
        (f'Revert "{CAUSE}" (#12)', "", "revert-subject", "high"),
        (f'[v3-1] Revert "{CAUSE}" (#12)', "", "revert-subject", "high"),
        ("Take it back (#12)", f"This reverts commit {SHAS[0]}.", "revert-commit", "high"),
        ("Take it back (#12)", f"This reverts commit {SHAS[0][:12]}.", None, None),
        ("Revert #10 for now (#12)", "", "revert-number", "medium"),
        ("Fix slots (#12)", "This was broken by #10.", "blames", "high"),
        ("Fix slots (#12)", "A regression introduced\nin apache/airflow#10", "blames", "high"),
        ("Fix slots (#12)", "Caused by https://github.com/a/b/pull/10", "blames", "high"),
        ("Fix slots broken in #10 (#12)", "", "blames", "high"),
        ("Fix slots (#12)", "They are gone since #10.", "hints", "medium"),
        ("Name slots (#12)", "They are gone since #10.", None, None),
        ("Fix slots (#12)", "closes: #10", None, None),
        ("Fix slots (#12)", "Broken by whoever. Much later we saw #10.", None, None),
        ("Fix slots (#12)", "caused by #12", None, None),
        ("Fix slots (#12)", "caused by #999", None, None),
    ],
)
def test_messages_that_name_a_cause(
    subject: str, body: str, rule: str | None, trust: str | None
) -> None:
    """The pair, the rule that found it, and how far it can be believed."""
    found = told(subject, body)
    if rule is None:
        assert found.is_empty()
        return
    (row,) = found.to_dicts()
    assert (row["sha"], row["fixing_sha"]) == (SHAS[0], SHAS[2])
    assert (row["rule"], row["trust"], row["kind"]) == (rule, trust, "regression")
    assert row["known_utc"] == START + timedelta(days=5)
    assert row["lag_days"] == pytest.approx(5)


def test_what_was_undone_within_two_days_is_a_kind_of_its_own() -> None:
    """It never reached a release; a quoted subject without a number is found, too."""
    assert told(f'Revert "{CAUSE}" (#12)', days=1.5)["kind"].to_list() == ["short-lived-revert"]
    bare = told('Revert "Give out slots"', cause="Give out slots", days=3)
    assert bare["kind"].to_list() == ["regression"]
    assert told("Fix slots (#12)", "Broken by #10.", days=1)["kind"].to_list() == ["regression"]


def test_a_revert_of_a_revert_is_about_the_revert() -> None:
    """The number that is quoted last is the one that is undone."""
    inner = f'Revert "{CAUSE}" (#11)'
    frame = commits(3, subject=[CAUSE, inner, f'Revert "{inner}" (#12)'], message=[CAUSE, "", ""])
    found = mine(history({"commits": frame}))
    assert sorted(found.select("sha", "fixing_sha").rows()) == [
        (SHAS[0], SHAS[1]),
        (SHAS[1], SHAS[2]),
    ]


def test_a_later_commit_cannot_be_the_cause() -> None:
    """Numbers that are only taken later name nothing; another repository's number neither."""
    frame = commits(2, subject=["Fix it (#12)", CAUSE], message=["Broken by #10.", CAUSE])
    assert mine(history({"commits": frame})).is_empty()
    apart = commits(
        2,
        subject=[CAUSE, "Fix it (#12)"],
        message=[CAUSE, "Broken by #10."],
        repository=["one", "other"],
    )
    assert mine(history({"commits": apart})).is_empty()


@pytest.mark.parametrize("number", ["9" * 19, "9" * 40, "0" * 30])
def test_a_number_that_no_request_can_have_is_none(number: str) -> None:
    """In a subject, in a message, in the name of a fragment: nothing is found, nothing fails."""
    assert told(f"Fix slots (#{number})", f"Broken by #{number}.").is_empty()
    assert told("Fix slots (#12)", "Broken by #10.", cause=f"Odd (#{number})").is_empty()
    assert fragments((0, f"{number}.significant.rst"))["rule"].to_list() in ([], ["fragment-added"])


def fragments(*added: tuple[int, str], status: str = "A") -> pl.DataFrame:
    frame = commits(3, subject=["Change a (#10)", "Change b (#11)", "Tell of it (#12)"])
    paths = [(n, f"airflow-core/newsfragments/{name}") for n, name in added]
    files = changes(*paths, status=[status] * len(paths))
    return mine(history({"commits": frame, "file_changes": files}))


def test_significant_fragments_lead_to_the_change() -> None:
    """By its number, or, when that is an issue's, to whoever added it; nothing else counts."""
    found = fragments(
        (0, "10.significant.rst"), (2, "11.significant.rst"), (1, "7.significant.rst")
    )
    rows = {row["sha"]: row for row in found.to_dicts()}
    assert found.height == len(rows) == 2
    assert {row["rule"] for row in rows.values()} == {"fragment-number"}
    assert rows[SHAS[0]]["lag_days"] == 0
    assert rows[SHAS[1]]["known_utc"] == START + timedelta(days=2)
    (alone,) = fragments((1, "7.significant.rst")).to_dicts()
    assert (alone["sha"], alone["rule"], alone["trust"]) == (SHAS[1], "fragment-added", "medium")
    assert found["fixing_sha"].null_count() == found.height
    assert fragments((0, "10.bugfix.rst"), (0, "notes.significant.rst")).is_empty()
    assert fragments((0, "10.significant.rst"), status="M").is_empty()


def test_a_commit_that_collects_fragments_made_none_of_the_changes() -> None:
    """Release preparation adds many at once; only their numbers say something."""
    many = [(2, f"{n}.significant.rst") for n in (10, 901, 902, 903, 904)]
    assert fragments(*many)["sha"].to_list() == [SHAS[0]]


def test_labels_carry_rule_trust_and_date() -> None:
    """Weak ones only when asked for."""
    found = told("Fix slots (#12)", "They are gone since #10.")
    assert as_labels(found, trust="high") == ()
    (label,) = as_labels(found)
    assert (label.sha, label.label, label.pattern) == (SHAS[0], "breaking", None)
    assert label.extra["fixed_sha"] == SHAS[2]
    assert label.extra["when"] == (START + timedelta(days=5)).isoformat()


def fixed(*blocks: tuple[int, str, str], **more: Any) -> list[tuple[str, str]]:
    """Pairs that are blamed: commit n changes a file at line 10; the last one is the fix."""
    last = max(n for n, _, _ in blocks)
    subjects = [*(f"Change {n}" for n in range(last)), more.pop("subject", "Fix the loop (#9)")]
    frames = {
        "commits": commits(last + 1, subject=subjects, message=subjects),
        "file_changes": changes(*((n, "airflow/jobs.py") for n, _, _ in blocks), **more),
        "hunks": hunks(*((at, old, new) for at, (_, old, new) in enumerate(blocks))),
    }
    found = mine(history(frames))
    assert set(found["trust"]) <= {"weak"}
    return found.select("sha", "fixing_sha").rows()


def test_a_small_fix_blames_who_wrote_the_line_last() -> None:
    """The newest writer of the line, not an older one."""
    blocks = [(0, "", "x = 1"), (1, "x = 1", "x = 2"), (2, "x = 2", "x = 3")]
    assert fixed(*blocks) == [(SHAS[1], SHAS[2])]


def test_what_is_no_small_fix_blames_nobody() -> None:
    """Words, tests, large changes, lines that say nothing, lines older than the history."""
    blocks = [(0, "", "x = 1"), (1, "x = 1", "x = 2")]
    assert fixed(*blocks, subject="Speed up the loop (#9)") == []
    assert fixed(*blocks, subject="Fix typo in the loop (#9)") == []
    assert fixed(*blocks, added_lines=[1, 40]) == []
    assert fixed((0, "", "# x"), (1, "# x", "# y")) == []
    assert fixed((1, "x = 1", "x = 2")) == []


def test_a_sweeping_commit_is_not_to_blame() -> None:
    """Who touched sixty files at once only passed by."""
    paths = [(0, "airflow/jobs.py"), *((0, f"airflow/m{n}.py") for n in range(70))]
    frames = {
        "commits": commits(2, subject=["Format all", "Fix the loop"]),
        "file_changes": changes(*paths, (1, "airflow/jobs.py")),
        "hunks": hunks((0, "", "x = 1"), (71, "x = 1", "x = 2")),
    }
    assert mine(history(frames)).is_empty()


def test_lines_are_followed_as_git_blame_does(tmp_path: Path) -> None:
    """Random edits, insertions, deletions and a rename: for every fix the same commit as git's."""
    draw = random.Random(7)
    lines = [f"first {n}" for n in range(30)]
    path, made = "airflow/a.py", []
    for number in range(60):
        before = path
        for _ in range(draw.randint(1, 3)):
            at = draw.randrange(len(lines))
            action = draw.choice(["edit", "insert", "delete"])
            if action == "insert" or len(lines) < 10:
                new = [f"new {number} {draw.random()}" for _ in range(draw.randint(1, 3))]
                lines[at:at] = new
            elif action == "edit":
                lines[at] = f"edit {number} {draw.random()}"
            else:
                del lines[at : at + 2]
        files: dict[str | bytes, Any] = {}
        if number == 30:
            path = "airflow/b.py"
            files[before] = None
        files[path] = "".join(f"{line}\n" for line in lines)
        made.append(Commit(files=files, message=f"Fix {number}"))
    repository = tmp_path / "r.git"
    shas = make_repository(repository, made)
    (batch,) = read_git(repository, name="r").read(Known())
    known = batch.frames["commits"].with_columns(
        repository=pl.lit("r"), repository_kind=pl.lit("git")
    )
    found = mine(History.of({**batch.frames, "commits": HISTORY_COMMITS.check(known)}))
    blamed = dict(found.select("fixing_sha", "sha").iter_rows())
    checked = 0
    for number in range(1, 60):
        where = "airflow/a.py" if number <= 30 else "airflow/b.py"
        removed = [
            int(line.split()[1].lstrip("-").split(",")[0]) + offset
            for line in git(repository, "show", "-M", "-U0", "--format=", shas[number]).splitlines()
            if line.startswith("@@")
            for offset in range(int([*line.split()[1].split(","), "1"][1]))
        ]
        told_by_git = git(repository, "blame", "-s", "-l", shas[number - 1], "--", where)
        writers = [line.split()[0].lstrip("^") for line in told_by_git.splitlines()]
        wrote = [next(s for s in shas if s.startswith(writers[n - 1])) for n in removed]
        if not wrote:
            assert shas[number] not in blamed
            continue
        most = max(set(wrote), key=lambda s: (wrote.count(s), shas.index(s)))
        assert blamed[shas[number]] == most, number
        checked += 1
    assert checked > 40
