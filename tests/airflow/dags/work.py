"""What the DAGs of this folder do: each step is logged, and half way the first try fails."""

from __future__ import annotations

import os
from pathlib import Path

ITEMS = 10
FOLDER = Path(os.environ["WORK_FOLDER"])


def done(case):
    """Every step of a case so far, in order."""
    log = FOLDER / case
    return log.read_text().split() if log.exists() else []


def step(case, item):
    """Do one step; the first time that half is done, fail."""
    failed = FOLDER / f"{case}.failed"
    if len(done(case)) == ITEMS // 2 and not failed.exists():
        failed.touch()
        raise RuntimeError(f"{case} fails half way")
    with (FOLDER / case).open("a") as log:
        log.write(f"{item}\n")


def items_after(item):
    """Items from the one after ``item`` on."""
    return range(int(item) + 1, ITEMS)


class Jobs:
    """A system that runs jobs: it counts what it is given, and the first wait breaks."""

    def __init__(self, case):
        self.case = case

    def submit(self):
        """Start a job and give its id."""
        with (FOLDER / self.case).open("a") as log:
            log.write("submitted\n")
        return f"job-{len(done(self.case))}"

    def wait(self, job_id):
        """Wait; the first time the connection breaks."""
        failed = FOLDER / f"{self.case}.failed"
        if not failed.exists():
            failed.touch()
            raise RuntimeError(f"lost the connection to {job_id}")
