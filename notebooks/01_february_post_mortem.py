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
# # The February post-mortem
#
# A scheduler was killed by its liveness probe, again and again, for sixteen hours. This notebook
# goes the whole way from what people saw to a report that opens offline: load the case, look at
# what happened, ask how size makes it worse, find the upstream changes that have hurt before, and
# write it down.
#
# To do the same with an incident of your own, change the next cell; a case is a folder with a
# `case.toml` that names its inputs.

# %%
from pathlib import Path

import workbench as wb
from workbench.exports import charts, report

case_folder = wb.shipped("fixtures") / "cases" / "2026-02-scheduler"
out = Path("../out/february")
out.mkdir(parents=True, exist_ok=True)

# %% [markdown]
# ## Load
#
# Everything the case names goes into one DuckDB file: timeline, logs, statistics, the upstream's
# history, the downstreams. Loading again loads only what is new.

# %%
charts.enable()
bench = wb.open_bench(out / "february.duckdb")
evidence = report.gather(bench, case_folder)
case = evidence.case
report.headline(evidence)

# %% [markdown]
# ## What happened

# %%
charts.timeline(evidence.events, case=case, commits=evidence.commits)

# %%
report.timeline_table(evidence)

# %%
report.durations_table(evidence)

# %% [markdown]
# ## What a loop costs at this size
#
# The loop asks one question for each task instance of each DAG run, so what one answer may take is
# the time that the probe allows divided by all of them.

# %%
charts.loops(evidence.loops, case=case, threshold_seconds=120)

# %%
loop = wb.LoopModel(n_tis=2_000, n_dagruns=20, per_query_seconds=0.34)
indexed = wb.LoopModel(n_tis=2_000, n_dagruns=20, per_query_seconds=0.000_019)
print(f"{loop.seconds():,.0f} s a loop at 340 ms a query; {indexed.seconds():.2f} s at 0.019 ms")
print(f"within 120 s a query may take {1000 * loop.budget(120):.1f} ms")

# %%
report.statistics_table(evidence)

# %% [markdown]
# ## Which changes have hurt before
#
# Path rules skip what cannot matter; the patterns read the rest. A hit says that a change has a
# shape that hurt before, not that it did so here.

# %%
charts.approach(evidence.sorted_commits, evidence.hits, case=case)

# %%
report.hits_table(evidence)

# %%
report.findings_table(evidence)

# %% [markdown]
# ## Write it down
#
# The report is one HTML file with its charts inside, besides the notebook it was made from and the
# same in Markdown.

# %%
report.factors(evidence)

# %%
wb.write_postmortem(case_folder, bench=out / "february.duckdb", to=out)
