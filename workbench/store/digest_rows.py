"""Digests, vectors and clusters in the store: what can be worked out again, kept to save time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import polars as pl

from workbench.store.database import Store, frame_of, scalar
from workbench.store.writers import insert

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BATCH_ROWS = 20_000
CONTENT = "hash(f.exception, f.message, f.text)"
"""What a digest was made of: a row that was written anew gets another one."""
MISSING = f"""
    SELECT f.rowid AS row_id
    FROM failures AS f
    ANTI JOIN failure_digests AS d
        ON d.failure_id = f.failure_id
        AND d.case_id IS NOT DISTINCT FROM f.case_id
        AND d.digester = $digester
        AND d.content = {CONTENT}
    ORDER BY row_id
"""
DIGESTED = """
    SELECT f.* EXCLUDE (text, raw, exception, template, extra), d.digest_id
    FROM failures AS f
    JOIN failure_digests AS d
        ON d.failure_id = f.failure_id AND d.case_id IS NOT DISTINCT FROM f.case_id
    SEMI JOIN digests AS t ON t.digest_id = d.digest_id
    WHERE $case IS NULL OR f.case_id = $case
    ORDER BY f.at_utc NULLS LAST, f.failure_id
"""


def failures_without_digest(store: Store, *, digester: int) -> Iterator[pl.DataFrame]:
    """Yield the failures whose digest is missing, of an older version or of other content.

    Each batch is read when the last one has been dealt with, so that a killed run goes on.
    """
    rows = store.frame(MISSING, {"digester": digester})["row_id"]
    for start in range(0, len(rows), BATCH_ROWS):
        these = rows.slice(start, BATCH_ROWS)
        with store.reading() as connection:
            connection.register("these", these.to_frame().to_arrow())
            found = frame_of(
                connection,
                f"SELECT f.case_id, f.failure_id, f.exception, f.message, f.text, {CONTENT} "
                "AS content FROM failures AS f SEMI JOIN these ON these.row_id = f.rowid "
                f"WHERE f.rowid BETWEEN {int(these[0])} AND {int(these[-1])} ORDER BY f.rowid",
            )
        yield found


def write_digests(store: Store, made: pl.DataFrame, *, digester: int) -> None:
    """Keep the digests of some failures, in the place of older ones.

    Parameters
    ----------
    store : Store
        Where the failures are.
    made : polars.DataFrame
        ``case_id, failure_id, content`` and the columns of a digest frame.
    digester : int
        Version of the rules.
    """
    with store.writing(doing="keeping digests of failures") as connection:
        connection.register("made", made.to_arrow())
        connection.execute(
            "DELETE FROM failure_digests AS d USING made AS m WHERE d.failure_id = m.failure_id "
            "AND d.case_id IS NOT DISTINCT FROM m.case_id"
        )
        connection.execute(
            "INSERT INTO failure_digests BY NAME SELECT case_id, failure_id, content, digest_id, "
            f"{int(digester)} AS digester FROM made"
        )
        connection.execute(
            "INSERT INTO digests BY NAME SELECT DISTINCT ON (digest_id) digest_id, digest, "
            "exception, template_id, template FROM made ANTI JOIN digests USING (digest_id)"
        )
        connection.unregister("made")


def digested_failures(store: Store, *, case_id: str | None = None) -> pl.DataFrame:
    """Failures with their digests and without their texts, oldest first."""
    found = store.frame(DIGESTED, {"case": case_id})
    texts = store.frame("SELECT digest_id, digest, exception, template_id, template FROM digests")
    # joined here, a text is in memory once for all failures that come down to it
    return found.join(texts, on="digest_id", how="left", maintain_order="left")


def task_tries(store: Store) -> pl.DataFrame:
    """Every try that a source told of, however it ended: its names and its state, each once."""
    return store.frame(
        "SELECT DISTINCT site, dag_id, run_id, task_id, map_index, try_number, state "
        "FROM task_tries ORDER BY ALL"
    )


def count_failures(store: Store) -> int:
    """How many failures are loaded."""
    with store.reading() as connection:
        return scalar(connection, "SELECT count(*) FROM failures")


def vectors(
    store: Store, texts: Sequence[str], *, model: str, weights: str
) -> dict[str, NDArray[np.float32]]:
    """Vectors that are kept of some texts, made by exactly this model."""
    import numpy as np

    sql = (
        "SELECT text, vector FROM text_vectors SEMI JOIN asked USING (text) "
        "WHERE model = ? AND weights = ?"
    )
    with store.reading() as connection:
        connection.register("asked", pl.DataFrame({"text": list(texts)}).to_arrow())
        found = connection.sql(sql, params=[model, weights]).to_arrow_table()
    if found.num_rows == 0:
        return {}
    flat = found["vector"].combine_chunks().flatten().to_numpy()
    rows = np.ascontiguousarray(flat, np.float32).reshape(found.num_rows, -1)
    return dict(zip(found["text"].to_pylist(), rows, strict=True))


def write_vectors(
    store: Store,
    texts: Sequence[str],
    made: NDArray[np.float32],
    *,
    model: str,
    weights: str,
) -> None:
    """Keep vectors; those that another process has kept meanwhile stay."""
    frame = pl.DataFrame(
        {"text": list(texts), "model": model, "weights": weights},
        schema={"text": pl.String, "model": pl.String, "weights": pl.String},
    ).with_columns(pl.Series("vector", list(made), dtype=pl.List(pl.Float32)))
    with store.writing(doing="keeping vectors of failure texts") as connection:
        connection.register("made", frame.to_arrow())
        connection.execute(
            "INSERT INTO text_vectors BY NAME SELECT * FROM made "
            "ANTI JOIN text_vectors USING (text, model, weights)"
        )
        connection.unregister("made")


def cluster_members(store: Store) -> pl.DataFrame:
    """Templates with the clusters they were put into: ``cluster_id, template, template_id``."""
    return store.frame("SELECT * FROM cluster_members ORDER BY ALL")


def write_cluster_members(store: Store, members: pl.DataFrame) -> None:
    """Keep which template is in which cluster, in the place of what was kept."""
    if members.equals(cluster_members(store)):
        return
    with store.writing(doing="keeping clusters of failures") as connection:
        connection.execute("DELETE FROM cluster_members")
        insert(connection, "cluster_members", members)
