"""Scenarios: a query, the tables it runs on, how they are filled, and the indexes to compare."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from workbench.errors import LabError, Place, UnknownNameError
from workbench.text.suggestions import suggestion

SHIPPED = Path(__file__).parent / "shipped"
NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
ID = re.compile(r"\w[\w .-]{0,99}")
KEY = re.compile(r"(?P<name>[a-z_][a-z0-9_]{0,62})(?P<order> (?:ASC|DESC))?")
PARAMETER = re.compile(r"'(?:[^']|'')*'|::|:(?P<name>[a-z_][a-z0-9_]*)")
VERBS = ("SELECT", "WITH", "DELETE", "UPDATE", "INSERT")
NONE = "none"
MOST_ROWS = 100_000_000

Order = Literal["clustered", "round-robin", "random"]
Type = Literal["uuid", "text", "integer", "bigint", "float", "boolean", "moment"]
Profile = Mapping[str, str] | tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column; ``value`` is SQL over n, k and the numbers of the fill; ``type`` of ours only."""

    name: str
    value: str
    type: Type = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey:
    """A key that names the rows of another table by its primary key."""

    columns: tuple[str, ...]
    references: str
    on_delete: Literal["no action", "cascade", "set null"] = "no action"


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """An index; a column may be followed by DESC."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFill:
    """A table and its rows; tables are filled in the order of the file."""

    name: str
    rows: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    indexes: tuple[Index, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """How many rows, how many of them belong to one key, and in which order they stand."""

    rows: int
    rows_per_key: int
    order: Order = "round-robin"
    skew: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What the lab measures. ``release`` takes the tables of that Airflow in place of ours."""

    id: str
    title: str
    table: str
    query: str
    fill: Fill
    tables: tuple[TableFill, ...]
    indexes: tuple[Index, ...]
    profiles: Mapping[str, Profile]
    main_profile: str = "miss"
    describe: str = ""
    sources: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    release: str | None = None
    path: str = ""
    digest: str = ""

    @property
    def writes(self) -> bool:
        """Whether the query changes rows; what it does is rolled back each time."""
        return self.query.split(None, 1)[0].upper() not in ("SELECT", "WITH")

    @property
    def best(self) -> str:
        """The index that ratios are given for: the one named composite, else the last."""
        names = [index.name for index in self.indexes]
        return "composite" if "composite" in names else names[-1]

    def parameters(self) -> tuple[str, ...]:
        """Names of the query's parameters."""
        found = (match["name"] for match in PARAMETER.finditer(self.query))
        return tuple(dict.fromkeys(name for name in found if name))


def shipped_scenarios() -> tuple[str, ...]:
    """Names of the scenarios that come with the package."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.toml")))


def read_scenario(name: str | Path) -> Scenario:
    """Read a shipped scenario by its name, or one of the user's own by its path.

    Raises
    ------
    UnknownNameError
        There is no such scenario, and no such file.
    LabError
        The file is wrong; every fault that was found is named.
    """
    path = Path(name)
    if not path.suffix:
        path = SHIPPED / f"{name}.toml"
        if str(name) not in shipped_scenarios():
            there = shipped_scenarios()
            what = f"There is no scenario {str(name)!r}. {suggestion(str(name), there)}".rstrip()
            right = f"There are: {', '.join(there)}; or name a file."
            raise UnknownNameError(what, right=right)
    where = Place(path=str(path))
    try:
        raw = path.read_bytes()
        data = tomllib.loads(raw.decode("utf-8"))
    except OSError as error:
        what = f"A scenario cannot be read: {error.strerror}."
        raise LabError(what, where=where) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LabError(f"This is no TOML: {error}.", where=where) from error
    scenario = _structured(data, where)
    problems = _faults(scenario)
    if problems:
        _refuse(problems, where)
    digest = hashlib.sha256(raw).hexdigest()[:12]
    from dataclasses import replace

    query = scenario.query.strip().rstrip(";").strip()
    return replace(scenario, path=str(path), digest=digest, query=query)


def _refuse(problems: list[str], where: Place) -> None:
    what = "\n  ".join([f"{len(problems)} things are wrong in the scenario:", *problems])
    raise LabError(what, where=where)


def _structured(data: dict[str, Any], where: Place) -> Scenario:
    from cattrs import Converter, transform_error

    converter = Converter(forbid_extra_keys=True)
    converter.register_structure_hook_func(lambda kind: kind == Profile, _profile)
    for plain in (str, int, float):
        converter.register_structure_hook(plain, _exactly)
    try:
        return converter.structure(data, Scenario)
    except Exception as error:  # cattrs groups all it found
        _refuse([str(text) for text in transform_error(error, path="scenario")], where)
        raise


def _exactly(value: Any, kind: type) -> Any:
    """Take a value of just this kind: a text is no number, and a truth value is neither."""
    fits = isinstance(value, kind) or (kind is float and isinstance(value, int))
    if not fits or isinstance(value, bool):
        what = f"{value!r} is no {kind.__name__}"
        raise ValueError(what)
    return kind(value)


def _profile(value: Any, _: object) -> Profile:
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return tuple(value)
    if isinstance(value, dict) and all(isinstance(each, str) for each in value.values()):
        return dict(value)
    what = f"{value!r} is neither parameters nor a list of profiles"
    raise ValueError(what)


def _faults(scenario: Scenario) -> list[str]:
    """What is wrong with a scenario whose shape is right."""
    wrong = [*_names(scenario), *_numbers(scenario.fill), *_query(scenario)]
    if not ID.fullmatch(scenario.id):
        wrong.append(f"id {scenario.id!r} is no name: letters, digits, dots, hyphens, spaces")
    tables = [table.name for table in scenario.tables]
    if scenario.table not in tables:
        wrong.append(f"table {scenario.table!r} is none of the tables: {', '.join(tables)}")
    if not scenario.indexes:
        wrong.append("indexes: there is nothing to compare with")
    if any(index.name == NONE for index in scenario.indexes):
        wrong.append(f"indexes: {NONE!r} is the name of having none of them")
    return wrong


def _names(scenario: Scenario) -> list[str]:
    """Names that are written into statements are plain ones."""
    names = [scenario.table]
    keys: list[str] = []
    for table in scenario.tables:
        names += [table.name, *(column.name for column in table.columns), *table.primary_key]
        names += [name for key in table.foreign_keys for name in (*key.columns, key.references)]
        keys += [column for index in table.indexes for column in index.columns]
        names += [index.name for index in table.indexes]
    for index in scenario.indexes:
        names.append(index.name)
        keys += index.columns
    names += list(scenario.settings)
    wrong = [name for name in names if not NAME.fullmatch(name)]
    wrong += [key for key in keys if not KEY.fullmatch(key)]
    return [f"{name!r} is no plain name in lower case" for name in dict.fromkeys(wrong)]


def _numbers(fill: Fill) -> list[str]:
    wrong = []
    if not 1 <= fill.rows <= MOST_ROWS:
        wrong.append(f"fill.rows is {fill.rows}; it is 1 to {MOST_ROWS:,}")
    if fill.rows_per_key < 1:
        wrong.append(f"fill.rows_per_key is {fill.rows_per_key}; it is 1 or more")
    if not 1.0 <= fill.skew <= 100.0:
        wrong.append(f"fill.skew is {fill.skew}; it is 1 to 100")
    return wrong


def _query(scenario: Scenario) -> list[str]:
    text = scenario.query.strip().rstrip(";")
    wrong = []
    if text.split(None, 1)[:1] == [] or text.split(None, 1)[0].upper() not in VERBS:
        wrong.append(f"query begins with none of {', '.join(VERBS)}")
    if ";" in PARAMETER.sub("", text):
        wrong.append("query is more than one statement")
    names = set(scenario.parameters())
    for name, profile in scenario.profiles.items():
        if isinstance(profile, tuple):
            unknown = [
                one for one in profile if isinstance(scenario.profiles.get(one), tuple | None)
            ]
            wrong += [f"profiles.{name}: {one!r} is no plain profile" for one in unknown]
        elif set(profile) != names:
            wrong.append(f"profiles.{name} has not the query's parameters: {', '.join(names)}")
    if scenario.main_profile not in scenario.profiles:
        wrong.append(f"main_profile {scenario.main_profile!r} is none of the profiles")
    return wrong
