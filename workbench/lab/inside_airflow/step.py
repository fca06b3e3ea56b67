"""Run a scheduler's own step inside an Airflow of its own, counting statements by call site.

A program, not a module: the Python of that Airflow runs it by path, with the job as JSON on
standard input, and reads the counts from the last line of what it prints. It knows nothing of the
workbench, and the workbench never imports it. Airflow is imported by name, because the program is
checked where no Airflow is installed.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

START = datetime(2026, 1, 1, tzinfo=UTC)
FRAMES = 3
WRAPPERS = ("utils/session.py", "utils/sqlalchemy.py", "utils/retries.py")
TABLE = re.compile(r"\b(?:FROM|INTO|UPDATE|JOIN)\s+\"?(\w+)", re.IGNORECASE)
INSERT_HISTORY = """
INSERT INTO task_reschedule (ti_id, start_date, end_date, duration, reschedule_date)
SELECT ti.id, ti.run_after, ti.run_after, 0, ti.run_after
FROM (SELECT t.id, r.run_after FROM task_instance t JOIN dag_run r ON r.run_id = t.run_id
      WHERE r.state = 'success') ti
CROSS JOIN (WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n + 1 < :each)
            SELECT n FROM s) series
ORDER BY series.n
"""


class Counts:
    """Statements by table, verb and call site, with the seconds that each took."""

    def __init__(self, *, sites: bool) -> None:
        self.sites = sites
        self.begun = 0.0
        self.rows: dict[tuple[str, str, str, str], list[float]] = {}

    def before(self, *_: Any) -> None:
        """Start the clock of one statement."""
        self.begun = time.perf_counter()

    def after(self, _c: Any, _k: Any, statement: str, *_: Any) -> None:
        """Count one statement."""
        took = time.perf_counter() - self.begun
        verb = statement.split(None, 1)[0].upper()
        table = TABLE.search(statement)
        digest = hashlib.sha256(statement.encode()).hexdigest()[:12]
        site = call_site() if self.sites else ""
        key = (table[1] if table else "", verb, digest, site)
        self.rows.setdefault(key, []).append(took)

    def listed(self, run: int) -> list[dict[str, object]]:
        """One row for each kind of statement."""
        return [
            {
                **dict(zip(("table_name", "verb", "statement", "site"), key, strict=True)),
                "run": run,
                "calls": len(took),
                "total_ms": 1000 * sum(took),
                "median_ms": 1000 * sorted(took)[len(took) // 2],
                "min_ms": 1000 * min(took),
                "max_ms": 1000 * max(took),
            }
            for key, took in self.rows.items()
        ]


def call_site() -> str:
    """The innermost functions of Airflow that led to a statement, the asking one first."""
    found: list[str] = []
    frame = sys._getframe(1)
    while frame is not None and len(found) < FRAMES:
        code = frame.f_code
        name = code.co_filename.replace("\\", "/")
        if "/site-packages/airflow/" in name and not name.endswith(WRAPPERS):
            found.append(f"{code.co_qualname}:{frame.f_lineno}")
        frame = frame.f_back  # type: ignore[assignment]
    return " < ".join(found)


def make_dag(job: dict[str, Any]) -> Any:
    """Make a DAG of empty tasks behind a sensor in reschedule mode, which stands at a position."""
    sdk = import_module("airflow.sdk")
    empty = import_module("airflow.providers.standard.operators.empty").EmptyOperator

    class Waiting(sdk.BaseSensorOperator):  # type: ignore[name-defined,misc]
        """A sensor that is never ready."""

        def poke(self, context: Any) -> bool:
            """Say that it is not ready."""
            return False

    with sdk.DAG("lab", start_date=START, schedule=None) as dag:
        sensors, others = [], []
        for n in range(job["task_instances"]):
            if n in job["positions"]:
                sensors.append(Waiting(task_id=f"t{n:06d}", mode="reschedule", poke_interval=3600))
            else:
                others.append(empty(task_id=f"t{n:06d}"))
        for sensor in sensors:
            sensor >> others
    return dag


def write_dag(dag: Any, session: Any) -> Any:
    """Write the DAG as the DAG processor does; return it as the scheduler reads it."""
    serialized = import_module("airflow.serialization.serialized_objects")
    models = import_module("airflow.models.serialized_dag").SerializedDagModel
    there = models.get("lab", session=session)
    if there is not None:  # an earlier call filled this database
        return there.dag
    bundle = import_module("airflow.models.dagbundle").DagBundleModel
    session.add(bundle(name="lab"))
    session.flush()
    lazy = serialized.LazyDeserializedDAG(data=serialized.SerializedDAG.to_dict(dag))
    serialized.SerializedDAG.bulk_write_to_db("lab", None, [dag], session=session)
    models.write_dag(lazy, bundle_name="lab", session=session)
    session.commit()
    return models.get("lab", session=session).dag


def make_run(dag: Any, session: Any, *, number: int, state: str) -> Any:
    """Make a DAG run; its task instances stand in the table in the order of their names."""
    text = import_module("sqlalchemy").text
    types = import_module("airflow.utils.types")
    states = import_module("airflow.utils.state").DagRunState
    when = START + timedelta(hours=number)
    run = dag.create_dagrun(
        run_id=f"lab-{number:04d}",
        logical_date=when,
        data_interval=(when, when),
        run_after=when,
        run_type=types.DagRunType.MANUAL,
        triggered_by=types.DagRunTriggeredByType.TEST,
        state=states(state),
        start_date=when,
        session=session,
    )
    session.flush()
    in_order = [
        "CREATE TEMPORARY TABLE lab_kept AS SELECT * FROM task_instance WHERE run_id = :run",
        "DELETE FROM task_instance WHERE run_id = :run",
        "INSERT INTO task_instance SELECT * FROM lab_kept ORDER BY task_id",
        "DROP TABLE lab_kept",
    ]
    names = [f"t{n:06d}" for n in dag.lab_positions]
    for name in names:
        set_state = "UPDATE task_instance SET state = 'up_for_reschedule' WHERE run_id = :run"
        if state == "running":
            session.execute(
                text(f"{set_state} AND task_id = :task"), {"run": run.run_id, "task": name}
            )
    if state == "success":
        session.execute(
            text("UPDATE task_instance SET state = 'success' WHERE run_id = :run"),
            {"run": run.run_id},
        )
    for statement in in_order:
        session.execute(text(statement), {"run": run.run_id} if ":run" in statement else {})
    session.commit()
    session.expire_all()
    return run.id


def put_off(run_id: int, session: Any) -> None:
    """Write the request of each waiting sensor to be looked at again, tomorrow."""
    instance = import_module("airflow.models.taskinstance").TaskInstance
    request = import_module("airflow.models.taskreschedule").TaskReschedule
    run = import_module("airflow.models.dagrun").DagRun
    name = session.get(run, run_id).run_id
    now = datetime.now(UTC)
    waiting = session.query(instance).filter(
        instance.run_id == name, instance.state == "up_for_reschedule"
    )
    for one in waiting.all():
        session.add(request(one.id, now, now, now + timedelta(days=1)))
    session.commit()


def fill_history(rows: int, session: Any, make: Callable[[int], Any], width: int) -> int:
    """Fill task_reschedule with the rows of old task instances; return how many there are."""
    text = import_module("sqlalchemy").text
    count = text("SELECT count(*) FROM task_reschedule")
    there = int(session.execute(count).scalar())
    if not rows or there > rows * 0.9:
        return there
    runs = max(1, round(rows / 100 / width))
    for n in range(runs):
        make(n)
    each = max(1, round(rows / (runs * width)))
    session.execute(text("ANALYZE"))
    session.execute(text(INSERT_HISTORY), {"each": each})
    session.commit()
    return int(session.execute(count).scalar())


def step(run_id: int, dag: Any, *, sites: bool, number: int) -> dict[str, Any]:
    """Take the scheduler's step for one DAG run; nothing it does is kept."""
    sqlalchemy = import_module("sqlalchemy")
    settings = import_module("airflow.settings")
    run = import_module("airflow.models.dagrun").DagRun
    session = settings.Session()
    found = session.get(run, run_id)
    found.dag = dag
    counts = Counts(sites=sites)
    sqlalchemy.event.listen(settings.engine, "before_cursor_execute", counts.before)
    sqlalchemy.event.listen(settings.engine, "after_cursor_execute", counts.after)
    begun = time.perf_counter()
    found.update_state(session=session, execute_callbacks=False)
    seconds = time.perf_counter() - begun
    sqlalchemy.event.remove(settings.engine, "before_cursor_execute", counts.before)
    sqlalchemy.event.remove(settings.engine, "after_cursor_execute", counts.after)
    session.rollback()
    session.close()
    return {"run": number, "seconds": seconds, "statements": counts.listed(number)}


def prepare() -> None:
    """Make the tables of the models in an empty database."""
    settings = import_module("airflow.settings")
    import_module("airflow.models").import_all_models()
    base = import_module("airflow.models.base").Base
    base.metadata.create_all(settings.engine)


def main() -> None:
    """Do the job on standard input; the last line printed is the answer."""
    job = json.load(sys.stdin)
    settings = import_module("airflow.settings")
    text = import_module("sqlalchemy").text
    prepare()
    session = settings.Session()
    upkeep = import_module("airflow.utils.db")
    upkeep.add_default_pool_if_not_exists(session=session)
    upkeep.synchronize_log_template(session=session)
    dag = write_dag(make_dag(job), session)
    dag.lab_positions = job["positions"]
    history = fill_history(
        job["history_rows"],
        session,
        lambda n: make_run(dag, session, number=n, state="success"),
        job["task_instances"],
    )
    first = 5000 + int(session.execute(text("SELECT count(*) FROM dag_run")).scalar())
    numbers = range(first, first + job["dag_runs"])
    ids = [make_run(dag, session, number=n, state="running") for n in numbers]
    for run_id in ids:
        put_off(run_id, session)
    if settings.engine.dialect.name == "postgresql":
        with settings.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
            plain.execute(text("VACUUM ANALYZE"))
    session.close()
    runs = [step(one, dag, sites=job["sites"], number=n) for n, one in enumerate(ids)]
    answer = {"history_rows": history, "dialect": settings.engine.dialect.name, "runs": runs}
    print("LAB " + json.dumps(answer))  # noqa: T201  the answer is what this program prints


if __name__ == "__main__":
    main()
