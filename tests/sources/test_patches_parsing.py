"""What is read from a commit: every change, every line, whatever stands in them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import Commit, Entry, git, make_repository
from tests.sources.readings import hunks_of, only, rows
from workbench.domain.frames import FILE_CHANGES, HUNKS
from workbench.errors import SourceError
from workbench.sources.patches.limits import Limits
from workbench.sources.patches.slices import read_slice

NASTY = [
    "",
    "a",
    "b",
    " blank first",
    "--- a/x.py",
    "+++ b/x.py",
    "-- ",
    "diff --git a/x b/x",
    "@@ -1 +1 @@",
    "*" + "0" * 40,
    "=0",
    "=1",
    "<old",
    ">new",
    ":100644 100644 a b M\tx",
    "!1 2 3",
    "\\ No newline at end of file",
    "Binary files a/x and b/x differ",
    "carriage\rreturn\r",
    "\r",
    "form\x0cfeed \x1f \u2028 é 漢 \U0001f600",
]


def split(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


def applied(before: str, hunks: pl.DataFrame) -> list[str]:
    """A file after its hunks, worked out line by line: what the hunks say must be so."""
    old, new, at = split(before), [], 0
    for hunk in hunks.sort("old_start", "new_start").iter_rows(named=True):
        start = hunk["old_start"] - 1 if hunk["old_lines"] else hunk["old_start"]
        new += old[at:start]
        removed = hunk["removed"].split("\n") if hunk["old_lines"] else []
        assert removed == old[start : start + hunk["old_lines"]]
        added = hunk["added"].split("\n") if hunk["new_lines"] else []
        assert len(added) == hunk["new_lines"]
        assert len(new) + (1 if added else 0) == hunk["new_start"]
        new += added
        at = start + hunk["old_lines"]
    return new + old[at:]


texts = st.builds(
    lambda lines, end: "\n".join(lines) + (end if lines else ""),
    st.lists(st.sampled_from(NASTY), max_size=12),
    st.sampled_from(["", "\n"]),
)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(versions=st.lists(texts, min_size=2, max_size=12), block=st.sampled_from([1, 90, 2_000_000]))
def test_hunks_turn_the_file_before_into_the_file_after(
    tmp_path_factory: pytest.TempPathFactory, versions: list[str], block: int
) -> None:
    """Applied to the old text, the hunks of a commit give the new text, wherever blocks are cut."""
    repository = tmp_path_factory.mktemp("r") / "r.git"
    make_repository(repository, [Commit(files={"f": text}) for text in versions])
    patches = only(repository, limits=Limits(block_bytes=block))
    changes = patches.file_changes.select("commit_id", "change_id", "added_lines", "removed_lines")
    for number, before, after in zip(
        range(len(versions) - 2, -1, -1), versions, versions[1:], strict=False
    ):
        change = changes.filter(pl.col("commit_id") == number)
        hunks = patches.hunks.filter(pl.col("change_id").is_in(change["change_id"].implode()))
        assert applied(before, hunks) == split(after)
        assert change["added_lines"].sum() == hunks["new_lines"].sum()
        assert change["removed_lines"].sum() == hunks["old_lines"].sum()


def test_every_kind_of_change_has_its_row(tmp_path: Path) -> None:
    """Added, modified, renamed, deleted, of another type, another mode, a submodule, empty."""
    code = "".join(f"line {n}\n" for n in range(20))
    repository = tmp_path / "r.git"
    make_repository(
        repository,
        [
            Commit(message="add", files={"a.py": code, "empty": "", "l": "x\ny"}),
            Commit(message="rename", files={"a.py": None, "b.py": code + "more\n"}),
            Commit(message="type", files={"l": Entry(mode="120000", content="b.py")}),
            Commit(message="mode", files={"b.py": Entry(mode="100755", content=code + "more\n")}),
            Commit(message="sub", files={"s": Entry(mode="160000", content="1" * 40)}),
            Commit(message="binary", files={"p": b"\0\1\2"}),
            Commit(message="delete", files={"b.py": None, "empty": None}),
            Commit(message="nothing"),
        ],
    )
    patches = only(repository)
    columns = [
        "subject",
        "status",
        "old_path",
        "path",
        "added_lines",
        "removed_lines",
        "is_core",
        "is_binary",
    ]
    assert rows(patches, *columns) == [
        ("delete", "D", "b.py", "b.py", 0, 21, True, False),
        ("delete", "D", "empty", "empty", 0, 0, False, False),
        ("binary", "A", "p", "p", 0, 0, False, True),
        ("sub", "A", "s", "s", 1, 0, False, False),
        ("mode", "M", "b.py", "b.py", 0, 0, True, False),
        ("type", "T", "l", "l", 1, 2, False, False),
        ("rename", "R", "a.py", "b.py", 1, 0, True, False),
        ("add", "A", "a.py", "a.py", 20, 0, True, False),
        ("add", "A", "empty", "empty", 0, 0, False, False),
        ("add", "A", "l", "l", 2, 0, False, False),
    ]
    assert patches.commits["subject"][0] == "nothing"
    assert hunks_of(patches, "l") == [("x\ny", ""), ("", "b.py"), ("", "x\ny")]
    assert hunks_of(patches, "s") == [("", "Subproject commit " + "1" * 40)]
    ids = {(s, p): (o, n) for s, p, o, n in rows(patches, "status", "path", "old_blob", "new_blob")}
    blob = git(repository, "rev-parse", "main~5:l")
    assert ids["T", "l"][1] == blob
    assert ids["A", "s"] == (None, None)
    assert ids["D", "b.py"][1] is None


def test_a_commit_is_told_as_git_has_it(tmp_path: Path) -> None:
    """Author, both dates in UTC, the whole message; nothing in a message is taken for a mark."""
    message = "Subject é\n\n * 1\n=0\n:x\n diff --git a b\n\n  indented\ttab\x1f \r\n\n" + "*" * 41
    repository = tmp_path / "r.git"
    shas = make_repository(
        repository, [Commit(message=message, author="Zoë <X> Ω"[:3]), Commit(message="")]
    )
    git(repository, "update-ref", "refs/heads/main", shas[1])
    commits = only(repository).commits
    assert commits["sha"].to_list() == [shas[1], shas[0]]
    assert commits["message"].to_list() == ["", message]
    assert commits["subject"].to_list() == ["", "Subject é"]
    assert commits["author"].to_list() == ["Ada Miner", "Zoë"]
    assert str(commits["committed_utc"][1]) == "2026-01-05 09:00:00+00:00"
    assert commits["commit_id"].to_list() == [0, 1]


def test_a_message_in_another_encoding_is_decoded(tmp_path: Path) -> None:
    """A commit that says it is Latin-1 is read as Latin-1, its dates as far as git can."""
    repository = tmp_path / "r.git"
    (root,) = make_repository(repository, [Commit()])
    tree = git(repository, "rev-parse", "main^{tree}")
    raw = (
        f"tree {tree}\nparent {root}\nauthor Zo\xeb <z@example.org> 99999999999999999999 +0000\n"
        f"committer Zo\xeb <z@example.org> 1767600000 +0000\nencoding ISO-8859-1\n\nCaf\xe9\n"
    ).encode("latin-1")
    sha = git(repository, "hash-object", "-t", "commit", "-w", "--literally", "--stdin", feed=raw)
    git(repository, "update-ref", "refs/heads/main", sha)
    commit = only(repository).commits.row(0, named=True)
    assert (commit["author"], commit["message"]) == ("Zoë", "Café")
    assert str(commit["committed_utc"]) == "2026-01-05 08:00:00+00:00"


def test_bytes_that_are_not_utf8_are_kept_as_marks_and_counted(tmp_path: Path) -> None:
    """Text, names and messages: each is loaded with U+FFFD and rejected with its place."""
    repository = tmp_path / "r.git"
    shas = make_repository(
        repository,
        [
            Commit(message=b"bad \xff message", files={"ok.py": "é\n"}),
            Commit(files={"t.py": b"fine\nbad \xe9 1\nbad \xe9 2\n", b"n\xff\n.py": "x\n"}),
        ],
    )
    patches = only(repository)
    assert patches.commits["message"].to_list() == ["Change", "bad \ufffd message"]
    assert hunks_of(patches, "t.py") == [("", "fine\nbad \ufffd 1\nbad \ufffd 2")]
    assert hunks_of(patches, "n\ufffd\n.py") == [("", "x")]
    assert hunks_of(patches, "ok.py") == [("", "é")]
    places = {r.at: r.reason for r in patches.rejections}
    assert set(places) == {f"{shas[0]} message", f"{shas[1]} t.py", f"{shas[1]} n\ufffd\n.py"}
    assert "in 2 line(s)" in places[f"{shas[1]} t.py"]
    assert {r.path for r in patches.rejections} == {str(repository)}


def test_odd_names_come_back_as_they_are(tmp_path: Path) -> None:
    """Newlines, tabs, quotes, blanks at the ends, names that look like options."""
    names = ["a\nb", "tab\there", 'q"uote', "back\\slash", " blank ", "-rf", "é", "\x01", "x -> y"]
    repository = tmp_path / "r.git"
    make_repository(repository, [Commit(files={name: f"{name!r}\n" for name in names})])
    patches = only(repository)
    assert sorted(patches.file_changes["path"]) == sorted(names)
    assert all(hunks_of(patches, name) == [("", repr(name))] for name in names)
    assert not patches.rejections


def test_core_only_reads_what_touches_core_on_either_side(tmp_path: Path) -> None:
    """The same changes as all of history restricted to core; every commit is there."""
    body = "".join(f"line {n}\n" for n in range(9))
    aside = ["tests/a.py", "x/docs/b.py", "doc/c.py", "x/test/d.py", "README.md", "x/y.txt"]
    core = ["a.py", "x/y.py", "testing/z.py"]
    repository = tmp_path / "r.git"
    make_repository(
        repository,
        [
            Commit(files={path: f"{path}\n{body}" for path in aside + core}),
            Commit(files={path: f"{path}\nchanged\n" for path in aside}),
            Commit(files=dict.fromkeys(["doc/c.py", "a.py"])),
            Commit(files={"x/y.py": None, "x/test/y.py": f"x/y.py\n{body}"}),
        ],
    )
    everything, narrow = only(repository), only(repository, core_only=True)
    wanted = everything.file_changes.filter("is_core")["path"].to_list()
    assert narrow.commits.equals(everything.commits)
    assert narrow.file_changes["is_core"].all()
    assert narrow.file_changes["path"].to_list() == wanted == ["x/test/y.py", "a.py", *sorted(core)]
    kept = narrow.hunks.join(narrow.file_changes, on="change_id", how="anti")
    assert kept.is_empty()
    assert len(narrow.hunks) == 4


def test_core_only_takes_the_declared_options_along(tmp_path: Path) -> None:
    """The one configuration is there on either side of a change, outside of core."""
    body = "".join(f"line {n}\n" for n in range(9))
    old, new = "air/config_templates/config.yml", "core/src/air/config_templates/config.yml"
    aside = ["tests/config_templates/config.yml", "my_config_templates/config.yml", "a/config.yml"]
    repository = tmp_path / "r.git"
    make_repository(
        repository,
        [
            Commit(files={path: f"{path}\n{body}" for path in (old, "a.py", *aside)}),
            Commit(files=dict.fromkeys(aside, "other\n")),
            Commit(files={old: None, new: f"{old}\n{body}"}),
            Commit(files={new: None, "a/config.yml": f"{old}\n{body}"}),
        ],
    )
    everything, narrow = only(repository), only(repository, core_only=True)
    assert narrow.commits.equals(everything.commits)
    assert narrow.file_changes.select("commit_id", "old_path", "path", "is_core").rows() == [
        (0, new, new, False),
        (1, old, new, False),
        (3, "a.py", "a.py", True),
        (3, old, old, False),
    ]
    shown = narrow.hunks.join(narrow.file_changes, on="change_id").select("commit_id", "path")
    assert shown.rows() == [(0, new), (3, "a.py"), (3, old)]
    assert len(narrow.hunks) == 3


def test_frames_are_as_declared(tmp_path: Path) -> None:
    """File changes and hunks have the declared columns and types."""
    make_repository(tmp_path / "r.git", [Commit(files={"a": "a\n"})])
    patches = only(tmp_path / "r.git")
    FILE_CHANGES.check(patches.file_changes)
    HUNKS.check(patches.hunks)


STREAM = (
    b"*" + b"1" * 40 + b"\x1f1\x1f1\x1fA\n m\n\n:100644 100644 " + b"a" * 40 + b" " + b"b" * 40
    + b" M\tf\n\ndiff --git a/f b/f\nindex 1..2 100644\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n<a\n>b\n"
)  # fmt: skip


@pytest.mark.parametrize(
    ("stream", "told"),
    [
        (STREAM.replace(b"<a\n", b""), "a hunk has other lines than its head says"),
        (STREAM.replace(b">b\n", b">b\n>c\n"), "a hunk has other lines than its head says"),
        (STREAM[: STREAM.index(b"diff")], "no patch for 1 changed files"),
        (STREAM + STREAM[STREAM.index(b"diff") :], "2 patches for 1 changed files"),
        (STREAM.replace(b"*1", b"*2"), "commits that were not asked for"),
        (STREAM.replace(b"*1", b"+1"), "changes without a commit"),
        (STREAM[: STREAM.index(b"\n") + 1].replace(b"*", b"\n"), "changes without a commit"),
        (STREAM + STREAM, "commits that were not asked for"),
    ],
)
def test_a_stream_that_contradicts_itself_is_refused(stream: bytes, told: str) -> None:
    """Every hunk, patch and commit is counted twice; what does not agree is never loaded."""
    (good,) = read_slice([STREAM], ["1" * 40], where="r")
    assert len(good.hunks) == 1
    with pytest.raises(SourceError, match=told) as error:
        list(read_slice([stream], ["1" * 40], where="r"))
    assert error.value.where is not None
    assert "1" * 40 in error.value.where.at
