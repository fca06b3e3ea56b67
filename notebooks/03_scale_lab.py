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
# # From a measured query to a decision
#
# Nobody did this multiplication before the incident: 2,000 tasks x 20 runs x 340 ms. This notebook
# measures the query on a database of its own, fits what it costs over the rows of its table, puts
# that into the loop model, and asks what would have helped. SQLite alone is enough, and every
# figure says which engine it comes from; with a PostgreSQL server change `engine` to `auto`.

# %%
from pathlib import Path

import polars as pl

import workbench as wb
from workbench.exports import charts

case_folder = wb.shipped("fixtures") / "cases" / "2026-02-scheduler"
engine, sizes = "sqlite", [1_000, 3_000, 10_000, 30_000, 100_000, 300_000]
scenario, limit_seconds = "task-reschedule-lookup", 120

# %% [markdown]
# ## What was seen
#
# INV-004 says that a scheduler loop completes within 120 seconds. These are the loops of the
# shipped case that did not.

# %%
from workbench.analysis.scale.bounds import INV_004, violated_by_samples

charts.enable()
out = Path("../out/scale")
out.mkdir(parents=True, exist_ok=True)
bench = wb.open_bench(out / "scale.duckdb")
bench.load(wb.read_loops(case_folder / "loops.csv"))
violated_by_samples(INV_004, bench.loop_samples()).select("invariant", "at_utc", "seconds")

# %% [markdown]
# ## Measure
#
# The lab fills a table of its own at growing sizes and asks the incident's query of it: without an
# index, with a plain one, and with the one that upstream chose. Asked for is a task instance
# without history, as 1,999 of 2,000 were.

# %%
run = wb.Lab(engine=engine, keep=None).run(scenario, rows=sizes)
print(f"{run.engine}: {run.seconds:.1f} s for {run.measurements.height:,} measurements")
run.ladder().select("rows", "variant", "profile", "client_ms", "plan_signature").head(6)

# %% [markdown]
# ## Fit
#
# One curve for each plan, its shape chosen by AICc. The band knows what the data cannot tell apart;
# beyond the data the line is dashed. A loop sums means; medians are taken here because a shared
# machine is busy now and then with something else.

# %%
from workbench.analysis.scale.cost_curves import fit_curves, spaced

curves = fit_curves(run.measurements, statistic="median")
curves.frame()

# %%
loop = wb.LoopModel(n_tis=2_000, n_dagruns=20, per_query_seconds=0.34)
grid = spaced(sizes[0], 3_000_000)
drawn = [curves.curve(grid, variant=name) for name in ("none", "composite")]
miss = run.measurements.filter(profile="miss")
budget_ms = 1000 * loop.budget(limit_seconds)
charts.cost_curves(pl.concat(drawn), budget_ms=budget_ms, measured=miss)

# %% [markdown]
# The same on PostgreSQL, as it was recorded on another machine. From 30,000 rows on the planner
# walks the primary key backwards, with the plain index as without one: it hopes to meet a row
# early, and a task instance without history has none. No sequential scan is in sight.

# %%
recorded = pl.read_parquet(wb.shipped("fixtures") / "measurements" / f"{scenario}.parquet")
print(recorded["engine"][0])
server = fit_curves(recorded.filter(pl.col("rows") < 900_000), statistic="median")
lines = [server.curve(grid, variant=name) for name in ("none", "plain", "composite")]
known = recorded.filter(profile="miss")
charts.cost_curves(pl.concat(lines), budget_ms=budget_ms, measured=known)

# %% [markdown]
# Would the plain index have helped? That hangs on how many rows a key has, and on a setting: asked
# for were plans alone, with the index in place.

# %%
phases = pl.read_parquet(wb.shipped("fixtures") / "measurements" / f"{scenario}-phases.parquet")
plans = phases.with_columns(ignored=~pl.col("used"))
usual = plans.filter(pl.col("settings").str.contains("random_page_cost=4 "))
words = ("the planner takes the plain index", "the planner ignores it")
charts.phase_map(usual, x="rows", y="rows_per_key", over="ignored", words=words)

# %%
cheap = plans.join(usual, on=["rows", "rows_per_key"], suffix="_usual")
cheap.filter(pl.col("used") != pl.col("used_usual")).select(
    "rows", "rows_per_key", "settings", "used", "used_usual"
)

# %% [markdown]
# The server's curves above were fitted without the largest size. What they said of it, and what it
# took:

# %%
largest = known.filter(rows=900_000).group_by("variant").agg(pl.col("client_ms").median())
said = [server.predict(900_000, variant=name).value_ms for name in largest["variant"]]
largest.with_columns(predicted_ms=pl.Series(said)).sort("variant")

# %% [markdown]
# ## From the query to the loop
#
# The account's own figures first; then the time that was measured here, at 900,000 rows. How many
# task instances ask depends on guard, leak and the place of the first sensor that waits.

# %%
loop

# %%
without = curves.predict(900_000, variant="none")
measured = loop.changed(per_query_seconds=without.value_ms / 1000)
told = f"{without.value_ms:,.1f} ms a query, {measured.seconds():,.0f} s a loop"
print(f"{run.engine} at 900,000 rows: {told}")
print(f"{without.beyond_data:g} times beyond the data; the account says 13,600 s")
measured.break_even(limit_seconds)

# %% [markdown]
# At how many rows did it become a matter of time? Where the curve crosses the budget.

# %%
crossing = curves.of(variant="none").rows_within(loop.budget(limit_seconds))
print(f"{run.engine}: a query is over {budget_ms:.1f} ms from {crossing:,.0f} rows on")

# %% [markdown]
# ## What had to fail together
#
# The guard removed, the shared context changed, the index missing: any one alone is harmless.

# %%
from workbench.analysis.scale.ablation import ablate, remains, sound_loop

ablation = ablate(sound_loop(loop), limit_seconds=limit_seconds)
print(ablation.says())
ablation.shares

# %% [markdown]
# With the index what remains is Python and the way to the database: the next repair pays there.

# %%
whole = loop.changed(python_seconds_per_ti=0.000_75, round_trip_seconds=0.000_1)
remains(whole, whole.changed(per_query_seconds=0.000_019))

# %% [markdown]
# ## What is not known exactly
#
# Each input varies as stated. The chance of a loop over the limit, and the input that matters most.

# %%
from workbench.analysis.scale.distributions import LogUniform, Triangular, Uniform
from workbench.analysis.scale.sensitivity import sobol, tornado
from workbench.analysis.scale.uncertainty import Varying, spread

inputs = {"n_tis": Uniform(low=500, high=4_000), "n_dagruns": Uniform(low=1, high=20)}
inputs["rows"] = LogUniform(low=10_000, high=3_000_000)
inputs["python_seconds_per_ti"] = Triangular(low=0.000_5, mode=0.000_75, high=0.002)
varying = Varying(model=loop, inputs=inputs, curve=curves.of(variant="none"))
spread(varying, limit_seconds).frame()

# %%
charts.tornado(tornado(varying), limit_seconds=limit_seconds)

# %%
sobol(varying)

# %% [markdown]
# ## Where it tips over
#
# A phase map: rows against task instances, without the index.

# %%
from workbench.analysis.scale.sweeps import sweep

rows = curves.curve(spaced(1_000, 3_000_000, steps=25), variant="none")
axes = {"n_tis": [100, 200, 500, 1_000, 2_000, 4_000], "rows": rows}
charts.phase_map(sweep(loop, axes, limit_seconds=limit_seconds), x="rows", y="n_tis")

# %% [markdown]
# ## What the probe makes of it
#
# A loop of two to five minutes is unhealthy and never killed. And fifty restarts in sixteen hours
# fit a slow loop and a stuck one: the count alone does not tell.

# %%
from workbench.analysis.scale.inverse import explain_restarts
from workbench.analysis.scale.simulation import simulate

for seconds in (90, 300, 380, float("inf")):
    course = simulate(seconds)
    stale = course.stale_seconds / course.horizon_seconds
    print(f"{seconds:g} s: {course.health}, {course.restarts} restarts, stale {stale:.0%}")

# %%
explained = explain_restarts(50, starts=(30, 450))
print(explained.says())
charts.posterior(explained.explanations)

# %% [markdown]
# ## Decide
#
# Move the sliders; what they come to is `state.model`, with or without a screen.

# %%
from workbench.widgets.scale_state import ScaleState
from workbench.widgets.scale_view import ScaleExplorer

state = ScaleState(curves=curves, limit_seconds=limit_seconds)
ScaleExplorer(state)

# %%
state.move(variant="composite", rows=900_000)
print(state.says())
state.model
