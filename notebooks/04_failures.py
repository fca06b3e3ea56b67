# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # What failed before, and what ended it
#
# A quarter of failed tries, before and after a move to Airflow 3. This notebook puts them into
# clusters with names that last, asks a memory what ended such failures before, lets it propose
# only what is safe to propose, and takes a person's word for the rest.
#
# To do the same with logs of your own, change the next cell: any tree of task logs will do, and
# the folder of your patterns holds the ledger of what people said.

# %%
import shutil
from datetime import UTC, datetime
from pathlib import Path

import workbench as wb

case_folder = wb.shipped("fixtures") / "failures"
out = Path("../out/failures")
shutil.rmtree(out, ignore_errors=True)
_ = shutil.copytree(case_folder / "remembered", out / "patterns")

# %% [markdown]
# ## Load
#
# Two trees of logs: text of Airflow 2.10, JSON lines of 3.1. Only the first is loaded; the second
# is what comes in. Nothing is fetched: where no sentence model is installed, words stand in for it,
# and the next line says so.

# %%
import polars as pl

from workbench.bench.failure_memory import incoming, open_desk
from workbench.exports import charts
from workbench.exports.charts import failures as drawn

charts.enable()
_ = pl.Config.set_fmt_str_lengths(90)

# %%
bench = wb.open_bench(out / "failures.duckdb", patterns=out / "patterns")
print(bench.load(wb.read_failures(case_folder / "logs" / "airflow-2")).loaded, "failures loaded")
desk = open_desk(bench)
print(desk.note or "Vectors are those of the sentence model that is installed.")

# %% [markdown]
# ## Clusters
#
# A cluster is what means the same, whatever the numbers in it; each says why.

# %%
clusters = desk.clusters()
drawn.clusters(clusters.clusters)

# %%
drawn.failing_dags(desk.failures)

# %%
clusters.clusters.select("cluster_id", "failures", "dags_hit", "error_class", "why").head(8)

# %% [markdown]
# ## What recurs
#
# How often each came back, and how often somebody had to find out anew what it was.

# %%
from workbench.analysis.failures.repeats import decision_times, repeats

found = repeats(desk.failures, clusters.assignments, desk.resolutions)
found.select("cluster_id", "says", "fixes").head(6)

# %%
waited = decision_times(desk.failures, desk.first_words)["seconds"]
print(f"{waited.len()} decided, half of them within {waited.median() / 60:.0f} minutes")

# %% [markdown]
# ## The memory and its two gates
#
# What came in after the move, against what was resolved before. Gate 1 asks whether a failure is
# close enough to one that is remembered, gate 2 whether its fix is known to have held often enough.
# Both have to pass; nothing is done about any of them here.

# %%
from workbench.analysis.failures.matching import match

new, rejected = incoming(case_folder / "logs" / "airflow-3")
matched = match(new, desk.memory())
matched.matches.group_by("gate1", "gate2", "decision").len().sort("len", descending=True)

# %%
matched.matches.select("decision", "suggested", "why").unique(maintain_order=True).head(10)

# %% [markdown]
# ## A person's word
#
# Approve, reject, edit, mark as novel: each click is a line of the ledger before it is a colour
# here, and each can be taken back. The same works without a screen.

# %%
from workbench.widgets.failures_state import ReviewFailures
from workbench.widgets.failures_view import FailureReview


def now():
    return datetime.now(UTC)


review = ReviewFailures(desk, matched, who="reviewer", now=now, failures=new)
FailureReview(review, charts=[charts.svg(drawn.failing_dags(new))])

# %%
review.edit("Cleared the task once the harbour's key was renewed.", why="as in December")
review.novel()
print(review.counts())
review.undo()
print(review.counts())

# %% [markdown]
# ## How far to trust it
#
# With too few labels the first gate stays at its default and is called uncalibrated.

# %%
from workbench.analysis.failures.calibration import cost_curve, reliability

for says in desk.calibration(precision=0.95).rows["says"][:3]:
    print(says)
drawn.reliability(reliability(desk.labels()))

# %%
drawn.costs(cost_curve(desk.labels(), wrong_minutes=120, person_minutes=25))

# %% [markdown]
# ## Retries
#
# What three retries five minutes apart would have saved, and the tries they would have wasted. A
# record that lacks its key lacks it the next time as well: those faults are named as lasting.

# %%
from workbench.analysis.failures.retries import RetryPolicy

kinds = clusters.assignments.select("failure_id", fault="cluster_id")
faults = desk.failures.join(kinds, on="failure_id")
lasting = frozenset(faults.filter(exception="KeyError")["fault"])
retried = wb.simulate_retries(faults, RetryPolicy(retries=3, delay_seconds=300), lasting=lasting)
print({name: round(value, 2) for name, value in retried.totals.items()})

# %% [markdown]
# ## What nobody remembers
#
# A novel cluster becomes a draft: a pattern where upstream took a name away, else a stub of a
# resolution that leaves what was done to a person.

# %%
bench.load(wb.read_failures(case_folder / "logs" / "airflow-3"))
now_known = open_desk(bench)
where = now_known.clusters().assignments.select("failure_id", "cluster_id")
last = now_known.failures.join(where, on="failure_id").filter(exception="SSLCertVerificationError")
wb.promote(last, author="reviewer", created=now().date())

# %% [markdown]
# ## What the memory would have learned
#
# The whole quarter in time order, as if each failure had been resolved at once and the fix had
# held: what would have been proposed as automatic by the time so many were logged, and how much of
# it wrongly. A cluster stands in for the truth here; with resolutions of your own leave it out.

# %%
ends = dict(where.iter_rows())
everything = now_known.everything
drawn.learning(wb.learning_curve(now_known.failures, now_known.resolutions, everything, truth=ends))
