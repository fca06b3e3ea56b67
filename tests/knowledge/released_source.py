"""What the code of a released wheel says, held against entries of the reference."""

from __future__ import annotations

import ast
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from workbench.domain.state_store import Evidence, Reference, Release, Setting

DISTRIBUTIONS = {"core": "apache-airflow-core", "sdk": "apache-airflow-task-sdk"}
TYPES = {"text": "string", "class-path": "string", "integer": "integer", "boolean": "boolean"}
CONFIG = "airflow/config_templates/config.yml"

Read = Callable[[str, str], str]
"""Return the text of a file (second) of a wheel (first, ``core`` or ``sdk``)."""


def wheel_reader(release: Release, folder: Path) -> Read:
    """Fetch both wheels of a release and return what reads their files."""
    wheels = {}
    for name, version in (("core", release.core), ("sdk", release.sdk)):
        place = folder / f"{name}-{version}"
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(place)]
        command += ["--only-binary=:all:", f"{DISTRIBUTIONS[name]}=={version}"]
        subprocess.run(command, check=True, capture_output=True)
        wheels[name] = zipfile.ZipFile(next(place.glob("*.whl")))
    return lambda wheel, file: wheels[wheel].read(file).decode("utf-8")


def untrue(reference: Reference, release: Release, read: Read) -> list[str]:
    """Every entry that should hold for a release and does not, or that holds too early."""
    order = [r.core for r in reference.releases]
    out: list[str] = []
    entries: list[tuple[str, Evidence, str | None]] = [
        *((c.id, c.evidence, c.signature or None) for c in reference.calls),
        *((s.id, s.evidence, None) for s in reference.statements),
        *((s.name, s.evidence, None) for s in reference.settings),
    ]
    for name, evidence, signature in entries:
        faults = list(_faults(evidence, signature, read))
        due = order.index(evidence.since) <= order.index(release.core)
        if due:
            out += [f"{name}: {fault}" for fault in faults]
        elif not faults:
            out.append(f"{name}: holds before {evidence.since}")
    return [*out, *_config_faults(reference.settings, read)]


def _faults(evidence: Evidence, signature: str | None, read: Read) -> Iterator[str]:
    node = _symbol(ast.parse(read(evidence.wheel, evidence.file)), evidence.symbol)
    if node is None:
        yield f"{evidence.symbol} is not in {evidence.file}"
        return
    words = set(_words(node))
    yield from (f"does not mention {word!r}" for word in evidence.mentions if word not in words)
    yield from (f"mentions {word!r}" for word in evidence.lacks if word in words)
    if signature is not None and (found := _signature(node)) != signature:
        yield f"its signature is {found}, not {signature}"


def _symbol(tree: ast.Module, dotted: str) -> ast.AST | None:
    node: ast.AST | None = tree
    for name in filter(None, dotted.split(".")):
        body: Sequence[ast.AST] = getattr(node, "body", [])
        node = next((n for n in body if getattr(n, "name", None) == name), None)
    return node


def _words(node: ast.AST) -> Iterator[str]:
    """Identifiers, constants, operators and directly returned calls of a piece of code."""
    documentation = {id(n.body[0].value) for n in ast.walk(node) if _documented(n)}
    for part in ast.walk(node):
        for field in ("id", "attr", "arg", "name", "asname"):
            if isinstance(word := getattr(part, field, None), str):
                yield word
        if isinstance(part, ast.Constant) and id(part) not in documentation:
            yield str(part.value)
        elif isinstance(part, ast.cmpop):
            yield type(part).__name__
        elif isinstance(part, ast.Return) and isinstance(part.value, ast.Call):
            yield f"return {ast.unparse(part.value.func).rpartition('.')[2]}"


def _documented(node: ast.AST) -> bool:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return isinstance(node, kinds) and ast.get_docstring(node) is not None


def _signature(node: ast.AST) -> str:
    """Names and defaults of a function, without its first argument and without types."""
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    arguments = node.args
    for argument in ast.walk(arguments):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    whole = [a.strip() for a in ast.unparse(arguments).split(",")]
    return f"({', '.join(whole[1:])})"


def _config_faults(settings: Iterable[Setting], read: Read) -> Iterator[str]:
    """Differences of type, default and completeness from the released configuration."""
    import yaml

    released = yaml.safe_load(read("core", CONFIG))
    for setting in settings:
        option = released.get(setting.section, {}).get("options", {}).get(setting.key)
        if option is None:
            yield f"{setting.name}: is no option"
            continue
        if option["type"] != TYPES[setting.type]:
            yield f"{setting.name}: its type is {option['type']}"
        if option["default"] != setting.default:
            yield f"{setting.name}: its default is {option['default']!r}"
    told = {s.key for s in settings if s.section == "state_store"}
    for key in sorted(set(released["state_store"]["options"]) - told):
        yield f"[state_store] {key}: is not told of"
