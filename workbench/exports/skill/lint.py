"""What a skill must hold to: the format's limits, and our rules on how it speaks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from workbench.domain.dag_rules import DagRule
from workbench.domain.patterns import Problem
from workbench.domain.state_store import Reference
from workbench.errors import Place

MOST_NAME, MOST_DESCRIPTION, MOST_COMPATIBILITY, MOST_LINES = 64, 1024, 500, 500
ALLOWED = frozenset(
    {"name", "description", "license", "compatibility", "metadata", "allowed-tools"}
)
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
FIELD = re.compile(r"(?P<key>[A-Za-z][\w-]*):(?: (?P<value>.*))?")
NOT_THIRD = re.compile(r"\b(I|you|your|yours|we|our|us|my|me)\b", re.IGNORECASE)
NEGATIVE = re.compile(r"\b(not for|do not use|does not|not when)\b", re.IGNORECASE)
OTHER_DAG = re.compile(r"\b(dags?|Dags?)\b")
FIELD_LEFT = re.compile(r"\{[a-z_]+\}")
STEP = re.compile(r"#{1,6}\s+(step|phase)\s*\d", re.IGNORECASE)
LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
CODE = re.compile(r"`[^`]*`|\]\([^)]*\)")
FENCE = re.compile(r"(`{3,}|~{3,})")

Fault = tuple[str, int, str]


def skill_problems(
    files: Mapping[str, str],
    *,
    rules: Sequence[DagRule] = (),
    reference: Reference | None = None,
) -> tuple[Problem, ...]:
    """Return everything that is wrong with a bundle, each with its file and line.

    Parameters
    ----------
    files : mapping
        Texts by their path, ``<name>/SKILL.md`` among them.
    rules, reference
        What the bundle has to tell of.
    """
    mains = [path for path in files if path.endswith("/SKILL.md") and path.count("/") == 1]
    if len(mains) != 1:
        what = f"A bundle has one SKILL.md in one folder; here are {len(mains)}."
        return (Problem(where=Place(path="SKILL.md"), what=what),)
    (main,) = mains
    folder = main.partition("/")[0]
    found = [
        *_frontmatter(main, files[main], folder),
        *_body(main, files[main]),
        *_pages(main, folder, files),
        *(fault for path, text in sorted(files.items()) for fault in _prose(path, text)),
        *_whole(main, folder, files, rules, reference),
    ]
    return tuple(
        Problem(where=Place(path=path, at=f"line {line}"), what=what, line=line)
        for path, line, what in found
    )


def _frontmatter(path: str, text: str, folder: str) -> Iterator[Fault]:
    fields, end = _fields(text)
    if end == 0:
        yield path, 1, "Has no frontmatter between two lines of three hyphens."
        return
    for key in sorted(set(fields) - ALLOWED):
        yield path, fields[key][0], f"The format has no field {key!r}."
    for key in ("name", "description"):
        if not fields.get(key, (1, ""))[1].strip():
            yield path, 1, f"Has no {key}."
    line, name = fields.get("name", (1, ""))
    if name and (not NAME.fullmatch(name) or len(name) > MOST_NAME):
        yield path, line, f"The name is not lower case words joined by hyphens: {name[:80]!r}."
    if name and name != folder:
        yield path, line, f"The name {name[:80]!r} is not that of the folder, {folder!r}."
    line, compatibility = fields.get("compatibility", (1, ""))
    if len(compatibility) > MOST_COMPATIBILITY:
        yield path, line, f"The compatibility has {len(compatibility)} characters, over 500."
    line, description = fields.get("description", (1, ""))
    if description:
        yield from ((path, line, what) for what in _description(description))


def _fields(text: str) -> tuple[dict[str, tuple[int, str]], int]:
    """Fields of the frontmatter with their lines, and the line that ends it (0: there is none)."""
    lines = text.split("\n")
    if lines[0] != "---" or "---" not in lines[1:]:
        return {}, 0
    end = lines.index("---", 1)
    fields = {}
    for number, line in enumerate(lines[1:end], start=2):
        if match := FIELD.fullmatch(line):
            fields[match["key"]] = number, _scalar(match["value"] or "")
    return fields, end + 1


def _scalar(value: str) -> str:
    if value.startswith('"'):
        try:
            return str(json.loads(value))
        except json.JSONDecodeError:
            return value
    return value


def _description(text: str) -> Iterator[str]:
    if len(text) > MOST_DESCRIPTION:
        yield f"The description has {len(text)} characters, over 1,024."
    start, _, rest = text.partition("Use when")
    if not start.strip():
        yield "The description begins with when to use it; what it does comes first."
    elif not rest:
        yield "The description does not say 'Use when'."
    if word := NOT_THIRD.search(text):
        yield f"The description is not in the third person: {word[0]!r}."
    if not NEGATIVE.search(rest or text):
        yield "The description does not say what it is not for."
    if "<" in text or ">" in text:
        yield "The description holds angle brackets."


def _body(path: str, text: str) -> Iterator[Fault]:
    lines = text.split("\n")
    start = _fields(text)[1]
    count = len(text.rstrip("\n").split("\n")) - start
    if count >= MOST_LINES:
        yield path, start + MOST_LINES, f"The body has {count} lines; it has to stay under 500."
    heads = [at for at, line in enumerate(lines) if line.startswith("## ")]
    not_to_use = [at for at in heads if "when not to use" in lines[at].lower()]
    if not not_to_use:
        yield path, start + 1, "Has no section 'When not to use'."
    for at in not_to_use:
        end = next((h for h in heads if h > at), len(lines))
        if sum(line.startswith("|") for line in lines[at:end]) < 3:
            yield path, at + 1, "The section 'When not to use' has no table."


def _pages(main: str, folder: str, files: Mapping[str, str]) -> Iterator[Fault]:
    linked = set()
    for number, line in enumerate(files[main].split("\n"), start=1):
        for link in LINK.finditer(line):
            target = link["target"]
            if "://" not in target and not target.startswith("#"):
                linked.add(f"{folder}/{target}")
                if f"{folder}/{target}" not in files:
                    yield main, number, f"Links to {target}, which is not in the bundle."
    for path in sorted(set(files) - {main} - linked):
        yield path, 1, "SKILL.md does not link to this file, so nobody finds it."
    hub = files.get(f"{folder}/references/hub-routing.md", "")
    if not any(line.startswith("|") and f"`{folder}`" in line for line in hub.split("\n")):
        yield main, 1, f"references/hub-routing.md has no row that leads to `{folder}`."


def _prose(path: str, text: str) -> Iterator[Fault]:
    """Faults of what people read: code, code words and link targets are left alone."""
    fence = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if mark := FENCE.match(line):
            fence = "" if fence and mark[0].startswith(fence) else fence or mark[0]
            continue
        if fence:
            continue
        if STEP.match(line):
            yield path, number, "Is a step; readers jump in, so it has to be a section."
        said = CODE.sub("", line)
        if word := OTHER_DAG.search(said):
            yield path, number, f"Says {word[0]!r}; the one spelling is 'DAG'."
        if field := FIELD_LEFT.search(said):
            yield path, number, f"Holds the field {field[0]} of a finding where there is none."


def _whole(
    main: str,
    folder: str,
    files: Mapping[str, str],
    rules: Sequence[DagRule],
    reference: Reference | None,
) -> Iterator[Fault]:
    """Say which rule, call or key the bundle does not tell of."""
    for rule in rules:
        if rule.code not in files[main]:
            yield main, 1, f"Does not tell of rule {rule.code}."
    if reference is None:
        return
    configuration = f"{folder}/references/configuration.md"
    told = [line for line in files.get(configuration, "").split("\n") if line.startswith("|")]
    for setting in reference.settings:
        shown = f"`{setting.default}`" if setting.default else "empty"
        if not any(f"`{setting.variable}`" in line and shown in line for line in told):
            yield configuration, 1, f"Does not tell of {setting.name} with its default."
    api = f"{folder}/references/api.md"
    for call in reference.calls:
        if f"`{call.call}{call.signature}`" not in files.get(api, ""):
            yield api, 1, f"Does not tell of {call.call}{call.signature}."
