"""What a try is called by every source that tells of it: a digest of its names."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

MAJOR_OF_FORMAT = {"airflow2-text": "2", "airflow3-json": "3", "mixed": "3"}


def major_version(version: str | None, log_format: str | None) -> str:
    """First part of Airflow's version, told by the version or the log's format; else empty."""
    if version and version[0].isdigit():
        return version.partition(".")[0]
    return MAJOR_OF_FORMAT.get(log_format or "", "")


def try_key(
    *,
    site: str | None,
    major: str,
    dag_id: str | None,
    run_id: str | None,
    task_id: str | None,
    map_index: int,
    try_number: int | None,
) -> str | None:
    """Digest of a try's names, the same from every source; null when one of them is not known.

    The first part of the version belongs to it: two installations of different age that run the
    same DAGs are not one.
    """
    if not (major and dag_id and run_id and task_id and try_number is not None):
        return None
    names = [site, major, dag_id, run_id, task_id, map_index, try_number]
    return _digest("try", names)


def file_key(*, site: str | None, major: str, filename: str, error: str) -> str:
    """Digest of a DAG file that does not load, for one reason: the same from every source.

    Of the path only the last part counts: one source gives it from the root, another from the
    bundle's folder.
    """
    return _digest("file", [site, major, filename.rstrip("/").rpartition("/")[2], error])


def _digest(kind: str, names: Sequence[object]) -> str:
    content = json.dumps([kind, *names], ensure_ascii=False)
    return hashlib.blake2b(content.encode("utf-8", "replace"), digest_size=12).hexdigest()
