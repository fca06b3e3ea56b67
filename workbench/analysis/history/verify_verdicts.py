"""What a verdict on a finding is made of: a use of a changed name, and what comes of it."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from workbench.analysis.history.verify_bases import Classes
from workbench.analysis.history.verify_evidence import Changes, Row, Texts, parsed
from workbench.domain.findings import Outcome
from workbench.domain.patterns import HotPath, Pattern

Step = dict[str, object]

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
RANKS = {outcome: at for at, outcome in enumerate(Outcome)}
"""What hurts more comes before what hurts less, what is not shown before what does no harm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One call site of a finding, and the changed name that it uses.

    ``written`` is the name as the site spells it, ``rest`` what the site's target adds to it, with
    its dot; ``inherits`` says that the site only inherits from the class which holds the name.
    """

    finding: Row
    site: Row
    name: str
    written: str
    rest: str = ""
    inherits: bool = False
    at: datetime

    @property
    def full(self) -> str:
        """The upstream name that the site uses, as upstream spells it."""
        return self.name + self.rest

    @property
    def sha(self) -> str:
        """The upstream commit."""
        return str(self.finding["sha"])

    @property
    def kind(self) -> str:
        """What the site does with the name."""
        return str(self.site["kind"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that a verdict may lean on.

    ``overrides`` are (downstream, target) of every override that stands at some time, ``spelled``
    the other spellings of a commit's changed name, ``signatures`` the parameters of (sha, before
    or after, function) where they are known as a whole, ``classes`` what stood there then, as
    :mod:`workbench.analysis.history.verify_bases` has it, ``strings`` by (sha, name, text) how a
    changed name stands in quotes, as :mod:`workbench.analysis.history.string_names` has it, and
    ``hot`` by (sha, name) what runs often, as :mod:`workbench.analysis.history.hot_reach` has it.
    """

    changes: Changes
    texts: Texts
    patterns: Mapping[str, Pattern] = field(default_factory=dict)
    hot_paths: tuple[HotPath, ...] = ()
    overrides: frozenset[tuple[str, str]] = frozenset()
    spelled: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    signatures: Mapping[tuple[str, str, str], tuple[Row, ...]] = field(default_factory=dict)
    classes: Classes = field(default_factory=Classes)
    strings: Mapping[tuple[str, str, str], Row] = field(default_factory=dict)
    hot: Mapping[tuple[str, str], Row] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one use runs into.

    ``relation`` says it in words; ``steps`` are upstream lines between the change and the use;
    ``line`` and ``text`` are the downstream line that notices, where it is not the use's own;
    ``settled`` says that the use fits by whatever pattern it is seen.
    """

    outcome: Outcome
    relation: str
    why_not: str | None = None
    use: Use | None = None
    steps: tuple[Step, ...] = ()
    line: int | None = None
    settled: bool = False

    @property
    def verified(self) -> bool:
        """Whether it was shown."""
        return self.why_not is None

    @property
    def rank(self) -> int:
        """0 for what hurts most."""
        return RANKS[self.outcome]


def upstream_step(row: Row, relation: str, text: str | None) -> Step:
    """A hop on a line upstream."""
    return {
        "path": row["path"],
        "line": row["line"],
        "relation": relation,
        "text": text or "",
        "where": "upstream",
    }


def call_at(use: Use, texts: Texts) -> ast.Call | None:
    """The call that a site stands for: as noted, or from the file when the note is cut."""
    last = str(use.site["target"]).rpartition(".")[2]
    tree = parsed(str(use.site["expression"]))
    if tree is not None and tree.body and isinstance(first := tree.body[0], ast.Expr):
        if isinstance(first.value, ast.Call):
            return first.value
        if isinstance(first.value, ast.Await) and isinstance(first.value.value, ast.Call):
            return first.value.value
    whole = texts.tree(use.site["downstream"], use.site["path"], use.at)
    for node in ast.walk(whole) if whole is not None else ():
        if isinstance(node, ast.Call) and node.lineno == use.site["line"]:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            head = str(use.site["expression"]).partition("(")[0].rpartition(".")[2]
            if (name or getattr(node.func, "id", "")) in (last, head.strip()):
                return node
    return None


def definition_at(use: Use, texts: Texts) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The function that an overriding site defines: from the file, or as noted when whole."""
    noted = parsed(str(use.site["expression"]).rstrip(":") + ": ...")
    if noted is not None and isinstance(head := noted.body[0], FUNCTIONS):
        return head
    tree = texts.tree(use.site["downstream"], use.site["path"], use.at)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, FUNCTIONS) and node.lineno == use.site["line"]:
            return node
    return None


def is_static(use: Use, texts: Texts) -> bool:
    """Whether the function that an overriding site defines is handed no object."""
    tree = texts.tree(use.site["downstream"], use.site["path"], use.at)
    return any(
        isinstance(node, FUNCTIONS)
        and node.lineno == use.site["line"]
        and any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list)
        for node in (ast.walk(tree) if tree is not None else ())
    )


def at_import_time(site: Row) -> bool:
    """Whether a site runs when its module is imported: at module level or in a class body.

    Only functions are known by a name that begins in lower case; a class's own scope is its name.
    """
    if site["kind"] == "subclass":
        return "." not in str(site["scope"]) or _classes(str(site["scope"]).rpartition(".")[0])
    return _classes(str(site["scope"] or ""))


def _classes(scope: str) -> bool:
    return all(part.lstrip("_")[:1].isupper() for part in scope.split(".") if part)
