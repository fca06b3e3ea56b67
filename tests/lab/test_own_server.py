"""A server of the lab's own: quickly up, nobody else's business, and gone whatever happens."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.errors import LabError
from workbench.lab.keeper import PREFIX, sweep
from workbench.lab.own_server import own_server

pytestmark = pytest.mark.postgres

OWNER = """
import sys, time
from pathlib import Path
from workbench.lab.own_server import own_server
with own_server(Path(sys.argv[1]), base=Path(sys.argv[2])) as server:
    print(server.pid, server.folder, flush=True)
    time.sleep(600)
"""


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # a child that nobody waited for yet is no server any more
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


def _soon(fact: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if fact():
            return True
        time.sleep(0.02)
    return False


def _owner(bin_dir: Path, base: Path) -> tuple[subprocess.Popen[str], int, Path]:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(bin_dir), str(base)], stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    pid, folder = owner.stdout.readline().split()
    return owner, int(pid), Path(folder)


def _keeper_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def _end(owner: subprocess.Popen[str]) -> None:
    owner.kill()
    owner.wait()
    assert owner.stdout is not None
    owner.stdout.close()


def test_a_server_comes_up_and_goes(bin_dir: Path, base: Path) -> None:
    """It answers on its socket alone, as no user of its own, and leaves neither process nor file.

    How quickly it is up is the benchmark's to say; here it is only bounded.
    """
    import psycopg

    users = pwd.getpwall()
    with own_server(bin_dir, base=base) as server:
        assert server.seconds < 20
        with psycopg.connect(server.dsn) as connection:
            asked = "SELECT current_setting('listen_addresses'), current_setting('fsync')"
            assert connection.execute(asked).fetchone() == ("", "off")
        assert _alive(server.pid)
        assert Path(f"/proc/{server.pid}").stat().st_uid != 0
    assert not _alive(server.pid)
    assert list(base.iterdir()) == []
    assert pwd.getpwall() == users


def test_an_error_in_the_work_leaves_nothing(bin_dir: Path, base: Path) -> None:
    """Whatever ends the block, the server ends with it."""
    with pytest.raises(ZeroDivisionError), own_server(bin_dir, base=base) as server:
        raise ZeroDivisionError
    assert not _alive(server.pid)
    assert list(base.iterdir()) == []


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_killed_owner_leaves_nothing(bin_dir: Path, base: Path, sign: signal.Signals) -> None:
    """The keeper sees the end of its owner, stops the server and removes the folder."""
    owner, pid, folder = _owner(bin_dir, base)
    assert folder.exists()
    owner.send_signal(sign)
    owner.wait()
    assert owner.stdout is not None
    owner.stdout.close()
    assert _soon(lambda: not _alive(pid) and not folder.exists())
    assert list(base.iterdir()) == []


def test_a_killed_keeper_is_swept_after(bin_dir: Path, base: Path) -> None:
    """The server ends with its keeper; the folder goes when the next one starts."""
    owner, pid, folder = _owner(bin_dir, base)
    os.kill(_keeper_of(pid), signal.SIGKILL)
    assert _soon(lambda: not _alive(pid))
    assert folder.exists()
    with own_server(bin_dir, base=base) as server:
        assert server.swept == 1
        assert not folder.exists()
    _end(owner)


def test_what_is_kept_is_not_swept(bin_dir: Path, base: Path) -> None:
    """Neither a folder whose keeper lives, nor one that was just made, nor other people's."""
    (base / f"{PREFIX}young").mkdir()
    (base / "other").mkdir()
    with own_server(bin_dir, base=base) as server:
        assert sweep(base) == 0
        assert server.folder.exists()
    old = base / f"{PREFIX}young"
    os.utime(old, (0, 0))
    assert sweep(base) == 1
    assert [path.name for path in base.iterdir()] == ["other"]


def test_a_link_is_not_swept(base: Path, tmp_path: Path) -> None:
    """What somebody has put a link to under our name is not ours to clear."""
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    os.utime(theirs, (0, 0))
    (base / f"{PREFIX}link").symlink_to(theirs)
    assert sweep(base) == 0
    assert theirs.is_dir()


def test_a_server_that_does_not_start_says_why(base: Path, tmp_path: Path) -> None:
    """The program's own words, and nothing left."""
    for name in ("initdb", "postgres", "pg_ctl"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'no room for a cluster' >&2\nexit 3\n")
        (tmp_path / name).chmod(0o755)
    with (
        pytest.raises(LabError, match=r"no room for a cluster|Permission denied"),
        own_server(tmp_path, base=base),
    ):
        pass
    assert list(base.iterdir()) == []
