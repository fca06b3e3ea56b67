"""Extraction of facts from file changes: what is placed, what is rejected, by which processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import active_children
from pathlib import Path

import polars as pl
import pytest

from tests.facts import Blobs, blob_of, changes_of, read
from workbench.domain.facts import FACT_TABLES, FAMILIES
from workbench.domain.frames import CHANGE_FACTS, CHANGE_SEGMENTS, SEGMENTS
from workbench.errors import SourceError
from workbench.sources.python_facts import EXTRACTOR, extract, module_of, reading, shards
from workbench.sources.python_facts.segments import segment_id
from workbench.sources.python_facts.visitors import VISITORS

extraction = sys.modules["workbench.sources.python_facts.extract"]
P = "pkg/mod.py"


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("airflow/models/dag.py", "airflow.models.dag"),
        ("airflow/models/__init__.py", "airflow.models"),
        ("airflow-core/src/airflow/models/dag.py", "airflow.models.dag"),
        ("task-sdk/src/airflow/sdk/__init__.py", "airflow.sdk"),
        ("providers/amazon/src/airflow/providers/amazon/x.py", "airflow.providers.amazon.x"),
        ("providers/src/airflow/providers/amazon/x.py", "airflow.providers.amazon.x"),
        ("shared/logging/src/airflow_shared/logging/x.py", "airflow_shared.logging.x"),
        ("apache_airflow_core-3.1.7/src/airflow/x.py", "airflow.x"),
        ("apache-airflow-1.10.15/airflow/x.py", "airflow.x"),
        ("src/pkg/src/x.py", "pkg.src.x"),
        ("pkg/resources/x.py", "pkg.resources.x"),
        ("setup.py", "setup"),
        ("__init__.py", ""),
    ],
)
def test_a_module_is_named_as_it_is_imported(path: str, module: str) -> None:
    """Source folders of mono-repositories, wheels and sdists fall away."""
    assert module_of(path) == module


BEFORE = "import a\n\n\ndef f():\n    return 1\n\n\nclass C:\n    def m(self):\n        return 1\n"


def placed(frames: dict[str, pl.DataFrame]) -> list[tuple[object, ...]]:
    columns = ["change_id", "side", "owner", "line"]
    return sorted(frames["change_segments"].select(columns).rows())


def test_only_segments_that_stand_on_one_side_are_placed() -> None:
    """An edited method is one segment on each side; what only shifted is read, and not placed."""
    after = BEFORE.replace("import a\n", "import a\n\n# note\n\n").replace(
        "        return 1", "        return 2"
    )
    frames, rejections, note = read(changes_of({P: BEFORE}, {P: after}), [BEFORE, after])
    assert placed(frames) == [(0, 0, "", 1), (0, 0, "C", 9), (0, 1, "", 1), (0, 1, "C", 12)]
    shared = 4 - 2
    assert frames["segments"].height == 4 + shared
    assert frames["change_facts"].rows() == [(0, EXTRACTOR, "ok", "pkg.mod", "pkg.mod")]
    assert not rejections
    assert note == ""


def test_every_frame_is_as_declared() -> None:
    """With rows and without."""
    for after in ({P: BEFORE}, {P: ""}):
        frames, _, _ = read(changes_of({}, after), list(after.values()))
        for table in (SEGMENTS, CHANGE_SEGMENTS, CHANGE_FACTS, *FACT_TABLES.values()):
            table.check(frames[table.name])


def test_an_added_and_a_deleted_file_stand_on_one_side_whole() -> None:
    """Their module is null where they are absent."""
    texts = {"pkg/new.py": BEFORE}
    frames, _, _ = read(changes_of({P: BEFORE}, texts), [BEFORE])
    assert frames["change_facts"].rows() == [
        (0, EXTRACTOR, "ok", "pkg.mod", None),
        (1, EXTRACTOR, "ok", None, "pkg.new"),
    ]
    assert {(row[0], row[1]) for row in placed(frames)} == {(0, 0), (1, 1)}
    assert frames["segments"].height == 4


def test_a_file_under_another_module_name_is_compared_whole_one_moved_as_a_folder_is_not() -> None:
    """Only another module name moves what stands in it."""
    renamed = {"lib/mod.py": P}
    frames, _, _ = read(changes_of({P: BEFORE}, {"lib/mod.py": BEFORE}, renamed=renamed), [BEFORE])
    assert len(placed(frames)) == 8
    renamed = {"src/pkg/mod.py": P}
    frames, _, _ = read(
        changes_of({P: BEFORE}, {"src/pkg/mod.py": BEFORE}, renamed=renamed), [BEFORE]
    )
    assert placed(frames) == []
    assert frames["change_facts"]["status"].to_list() == ["ok"]


def test_a_class_renamed_has_other_members_and_a_doubled_segment_counts_twice() -> None:
    """Members are told apart by their class; equal ones are compared as often as they stand."""
    after = BEFORE.replace("class C", "class D")
    frames, _, _ = read(changes_of({P: BEFORE}, {P: after}), [BEFORE, after])
    assert placed(frames) == [(0, 0, "", 8), (0, 0, "C", 9), (0, 1, "", 8), (0, 1, "D", 9)]
    twice = "def f(): pass\n" * 2
    frames, _, _ = read(changes_of({P: twice}, {P: twice * 2}), [twice, twice * 2])
    assert placed(frames) == [(0, 1, "", 3), (0, 1, "", 4)]


def test_known_segments_are_placed_without_their_facts() -> None:
    """Ids of stored segments are not given again."""
    known = frozenset({segment_id(b"import a", in_class=False)})
    frames, _, _ = read(changes_of({}, {P: BEFORE}), [BEFORE], known=known)
    assert len(placed(frames)) == 4
    assert frames["segments"].height == 3
    assert frames["fact_imports"].is_empty()


BROKEN = [
    ("python 2", "x = 1\ndef f():\n    print 'a'\n", "line 3"),
    ("null bytes", "x = 1\0\n", "line 1"),
    ("not UTF-8", b"x = 1\ny = '\xff'\n", "line 2"),
    ("deep", "x = " + "(" * 999 + ")" * 999, "line 1"),
    ("deep branches", "def f(x):\n if x: a\n" + " elif x: a\n" * 950, "line 1"),
    ("too large", "x = 1\n" * 10, "line 1"),
]


@pytest.mark.parametrize(("text", "at"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN])
@pytest.mark.parametrize("side", ["before", "after"])
def test_a_version_that_does_not_parse_is_a_rejection_and_stops_nothing(
    text: str | bytes, at: str, side: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever side it is: one rejection with path and line, the other side and file are read."""
    if text == "x = 1\n" * 10:
        monkeypatch.setattr(reading, "LARGEST_BYTES", 5 * len("x = 1\n"))
    versions = [text, "x = 1\n"] if side == "before" else ["x = 1\n", text]
    before, after = ({P: version, "pkg/b.py": f"z = {i}\n"} for i, version in enumerate(versions))
    changes = changes_of(before, after)
    frames, rejections, note = read(changes, [*before.values(), *after.values()])
    assert frames["change_facts"].select("change_id", "status").rows() == [
        (0, "ok"),
        (1, "unparsed"),
    ]
    read_side = int(side == "before")
    assert frames["change_segments"].filter(change_id=1)["side"].unique().to_list() == [read_side]
    assert [(r.path, r.at) for r in rejections] == [(P, at)]
    assert (blob_of(text) or "")[:12] in rejections[0].reason
    assert note.endswith("1 do not parse at all")


def test_a_missing_blob_is_a_rejection() -> None:
    """The repository does not have it."""
    frames, rejections, _ = read(changes_of({}, {P: BEFORE}), [])
    assert frames["change_facts"]["status"].to_list() == ["unparsed"]
    assert "missing" in rejections[0].reason


def test_a_file_whose_part_does_not_parse_alone_is_read_whole() -> None:
    """Whatever the other side is: a version is cut the same way wherever it stands; counted."""
    plain = "class C:\n    def a(self): return 1\n    def b(self): pass\n"
    texts = [
        f"class C:\n    def a(self): return {i}\n    x = (\ny\n    )\n    def b(self): pass\n"
        for i in range(2)
    ]
    frames, rejections, note = read(changes_of({P: texts[0]}, {P: texts[1]}), texts)
    assert placed(frames) == [(0, 0, "", 1), (0, 1, "", 1)]
    assert not rejections
    assert note.startswith("1 changes were read as whole files")
    frames, _, _ = read(changes_of({P: plain}, {P: texts[0]}), [plain, texts[0]])
    assert placed(frames) == [(0, 0, "", 1), (0, 0, "C", 2), (0, 0, "C", 3), (0, 1, "", 1)]


def test_shards_keep_the_versions_of_a_file_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Through renames too; every change is in one shard."""
    monkeypatch.setattr(shards, "CHANGES_A_SHARD", 2)
    paths = [("a", "a"), ("a", "b"), ("b", "c"), ("x", "x"), ("y", "y"), ("z", "z"), ("c", "c")]
    changes = pl.DataFrame(
        [(i, old, new, "o", "n") for i, (old, new) in enumerate(paths)],
        schema=["change_id", "old_path", "path", "old_blob", "new_blob"],
        orient="row",
    )
    made = [[change.change_id for change in shard] for shard in shards.shards_of(changes)]
    assert len(made) == 3
    assert [0, 1, 2, 6] in made
    assert sorted(change for shard in made for change in shard) == list(range(7))


def test_every_family_has_a_visitor() -> None:
    """And every visitor a family."""
    assert VISITORS.keys() == FAMILIES.keys()


def test_nothing_to_read_gives_nothing() -> None:
    """No change, no batch."""
    assert list(extract(changes_of({}, {}), blobs=Blobs([]))) == []


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> tuple[pl.DataFrame, Blobs]:
    """Changes that are worth workers."""
    monkeypatch.setattr(extraction, "CHANGES_WORTH_WORKERS", 4)
    monkeypatch.setattr(shards, "CHANGES_A_SHARD", 2)
    after = {f"pkg/m{i}.py": BEFORE.replace("def f", f"def f{i}") for i in range(12)}
    return changes_of({}, after), Blobs(list(after.values()))


def test_workers_give_what_one_process_gives(many: tuple[pl.DataFrame, Blobs]) -> None:
    """The same batches, in the same order."""
    changes, blobs = many
    alone = list(extract(changes, blobs=blobs, workers=1))
    together = list(extract(changes, blobs=blobs, workers=2))
    assert len(alone) == len(together) == 6
    for one, other in zip(alone, together, strict=True):
        assert one.frames.keys() == other.frames.keys()
        assert all(one.frames[name].equals(other.frames[name]) for name in one.frames)


def test_work_that_nobody_waits_for_ends(many: tuple[pl.DataFrame, Blobs]) -> None:
    """Batches that are not taken leave no process behind."""
    batches = extract(many[0], blobs=many[1], workers=2)
    assert next(batches).frames["segments"].height
    batches.close()
    assert active_children() == []


class Deadly:
    """Blobs whose reading kills the process that reads them."""

    def __call__(self, wanted: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
        os.kill(os.getpid(), signal.SIGKILL)
        return iter(())


def test_a_killed_worker_is_a_clear_error(many: tuple[pl.DataFrame, Blobs]) -> None:
    """Not a hang, and not a traceback of the pool."""
    with pytest.raises(SourceError, match="was killed"):
        list(extract(many[0], blobs=Deadly(), workers=2))


SCRIPT = """
    import os, sys, time
    import polars as pl
    from workbench.sources.python_facts import extract, shards
    extraction = sys.modules["workbench.sources.python_facts.extract"]

    class Slow:
        def __call__(self, wanted):
            open(f"{sys.argv[1]}/{os.getpid()}", "w").close()
            time.sleep(60)
            return iter(())

    if __name__ == "__main__":
        extraction.CHANGES_WORTH_WORKERS = 1
        shards.CHANGES_A_SHARD = 1
        names = ["change_id", "old_path", "path", "old_blob", "new_blob"]
        rows = [(i, f"{i}.py", f"{i}.py", None, "n") for i in range(4)]
        changes = pl.DataFrame(rows, schema=names, orient="row")
        try:
            list(extract(changes, blobs=Slow(), workers=2))
        except KeyboardInterrupt:
            sys.exit(7)
"""


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 7), (signal.SIGKILL, -9)])
def test_workers_end_with_the_process_that_started_them(
    how: signal.Signals, code: int, tmp_path: Path
) -> None:
    """By ctrl-C, which comes through clean, or by kill -9, in the middle of their work."""
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT))
    pids = tmp_path / "pids"
    pids.mkdir()
    parent = subprocess.Popen([sys.executable, str(script), str(pids)])
    wait_for(lambda: len(list(pids.iterdir())) == 2)
    parent.send_signal(how)
    assert parent.wait(timeout=20) == code
    wait_for(lambda: not any(alive(int(path.name)) for path in pids.iterdir()))


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def wait_for(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)
