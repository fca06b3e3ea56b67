"""A configuration of the state store is read as Airflow reads it, and its faults have places."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.analysis.dag_rules.config_lint import config_findings
from workbench.analysis.dag_rules.retries import Keeps, RetrySetting
from workbench.domain.dag_rules import AirflowVersion
from workbench.domain.history import Severity
from workbench.knowledge.state_store_reference import read_reference

SETTINGS = read_reference(Path(__file__).parents[3] / "patterns").settings
DAYS = "AIRFLOW__STATE_STORE__DEFAULT_RETENTION_DAYS"
GOOD = """\
[core]
default_task_retries = 3
[state_store]
backend = airflow.state.metastore.MetastoreBackend
default_retention_days = 30
state_cleanup_batch_size = 10000
clear_on_success = False
max_value_storage_bytes = 65535
[workers]
state_store_backend =
"""


def test_a_sound_configuration_has_no_findings() -> None:
    """Airflow's defaults, and sound values of every key, are nothing to talk about."""
    assert config_findings(settings=SETTINGS).findings == ()
    sound = config_findings(GOOD, settings=SETTINGS)
    assert (sound.findings, sound.rejections) == ((), ())
    assert sound.values["[state_store] default_retention_days"] == 30
    assert sound.values["[state_store] clear_on_success"] is False


@pytest.mark.parametrize(
    ("line", "rule", "severity", "said"),
    [
        ("default_retention_days = thirty", "wrong-type", "HIGH", "no whole number"),
        ("default_retention_days = 30 # days", "wrong-type", "HIGH", "a line of its own"),
        ("default_retention_days = 7.5", "wrong-type", "HIGH", "'7.5'"),
        ("default_retention_days = inf", "wrong-type", "HIGH", "'inf'"),
        ("default_retention_days =", "wrong-type", "HIGH", "''"),
        ("default_retention_days = -1", "impossible-value", "HIGH", "fails"),
        ("default_retention_days = 4000000", "impossible-value", "HIGH", "last year"),
        ("state_cleanup_batch_size = -5", "impossible-value", "LOW", "taken as 0"),
        ("max_value_storage_bytes = 64KB", "wrong-type", "HIGH", "'64KB'"),
        ("clear_on_success = yes", "wrong-type", "HIGH", "when a task succeeds"),
        ("clear_on_success = on", "wrong-type", "HIGH", "neither True nor False"),
        ("clear_on_success = True", "clears-on-success", "LOW", "submits its external job again"),
        ("clear_on_success = t # why", "clears-on-success", "LOW", "NEVER_EXPIRE"),
        ("default_retention_days = 0", "keeps-forever", "LOW", "never expire"),
        ("backend =", "impossible-value", "HIGH", "every use of a store fails"),
        ("backend = metastore", "wrong-type", "HIGH", "no dotted path"),
        (
            "backend = airflow.state.metastore.MetastoreStateStoreBackend",
            "impossible-value",
            "HIGH",
            "it has MetastoreBackend",
        ),
        ("backend = ours.state.Redis", "cleanup-skips-backend", "LOW", "does nothing"),
        ("retention_days = 30", "unknown-key", "MEDIUM", "Did you mean 'default_retention_days'?"),
        ("state_store_backend = a.B", "unknown-key", "MEDIUM", "belongs into [workers]"),
        ("backend_cmd = cat x", "unknown-key", "MEDIUM", "marked as secret"),
        ("zzz = 1", "unknown-key", "MEDIUM", "Known: backend, clear_on_success"),
    ],
)
def test_one_line(line: str, rule: str, severity: str, said: str) -> None:
    """Each faulty or surprising line gives one finding at its line with what to do."""
    lint = config_findings(f"[state_store]\n# words\n{line}\n", settings=SETTINGS, path="a.cfg")
    (found,) = lint.findings
    assert (found.rule, found.severity, found.path, found.line) == (rule, severity, "a.cfg", 3)
    assert said in f"{found.message} {found.todo}"


@pytest.mark.parametrize(
    "line",
    [
        "default_retention_days = 30.0",
        "default_retention_days = 3e1",
        "default_retention_days: 7",
        "DEFAULT_RETENTION_DAYS = 7",
        "clear_on_success = f",
        "clear_on_success = 0",
        "max_value_storage_bytes = 0",
    ],
)
def test_values_that_airflow_takes(line: str) -> None:
    """What Airflow reads without a complaint is no finding."""
    assert config_findings(f"[state_store]\n{line}\n", settings=SETTINGS).findings == ()


@pytest.mark.parametrize(
    ("text", "line", "name"),
    [
        ("[statestore]\nx = 1\n", 1, "[statestore]"),
        ("[core]\n\n[task_state_store]\nx = 1\n", 3, "[task_state_store]"),
        ("[state-store]\n", 1, "[state-store]"),
        ("[workers]\nstate_backend = a.B\n", 2, "[workers] state_backend"),
        ("[workers]\nstate_store_backends = a.B\n", 2, "[workers] state_store_backends"),
        ("[core]\nstate_store_backend = a.B\n", None, None),
        ("[stats]\nstatsd_on = True\n", None, None),
    ],
)
def test_names_that_only_look_right(text: str, line: int | None, name: str | None) -> None:
    """A misspelt section or worker key is told; sections of others are left alone."""
    found = config_findings(text, settings=SETTINGS).findings
    assert [(f.line, f.name) for f in found] == ([(line, name)] if name else [])


@pytest.mark.parametrize(
    ("variable", "value", "rule"),
    [
        (DAYS, "a week", "wrong-type"),
        ("AIRFLOW__STATE_STORE__RETENTION_DAYS", "7", "unknown-key"),
        ("AIRFLOW_STATE_STORE__CLEAR_ON_SUCCESS", "True", "unknown-section"),
        ("AIRFLOW__STATE_STORE_CLEAR_ON_SUCCESS", "True", "unknown-section"),
        ("AIRFLOW__STATESTORE__BACKEND", "a.B", "unknown-section"),
        ("AIRFLOW__WORKERS__STATE_STORE_BACKEND", "S3", "wrong-type"),
        ("AIRFLOW__CORE__DEFAULT_TASK_RETRIES", "-1", "impossible-value"),
        ("AIRFLOW__STATE_STORE__BACKEND", "airflow.state.metastore.MetastoreBackend", None),
        ("STATE_STORE_HOME", "/x", None),
        ("AIRFLOW_HOME", "/x", None),
    ],
)
def test_variables_of_the_environment(variable: str, value: str, rule: str | None) -> None:
    """Variables are read like lines of the file and named in the finding."""
    found = config_findings(settings=SETTINGS, environment={variable: value}).findings
    assert [(f.rule, f.name, f.path, f.line) for f in found] == (
        [(rule, variable, "environment", None)] if rule else []
    )


def test_the_environment_wins_and_that_is_told() -> None:
    """A line that a variable overrides is named, and only the variable's value is judged."""
    text = "[state_store]\ndefault_retention_days = junk\n"
    lint = config_findings(text, settings=SETTINGS, environment={DAYS: "3"})
    assert lint.values["[state_store] default_retention_days"] == 3
    assert [(f.rule, f.line) for f in lint.findings] == [("overridden", 2)]
    same = config_findings(GOOD, settings=SETTINGS, environment={DAYS: "30"})
    assert same.findings == ()


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("x = 1\n[core]\n", "line 1"),
        ("[core]\nx = 1\n[core]\n", "line 3"),
        ("[state_store]\nbackend = a.B\n\nbackend = a.C\n", "line 4"),
        ("[core]\nno key here\n", "line 2"),
        ("\ufeff[core]\n", "line 1"),
        ("\x00\x01", "line 1"),
    ],
)
def test_what_airflow_could_not_read_is_a_rejection(text: str, at: str) -> None:
    """The place is the line that Airflow stumbles over; nothing is guessed from the rest."""
    lint = config_findings(text, settings=SETTINGS, path="a.cfg")
    assert [(r.path, r.at) for r in lint.rejections] == [("a.cfg", at)]
    assert lint.findings == ()


def test_before_3_3_nothing_is_recommended() -> None:
    """Below 3.3 the only thing to say is that nobody reads these keys."""
    airflow = AirflowVersion(text="3.2.1", has_store=False, source="flag")
    lint = config_findings(
        "[state_store]\nclear_on_success = yes\n[workers]\nstate_store_backend = x\n",
        settings=SETTINGS,
        airflow=airflow,
        retries=[waiting(delay_seconds=90 * 86400.0)],
    )
    assert [(f.rule, f.line) for f in lint.findings] == [("not-read", 2), ("not-read", 4)]
    assert "3.2.1" in lint.findings[0].message


def waiting(**fields: object) -> RetrySetting:
    """Retries of one task that calls the task store; keywords replace its fields."""
    given = {"path": "d.py", "line": 4, "task": "load", "keeps": Keeps.STORE, "retries": 2}
    return RetrySetting(**(given | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("days", "one", "severity", "said"),
    [
        (
            "1",
            {"delay_seconds": 2 * 86400.0},
            Severity.HIGH,
            "Waits 2 days before a retry, while its state is kept for 1 day,",
        ),
        ("1", {"delay_seconds": 50000.0}, Severity.MEDIUM, "over all retries"),
        (
            "1",
            {"delay_seconds": 50000.0, "keeps": Keeps.MIXIN},
            Severity.HIGH,
            "submits a second one",
        ),
        (
            "1",
            {"delay_seconds": 100000.0, "keeps": Keeps.UNKNOWN},
            Severity.LOW,
            "if it resumes an external job",
        ),
        ("1", {"delay_seconds": 86400.0, "retries": 1}, None, ""),
        ("0", {"delay_seconds": 1e9}, None, ""),
        ("30", {"delay_seconds": 300.0}, None, ""),
        ("1", {"delay_seconds": 1e9, "retries": 0}, None, ""),
        ("30", {"delay_seconds": 7200.0, "retention_seconds": 3600.0}, Severity.HIGH, "1 hour,"),
        ("1", {"delay_seconds": 1e9, "retention_seconds": float("inf")}, None, ""),
        ("1", {"delay_seconds": 60.0, "multiplier": 2.0, "retries": 20}, Severity.MEDIUM, "days"),
        ("2", {"delay_seconds": 1e6, "multiplier": 2.0, "retries": 1}, None, ""),
        (
            "1",
            {"delay_seconds": 1.0, "multiplier": 9.0, "retries": 10**12},
            Severity.MEDIUM,
            "days",
        ),
    ],
)
def test_retries_that_outlive_what_they_need(
    days: str, one: dict[str, object], severity: Severity | None, said: str
) -> None:
    """A wait beyond the retention is a risk of doing the work twice; the cap of growth counts."""
    text = f"[state_store]\ndefault_retention_days = {days}\n"
    lint = config_findings(text, settings=SETTINGS, retries=[waiting(**one)])
    found = [f for f in lint.findings if f.rule == "retry-outlives-retention"]
    assert [(f.severity, f.path, f.line, f.name) for f in found] == (
        [(severity, "d.py", 4, "load")] if severity else []
    )
    assert all(said in f.message and "state-store clean" in f.message for f in found)


def test_what_the_file_leaves_open_comes_from_the_configuration() -> None:
    """Retries and delay of [core] are used where the DAG file says nothing."""
    text = "[core]\ndefault_task_retries = 2\ndefault_task_retry_delay = 200000\n"
    text += "[state_store]\ndefault_retention_days = 1\n"
    open_one = waiting(retries=None)
    found = config_findings(text, settings=SETTINGS, retries=[open_one]).findings
    assert [f.rule for f in found] == ["retry-outlives-retention"]
    assert config_findings(settings=SETTINGS, retries=[open_one]).findings == ()


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300) | st.text("[]=:#;\n \tstate_store", max_size=300))
def test_any_text_is_read_or_refused_with_a_line(text: str) -> None:
    """No text makes the lint fail, and every place lies inside the text."""
    for whole in (text, f"[state_store]\n{text}"):
        lint = config_findings(whole, settings=SETTINGS)
        most = whole.count("\n") + len(whole.splitlines()) + 1
        for place in lint.rejections:
            assert 1 <= int(place.at.removeprefix("line ")) <= most
        assert lint == config_findings(whole, settings=SETTINGS)


def test_a_huge_file_is_read_in_time() -> None:
    """Long lines and long names cost no more than their length."""
    text = f"[state_store]\n{'x' * 1_000_000} = 1\n{' ' * 10}clear_on_success{' ' * 1_000_000}= f\n"
    text += f"[{'s' * 1_000_000}]\nvalue = {'9' * 1_000_000}\n"
    assert [f.rule for f in config_findings(text, settings=SETTINGS).findings] == ["unknown-key"]
    number = f"[state_store]\ndefault_retention_days = {'9' * 100_000}\n"
    (found,) = config_findings(number, settings=SETTINGS).findings
    assert (found.rule, len(found.message) < 300) == ("wrong-type", True)
