"""The skill's own words: its frontmatter, its tables, and one example for each primitive."""

from __future__ import annotations

NAME = "airflow-state-store"
TITLE = "Airflow state store"

DESCRIPTION = (
    "Reviews and writes Apache Airflow DAG code that has to remember something across retries or "
    "runs: it picks between task_state_store, asset_state_store and ResumableJobMixin, finds "
    "checkpoints, cursors, job ids and watermarks that are kept in Variables or XComs, and knows "
    "the API and the [state_store] settings as released. Use when a task starts over after a "
    "retry, when an external job (Spark, Databricks, EMR, a batch service) ran twice after a "
    "worker died, when a cursor or watermark lives in a Variable, when state has to survive a "
    "retry, or when [state_store] is configured. Not for passing data between tasks (XCom), not "
    "for settings (Variables) or credentials (connections), not for large payloads (object "
    "storage), and not for DAGs that must run before Airflow 3.3 except to explain the risk."
)

COMPATIBILITY = (
    "The primitives need Apache Airflow 3.3 or later. Below that the skill explains the risk and "
    "the best fix that exists there."
)

INTRODUCTION = (
    "A retry is a new process: what the failed try knew is gone unless it was kept. Variables are "
    "shared by every run, and a task's XComs are deleted when its next try starts, so neither is a "
    "place for what a retry needs. Airflow {since} has three that are."
)

CHOICES = (
    (
        "Progress of one task inside one run: a cursor, a page, a list of finished parts",
        "`task_state_store`",
        "belongs to DAG, run, task and map index; every retry of it reads what earlier tries wrote",
    ),
    (
        "What the next run has to know: a watermark, a total, a summary for consumers",
        "`asset_state_store`",
        "belongs to the asset; every run and every task that declares the asset shares it",
    ),
    (
        "One long job elsewhere that must not be submitted twice",
        "`ResumableJobMixin`",
        "keeps the job's id, takes a running job up again, submits anew only after a failure",
    ),
)

NOT_TO_USE = (
    ("Hand a result to another task", "XCom", "another task cannot see a task's keys"),
    (
        "Keep files, frames or many rows",
        "object storage, with its path in the store",
        "values go through the API server into the metadata database",
    ),
    ("Keep a password or token", "a connection", "values are kept as plain JSON"),
    ("Configure a DAG", "a Variable or params", "keys belong to a run or an asset, and may expire"),
    (
        "Wait for hours without holding a worker",
        "a deferrable operator",
        "the mixin polls on the worker and holds its slot",
    ),
    (
        "Count or lock across mapped tasks",
        "a store with transactions of its own",
        "writes replace each other, the last one wins",
    ),
    (
        "Repeat a step that is safe to repeat",
        "nothing: let the retry run it again",
        "state that nobody needs can only be wrong",
    ),
)

TASK_EXAMPLE = """\
from airflow.sdk import NEVER_EXPIRE, task


@task(retries=3)
def load_pages(task_state_store=None):
    cursor = task_state_store.get("cursor", default=0)
    while page := fetch_page(after=cursor):
        write(page)
        cursor = page[-1]["id"]
        task_state_store.set("cursor", cursor, retention=NEVER_EXPIRE)
"""

ASSET_EXAMPLE = """\
from datetime import datetime, timezone

from airflow.sdk import Asset, task

ORDERS = Asset("orders")


@task(retries=3, outlets=[ORDERS])
def load_orders(asset_state_store=None):
    state = asset_state_store[ORDERS]
    since = state.get("watermark", default="2026-01-01T00:00:00+00:00")
    until = datetime.now(tz=timezone.utc).isoformat()
    write(fetch(since, until))
    state.set("watermark", until)
"""

MIXIN_EXAMPLE = """\
from airflow.sdk import BaseOperator, ResumableJobMixin


class RunReport(ResumableJobMixin, BaseOperator):
    external_id_key = "report_job_id"

    def execute(self, context):
        return self.execute_resumable(context)

    def submit_job(self, context):
        return client().submit(self.task_id)

    def get_job_status(self, external_id, context):
        return client().status(external_id)

    def is_job_active(self, status):
        return status in {"QUEUED", "RUNNING"}

    def is_job_succeeded(self, status):
        return status == "DONE"

    def poll_until_complete(self, external_id, context):
        client().wait(external_id)
        return self.get_job_result(external_id, context)

    def get_job_result(self, external_id, context):
        return client().result(external_id)
"""

EXAMPLES = (
    (
        "Checkpoint of a task",
        TASK_EXAMPLE,
        "Write after each part that is done, not before it; with a crash in between, one part is "
        "done twice and none is left out.",
    ),
    (
        "Watermark of an asset",
        ASSET_EXAMPLE,
        "Take the end of the window from an aware clock before reading, and write it last.",
    ),
    (
        "One external job",
        MIXIN_EXAMPLE,
        "Let `poll_until_complete` return the result, too: after a retry that takes up a running "
        "job, its answer is the task's answer.",
    ),
)

CHECKLIST = (
    "The Airflow version is known: from the project's requirements, its lock file or its image.",
    "The task has retries; without them only clearing the task reads again what is kept.",
    "The key is written after the work it stands for, and each write is safe to repeat.",
    "The sum of all waits between tries is shorter than the retention, or the key never expires.",
    "Values are small and JSON: ids, cursors, times as ISO text with a zone.",
    "Mapped tasks do not share a key of an asset.",
    "`external_id_key` did not change while runs wait for a retry.",
    "Clearing the task to run it again also clears its keys where it has to start anew.",
)

FIELDS = {
    "task": "the task",
    "key": "the key",
    "kept": "a Variable or XCom",
    "asset": "the asset",
    "store": "the state store",
    "other": "another task",
    "value": "the value",
    "clock": "the clock",
    "what": "it",
    "old": "the old name",
    "new": "the new name",
}
"""What a field of a finding is called where there is no finding."""

HUB_NEED = "State that survives a retry or a run; jobs submitted twice; `[state_store]` settings"
