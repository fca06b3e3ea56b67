"""Fixes: a patch that applies where a machine can write it, upstream's own fix, or advice."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.analysis.histories import changes, commits, deltas, history
from tests.analysis.history.miniatures import Miniature, hit, miniature
from tests.analysis.history.test_impact import HOT, hits, sites
from tests.analysis.patterns import pattern
from workbench.analysis.history.fixes import fixes
from workbench.analysis.history.impact import impact
from workbench.analysis.history.verify import verify
from workbench.domain.histories import History

A, B, USED = "src/pkg/a.py", "src/pkg/b.py", "ours/main.py"
DAG = "src/pkg/models/dag.py"
BODY = "def used(a, b):\n    first = a + b\n    second = first * 2\n    return second - a\n"
KEPT = "\n\ndef kept():\n    return 2\n"
CLASS = "class Box:\n    def open(self, key, depth=1):\n        return key, depth\n"


def fixed(made: Miniature, history: History | None = None) -> dict[str, Any]:
    """The fix of the only finding."""
    told = fixes(made.findings, made.known, history=history or made.history)
    (fix,) = told["fix"].to_list()
    return dict(fix)


def patched(folder: Path, text: str, patch: str) -> str:
    """The downstream's file after ``git apply``."""
    repository = folder / "applied"
    (repository / "ours").mkdir(parents=True)
    (repository / USED).write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=repository, check=True)
    subprocess.run(["git", "apply", "-"], cwd=repository, input=patch.encode(), check=True)
    return (repository / USED).read_text()


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        ("from pkg.a import used\n\nused(1, 2)\n", "from pkg.b import used\n\nused(1, 2)\n"),
        (
            "from pkg.a import used as u\n\nu(1, 2)\n",
            "from pkg.b import used as u\n\nu(1, 2)\n",
        ),
        (
            "from pkg.a import kept, used\n\nused(kept(), 2)\n",
            "from pkg.b import used\nfrom pkg.a import kept\n\nused(kept(), 2)\n",
        ),
        (
            "from pkg.a import kept, used as u\n\nu(kept(), 2)\n",
            "from pkg.b import used as u\nfrom pkg.a import kept\n\nu(kept(), 2)\n",
        ),
    ],
)
@pytest.mark.parametrize("shim", ["from pkg.b import used\n", ""])
def test_an_import_from_where_it_is_now(
    tmp_path: Path, used: str, expected: str, shim: str
) -> None:
    """Whether the old place still works or not; other names stay where they are."""
    made = miniature(
        tmp_path,
        {A: BODY + KEPT, B: ""},
        {A: shim + KEPT, B: BODY},
        {USED: used},
        hit("pkg.a.used"),
    )
    fix = fixed(made)
    assert (fix["kind"], fix["path"]) == ("patch", USED)
    assert fix["text"] == "Import pkg.b.used instead of pkg.a.used."
    assert patched(tmp_path, used, fix["patch"]) == expected


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        ("from pkg.a import used\n\nused(1, 2)\n", "from pkg.a import asked\n\nasked(1, 2)\n"),
        (
            "from pkg.a import used, kept\n\nused(kept, 2)\n",
            "from pkg.a import asked, kept\n\nasked(kept, 2)\n",
        ),
        # Its own name is bound again, or the new one is taken: a person has to look.
        ("from pkg.a import used\n\nused = used(1, 2)\n", None),
        ("from pkg.a import used\n\nasked = used(1, 2)\n", None),
        ("import pkg.a\n\npkg.a.used(1, 2)\n", None),
    ],
)
def test_a_name_that_is_another_one(tmp_path: Path, used: str, expected: str | None) -> None:
    """Its uses are renamed with it, where nothing else goes by either name."""
    after = BODY.replace("used", "asked")
    made = miniature(tmp_path, {A: BODY + KEPT}, {A: after + KEPT}, {USED: used}, hit("pkg.a.used"))
    fix = fixed(made)
    if expected is None:
        assert (fix["kind"], fix["patch"]) == ("advice", None)
        assert "pkg.a.asked" in fix["text"] or used.startswith("import")
    else:
        assert patched(tmp_path, used, fix["patch"]) == expected


@pytest.mark.parametrize(
    ("head", "call", "expected"),
    [
        ("open(self, key, height=1)", "box.open(1, depth=2)", "box.open(1, height=2)"),
        ("open(self, key)", "box.open(1, depth=2)", "box.open(1)"),
        ("open(self, key)", "box.open(depth=2, key=1)", "box.open(key=1)"),
        ("open(self, key)", "(box\n .open(1, depth=2))", "(box\n .open(1))"),
        ("open(self, key)", "box.open(\n    1,\n    depth=2,\n)", "box.open(\n    1,\n)"),
    ],
)
def test_a_keyword_that_is_called_otherwise_or_gone(
    tmp_path: Path, head: str, call: str, expected: str
) -> None:
    """Renamed where a new one takes its place, else left out."""
    used = f"from pkg.a import Box\n\nbox = Box()\n{call}\n"
    after = CLASS.replace("open(self, key, depth=1)", head)
    made = miniature(
        tmp_path,
        {A: CLASS},
        {A: after},
        {USED: used},
        hit("pkg.a.Box.open"),
        patterns=[pattern("")],
    )
    fix = fixed(made)
    assert fix["kind"] == "patch"
    told = patched(tmp_path, used, fix["patch"])
    assert told == used.replace(call, expected)


def test_a_literal_that_reads_otherwise(tmp_path: Path) -> None:
    """Where it is compared with; a text that happens to read the same stays."""
    used = (
        "from pkg.a import Box\n\n\ndef f(x):\n    if x == 'old' or Box.kind:\n"
        "        print('old')\n"
    )
    fact = {"kind": "enum-member", "name": "kind", "slot": ""}
    rows = {
        "change": "changed",
        "module": "pkg.a",
        "qualname": "Box",
        "before": {**fact, "value": "'old'"},
        "after": {**fact, "value": "'new'"},
    }
    made = miniature(
        tmp_path,
        {A: "a = 1\n"},
        {A: "a = 2\n"},
        {USED: used},
        hit("pkg.a.Box.kind"),
        patterns=[pattern("")],
        deltas={"literals_deltas": deltas("literals", rows)},
    )
    told = patched(tmp_path, used, fixed(made)["patch"])
    assert told == used.replace("== 'old'", "== 'new'")


def test_without_the_text_there_is_advice(tmp_path: Path) -> None:
    """It names the new place all the same."""
    made = miniature(
        tmp_path,
        {A: BODY, B: ""},
        {A: "", B: BODY},
        {USED: "from pkg.a import used\n"},
        hit("pkg.a.used"),
        with_text=False,
    )
    fix = fixed(made)
    assert (fix["kind"], fix["text"]) == ("advice", "Import pkg.b.used instead.")
    assert fix["patch"] is None


@pytest.mark.parametrize(
    ("message", "path", "found"),
    [
        ("Fix what broke since #7", DAG, True),
        ("Fix what broke since #7", A, False),
        ("Restore the box\n\nThis repairs the regression introduced in #7.", DAG, True),
        ("Paint the box\n\nAfter #7 there is room for colour.", DAG, False),
        ('Revert "Change the box (#7)" (#9)', A, True),
        ("Mention #7 (#9)", DAG, False),
        ("Fix the box since #8 (#7)", DAG, False),
    ],
)
def test_upstream_repairs_it_itself(message: str, path: str, found: bool) -> None:
    """A later commit that mends the file and says after what, or that takes the change back."""
    said = ["Change the box (#7)", message]
    upstream = history(
        {
            "commits": commits(2, subject=[s.split("\n")[0] for s in said], message=said),
            "file_changes": changes((0, DAG), (1, path)),
        }
    )
    used = sites(("pkg.models.dag.Dag", "call"))
    told, known = verify(impact(hits({}), used), used, patterns=[], history=upstream)
    (row,) = fixes(told, known, history=upstream).to_dicts()
    fix = row["fix"] or {"upstream_sha": None}
    assert (fix["upstream_sha"] is not None) is found
    if found:
        assert fix["kind"] == "upstream"
        assert message.split("\n")[0] in fix["text"]


def test_what_concerns_everyone_has_an_issue_draft() -> None:
    """Place, reason and questions; secrets are taken out, and it is the same each time."""
    upstream = history({"commits": commits(1)})
    asked = pattern("", checklist=("Is there an index?",), title="A guard goes")
    secret = "It sends password=hunter2hunter2 along."
    one = hits({"qualname": "pkg.loop.f", "names": ["pkg.loop.f"], "message": secret})
    found = impact(one, sites(), hot_paths=HOT)
    told, known = verify(found, sites(), patterns=[asked], history=upstream, hot_paths=HOT)
    first, second = (fixes(told, known, history=upstream).to_dicts()[0] for _ in range(2))
    assert first == second
    draft = first["issue_draft"]
    assert draft["title"] == "pkg.loop.f: a guard goes"
    assert "the loop calls it" in draft["body"]
    assert "- Is there an index?" in draft["body"]
    assert "hunter2" not in draft["body"]
