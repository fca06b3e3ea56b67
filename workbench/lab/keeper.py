"""The program that keeps a PostgreSQL server for as long as its owner lives, then removes all.

It stands between the workbench and the server. The owner holds the other end of its standard
input: when that end closes, because the owner is done or was killed, the server is stopped and
its folder removed. If the keeper itself is killed, the kernel stops the server (Linux), and the
folder's lock is free, so that the next keeper sweeps it. It uses the standard library alone.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PREFIX = "workbench-lab-"
YOUNG_SECONDS = 60
STOP_SECONDS = 10
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
LIBRARY = ctypes.CDLL(None)  # loaded before a program gives up the right to read it


def own_folder(base: Path, *, prefix: str = PREFIX) -> tuple[Path, int]:
    """Make a folder and hold its lock: a folder whose lock is free has no keeper any more."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=base))
    unseen = folder / "lock.new"  # held before another keeper's sweep can see it
    lock = os.open(unseen, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    unseen.rename(folder / "lock")
    return folder, lock


def sweep(base: Path, *, prefix: str = PREFIX) -> int:
    """Stop servers and remove folders whose keepers are gone; return how many there were."""
    swept = 0
    for folder in base.glob(f"{prefix}*"):
        with contextlib.suppress(OSError):
            ours = folder.lstat().st_uid == os.geteuid() and not folder.is_symlink()
            if not ours or not _left(folder):
                continue
            _stop_left(folder)
            shutil.rmtree(folder, ignore_errors=True)
            swept += 1
    return swept


def _left(folder: Path) -> bool:
    """Whether nobody keeps the folder; one that has no lock yet may have just been made."""
    lock = folder / "lock"
    if not lock.exists():
        return time.time() - folder.stat().st_mtime > YOUNG_SECONDS
    held = os.open(lock, os.O_RDWR)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(held)
    return True


def _stop_left(folder: Path) -> None:
    """Stop a server that outlived its keeper, by its own program, as the user it runs as."""
    pid_file, job_file = folder / "data" / "postmaster.pid", folder / "job.json"
    if not pid_file.exists() or not job_file.exists():
        return
    job = json.loads(job_file.read_text("utf-8"))
    command = [str(Path(job["bin_dir"]) / "pg_ctl"), "stop", "-m", "immediate"]
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(
            [*command, "-D", str(folder / "data")],
            **as_user(job["uid"], job["gid"]),
            cwd=folder,
            capture_output=True,
            check=False,
            timeout=STOP_SECONDS,
        )


def as_user(uid: int | None, gid: int | None) -> dict[str, Any]:
    """Arguments that run a program as another user; none where there is no need."""
    return {} if uid is None else {"user": uid, "group": gid, "extra_groups": []}


def _die_with_parent() -> None:
    """Have the kernel stop the server when its keeper dies."""
    LIBRARY.prctl(DIE_WITH_PARENT, signal.SIGQUIT)


def make_cluster(folder: Path, job: dict[str, Any]) -> None:
    """Make the data folder, as the user that the server runs as."""
    for name in ("data", "run"):
        (folder / name).mkdir(mode=0o700)
        if job["uid"] is not None:
            os.chown(folder / name, job["uid"], job["gid"])
    if job["uid"] is not None:
        folder.chmod(0o711)
    command = [str(Path(job["bin_dir"]) / "initdb"), "-D", str(folder / "data"), "-U", "lab"]
    done = subprocess.run(
        [*command, "-N", "--no-instructions", "-A", "trust", "--locale=C", "-E", "UTF8"],
        **as_user(job["uid"], job["gid"]),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError("initdb: " + (done.stderr.strip() or done.stdout.strip())[-600:])


def start(folder: Path, job: dict[str, Any]) -> subprocess.Popen[bytes]:
    """Start the server on a socket in the folder, and wait until it answers."""
    options = {**job["settings"], "listen_addresses": "", "unix_socket_directories": "../run"}
    words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    log = folder / "log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [str(Path(job["bin_dir"]) / "postgres"), "-D", str(folder / "data"), *words],
            **as_user(job["uid"], job["gid"]),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )
    ready = folder / "data" / "postmaster.pid"
    deadline = time.monotonic() + job["start_seconds"]
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError):
            lines = ready.read_text("utf-8").splitlines()
            if lines and lines[-1].strip() == "ready":
                return server
        time.sleep(0.005)
    stop(server)
    raise RuntimeError("postgres: " + log.read_text("utf-8", "replace").strip()[-600:])


def stop(server: subprocess.Popen[bytes]) -> None:
    """Stop the server at once: nothing in it is worth a checkpoint."""
    for sign in (signal.SIGQUIT, signal.SIGKILL):
        if server.poll() is None:
            server.send_signal(sign)
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(STOP_SECONDS)


def say(**fields: object) -> None:
    """Tell the owner something, if it still listens."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.write(json.dumps(fields) + "\n")
        sys.stdout.flush()


def main() -> None:
    """Keep one server until standard input ends; the first line of input is the job."""
    for sign in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(sign, signal.SIG_IGN)  # the owner's end, not a terminal's, ends the keeper
    job = json.loads(sys.stdin.readline())
    base = Path(job["base"])
    swept = sweep(base)
    folder, _ = own_folder(base)
    server = None
    try:
        (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
        make_cluster(folder, job)
        server = start(folder, job)
        say(folder=str(folder), pid=server.pid, swept=swept)
        while sys.stdin.readline():
            pass
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        say(error=str(error), swept=swept)
    finally:
        if server is not None:
            stop(server)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
