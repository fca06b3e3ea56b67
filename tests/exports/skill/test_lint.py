"""The skill's lint tells every fault at once, with its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exports.skill.rules_made import rule, source
from workbench.exports.skill.bundle import skill_files
from workbench.exports.skill.lint import skill_problems

GOOD = """\
---
name: keeps-state
description: "Finds lost state. Use when a task starts over. Not for data between tasks."
---

# Keeps state

## When not to use

| To | Use |
| --- | --- |
| hand on | XCom |

See the [row](references/hub-routing.md) and a DAG like `my_dag`.

```python
dag = "a dag in code is nobody's prose"
```
"""
HUB = "| Need | Skill |\n| --- | --- |\n| state | `keeps-state` |\n"
DESCRIPTION = GOOD.splitlines()[2]


def linted(main: str = GOOD, hub: str = HUB, **more: str) -> list[tuple[str, int | None, str]]:
    """Problems of a bundle of two files and more, as file name, line and sentence."""
    files = {"keeps-state/SKILL.md": main, "keeps-state/references/hub-routing.md": hub}
    files |= {f"keeps-state/{name}.md": text for name, text in more.items()}
    return [(p.where.path.rpartition("/")[2], p.line, p.what) for p in skill_problems(files)]


def test_a_good_bundle_has_no_problems() -> None:
    """Code, code words and links are not prose."""
    assert linted() == []


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("name: keeps-state", "name: keeps-states", 2, "not that of the folder"),
        ("name: keeps-state\n", "", 1, "Has no name"),
        (DESCRIPTION, 'description: ""', 1, "Has no description"),
        (DESCRIPTION, f'description: "Finds it. Use when {"x" * 1024} not for y"', 3, "over 1,024"),
        (DESCRIPTION, 'description: "Use when lost. Not for found."', 3, "what it does comes"),
        (DESCRIPTION, 'description: "Finds it. Not for lost."', 3, "does not say 'Use when'"),
        (DESCRIPTION, 'description: "Finds it. Use when lost."', 3, "what it is not for"),
        (
            DESCRIPTION,
            'description: "Finds your state. Use when lost. Not for data."',
            3,
            "third person: 'your'",
        ),
        (
            DESCRIPTION,
            'description: "Finds <b>. Use when lost. Not for data."',
            3,
            "angle brackets",
        ),
        ("---\n\n# Keeps", f"compatibility: {'x' * 501}\n---\n\n# Keeps", 4, "over 500"),
        ("---\n\n# Keeps", "author: me\n---\n\n# Keeps", 4, "no field 'author'"),
        ("---\nname", "name", 1, "Has no frontmatter"),
        ("## When not to use", "## Limits", 5, "no section 'When not to use'"),
        ("| hand on | XCom |\n", "", 8, "has no table"),
        ("# Keeps state", "# Step 1: keep state", 6, "has to be a section"),
        ("a DAG like", "a Dag like", 14, "Says 'Dag'"),
        ("a DAG like", "a {store} like", 14, "the field {store}"),
        ("a DAG like", "dags like", 14, "Says 'dags'"),
        ("references/hub-routing.md)", "references/hub.md)", 14, "not in the bundle"),
        ("```python", "\n" * 490 + "```python", 504, "under 500"),
    ],
)
def test_one_fault(old: str, new: str, line: int, said: str) -> None:
    """Each broken rule is told once, at its line."""
    assert old in GOOD
    told = [(at, what) for _, at, what in linted(GOOD.replace(old, new, 1)) if said in what]
    assert [at for at, _ in told] == [line]


def test_every_fault_is_told_at_once() -> None:
    """A bundle with many faults gives all of them in one answer."""
    bad = GOOD.replace("keeps-state", "Keeps State", 1).replace("Use when", "for when")
    bad = bad.replace("When not to use", "Step 2").replace("a DAG", "a dag")
    whats = " ".join(what for _, _, what in linted(bad))
    for said in ("lower case", "not that of the folder", "Use when", "When not", "Step", "'dag'"):
        assert said in whats or said == "Step"
    assert "has to be a section" in whats


def test_a_page_that_nobody_finds_is_a_fault() -> None:
    """Each page is linked, and the hub's row leads to this skill."""
    assert ("lost.md", 1, "SKILL.md does not link to this file, so nobody finds it.") in linted(
        lost="# Lost\n"
    )
    told = linted(hub="| Need | Skill |\n| --- | --- |\n| state | `another` |\n")
    assert ["no row that leads to `keeps-state`" in what for *_, what in told] == [True]


@pytest.mark.parametrize("files", [{}, {"a/SKILL.md": "", "b/SKILL.md": ""}, {"SKILL.md": GOOD}])
def test_a_bundle_is_one_folder_with_one_main_page(files: dict[str, str]) -> None:
    """Anything else is refused before anything is read."""
    (found,) = skill_problems(files)
    assert "one SKILL.md in one folder" in found.what


def test_what_is_left_out_is_told(tmp_path: Path) -> None:
    """A rule, a call and a key that the bundle does not tell of are each named."""
    made = source(tmp_path)
    pages = {name: data.decode() for name, data in skill_files(made).items()}
    assert skill_problems(pages, rules=made.rules, reference=made.reference) == ()
    rules = (*made.rules, rule(7, tmp_path / "S7"))
    api = "airflow-state-store/references/api.md"
    pages[api] = pages[api].replace("asset_state_store[ASSET].aget(", "aget(")
    settings_page = "airflow-state-store/references/configuration.md"
    pages[settings_page] = pages[settings_page].replace("`65535`", "`65536`")
    told = [p.what for p in skill_problems(pages, rules=rules, reference=made.reference)]
    assert told == [
        "Does not tell of rule WBS007.",
        "Does not tell of [state_store] max_value_storage_bytes with its default.",
        "Does not tell of asset_state_store[ASSET].aget(key, default=None).",
    ]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=400) | st.text('-:"` \n#|[]()name', max_size=400))
def test_any_text_is_judged(text: str) -> None:
    """No text makes the lint fail, and every line that it names exists."""
    for main in (text, f"---\n{text}\n---\n", GOOD + text):
        for _, line, _ in linted(main):
            assert line is not None
            assert 1 <= line <= main.count("\n") + 2
