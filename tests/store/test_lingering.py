"""A file stays open for a moment inside the block, and never where somebody writes."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from workbench.store.database import Store
from workbench.store.lingering import let_go, lingering

WRITE = """
import sys
from pathlib import Path
from workbench.store.database import Store
with Store(Path(sys.argv[1])).writing(doing="a test") as link:
    link.execute("DELETE FROM rejections")
"""

READ = """
import sys
from pathlib import Path
from workbench.store.database import Store
from workbench.store.lingering import lingering
with lingering(60):
    Store(Path(sys.argv[1])).version()
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "bench.duckdb")


def _is_free(store: Store) -> bool:
    """Whether this process could open the file in another way."""
    try:
        duckdb.connect(str(store.path)).close()
    except duckdb.Error:
        return False
    return True


def test_nothing_lingers_outside_the_block(store: Store) -> None:
    """A notebook holds no file between two operations."""
    store.version()
    assert _is_free(store)


def test_reads_inside_the_block_share_what_is_open(store: Store) -> None:
    """The block ends, and the file is free at once; a block inside another ends with that."""
    with lingering(60):
        store.version()
        assert not _is_free(store)
        with lingering(60):
            store.version()
        assert not _is_free(store)
    assert _is_free(store)


def test_a_moment_later_the_file_is_free(store: Store) -> None:
    """Whoever computes for long after a read keeps nobody from writing."""
    with lingering(0.05):
        store.version()
        deadline = time.monotonic() + 10
        while not _is_free(store):
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_a_writer_of_this_process_does_not_wait(store: Store, tmp_path: Path) -> None:
    """What is kept is closed before a write, of this store or of another one on the file."""
    with lingering(60):
        before = store.version()
        with store.writing(doing="a test"):
            pass
        assert store.version() == before + 1
        (tmp_path / "other").symlink_to(tmp_path)
        with Store(tmp_path / "other" / store.path.name).writing(doing="a test"):
            pass
        assert store.version() == before + 2


def test_a_writer_of_another_process_gets_its_turn(store: Store) -> None:
    """It waits for the moment at most, and the next read sees what it wrote."""
    with lingering(0.3):
        before = store.version()
        subprocess.run([sys.executable, "-c", WRITE, str(store.path)], check=True, timeout=60)
        assert store.version() == before + 1


def test_letting_go_of_what_is_not_kept_does_nothing(tmp_path: Path) -> None:
    """A writer need not know whether anybody has read."""
    let_go(tmp_path / "nowhere.duckdb")


def test_a_process_that_has_read_ends_in_silence(store: Store) -> None:
    """Nothing holds the connection when the interpreter goes."""
    command = [sys.executable, "-c", READ, str(store.path)]
    ended = subprocess.run(command, check=True, timeout=60, capture_output=True, text=True)
    assert ended.stderr == ""
