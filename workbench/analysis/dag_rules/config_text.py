"""The text of an airflow.cfg with the lines of its keys, and what the environment overrides."""

from __future__ import annotations

import configparser
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from workbench.domain.history import Rejection, Severity
from workbench.domain.state_store import ConfigFinding

ENVIRONMENT = "environment"
VARIABLE = re.compile(r"AIRFLOW__(?P<section>[A-Z0-9_]+?)__(?P<key>[A-Z0-9_]+)")
HEADER = re.compile(r"^\[(?P<name>[^\]]+)\]")
NO_DEFAULTS = "\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A value and where it was given: a line of a file, or a variable of the environment."""

    value: str
    path: str
    line: int | None = None
    variable: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigText:
    """Values by section and key as the file gives them, and the lines of its sections."""

    values: Mapping[tuple[str, str], Given] = field(default_factory=dict)
    path: str = ""
    sections: Mapping[str, int] = field(default_factory=dict)
    rejections: tuple[Rejection, ...] = ()


def read_config(text: str, *, path: str) -> ConfigText:
    """Read a configuration the way Airflow does; one that it would refuse is a rejection."""
    # Airflow lets no key stand twice and takes # for a comment only at the start of a line
    parser = configparser.RawConfigParser(strict=True, default_section=NO_DEFAULTS)
    try:
        parser.read_string(text, source=path)
    except configparser.Error as error:
        line, reason = _refusal(error)
        return ConfigText(rejections=(Rejection(path=path, at=f"line {line}", reason=reason),))
    sections, lines = _lines(text)
    values = {
        (name, key): Given(value=value or "", path=path, line=lines.get((name, key)))
        for name in parser.sections()
        for key, value in parser.items(name)
    }
    return ConfigText(values=values, path=path, sections=sections)


def from_environment(variables: Mapping[str, str]) -> dict[tuple[str, str], Given]:
    """Values that variables of the form ``AIRFLOW__SECTION__KEY`` give."""
    found = {}
    for name in sorted(variables):
        if match := VARIABLE.fullmatch(name):
            place = match["section"].lower(), match["key"].lower()
            found[place] = Given(value=variables[name], path=ENVIRONMENT, variable=name)
    return found


def found_at(
    where: Given, rule: str, *, severity: Severity, name: str, message: str, todo: str = ""
) -> ConfigFinding:
    """Make a finding at the place of a value; a variable is named instead of the key."""
    return ConfigFinding(
        rule=rule,
        severity=severity,
        path=where.path,
        line=where.line,
        name=where.variable or name,
        message=message,
        todo=todo,
    )


def _refusal(error: configparser.Error) -> tuple[int, str]:
    match error:
        case configparser.MissingSectionHeaderError():
            return error.lineno, "Stands before the first section."
        case configparser.DuplicateSectionError():
            return error.lineno or 1, f"Section [{error.section}] stands here a second time."
        case configparser.DuplicateOptionError():
            what = f"Key {error.option!r} stands in [{error.section}] a second time."
            return error.lineno or 1, what
        case configparser.ParsingError():
            return min(line for line, _ in error.errors), "Is neither a section nor a key."
        case _:
            return 1, "Is no configuration file."


def _lines(text: str) -> tuple[dict[str, int], dict[tuple[str, str], int]]:
    """First line of each section and key; only for a text that the parser has accepted."""
    sections: dict[str, int] = {}
    keys: dict[tuple[str, str], int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := HEADER.match(line):
            section = header["name"]
            sections.setdefault(section, number)
        elif section and line[:1] not in ("#", ";"):
            # no pattern here: on a line of a million blanks it would look a million times
            ends = [at for at in (line.find("="), line.find(":")) if at >= 0]
            if ends:
                keys.setdefault((section, line[: min(ends)].strip().lower()), number)
    return sections, keys
