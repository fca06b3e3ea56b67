"""What one configured value means, read as Airflow reads it, or why Airflow would refuse it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from workbench.domain.history import Severity
from workbench.domain.state_store import Setting, ValueType

CLASS_PATH = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
TRUE, FALSE = frozenset({"t", "true", "1"}), frozenset({"f", "false", "0"})
SHOWN = 60
NEGATIVE = {
    "default_retention_days": (
        Severity.HIGH,
        "every write of the task store without a retention of its own fails",
    ),
    "state_cleanup_batch_size": (Severity.LOW, "it is taken as 0: all rows in one statement"),
    "max_value_storage_bytes": (Severity.LOW, "it is taken as 0: no limit"),
}
TOO_MUCH = (Severity.HIGH, "the day of expiry lies beyond the last year that a date can have")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A value as Airflow takes it; ``what`` is empty when there is nothing wrong with it."""

    value: int | bool | str | None
    rule: str = ""
    severity: Severity = Severity.HIGH
    what: str = ""


def read_value(setting: Setting, text: str) -> Reading:
    """Read the text of a setting with the type that the setting has."""
    match setting.type:
        case ValueType.INTEGER:
            return _integer(setting, text)
        case ValueType.BOOLEAN:
            return _boolean(setting, text)
        case ValueType.CLASS_PATH:
            return _class_path(setting, text)
        case ValueType.TEXT:
            return Reading(value=text)


def _integer(setting: Setting, text: str) -> Reading:
    try:
        value = _whole(text)
    except (ValueError, OverflowError):
        about = " A comment needs a line of its own." if "#" in text or ";" in text else ""
        what = f"{shown(text)} is no whole number; Airflow fails where it reads this key.{about}"
        return Reading(value=None, rule="wrong-type", what=what)
    if setting.least is not None and value < setting.least:
        fallen = Severity.MEDIUM, "no wait is shorter than nothing"
        severity, then = NEGATIVE.get(setting.key, fallen)
        what = f"{value} is less than {setting.least}: {then}."
        return Reading(value=value, rule="impossible-value", severity=severity, what=what)
    if setting.most is not None and value > setting.most:
        severity, then = TOO_MUCH
        what = f"{shown(text)} is more than {setting.most}: {then}."
        return Reading(value=value, rule="impossible-value", severity=severity, what=what)
    return Reading(value=value)


def _whole(text: str) -> int:
    """Airflow takes 30 and also 30.0 and 3e1; Python itself refuses a number of 5,000 digits."""
    try:
        return int(text)
    except ValueError:
        value = float(text)
        if int(value) != value:
            raise
        return int(value)


def _boolean(setting: Setting, text: str) -> Reading:
    word = text.lower().partition("#")[0].strip()
    if word in TRUE | FALSE:
        return Reading(value=word in TRUE)
    what = f"{shown(text)} is neither True nor False (t, 1, f and 0 are taken, too)"
    then = "the API server fails when a task succeeds" if setting.key == "clear_on_success" else ""
    return Reading(value=None, rule="wrong-type", what=f"{what}{': ' + then if then else ''}.")


def _class_path(setting: Setting, text: str) -> Reading:
    if not text and not setting.default:
        return Reading(value=text)
    if not text:
        what = "Is empty: there is no class to keep state with, so every use of a store fails."
        return Reading(value=None, rule="impossible-value", what=what)
    if not CLASS_PATH.fullmatch(text):
        what = f"{shown(text)} is no dotted path of a class."
        return Reading(value=None, rule="wrong-type", what=what)
    home, _, name = setting.default.rpartition(".")
    if home and text.startswith(f"{home}.") and text != setting.default:
        what = f"Airflow's own module {home} has no class {text.rpartition('.')[2]}; it has {name}."
        return Reading(value=text, rule="impossible-value", what=what)
    return Reading(value=text)


def shown(text: str) -> str:
    """A value as a message shows it: cut where it is long."""
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}...")
