"""Declared options of YAML text: of one option's block, or of a whole file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yaml import Node

DEFAULT_CHARACTERS = 200
NULL = "tag:yaml.org,2002:null"
FALSE = ("false", "no", "off", "~", "null", "")
DEPRECATING = ("deprecated", "version_deprecated", "deprecation_reason")

# Qualname, line, and the columns of the family `options`.
Row = tuple[str, int, str, str, str, str | None, str | None, bool]
Pairs = list[tuple[str, "Node", int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """Text that is no YAML: line (from 1) and reason."""

    line: int
    reason: str


def declared_options(text: bytes, *, section: str | None) -> list[Row] | Broken:
    """Read the options that a text declares.

    Parameters
    ----------
    text : bytes
        The block of one option, or all sections of a file.
    section : str or None
        The section of the block; null for a whole file.

    Returns
    -------
    list of tuple or Broken
        Rows of the family ``options``, each with its line as an offset from the first one.
    """
    root = _composed(text)
    if isinstance(root, Broken):
        return root
    if section is not None:
        return list(_options(section, root))
    return [
        row
        for name, inside, _ in _named(root)
        for key, options, _ in _keys(inside)
        if key == "options"
        for row in _options(name, options)
    ]


def _composed(text: bytes) -> Node | Broken | None:
    """The tree of nodes, each with its place; values are not built, aliases not spread out."""
    # A fiftieth of a second, wanted only when there are configuration files.
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        node: Node | None = yaml.compose(text.decode() + "\n", Loader=loader)
    except UnicodeDecodeError as error:
        return Broken(line=text.count(b"\n", 0, error.start) + 1, reason="it is not UTF-8")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # What never ends is missed below the last line.
        last = text.rstrip().count(b"\n") + 1
        line = min(mark.line + 1, last) if mark else 1
        return Broken(line=line, reason=f"no YAML: {error.problem}")
    except yaml.reader.ReaderError as error:
        line = text.count(b"\n", 0, error.position) + 1
        return Broken(line=line, reason=f"no YAML: {error.reason}")
    except RecursionError:
        return Broken(line=1, reason="it is nested too deeply to read")
    return node


def _options(section: str, node: Node | None) -> Iterator[Row]:
    for name, inside, line in _named(node):
        said = {key: value for key, value, _ in _keys(inside)}
        deprecated = any((_text(said.get(k)) or "").lower() not in FALSE for k in DEPRECATING)
        # In lower case, as the configuration compares them.
        names = section.lower(), name.lower()
        default = _text(said.get("default"))
        shown = default[:DEFAULT_CHARACTERS] if default is not None else None
        yield "", line, "declared", *names, shown, _text(said.get("type")), deprecated


def _named(node: Node | None) -> Iterator[tuple[str, Node, int]]:
    """Sections or options: those of a mapping by their key, those of a list by their ``name``."""
    from yaml import SequenceNode

    if not isinstance(node, SequenceNode):
        yield from _keys(node)
        return
    for item in node.value:
        names = [_text(value) for key, value, _ in _keys(item) if key == "name"]
        if names and names[0] is not None:
            yield names[0], item, item.start_mark.line


def _keys(node: Node | None) -> Pairs:
    from yaml import MappingNode

    if not isinstance(node, MappingNode):
        return []
    pairs = [(_text(key), value, key.start_mark.line) for key, value in node.value]
    return [(key, value, line) for key, value, line in pairs if key is not None]


def _text(node: Node | None) -> str | None:
    """Text of a scalar without its quotes; null for null; of anything else, that it is that."""
    from yaml import ScalarNode

    if node is None or node.tag == NULL:
        return None
    return str(node.value) if isinstance(node, ScalarNode) else "<no scalar>"
