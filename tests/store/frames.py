"""Small frames of a history for store tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from workbench.domain.frames import COMMITS, FILE_CHANGES, HUNKS
from workbench.domain.history import Rejection
from workbench.domain.loading import Batch

START = datetime(2026, 1, 1, tzinfo=UTC)


def batch(*shas: str, first_position: int = 0, rejected: tuple[Rejection, ...] = ()) -> Batch:
    """A batch with one changed file and one hunk for each sha, a day apart."""
    commits, changes, hunks = [], [], []
    for i, sha in enumerate(shas):
        when = START + timedelta(days=first_position + i)
        commits.append(
            {
                "commit_id": i,
                "sha": sha,
                "position": first_position + i,
                "author": "somebody",
                "authored_utc": when,
                "committed_utc": when,
                "subject": f"Change {sha}",
                "message": f"Change {sha}\n",
            }
        )
        changes.append(
            {
                "change_id": i,
                "commit_id": i,
                "status": "M",
                "old_path": f"pkg/{sha}.py",
                "path": f"pkg/{sha}.py",
                "old_blob": "0" * 40,
                "new_blob": "1" * 40,
                "added_lines": 1,
                "removed_lines": 1,
                "is_core": True,
                "is_binary": False,
            }
        )
        hunks.append(
            {
                "change_id": i,
                "old_start": 1,
                "old_lines": 1,
                "new_start": 1,
                "new_lines": 1,
                "removed": f"old {sha}",
                "added": f"new {sha}",
            }
        )
    return Batch(
        frames={
            "commits": COMMITS.frame(commits),
            "file_changes": FILE_CHANGES.frame(changes),
            "hunks": HUNKS.frame(hunks),
        },
        rejections=rejected,
    )
