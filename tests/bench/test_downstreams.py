"""A bench answers as of a moment, gives texts as they stood, and loads all or nothing."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.builders import STARTED, Commit, make_repository
from workbench.bench import Bench, open_bench
from workbench.bench.downstreams import downstream_texts, imports_of, load_downstreams
from workbench.errors import SourceError
from workbench.sources.downstreams import read_downstream

OLD, NEW = "from airflow.models import DagRun\n", "from airflow.models import Dag\n"


def hour(number: int) -> datetime:
    return STARTED + timedelta(hours=number)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A bench with one downstream, whose import was another one an hour ago."""
    make_repository(tmp_path / "ours", [Commit(files={"a.py": text}) for text in (OLD, NEW)])
    opened = open_bench(tmp_path / "b.duckdb")
    opened.load(read_downstream(tmp_path / "ours"))
    return opened


def test_call_sites_and_imports_are_asked_as_of_a_moment(bench: Bench) -> None:
    """Without one the newest, with one those of then, spans give all."""
    for moment, symbols in ((None, ["Dag"]), (hour(0), ["DagRun"]), (hour(0).replace(year=1), [])):
        assert bench.imports(moment)["symbol"].to_list() == symbols
        assert imports_of(bench, "ours", as_of=moment)["symbol"].to_list() == symbols
        targets = bench.call_sites(moment)["target"].to_list()
        assert targets == [f"airflow.models.{symbol}" for symbol in symbols]
    assert bench.import_spans().height == bench.call_site_spans().height == 2


def test_texts_stand_as_they_stood(bench: Bench, tmp_path: Path) -> None:
    """From the repository while it is there; nothing of a downstream that nobody knows."""
    with downstream_texts(bench) as source_of:
        assert source_of("ours", "a.py", hour(0)) == OLD
        assert source_of("ours", "a.py", hour(1)) == NEW
        assert source_of("ours", "../b.duckdb", hour(1)) is None
        assert source_of("theirs", "a.py", hour(1)) is None
    shutil.rmtree(tmp_path / "ours")
    with downstream_texts(bench) as source_of:
        assert source_of("ours", "a.py", hour(1)) is None


def test_several_are_loaded_together_or_not_at_all(bench: Bench, tmp_path: Path) -> None:
    """A name that another one has refuses all of them before the first is read."""
    for name in ("one", "two"):
        make_repository(tmp_path / name, [Commit(files={"a.py": OLD})])
    one, two = (read_downstream(tmp_path / n) for n in ("one", "two"))
    taken = read_downstream(tmp_path / "two", name="ours")
    for sources in ([one, two, one], [one, taken]):
        with pytest.raises(SourceError, match=r"(?i)nothing was loaded"):
            load_downstreams(bench, sources)
    assert bench.downstreams()["downstream"].to_list() == ["ours"]
    assert [r.loaded for r in load_downstreams(bench, [one, two]).values()] == [1, 1]
