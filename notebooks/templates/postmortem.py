# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% tags=["parameters"]
case_folder = ""
bench_file = "workbench.duckdb"
patterns_folder = None
threshold_seconds = 120.0

# %% tags=["hidden"]
import workbench as wb
from workbench.exports import charts, report

charts.enable()
bench = wb.open_bench(bench_file, patterns=patterns_folder)
evidence = report.gather(bench, case_folder, threshold_seconds=threshold_seconds)
case = evidence.case

# %% [markdown]
# ## Summary

# %%
report.summary(evidence)

# %%
report.headline(evidence)

# %% [markdown]
# ## Impact

# %%
report.impact(evidence)

# %% [markdown]
# ## Timeline
#
# All times are UTC. Each lane holds events of one kind; the shaded span is the incident.

# %%
charts.timeline(evidence.events, case=case, commits=evidence.commits)

# %%
report.timeline_table(evidence)

# %% [markdown]
# ## Restarts

# %%
charts.restarts(evidence.restarts_utc, case=case)

# %%
report.durations_table(evidence)

# %% [markdown]
# ## Scheduler loops
#
# Only loops that came to their end are measured: a loop that runs into the liveness probe is
# killed and leaves no figure. What it would have taken is for the model to say.

# %%
charts.loops(
    evidence.loops,
    case=case,
    threshold_seconds=threshold_seconds,
    modelled_seconds=evidence.model and evidence.model.seconds(),
)

# %%
report.scale_card(evidence)

# %% [markdown]
# ## Database

# %%
report.statistics_table(evidence)

# %% [markdown]
# ## Failed tries

# %%
report.failures_table(evidence)

# %% [markdown]
# ## Upstream changes
#
# Commits of the upstream around the incident: those that path rules skip, those that were read, and
# those that a pattern hit. A hit tells something about this incident when it landed before the
# deploy and lies on a hot path, or changed a name that a failure mentions. Whether it was part of
# what ran is to be checked: the branch of a release is cut before its deploy.

# %%
report.triage_share(evidence)

# %%
charts.approach(evidence.sorted_commits, evidence.hits, case=case)

# %%
report.hits_table(evidence)

# %%
report.findings_table(evidence)

# %% [markdown]
# ## Contributing factors
#
# They stand side by side, each with what is seen, why it can hurt, and where its evidence stands;
# which of them had to come together is for people to weigh. None of them is a person.

# %%
report.factors(evidence)

# %% [markdown]
# ## Follow-ups

# %%
report.follow_ups(evidence)

# %% [markdown]
# ## Evidence
#
# What the statements above were made from.

# %%
report.inputs_table(evidence)

# %%
report.folded(report.every_event(evidence), title="Every event of the timeline")

# %%
report.folded(report.call_sites_table(evidence), title="Every call site of every finding")
