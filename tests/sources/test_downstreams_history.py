"""A downstream as of any moment: each row stood there from one commit until another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import STARTED, Commit, Entry, git, make_repository
from tests.sources.trees import write_tree
from workbench.domain.frames import CALL_SITES, DOWNSTREAM_IMPORTS
from workbench.domain.loading import Batch, Known
from workbench.sources.downstreams import read_downstream
from workbench.sources.downstreams.texts import open_texts
from workbench.sources.downstreams.versions import in_order

Files = Mapping[str, str | None]
USE = "from airflow.models import DagRun\n"
HOUR = timedelta(hours=1)


def hour(number: int) -> datetime:
    """When the commit of that place was made."""
    return STARTED + number * HOUR


def load(folder: Path, **options: object) -> Batch:
    (batch,) = read_downstream(folder, **options).read(Known())  # type: ignore[arg-type]
    CALL_SITES.check(batch.frames["call_sites"])
    DOWNSTREAM_IMPORTS.check(batch.frames["downstream_imports"])
    return batch


def made(folder: Path, *steps: Files) -> Batch:
    """A repository with one commit for each step, an hour apart, and what is read of it."""
    make_repository(folder, [Commit(files=dict(files)) for files in steps])
    return load(folder)


def spans(batch: Batch, *columns: str) -> list[tuple[object, ...]]:
    """Call sites but imports, with the places of the commits between which they stood."""
    frame = batch.frames["call_sites"].filter(pl.col("kind") != "import")
    hours = [((pl.col(c) - STARTED) / HOUR).cast(pl.Int64) for c in ("since_utc", "until_utc")]
    return frame.select(*columns, *hours).rows()


def at(frame: pl.DataFrame, moment: datetime) -> pl.DataFrame:
    came = pl.col("since_utc") <= moment
    return frame.filter(came & (pl.col("until_utc").is_null() | (pl.col("until_utc") > moment)))


def test_a_use_stands_from_its_commit_until_it_is_gone(tmp_path: Path) -> None:
    """A line that moves is another row; a file that comes back is another span."""
    batch = made(
        tmp_path / "t",
        {"a.py": f"{USE}DagRun.find()\n", "b.py": f"{USE}DagRun.x\n"},
        {"a.py": f"{USE}\nDagRun.find()\n"},
        {"b.py": None},
        {"b.py": f"{USE}DagRun.x\n", "README": "x"},
    )
    assert spans(batch, "path", "line") == [
        ("a.py", 2, 0, 1),
        ("a.py", 3, 1, None),
        ("b.py", 2, 0, 2),
        ("b.py", 2, 3, None),
    ]
    imports = batch.frames["downstream_imports"]
    assert imports.select("path", "since_utc", "until_utc").rows() == [
        ("a.py", hour(0), None),
        ("b.py", hour(0), hour(2)),
        ("b.py", hour(3), None),
    ]


def test_a_row_that_stays_is_one_span(tmp_path: Path) -> None:
    """Changes below a line, and in other files, do not cut its span."""
    batch = made(
        tmp_path / "t",
        {"a.py": f"{USE}DagRun.find()\n"},
        {"a.py": f"{USE}DagRun.find()\nx = 1\n"},
        {"b.py": "y = 1\n"},
    )
    assert spans(batch, "path") == [("a.py", 0, None)]


RELINKED: dict[str, tuple[list[Files], list[tuple[object, ...]]]] = {
    "a re-export that changes": (
        [
            {
                "ours/__init__.py": "from airflow.old import X\n",
                "use.py": "import ours\nours.X()\n",
            },
            {"ours/__init__.py": "from airflow.new import X\n"},
            {"ours/__init__.py": "X = 1\n"},
        ],
        [("use.py", "airflow.new.X", 1, 2), ("use.py", "airflow.old.X", 0, 1)],
    ),
    "a re-export of a re-export": (
        [
            {
                "a.py": "from airflow.old import X\n",
                "b.py": "from a import *\n",
                "c.py": "from b import X\nX()\n",
            },
            {"a.py": "from airflow.new import X\n"},
        ],
        [("c.py", "airflow.new.X", 1, None), ("c.py", "airflow.old.X", 0, 1)],
    ),
    "a module that comes": (
        [
            {"use.py": "from ours.a import X\nX()\n"},
            {"ours/__init__.py": "", "ours/a.py": "from airflow.m import X\n"},
            {"ours/a.py": None},
        ],
        [("use.py", "airflow.m.X", 1, 2)],
    ),
    "a module in the place of a name": (
        [
            {
                "ours/__init__.py": "from airflow.m import sub\n",
                "use.py": "from ours import sub\nsub.x()\n",
            },
            {"ours/sub.py": "def x(): ...\n"},
        ],
        [("use.py", "airflow.m.sub.x", 0, 1)],
    ),
    "a base class of another file": (
        [
            {
                "base.py": "from airflow.b import Old\nclass B(Old):\n  pass\n",
                "use.py": "from base import B\nclass C(B):\n  def run(self): self.go()\n",
            },
            {"base.py": "from airflow.b import New\nclass B(New):\n  pass\n"},
            {"base.py": "from airflow.b import New\nclass B(New):\n  def go(self): ...\n"},
        ],
        [
            ("base.py", "airflow.b.New", 1, None),
            ("base.py", "airflow.b.Old", 0, 1),
            ("base.py", "airflow.b.New.go", 2, None),
            ("use.py", "airflow.b.New", 1, None),
            ("use.py", "airflow.b.Old", 0, 1),
            ("use.py", "airflow.b.New.go", 1, 2),
            ("use.py", "airflow.b.New.run", 1, None),
            ("use.py", "airflow.b.Old.go", 0, 1),
            ("use.py", "airflow.b.Old.run", 0, 1),
        ],
    ),
    "a part of the upstream that becomes ours": (
        [
            {"use.py": "from airflow.providers.acme import hook\nhook()\n"},
            {"src/airflow/providers/acme/__init__.py": "from airflow.h import hook\n"},
        ],
        [("use.py", "airflow.h.hook", 1, None), ("use.py", "airflow.providers.acme.hook", 0, 1)],
    ),
    "a file that no longer parses": (
        [{"a.py": f"{USE}DagRun()\n"}, {"a.py": f"{USE}DagRun(\n"}, {"a.py": f"{USE}DagRun()\n"}],
        [("a.py", "airflow.models.DagRun", 0, 1), ("a.py", "airflow.models.DagRun", 2, None)],
    ),
    "a file that becomes a link": (
        [{"a.py": f"{USE}DagRun()\n"}, {"a.py": Entry(mode="120000", content="/etc/x.py")}],  # type: ignore[dict-item]
        [("a.py", "airflow.models.DagRun", 0, 1)],
    ),
    "two modules of one name": (
        [
            {"x/a.py": "from airflow.one import X\n", "use.py": "from a import X\nX()\n"},
            {"y/a.py": "from airflow.two import X\n"},
            {"y/a.py": None},
        ],
        [
            ("use.py", "airflow.one.X", 0, 1),
            ("use.py", "airflow.one.X", 2, None),
            ("use.py", "airflow.two.X", 1, 2),
        ],
    ),
}


@pytest.mark.parametrize("case", RELINKED)
def test_a_file_that_stays_is_linked_again_when_others_change(tmp_path: Path, case: str) -> None:
    """What a name stands for depends on other files of the version."""
    steps, expected = RELINKED[case]
    assert spans(made(tmp_path / "t", *steps), "path", "target") == expected


MODULES = ("a.py", "b.py", "p/__init__.py", "p/c.py")
TEXTS = (
    None,
    "from airflow.m import X, Y\nclass C(X): ...\nX.f()\n",
    "from a import *\nfrom p import C as D\nclass C(D):\n  def g(self): self.h()\n",
    "from b import C, X\nimport p.c\np.c.X()\nX()\n",
    "from p.c import X, C\nimport a\na.C.z\nclass E(C): ...\n",
    "import airflow.m as X\nfrom . import c\nc.Y\n'a.X.f'\n",
    "def (\n",
)


@settings(max_examples=15, deadline=None)
@given(
    steps=st.lists(
        st.dictionaries(st.sampled_from(MODULES), st.sampled_from(TEXTS), max_size=3),
        min_size=1,
        max_size=5,
    )
)
def test_every_version_is_what_a_fresh_read_gives(
    steps: list[dict[str, str | None]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """As of each commit the rows are those of its tree, read alone, whatever came before."""
    folder = tmp_path_factory.mktemp("t") / "t"
    there: dict[str, str] = {}
    trees = []
    for step in steps:
        there = {k: v for k, v in {**there, **step}.items() if v is not None}
        trees.append(dict(there))
    known: set[str] = set()
    commits = []
    for step in steps:
        commits.append(Commit(files={p: t for p, t in step.items() if t or p in known}))
        known = {p for p in known | step.keys() if step.get(p, "") is not None}
    shas = make_repository(folder, commits)
    batch = load(folder, name="x")
    for number, _ in enumerate(shas):
        plain = write_tree(folder.parent / f"plain-{number}", trees[number])
        fresh = load(plain, name="x")
        for name in ("call_sites", "downstream_imports"):
            frame = at(batch.frames[name], hour(number)).drop("since_utc", "until_utc")
            expected = fresh.frames[name].drop("since_utc", "until_utc")
            assert frame.sort(frame.columns).equals(expected.sort(frame.columns)), number


def test_only_first_parents_count(tmp_path: Path) -> None:
    """What stood on a branch before it was merged stood on no version."""
    folder = tmp_path / "t"
    commits = [
        Commit(files={"a.py": "x = 1\n"}),
        Commit(files={"a.py": f"{USE}DagRun.early()\n"}, parents=(0,)),
        Commit(files={"a.py": f"{USE}DagRun.late()\n"}, parents=(1,)),
        Commit(files={"a.py": f"{USE}DagRun.late()\n"}, parents=(0, 2)),
    ]
    make_repository(folder, commits)
    assert spans(load(folder), "target") == [("airflow.models.DagRun.late", 3, None)]


def test_commits_of_one_moment_are_one_version(tmp_path: Path) -> None:
    """Nobody can ask for what stood between two commits of one second."""
    folder = tmp_path / "t"
    texts = ["x = 1\n", f"{USE}DagRun.a()\n", f"{USE}DagRun.b()\n"]
    make_repository(folder, [Commit(files={"a.py": text}, at=hour(0)) for text in texts])
    assert spans(load(folder), "target") == [("airflow.models.DagRun.b", 0, None)]


def test_a_clock_that_went_wrong_is_said(tmp_path: Path) -> None:
    """A commit dated decades ahead does not hide those after it."""
    folder = tmp_path / "t"
    dates = [hour(0), datetime(2090, 1, 1, tzinfo=UTC), hour(2)]
    texts = [f"{USE}DagRun.{name}()\n" for name in "abc"]
    pairs = zip(texts, dates, strict=True)
    make_repository(folder, [Commit(files={"a.py": t}, at=d) for t, d in pairs])
    batch = load(folder)
    assert spans(batch, "target") == [
        ("airflow.models.DagRun.b", 0, 2),
        ("airflow.models.DagRun.c", 2, None),
    ]
    assert "1 commits are dated out of order" in batch.note


@given(st.lists(st.integers(0, 50), max_size=30))
def test_dates_are_put_in_order_with_the_fewest_changes(seconds: list[int]) -> None:
    """Dates never fall, those in order stay, and the count is that of the changed ones."""
    dates, moved = in_order(seconds)
    assert dates == sorted(dates)
    assert len(dates) == len(seconds)
    assert sum(a != b for a, b in zip(dates, seconds, strict=True)) <= moved
    if seconds == sorted(seconds):
        assert (dates, moved) == (seconds, 0)


def test_what_stands_on_disk_counts_in_the_place_of_head(tmp_path: Path) -> None:
    """Edited, new and deleted files of a work tree are its newest version."""
    folder = tmp_path / "t"
    files = {"a.py": f"{USE}DagRun.a()\n", "b.py": f"{USE}DagRun.b()\n"}
    make_repository(folder, [Commit(files=files), Commit(files={"c.py": ""})], bare=False)
    git(folder, "reset", "-q", "--hard")
    assert spans(load(folder), "target") == [
        ("airflow.models.DagRun.a", 0, None),
        ("airflow.models.DagRun.b", 0, None),
    ]
    (folder / "a.py").write_text(f"{USE}DagRun.edited()\n")
    (folder / "b.py").unlink()
    (folder / "n.py").write_text(f"{USE}DagRun.new()\n")
    assert spans(load(folder), "target") == [
        ("airflow.models.DagRun.a", 0, 1),
        ("airflow.models.DagRun.edited", 1, None),
        ("airflow.models.DagRun.b", 0, 1),
        ("airflow.models.DagRun.new", 1, None),
    ]


def test_a_folder_without_git_stands_always(tmp_path: Path) -> None:
    """No dates, whether its history or a moment is asked for."""
    folder = write_tree(tmp_path / "t", {"a.py": f"{USE}DagRun.a()\n"})
    for options in ({}, {"as_of": hour(0)}, {"history": False}):
        frame = load(folder, **options).frames["call_sites"]
        assert frame.select("since_utc", "until_utc").unique().rows() == [(None, None)]


def test_one_moment_alone_is_read(tmp_path: Path) -> None:
    """As of a moment only that tree is read; before the first commit there is nothing."""
    folder = tmp_path / "t"
    made(folder, {"a.py": USE}, {"a.py": "import airflow.x\n"}, {"a.py": "import airflow.y\n"})
    for moment, module in ((hour(0), "airflow.models"), (hour(1) + HOUR / 2, "airflow.x")):
        imports = load(folder, as_of=moment).frames["downstream_imports"]
        assert imports["module"].to_list() == [module]
    assert load(folder, as_of=hour(0) - HOUR).frames["downstream_imports"].is_empty()
    newest = load(folder, history=False).frames["downstream_imports"]
    assert newest["module"].to_list() == ["airflow.y"]


def test_what_cannot_be_read_is_said_with_its_commit(tmp_path: Path) -> None:
    """A file that once did not parse is rejected with the commit, one that does not now without."""
    folder = tmp_path / "t"
    steps = [{"a.py": "x = 1\nx x\n", "b.py": USE}, {"a.py": "x = 1\n"}, {"c.py": "y y\n"}]
    shas = make_repository(folder, [Commit(files=files) for files in steps])
    batch = load(folder)
    assert [(r.path, r.at) for r in batch.rejections] == [
        ("a.py", f"line 2 in {shas[0][:10]}"),
        ("c.py", "line 1"),
    ]
    assert batch.frames["downstreams"]["python_files"].to_list() == [2]


def test_a_generated_module_is_rejected(tmp_path: Path) -> None:
    """Megabytes of Python are not parsed, and do not stop the rest."""
    big = "x = [\n" + "    1,\n" * 200_000 + "]\n"
    batch = made(tmp_path / "t", {"big.py": big, "a.py": USE}, {"big.py": "x = 1\n"})
    (rejection,) = batch.rejections
    assert "1,400,008 bytes" in rejection.reason
    assert batch.frames["downstream_imports"].height == 1


def test_other_peoples_code_links_and_submodules_are_left_out(tmp_path: Path) -> None:
    """In every version, and the note names what is left out of the newest."""
    text = f"{USE}DagRun.x()\n"
    files: dict[str | bytes, str | bytes | Entry | None] = {
        "a.py": text,
        "ours/_vendor/x.py": text,
        "vendor/y.py": text,
        "lib/site-packages/z.py": text,
        "env/pyvenv.cfg": "",
        "env/w.py": text,
        "link.py": Entry(mode="120000", content="a.py"),
        "around": Entry(mode="120000", content="."),
        "part": Entry(mode="160000", content="1" * 40),
    }
    folder = tmp_path / "t"
    make_repository(folder, [Commit(files=files), Commit(files={"vendor/y.py": None})])
    batch = load(folder)
    assert batch.frames["downstream_imports"]["path"].to_list() == ["a.py"]
    for words in ("env, lib/site-packages, ours/_vendor", "1 submodule: part", "2 symbolic links"):
        assert words in batch.note


def test_a_submodule_of_a_work_tree_is_left_out(tmp_path: Path) -> None:
    """A repository inside a work tree has a history of its own."""
    folder = tmp_path / "t"
    make_repository(folder, [Commit(files={"a.py": USE})], bare=False)
    git(folder, "reset", "-q", "--hard")
    make_repository(folder / "part", [Commit(files={"b.py": USE})], bare=False)
    git(folder / "part", "reset", "-q", "--hard")
    batch = load(folder)
    assert batch.frames["downstream_imports"]["path"].to_list() == ["a.py"]
    assert "1 submodule: part" in batch.note


def test_a_shallow_clone_is_said(tmp_path: Path) -> None:
    """What stood before it is not known, and not taken to have come with its first commit."""
    origin = tmp_path / "origin"
    texts = [f"{USE}DagRun.{name}()\n" for name in "abcd"]
    make_repository(origin, [Commit(files={"a.py": text}) for text in texts])
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--bare", "--depth", "2", f"file://{origin}", str(clone))
    batch = load(clone)
    assert spans(batch, "target") == [
        ("airflow.models.DagRun.c", 2, 3),
        ("airflow.models.DagRun.d", 3, None),
    ]
    assert "shallow" in batch.note


def test_a_partial_clone_says_what_it_does_not_hold(tmp_path: Path) -> None:
    """Older contents that were not cloned are counted in one rejection; nothing is fetched."""
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    texts = [f"{USE}DagRun.{name}()\n" for name in "abcd"]
    make_repository(origin, [Commit(files={"a.py": text}) for text in texts])
    git(origin, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--filter=blob:none", f"file://{origin}", str(clone))
    batch = load(clone)
    assert spans(batch, "target") == [("airflow.models.DagRun.d", 3, None)]
    (rejection,) = batch.rejections
    assert "3 older versions" in rejection.reason


def test_a_rewritten_history_is_said(tmp_path: Path) -> None:
    """The commit that was the newest at the last load is no longer there."""
    folder = tmp_path / "t"
    first = make_repository(folder, [Commit(files={"a.py": USE})])[-1]
    source = read_downstream(folder)
    (same,) = source.read(Known(shas=frozenset({first})))
    (other,) = source.read(Known(shas=frozenset({"2" * 40})))
    assert "rewritten" not in same.note
    assert "2222222222 left its history" in other.note


def test_odd_paths_have_a_history(tmp_path: Path) -> None:
    """Line ends, quotes and bytes that are no text in a path neither stop nor mislead."""
    folder = tmp_path / "t"
    names = ["new\nline.py", 'quo"te.py', ":100644.py", b"caf\xe9.py"]
    steps: list[dict[str | bytes, str | bytes | Entry | None]] = [{n: USE} for n in names]
    make_repository(folder, [Commit(files=files) for files in steps])
    paths = load(folder).frames["downstream_imports"]["path"].to_list()
    assert sorted(paths) == sorted(["new\nline.py", 'quo"te.py', ":100644.py", "caf\ufffd.py"])


def test_two_reads_of_a_history_are_equal(tmp_path: Path) -> None:
    """Same repository, same rows in the same order."""
    steps: list[Files] = [{f"m{n % 3}.py": f"{USE}DagRun.x{n}()\n"} for n in range(9)]
    first = made(tmp_path / "t", *steps)
    second = load(tmp_path / "t")
    assert all(first.frames[n].equals(second.frames[n]) for n in first.frames)


def test_the_text_of_a_file_at_a_moment(tmp_path: Path) -> None:
    """From the commit of that moment, from disk where it is edited, never through a link."""
    folder = tmp_path / "t"
    steps = [{"a.py": "one\n"}, {"a.py": "two\n", "b.py": b"# coding: latin-1\n\xe9\n"}]
    make_repository(folder, [Commit(files=files) for files in steps], bare=False)
    git(folder, "reset", "-q", "--hard")
    (folder / "a.py").write_text("edited\n")
    (tmp_path / "secret.py").write_text("secret\n")
    (folder / "link.py").symlink_to(tmp_path / "secret.py")
    with open_texts(folder / ".git") as bare, open_texts(folder) as work:
        for texts in (bare, work):
            assert texts.at("a.py", hour(0) - HOUR) is None
            assert texts.at("a.py", hour(0)) == "one\n"
            assert texts.at("gone.py", hour(0)) is None
            assert texts.at("b.py", hour(1)) == "# coding: latin-1\n\xe9\n"
            assert texts.at("link.py", hour(1)) is None
            assert texts.at("a.py\nb.py", hour(0)) is None
            assert texts.at("../secret.py", hour(1)) is None
        assert bare.at("a.py", hour(1)) == "two\n"
        assert work.at("a.py", hour(1)) == "edited\n"
    plain = write_tree(tmp_path / "plain", {"a.py": "always\n", "no.py": "# coding: none\n"})
    with open_texts(plain) as texts:
        assert texts.at("a.py", hour(0)) == "always\n"
        assert texts.at("no.py", hour(0)) is None
