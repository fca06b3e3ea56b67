"""Verdicts about work: what runs at every turn of a loop, and what simply runs differently."""

from __future__ import annotations

import ast
from dataclasses import dataclass

import polars as pl

from workbench.analysis.history.hot_path_names import covers
from workbench.analysis.history.verify_evidence import Row
from workbench.analysis.history.verify_verdicts import Evidence, Use, Verdict
from workbench.analysis.scale.cards import UNKNOWN, Scale, scale_cards
from workbench.analysis.scale.loop import MS, LoopModel
from workbench.domain.findings import SCALE_CARD, Outcome
from workbench.domain.histories import History
from workbench.domain.patterns import FailureMode, HotPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The installation that a cost is told for, and the seconds that a loop may take in it."""

    n_tis: int = 2_000
    n_dagruns: int = 20
    limit_seconds: float = 120.0

    def loop(self, multiplicity: str) -> LoopModel:
        """The loop in which something of that multiplicity asks one query at each turn."""
        tis = self.n_tis if multiplicity == "per-task-instance" else 1
        runs = 1 if multiplicity == "per-loop" else self.n_dagruns
        return LoopModel(n_tis=tis, n_dagruns=runs, per_query_seconds=0.0)

    def told(self, hot: HotPath) -> str:
        """How often it runs, and what one query there may take."""
        loop = self.loop(hot.multiplicity)
        turns = f"{loop.queries():,.0f} times" if loop.queries() > 1 else "once"
        budget = loop.budget(self.limit_seconds) * MS
        return (
            f"runs {hot.multiplicity}, {turns} a loop of {self.n_dagruns} DAG runs with "
            f"{self.n_tis:,} task instances each: a query there may take {budget:,.3g} ms"
        )


ABILITIES = ("hasattr", "isinstance", "callable")
CITED = 77
"""A message cites that much of a condition at least."""
LOAD = Load()
"""The February 2026 incident's scale: 20 DAG runs a loop, 2,000 task instances in each."""


def hot_path_of(finding: Row, known: Evidence) -> HotPath | None:
    """The entry point that the finding stands in, or what it is as one that is called by one."""
    names = [finding["qualname"], *finding["names"]]
    listed = next((h for name in names for h in known.hot_paths if covers(h, name)), None)
    row = known.hot.get((finding["sha"], finding["qualname"]))
    if listed is not None or row is None:
        return listed
    return HotPath(qualname=row["name"], multiplicity=row["multiplicity"], why=row["why"])


def asks_what_it_can(finding: Row, known: Evidence) -> bool:
    """Whether every early exit that went asked only what an object is or can do.

    Such a check keeps a call from failing; it spares no work.
    """
    names = dict.fromkeys([finding["qualname"], *finding["names"]])
    gone = [guard for name in names for guard in known.changes.guards(finding["sha"], name)]
    named = any(guard[:CITED] in finding["message"] for guard in gone)
    return named and all(_of_ability(guard) for guard in gone)


def _of_ability(condition: str) -> bool:
    try:
        asked = [ast.parse(condition, mode="eval").body]
    except SyntaxError:
        return False
    while asked:
        node = asked.pop()
        if isinstance(node, ast.BoolOp):
            asked += node.values
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            asked.append(node.operand)
        elif not isinstance(node, ast.Call) or getattr(node.func, "id", None) not in ABILITIES:
            return False
    return True


def slow(use: Use, known: Evidence) -> Verdict | None:
    """A pattern about cost: shown where the change stands on a path that runs often."""
    pattern = known.patterns.get(use.finding["pattern"])
    if pattern is None or pattern.failure_mode is not FailureMode.SLOW:
        return None
    hot = hot_path_of(use.finding, known)
    if hot is None:
        return Verdict(
            outcome=Outcome.NOT_VERIFIED,
            relation="uses what may work more often or for longer",
            why_not="no path that runs often is known to lead there",
            use=use,
        )
    return Verdict(outcome=Outcome.SLOW, relation=f"uses what {LOAD.told(hot)}", use=use)


def with_scale_cards(
    findings: pl.DataFrame, known: Evidence, history: History, *, scale: Scale | None = None
) -> pl.DataFrame:
    """Give each finding on a hot path its scale card; an unknown one is not verified to be slow.

    Parameters
    ----------
    findings : polars.DataFrame
        With their outcomes.
    known : Evidence
        Says which functions run often.
    history : History
        Which queries and indexes stood is told from it, as of each commit.
    scale : Scale, optional
        The installation; the February 2026 incident's otherwise.
    """
    rows = findings.select("sha", "qualname", "names").to_dicts()
    hot = [
        {"sha": row["sha"], "name": row["qualname"], "multiplicity": path.multiplicity}
        for row in rows
        if (path := hot_path_of(row, known)) is not None
    ]
    if not hot:
        return findings
    cards = scale_cards(pl.DataFrame(hot), history, scale=scale)
    fields = [field.name for field in SCALE_CARD.fields]
    made = cards.select("sha", qualname="name", scale_card=pl.struct(fields))
    marked = findings.drop("scale_card").join(
        made, on=["sha", "qualname"], how="left", maintain_order="left"
    )
    card = pl.col("scale_card").struct
    slow_ones = pl.col("verified") & (pl.col("outcome") == str(Outcome.SLOW))
    blocked = slow_ones & (card.field("verdict") == UNKNOWN).fill_null(value=False)
    asked = card.field("unanswered").list.join(" ")
    open_ones = pl.concat_str(pl.lit("its cost at scale is unknown: "), asked)
    return marked.with_columns(
        verified=pl.col("verified") & ~blocked,
        why_not=pl.when(blocked).then(open_ones).otherwise("why_not"),
    ).select(findings.columns)


def behaviour(use: Use, known: Evidence) -> Verdict:
    """The last word: whether the use runs the changed lines itself, or only names them."""
    pattern = known.patterns.get(use.finding["pattern"])
    follows = FOLLOWS[pattern.failure_mode] if pattern else "it may do something else"
    inside = str(use.finding["qualname"])
    runs = use.kind == "call" and inside in (use.full, f"{use.full}.__init__")
    does = {"call": "calls", "override": "overrides", "import": "imports"}.get(use.kind, "uses")
    if runs:
        relation = f"calls {use.full}, whose lines changed: {follows}"
        return Verdict(outcome=Outcome.BEHAVIOUR, relation=relation, use=use)
    if use.inherits or use.kind == "subclass":
        relation, why = f"inherits what changed: {follows}", "nothing shows that it is run"
    elif use.kind in ("import", "attribute"):
        relation, why = f"{does} what changed: {follows}", "the use only names it"
    else:
        relation = f"{does} what changed: {follows}"
        why = "the use does not run the changed lines itself"
    return Verdict(outcome=Outcome.NOT_VERIFIED, relation=relation, why_not=why, use=use)


FOLLOWS = {
    FailureMode.CRASH: "it may raise where it did not",
    FailureMode.SILENT_DROP: "it may do nothing any more, without an error",
    FailureMode.SLOW: "it may work more often or for longer",
    FailureMode.WRONG_DATA: "it may work on what another call left behind",
}
