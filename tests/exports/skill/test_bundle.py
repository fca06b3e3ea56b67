"""The skill tells of every rule, call and key, is valid for others, and is always the same."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from skills_ref import read_properties, validate

from tests.exports.skill.rules_made import FIXED, FOUND, PATTERNS, rule, source
from workbench.domain.dag_rules import RuleExample
from workbench.errors import ExportError, UnknownNameError
from workbench.exports.documents import write_bytes
from workbench.exports.export import export
from workbench.exports.skill.bundle import SkillSource, skill_files
from workbench.exports.skill.markdown import generally
from workbench.exports.skill.words import DESCRIPTION, EXAMPLES, FIELDS, NAME
from workbench.knowledge.dag_rules import dag_rules
from workbench.knowledge.state_store_reference import read_reference

FILES = [
    f"{NAME}/SKILL.md",
    f"{NAME}/references/api.md",
    f"{NAME}/references/behaviour.md",
    f"{NAME}/references/configuration.md",
    f"{NAME}/references/hub-routing.md",
    f"{NAME}/references/rules.md",
]


@pytest.fixture
def made(tmp_path: Path) -> SkillSource:
    return source(tmp_path / "rules")


def text(files: dict[str, bytes], name: str) -> str:
    """One file of a bundle as text."""
    return files[f"{NAME}/{name}"].decode()


def test_the_formats_own_validator_finds_nothing(made: SkillSource, tmp_path: Path) -> None:
    """The reference validator of the format accepts the folder and reads our description."""
    for name, data in skill_files(made).items():
        write_bytes(data, tmp_path / name)
    assert validate(tmp_path / NAME) == []
    assert read_properties(tmp_path / NAME).description == DESCRIPTION


def test_the_shipped_rules_make_a_valid_skill(tmp_path: Path) -> None:
    """Nine rules, told without the fields of a finding, with code that parses."""
    shipped = SkillSource(rules=dag_rules(PATTERNS), reference=read_reference(PATTERNS))
    files = skill_files(shipped)
    for name, data in files.items():
        write_bytes(data, tmp_path / name)
    assert validate(tmp_path / NAME) == []
    main, rules = text(files, "SKILL.md"), text(files, "references/rules.md")
    assert [f"WBS00{n}" in main for n in range(1, 10)] == [True] * 9
    assert main.count("\n") < 300
    blocks = rules.split("```python\n")[1:]
    assert len(blocks) >= 9
    for block in blocks:
        ast.parse(block.partition("```")[0])


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("The pull on line {read} gives None.", "The pull gives None."),
        ("{store} does not exist.", "The state store does not exist."),
        (
            "Kept in {kept} '{key}' (written on line {write}).",
            "Kept in a Variable or XCom the key.",
        ),
        ("Pulls it (line {read}) and pushes (line {write}).", "Pulls it and pushes."),
        ("Nothing to fill.", "Nothing to fill."),
    ],
)
def test_a_sentence_about_one_finding_becomes_one_about_all(said: str, told: str) -> None:
    """Lines go, fields become words."""
    assert generally(said, FIELDS) == told


def test_the_main_page_comes_last_and_stays_short(made: SkillSource) -> None:
    """A reader who finds SKILL.md finds its pages; the body is under 500 lines."""
    files = skill_files(made)
    assert sorted(files) == FILES
    assert list(files)[-1] == FILES[0]
    assert text(files, "SKILL.md").count("\n") < 250
    assert len(DESCRIPTION) <= 1024


def test_the_same_rules_give_the_same_bytes(made: SkillSource) -> None:
    """The order in which rules arrive leaves no trace."""
    turned = replace(made, rules=tuple(reversed(made.rules)))
    assert skill_files(made) == skill_files(turned)


def test_every_rule_is_told_with_code_of_both_kinds(made: SkillSource) -> None:
    """What breaks, the fix from 3.3 on, the fix before, and the code before and after."""
    files = skill_files(made)
    main, rules = text(files, "SKILL.md"), text(files, "references/rules.md")
    for one in made.rules:
        assert one.why in main
        assert one.below in main
        assert f"## {one.code}: {one.title}" in rules
    assert rules.count(FOUND.strip()) == rules.count(FIXED.strip()) == 2
    assert "Handing a result \\| to another task." in main
    assert "{task}" not in main + rules


def test_every_key_stands_with_default_and_variable(made: SkillSource) -> None:
    """The row of a key has its default, its type and the variable that wins."""
    lines = text(skill_files(made), "references/configuration.md").splitlines()
    (row,) = (x for x in lines if x.startswith("| `max_value_storage_bytes` | integer"))
    assert "| `65535` |" in row
    assert "AIRFLOW__STATE_STORE__MAX_VALUE_STORAGE_BYTES" in row
    (row,) = (x for x in lines if x.startswith("| `[workers] state_store_backend` | class-path"))
    assert "| empty |" in row


def test_what_differs_is_told_with_its_source(made: SkillSource) -> None:
    """clear() takes no argument, and the file that says so is named."""
    api = text(skill_files(made), "references/api.md")
    assert "| `task_state_store.clear()` |" in api
    assert "all_map_indices belongs to the backends" in api
    assert "apache-airflow-task-sdk: `airflow/sdk/execution_time/context.py`" in api


def test_the_examples_compile() -> None:
    """Code that others copy is code."""
    for _, code, _ in EXAMPLES:
        ast.parse(code)


def test_a_fence_inside_an_example_does_not_end_it(made: SkillSource, tmp_path: Path) -> None:
    """Code that holds a fence is fenced with a longer one."""
    (tmp_path / "rules" / "S1" / "examples" / "hit.py").write_text('x = """\n```\n"""\n')
    lines = text(skill_files(made), "references/rules.md").splitlines()
    assert lines.count("````python") == lines.count("````") == 1


def test_a_secret_in_an_example_is_taken_out(made: SkillSource, tmp_path: Path) -> None:
    """What looks like a secret is not handed on."""
    hit = tmp_path / "rules" / "S1" / "examples" / "hit.py"
    hit.write_text('URL = "postgresql://airflow:hunter2@db/airflow"\n')
    assert "hunter2" not in text(skill_files(made), "references/rules.md")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"title": "A Dag that forgets"}, "the one spelling is 'DAG'"),
        ({"why": "Your dags start over."}, "the one spelling is 'DAG'"),
        ({"advice": "Keep {thing} elsewhere."}, "the field {thing}"),
        ({"examples": (RuleExample(file="no.py", why="gone", lines=(1,)),)}, "cannot be read"),
        ({"examples": (RuleExample(file="bytes.py", why="x", lines=(1,)),)}, "cannot be read"),
    ],
)
def test_a_fault_leaves_no_file(
    made: SkillSource, tmp_path: Path, changed: dict[str, object], said: str
) -> None:
    """One bad rule among good ones stops the whole export, and the message names it."""
    bad = rule(3, tmp_path / "S3", **changed)
    (tmp_path / "S3" / "examples" / "bytes.py").write_bytes(b"\xff\xfe")
    with pytest.raises(ExportError, match=said):
        export(
            patterns=[],
            findings=[],
            to=tmp_path / "out",
            skill=replace(made, rules=(*made.rules, bad)),
        )
    assert not (tmp_path / "out").exists()


def test_all_faults_come_at_once(made: SkillSource, tmp_path: Path) -> None:
    """Two bad rules are two faults in one answer."""
    bad = [rule(n, tmp_path / f"S{n}", title=f"A Dag {n}") for n in (3, 4)]
    with pytest.raises(ExportError, match=r"faulty \(4\)"):
        skill_files(replace(made, rules=(*made.rules, *bad)))


def test_without_rules_there_is_no_skill(made: SkillSource) -> None:
    """A skill with empty tables would teach nothing."""
    with pytest.raises(ExportError, match="no DAG rules"):
        skill_files(replace(made, rules=()))


def test_export_writes_the_skill_beside_the_others(made: SkillSource, tmp_path: Path) -> None:
    """Without formats the skill is one of them; named alone it is the only one."""
    every = export(patterns=[], findings=[], to=tmp_path / "all", skill=made)
    names = [f.relative_to(tmp_path / "all").as_posix() for f in every.files]
    assert names == [*FILES, "findings.json", "findings.sarif", "patterns.json"]
    assert [(x.format, x.what, x.count) for x in every.losses] == [
        ("skill", "examples of DAG rules", 2)
    ]
    only = export(patterns=[], findings=[], to=tmp_path / "one", skill=made, formats=["skill"])
    assert [f.relative_to(tmp_path / "one").as_posix() for f in only.files] == FILES


def test_a_skill_needs_its_rules(tmp_path: Path) -> None:
    """Asked for by name without rules it is refused; an unknown format names it among the rest."""
    with pytest.raises(ExportError, match="DAG rules"):
        export(patterns=[], findings=[], to=tmp_path / "out", formats=["skill"])
    with pytest.raises(UnknownNameError, match="skill"):
        export(patterns=[], findings=[], to=tmp_path / "out", formats=["skills"])
    assert not (tmp_path / "out").exists()
