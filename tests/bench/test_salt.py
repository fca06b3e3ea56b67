"""Equal secrets have equal digests beside one bench, today and after the database is gone."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from workbench.bench import open_bench
from workbench.bench.salt import FILE, salt_beside
from workbench.errors import StoreError

TEXT = "postgres://etl:Tr0ub4dor&3@db/wh and password='Tr0ub4dor&3', token=\"zX9-other-one\""


def test_equal_secrets_have_equal_digests(tmp_path: Path) -> None:
    """Whatever stands around them; the digests show nothing of the secrets."""
    first, second, third = open_bench(tmp_path / "a.duckdb").fingerprints(TEXT)
    assert first == second != third
    assert open_bench(tmp_path / "a.duckdb").fingerprints("pwd: Tr0ub4dor&3") == (first,)
    assert open_bench(tmp_path / "a.duckdb").fingerprints("no secret here") == ()
    assert "Tr0ub" not in first


def test_the_salt_outlives_the_database(tmp_path: Path) -> None:
    """It stands beside the file, for its owner alone; another folder has another."""
    path = tmp_path / "a.duckdb"
    before = open_bench(path).fingerprints(TEXT)
    path.unlink(missing_ok=True)
    assert open_bench(path).fingerprints(TEXT) == before
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(FILE)] == [FILE]
    (tmp_path / "other").mkdir()
    assert open_bench(tmp_path / "other" / "a.duckdb").fingerprints(TEXT) != before


def test_what_is_no_salt_is_refused(tmp_path: Path) -> None:
    """A short salt would let secrets be guessed; the error says what to do."""
    (tmp_path / FILE).write_bytes(b"short")
    with pytest.raises(StoreError, match="no salt"):
        salt_beside(tmp_path / "a.duckdb")
