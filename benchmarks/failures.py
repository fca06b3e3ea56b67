"""How long a night's failures take: loaded, redacted, digested, embedded, clustered; then a query.

Makes its own logs, 20 lines and about 2 KB each, of as many distinct faults as asked, every one
with its own times, ids, hosts and a password in a connection string; loads and clusters them in a
fresh bench, adds 1,000 more, and asks a memory of distinct digests. In the same run, on the same
texts, what the plain way costs: a vector for every text (timed on a sample and extrapolated, said
so), and HDBSCAN over the distinct vectors where scikit-learn is installed.

    python benchmarks/failures.py [--failures 100000] [--digests 2000] [--memory 250000]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
from ingest import tree_pss

from workbench.analysis.failures.clusters import cluster
from workbench.analysis.failures.digests import digest_frame
from workbench.analysis.failures.embeddings import FALLBACK, encoder, find_model
from workbench.analysis.failures.similarity import Similarity
from workbench.bench import Bench, open_bench
from workbench.bench.failure_digests import (
    digested_failures,
    embedding,
    known_clusters,
    remember_clusters,
)
from workbench.sources.task_logs import read_failures

KINDS = [
    *("Load", "Copy", "Fetch", "Merge", "Parse", "Lock", "Queue", "Token", "Schema", "Quota"),
    *("Export", "Upload", "Stage", "Query", "Render", "Notify", "Verify", "Archive", "Sync"),
    *("Publish", "Convert", "Sample", "Expand", "Resolve", "Rotate"),
]
THINGS = [
    *("partner feed", "ledger of orders", "stock snapshot", "customer file", "price catalogue"),
    *("sensor archive", "payment batch", "audit journal", "route table", "sales cube"),
]
TROUBLES = [
    *("was refused by the gateway", "came without a header row", "is held by another writer"),
    *("lies beyond the daily limit", "answered with half of its pages", "has a broken checksum"),
    *("asks for a newer protocol", "vanished while it was read"),
]
SAMPLE = 60
SAMPLE_SECONDS = 1.0


def faults(count: int) -> list[tuple[str, str]]:
    """Exceptions with messages, each with words of its own."""
    made = []
    for number in range(count):
        kind, rest = number % len(KINDS), number // len(KINDS)
        thing, rest = rest % len(THINGS), rest // len(THINGS)
        trouble, more = rest % len(TROUBLES), rest // len(TROUBLES)
        suffix = "" if not more else " in shard " + "".join(chr(97 + int(d)) * 3 for d in str(more))
        said = f"the {THINGS[thing]} {TROUBLES[trouble]}{suffix}"
        made.append(
            (
                f"{KINDS[kind]}Error",
                f"{said}, see '/data/{{p}}/{{n}}.csv' at {{h}} after {{n}} rows",
            )
        )
    return made


def log_lines(fault: tuple[str, str], rng: random.Random) -> str:
    """One failed try's log under Airflow 2: twenty lines, its own values in each."""
    day, hour, milliseconds = rng.randint(1, 28), rng.randint(0, 23), rng.randint(100, 999)
    at = f"[2026-03-{day:02}T{hour:02}:03:12.{milliseconds}+0000]"
    host, n = f"10.{rng.randint(0, 255)}.3.{rng.randint(1, 250)}", rng.randint(10_000, 9_999_999)
    message = fault[1].replace("{n}", str(n)).replace("{h}", host).replace("{p}", f"run_{n % 9973}")
    said = [
        f"{at} {{local_task_job_runner.py:123}} INFO - Starting attempt 1 of 3 on {host}",
        f"{at} {{taskinstance.py:2886}} INFO - Executing task load_{n} of run manual__{n}",
        f"{at} {{standard_task_runner.py:104}} INFO - Running: job {n} --subdir DAGS_FOLDER/a.py",
        f"{at} {{base.py:84}} INFO - Using 'wh' for postgres://etl:pw{n}x@{host}:5432/wh",
        *(
            f"{at} {{loader.py:{k}}} INFO - Read {n + k} rows from s3://raw/{n}/part-{k:05}"
            for k in range(6)
        ),
        f"{at} {{taskinstance.py:3313}} ERROR - Task failed with exception",
        "Traceback (most recent call last):",
        '  File "/opt/venv/lib/python3.11/site-packages/airflow/a/task.py", line 768, in _run',
        "    result = _execute_callable(context=context, **execute_callable_kwargs)",
        '  File "/opt/venv/lib/python3.11/site-packages/airflow/b/python.py", line 256, in execute',
        "    return runner.run(*self.op_args, **self.op_kwargs)",
        '  File "/opt/airflow/dags/etl.py", line 41, in load',
        "    raise error",
        f"lib.errors.{fault[0]}: {message}",
        f"{at} {{local_task_job_runner.py:266}} INFO - Task exited with return code 1",
    ]
    return "\n".join(said)


def write_logs(file: Path, kinds: list[tuple[str, str]], ids: range) -> None:
    """Write gathered failures, one JSON object a line."""
    with file.open("w") as opened:
        for number in ids:
            rng = random.Random(number)
            row = {"id": f"f{number}", "text": log_lines(kinds[number % len(kinds)], rng)}
            opened.write(json.dumps({**row, "airflow_version": "2.10.5"}) + "\n")


class Peak:
    """The largest memory of this process tree while the block runs."""

    def __enter__(self) -> Peak:
        self.most, self._on = 0, True
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._on = False
        self._thread.join()

    def _watch(self) -> None:
        while self._on:
            self.most = max(self.most, tree_pss(os.getpid()))
            time.sleep(SAMPLE_SECONDS)


def timed(what: str, work: Callable[[], object]) -> tuple[object, float]:
    """Do something and say how long it took, processes that it started and ended included."""
    wall, cpu = time.perf_counter(), sum(os.times()[:4])
    with Peak() as peak:
        answer = work()
    seconds = time.perf_counter() - wall
    cpu = sum(os.times()[:4]) - cpu
    took = f"{seconds:>9.2f} s {cpu:>9.2f} CPU s {peak.most / 2**20:>7.0f} MiB"
    print(f"{what:<46}{took}  load {os.getloadavg()[0]:.1f}", flush=True)
    return answer, seconds


def quiet(what: str, done: int, total: int | None) -> None:
    """Show no progress."""
    del what, done, total


def clustered(bench: Bench) -> pl.DataFrame:
    """Digests, vectors and clusters of what is loaded."""
    rows = digested_failures(bench.store, progress=quiet)
    embedding(bench.store, progress=quiet).vectors(rows["template"].unique().sort().to_list())
    made = cluster(rows, rows, known=known_clusters(bench.store))
    remember_clusters(bench.store, made.anchors)
    return made.assignments


def the_pipeline(folder: Path, failures: int, digests: int) -> pl.DataFrame:
    """Load, cluster, add a thousand, cluster again."""
    kinds = faults(digests)
    first, more = folder / "first.jsonl", folder / "more.jsonl"
    write_logs(first, kinds, range(failures))
    write_logs(more, kinds, range(failures, failures + 1000))
    print(f"{failures:,} failures of {digests:,} faults, {first.stat().st_size / 1e6:,.0f} MB")
    bench = open_bench(folder / "bench.duckdb")
    _, load = timed("load, redact", lambda: bench.load(read_failures(first)))
    _, digested = timed("digests", lambda: digested_failures(bench.store, progress=quiet))
    assigned, rest = timed("vectors, clusters", lambda: clustered(bench))
    print(f"{'in all':<46}{load + digested + rest:>9.2f} s  (asked: under 120 for 100,000)")
    _, again = timed("1,000 more: load", lambda: bench.load(read_failures(more)))
    later, rest = timed("1,000 more: digests, vectors, clusters", lambda: clustered(bench))
    print(f"{'in all':<46}{again + rest:>9.2f} s  (asked: under 5)")
    assert isinstance(assigned, pl.DataFrame)
    assert isinstance(later, pl.DataFrame)
    same = assigned.join(later, on="failure_id", suffix="_later")
    kept = (same["cluster_id"] == same["cluster_id_later"]).mean()
    names = (assigned["cluster_id"].n_unique(), assigned["template_id"].n_unique())
    print(
        f"{names[0]:,} clusters of {names[1]:,} templates; {kept:.1%} of the failures kept their id"
    )
    return bench.failures()


def the_plain_way(rows: pl.DataFrame) -> None:
    """A vector for every text, and HDBSCAN over distinct vectors: what is compared with."""
    model = find_model()
    if model is None:
        print("no sentence model is installed: nothing to compare with")
        return
    encode = encoder(model)
    texts = rows["text"].head(SAMPLE).to_list()
    _, seconds = timed(f"a vector for each of {SAMPLE} whole texts", lambda: encode(texts))
    whole = seconds / SAMPLE * rows.height
    print(f"{'  extrapolated to every text':<46}{whole:>9.0f} s")
    unique = digest_frame(rows)["template"].unique().sort().to_list()
    made = encode(unique)
    try:
        from sklearn.cluster import HDBSCAN
    except ImportError:
        print("scikit-learn is not installed: no HDBSCAN")
        return
    found, _ = timed(
        f"HDBSCAN over {len(unique):,} vectors",
        lambda: HDBSCAN(min_cluster_size=2, copy=True).fit_predict(made),
    )
    labels = np.asarray(found)
    alone = (labels < 0).mean()
    print(f"  {labels.max() + 1:,} clusters, {alone:.0%} of the digests in none")


class Given:
    """Vectors that are drawn, of length 1: a memory of any size without a model's hours."""

    name, note = FALLBACK, ""

    def fitted(self, texts: list[str]) -> Given:
        """Return itself."""
        del texts
        return self

    def vectors(self, texts: list[str]) -> np.ndarray:
        """Draw a vector for each text."""
        made = np.random.default_rng(len(texts)).standard_normal((len(texts), 384), np.float32)
        return made / np.linalg.norm(made, axis=1, keepdims=True)


def a_large_memory(digests: int) -> None:
    """One question after another to a memory of distinct digests."""
    kinds = faults(digests)
    rows = pl.DataFrame(
        {
            "failure_id": [f"m{n}" for n in range(digests)],
            "exception": [kind for kind, _ in kinds],
            "message": [said for _, said in kinds],
            "text": [""] * digests,
        }
    )
    made = digest_frame(rows).unique("digest_id")
    memory, _ = timed(
        f"a memory of {made.height:,} digests", lambda: Similarity(made, embed=Given())
    )
    assert isinstance(memory, Similarity)
    taken = sorted(_asked(memory, made.head(25)))
    print(
        f"a query: median {taken[len(taken) // 2] * 1000:.0f} ms, slowest {taken[-1] * 1000:.0f} ms"
    )


def _asked(memory: Similarity, queries: pl.DataFrame) -> Iterator[float]:
    for query in queries.iter_slices(1):
        start = time.perf_counter()
        memory.top(query, 5)
        yield time.perf_counter() - start


def main() -> None:
    """Say what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--failures", type=int, default=100_000)
    parser.add_argument("--digests", type=int, default=2_000)
    parser.add_argument("--memory", type=int, default=250_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = the_pipeline(Path(folder), asked.failures, asked.digests)
        the_plain_way(rows)
    if asked.memory:
        a_large_memory(asked.memory)


if __name__ == "__main__":
    main()
