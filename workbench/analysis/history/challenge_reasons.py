"""Reasons of the second look, each with the line it leans on: why less bad, why worse."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any

from workbench.analysis.history.challenge_brief import Argument, Brief
from workbench.analysis.history.challenge_packages import package_check
from workbench.analysis.history.verify_bases import METACLASS, last_names
from workbench.analysis.history.verify_costs import hot_path_of
from workbench.analysis.history.verify_names import ELSEWHERE, MISSING_NAME, REBASED
from workbench.analysis.history.verify_verdicts import at_import_time
from workbench.domain.findings import Outcome

Row = Mapping[str, Any]

SHIM = "a compatibility shim keeps the old name"
GUARDED = "the import is guarded: another way is taken when it fails"
CHECKED = "it stands under a check of the version"
TYPES_ONLY = "only a type checker reads it"
TESTS_ONLY = "only tests use it"
TESTS_RUN_IN = "of all that uses it only a test runs into it"
NOT_SHOWN = "nobody could show it"
BASES_UNKNOWN = "what is above the class now is not at hand, and may have what went"
DEAD = "nothing refers to the function around it"
REVERTED = "the change was reverted"
COLD = "it is not reached from any path that runs often"
COMPATIBLE = "the downstream's code takes both the old and the new way"
CRASH_AT_IMPORT = "it fails at import time, before anything else runs"
CRASH_AT_START = "it fails while the program starts"
PER_TI = "it runs for every task instance"
NO_INDEX = "no index leads to what it filters by"
SEVERAL = "another pattern hits at a related place"

WORKS = frozenset({SHIM, GUARDED, CHECKED, TYPES_ONLY, COMPATIBLE})
"""With these it works, or is never run: LOW, whatever else is said."""
DOWN_TO_LOW = WORKS | {TESTS_ONLY}
SAYS_LITTLE = frozenset({NOT_SHOWN})
"""With these a finding is MEDIUM at most, and nothing else is said by them."""
AT_LEAST_HIGH = frozenset({CRASH_AT_IMPORT, CRASH_AT_START})
TESTS = re.compile(r"(^|/)(tests?|testing)/|(^|/)(test_[^/]*|conftest|[^/]*_test)\.py$")


def shim(brief: Brief) -> Argument | None:
    """The old name leads to the new place."""
    if brief.finding["outcome"] != Outcome.STILL_WORKS:
        return None
    steps = [s for s in brief.finding["trace"] if s["where"] == "upstream"]
    step = steps[-1] if steps else None
    if step is None:
        return brief.at_hit(SHIM, "down")
    return Argument(
        argument=SHIM,
        direction="down",
        path=step["path"],
        line=step["line"],
        text=step["text"] or brief.finding["message"],
        where="upstream",
    )


def guarded(brief: Brief) -> Argument | None:
    """A name that may be gone, and every use that has another way to go."""
    pattern = brief.known.patterns.get(brief.finding["pattern"])
    about_names = pattern is not None and MISSING_NAME in pattern.tags
    gone = brief.finding["outcome"] == Outcome.MISSING_NAME
    if not gone and not (about_names and brief.finding["outcome"] == Outcome.NOT_VERIFIED):
        return None
    run = [site for site in brief.sites if site["guard"] != "type-checking"]
    if not run or any(site["guard"] not in ("try", "version-check") for site in run):
        return None
    checked = [site for site in run if site["guard"] == "version-check"]
    return brief.at_site(CHECKED if checked else GUARDED, "down", (checked or run)[0])


def package_checked(brief: Brief) -> Argument | None:
    """Every use stands in a package that refuses to be imported with another version."""
    run = [site for site in brief.sites if not TESTS.search(site["path"])]
    checks = [package_check(site, brief.known.texts, brief.at) for site in run]
    found = [check for check in checks if check is not None]
    if not found or len(found) < len(checks):
        return None
    return brief.at_site(CHECKED, "down", found[0])


def types_only(brief: Brief) -> Argument | None:
    """Every use came through an import that never runs."""
    sites = brief.sites
    if not sites or any(site["guard"] != "type-checking" for site in sites):
        return None
    return brief.at_site(TYPES_ONLY, "down", sites[0])


def tests_only(brief: Brief) -> Argument | None:
    """Every use stands in a test."""
    sites = brief.sites
    if not sites or not all(TESTS.search(site["path"]) for site in sites):
        return None
    return brief.at_site(TESTS_ONLY, "down", sites[0])


def tests_run_in(brief: Brief) -> Argument | None:
    """What was shown to break stands in a test, while what is shipped only names it."""
    step = brief.notices
    if step is None or not brief.finding["verified"] or tests_only(brief) is not None:
        return None
    if brief.finding["kind"] != "break" or not TESTS.search(step["path"]):
        return None
    return brief.at_site(TESTS_RUN_IN, "down", step)


def not_shown(brief: Brief) -> Argument | None:
    """A break that is claimed because a name is near; cost is told by how often it is paid."""
    if brief.finding["kind"] != "break" or brief.finding["verified"] or brief.is_slow():
        return None
    return brief.at_hit(f"{NOT_SHOWN}: {brief.finding['why_not']}", "down")


def bases_unknown(brief: Brief) -> Argument | None:
    """A base or a member that is said to be lost, while one may have it that nobody looked at."""
    finding, known = brief.finding, brief.known
    if finding["kind"] != "break" or finding["verified"]:
        return None
    if finding["why_not"] in (ELSEWHERE, REBASED):
        return brief.at_hit(BASES_UNKNOWN, "down")
    name = str(finding["qualname"])
    standing = known.classes.standing.get((finding["sha"], "after"), {})
    for owner in (name, name.rpartition(".")[0]):
        for row in known.changes.of(finding["sha"], owner, "definitions"):
            if row["now"] != owner or not row["before"]:
                continue
            before, after = (last_names(row[side]["bases"] or ()) for side in ("before", "after"))
            changed = set(before) - set(after) if owner == name else set(after) - set(before)
            if changed and any(b not in standing for b in after if not b.startswith(METACLASS)):
                return brief.at_hit(BASES_UNKNOWN, "down")
    return None


def dead(brief: Brief) -> Argument | None:
    """Each use stands in a private function that its file never names again."""
    private = [_outer(site).startswith("_") for site in brief.sites]
    if not private or not all(private):
        return None
    first: Argument | None = None
    for site in brief.sites:
        found = _unreferenced(brief, site)
        if found is None:
            return None
        first = first or found
    return first


def _outer(site: Row) -> str:
    return str(site["scope"] or "").partition(".")[0]


def _unreferenced(brief: Brief, site: Row) -> Argument | None:
    tree, outer = brief.known.texts.tree(site["downstream"], site["path"], brief.at), _outer(site)
    if tree is None:
        return None
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    made = [n for n in tree.body if isinstance(n, functions) and n.name == outer]
    if not made or _named(tree, outer):
        return None
    return brief.at_site(DEAD, "down", {**site, "line": made[0].lineno})


def _named(tree: ast.Module, name: str) -> bool:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == name:
            return True
        if isinstance(node, ast.Attribute) and node.attr == name:
            return True
        if isinstance(node, ast.Constant) and node.value == name:
            return True
    return False


def reverted(brief: Brief) -> Argument | None:
    """A later commit of the span takes it back."""
    return brief.revert


def cold(brief: Brief) -> Argument | None:
    """A matter of cost, and no path that runs often leads there."""
    if not brief.is_slow() or hot_path_of(brief.finding, brief.known) is not None:
        return None
    return brief.at_hit(COLD, "down")


def compatible(brief: Brief) -> Argument | None:
    """The call fits both signatures; the override takes whatever is passed."""
    if brief.finding["outcome"] != Outcome.FITS or brief.notices is None:
        return None
    return brief.at_site(COMPATIBLE, "down", brief.notices)


def crash_at_import(brief: Brief) -> Argument | None:
    """A missing name that is asked for when a module is imported, without another way to go."""
    if brief.finding["outcome"] != Outcome.MISSING_NAME:
        return None
    for site in brief.sites:
        runs = site["guard"] == "none" and site["kind"] in IMPORTING and at_import_time(site)
        if runs and not TESTS.search(site["path"]):
            return brief.at_site(CRASH_AT_IMPORT, "up", site)
    return None


IMPORTING = ("import", "subclass", "call", "attribute")


def crash_at_start(brief: Brief) -> Argument | None:
    """An attribute that raises, read while the program starts."""
    if brief.finding["outcome"] != Outcome.BEFORE_INIT or brief.notices is None:
        return None
    return brief.at_site(CRASH_AT_START, "up", brief.notices)


def per_task_instance(brief: Brief) -> Argument | None:
    """It costs, and it is paid for at every task instance."""
    hot = hot_path_of(brief.finding, brief.known)
    if hot is None or hot.multiplicity != "per-task-instance" or not brief.is_slow():
        return None
    return brief.at_hit(PER_TI, "up")


def no_index(brief: Brief) -> Argument | None:
    """A query of the commit filters by columns that no index begins with."""
    query = brief.query
    if query is None or not brief.is_slow():
        return None
    text = brief.known.changes.text(
        brief.finding["sha"], query["path"], query["line"], side="after"
    )
    columns = ", ".join(query["columns"])
    return Argument(
        argument=f"{NO_INDEX}: {columns}",
        direction="up",
        path=query["path"],
        line=query["line"],
        text=text or brief.finding["message"],
        where="upstream",
    )


def several(brief: Brief) -> Argument | None:
    """Another pattern, loud by itself, at a related place."""
    hit = brief.companion
    if hit is None:
        return None
    text = brief.known.changes.text(hit["sha"], hit["path"], hit["line"], side=hit["side"])
    return Argument(
        argument=f"{SEVERAL}: {hit['pattern']}",
        direction="up",
        path=hit["path"],
        line=hit["line"],
        text=text or hit["message"],
        where="upstream",
    )


REASONS: tuple[Callable[[Brief], Argument | None], ...] = (
    shim,
    guarded,
    types_only,
    tests_only,
    tests_run_in,
    not_shown,
    bases_unknown,
    package_checked,
    dead,
    reverted,
    cold,
    compatible,
    crash_at_import,
    crash_at_start,
    per_task_instance,
    no_index,
    several,
)
