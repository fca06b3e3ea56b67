"""What one SQLAlchemy statement consists of, gathered method by method."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from workbench.sources.python_facts.syntax import Segment
from workbench.sources.python_facts.visitors.query_roots import Link, Names, chain_of, selects_in

TEXT_KEPT = 600  # characters
STRATEGIES = frozenset(
    {"joinedload", "selectinload", "subqueryload", "contains_eager", "immediateload"}
)
FILTERS = frozenset({"where", "filter", "having"})
JOINS = frozenset({"join", "outerjoin", "join_from", "outerjoin_from"})
ENTITIES = frozenset(
    {"select_from", "add_columns", "with_only_columns", "add_entity", "with_entities"}
)
WRITES = frozenset({"update", "delete", "insert"})
LIMITS = frozenset(
    {"limit", "first", "one", "one_or_none", "scalar_one", "scalar_one_or_none", "get", "slice"}
)

Row = tuple[object, ...]


@dataclass(slots=True, eq=False, kw_only=True)
class Query:
    """A statement as far as it has been read."""

    kind: str
    qualname: str
    line: int
    loops: int
    conditional: bool
    text: str = ""
    tables: dict[str, None] = field(default_factory=dict)
    filters: set[str] = field(default_factory=set)
    terms: list[str] = field(default_factory=list)
    ordered_by: list[str] = field(default_factory=list)
    joins: list[str] = field(default_factory=list)
    eager: dict[str, str] = field(default_factory=dict)
    """Strategy and relationship as told, with the relationship's own name."""
    above: dict[str, str] = field(default_factory=dict)
    """Relationship that is loaded through another one, with that one."""
    uses: set[tuple[str, str]] = field(default_factory=set)
    executed: bool = False
    escaped: bool = False
    """It, or what it gave, is handed to other code."""
    limited: bool = False
    locked: bool = False

    @property
    def relationships(self) -> set[str]:
        """Own names of the relationships that are loaded."""
        return set(self.eager.values())

    def handed_on(self, name: str) -> None:
        """Note that other code has what a relationship holds, or the object itself without one."""
        if not name:
            self.escaped = True
            return
        reached, found = {name}, {name}
        while found:
            found = {each for each, above in self.above.items() if above in found} - reached
            reached |= found
        self.uses |= {(each, "passed") for each in reached - {name}}

    def row(self) -> Row:
        """Row of the ``queries`` family."""
        uses = set(self.uses)
        if self.escaped or not self.executed:
            uses |= {(name, "passed") for name in self.relationships}
        uses |= {(name, "unused") for name in self.relationships - {name for name, _ in uses}}
        return (
            *(self.qualname, self.line, self.kind, self.text[:TEXT_KEPT]),
            *([*self.tables], sorted(self.filters), self.terms, self.ordered_by, self.joins),
            *([*self.eager], sorted(f"{name}:{use}" for name, use in uses)),
            *(self.limited, self.locked, self.loops, self.conditional),
        )


class Reading:
    """Adds what a method of a statement says to the statement."""

    def __init__(self, segment: Segment, aliases: dict[str, str]) -> None:
        self._segment = segment
        self.aliases = aliases

    def text(self, node: ast.expr) -> str:
        """Text on one line; an f-string with line breaks would keep them."""
        return self._segment.written(node).replace("\n", " ")

    def name_table(self, query: Query, holder: ast.expr) -> None:
        """Note the table whose own method begins the statement: ``table.update()``."""
        model = Names(self.aliases, query.tables).model(holder, any_name=True)
        if model is not None:
            query.tables[model] = None

    def add(self, query: Query, link: Link, *, begins: bool = False) -> None:
        """Add one method call of the chain, or the call that begins it."""
        name, call = link
        names = Names(self.aliases, query.tables)
        if begins or name in ENTITIES:
            self._entities(query, call, names=names)
        if name in FILTERS:
            for term in call.args:
                self._term(query, term, names=names)
        elif name == "filter_by":
            self._filter_by(query, call)
        elif name in JOINS:
            self._join(query, link, names=names)
        elif name == "order_by":
            query.ordered_by += [self.text(part) for part in call.args]
            self._reads(query, call.args, names=names)
        elif name == "options":
            self._options(query, call.args, names=names)
        elif name in ("with_for_update", "with_row_locks"):
            query.locked = True
        elif name in ("delete", "update") and query.kind == "query":
            query.kind = name
        query.limited |= name in LIMITS

    def _entities(self, query: Query, call: ast.Call, *, names: Names) -> None:
        entities = call.args[:1] if query.kind == "get" else call.args
        self._reads(query, entities, names=names, any_name=query.kind in WRITES)
        for keyword in call.keywords:
            if keyword.arg == "options" and isinstance(keyword.value, ast.List | ast.Tuple):
                self._options(query, keyword.value.elts, names=names)
            elif keyword.arg == "with_for_update":
                query.locked = True

    def _reads(
        self, query: Query, parts: Sequence[ast.expr], *, names: Names, any_name: bool = False
    ) -> None:
        """Note the models that are selected, joined or ordered by."""
        for part in parts:
            if (model := names.model(part, any_name=any_name)) is not None:
                query.tables[model] = None
                continue
            for model, _ in names.columns(part):
                query.tables[model] = None
            for call in selects_in(part):
                self._reads(query, call.args, names=names)

    def _term(self, query: Query, term: ast.expr, *, names: Names) -> None:
        query.terms.append(self.text(term))
        self._compared(query, term, names=names)

    def _compared(self, query: Query, part: ast.expr, *, names: Names) -> None:
        for call in selects_in(part):
            self._reads(query, call.args, names=names)
        for model, column in names.columns(part):
            query.tables[model] = None
            query.filters.add(f"{model}.{column}")

    def _filter_by(self, query: Query, call: ast.Call) -> None:
        joined = [model for model in query.joins if "." not in model]
        model = joined[-1] if joined else next(iter(query.tables), "?")
        for keyword in call.keywords:
            if keyword.arg:
                query.filters.add(f"{model}.{keyword.arg}")
                query.terms.append(f"{keyword.arg}={self.text(keyword.value)}")

    def _join(self, query: Query, link: Link, *, names: Names) -> None:
        name, call = link
        from_first = name.endswith("_from")
        if from_first:
            self._reads(query, call.args[:1], names=names, any_name=True)
        targets = call.args[1:] if from_first else call.args
        for target in targets[:1]:
            query.joins.append(names.model(target, any_name=True) or self.text(target))
        self._reads(query, targets[:1], names=names, any_name=True)
        conditions = [word.value for word in call.keywords if word.arg == "onclause"]
        for condition in (*targets[1:], *conditions):
            self._compared(query, condition, names=names)

    def _options(self, query: Query, options: Sequence[ast.expr], *, names: Names) -> None:
        for option in options:
            if isinstance(option, ast.Call):
                for strategy, target, above in self._loads(option, names=names):
                    model, _, name = target.rpartition(".")
                    query.eager[f"{strategy}:{target}"] = name
                    if above:
                        query.above[name] = above
                    if model:
                        query.tables[model] = None

    def _loads(
        self, option: ast.Call, *, names: Names, above: str = ""
    ) -> Iterator[tuple[str, str, str]]:
        first, links = chain_of(option)
        if isinstance(first, ast.Call):
            links = [(getattr(first.func, "id", ""), first), *links]
        for name, call in links:
            if name in STRATEGIES:
                for part in call.args:
                    target = self._relationship(part, names=names)
                    yield name, target, above
                    above = target.rpartition(".")[2]
            elif name == "options":
                for part in call.args:
                    if isinstance(part, ast.Call):
                        yield from self._loads(part, names=names, above=above)

    def _relationship(self, node: ast.expr, *, names: Names) -> str:
        if isinstance(node, ast.Constant):
            return str(node.value)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            return self._relationship(node.func.value, names=names)  # of_type(...), and_(...)
        column = names.column(node)
        return ".".join(column) if column else self.text(node)
