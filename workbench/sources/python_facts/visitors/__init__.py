"""One visitor for each family of facts: a parsed segment in, rows out."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from workbench.sources.python_facts.syntax import Segment
from workbench.sources.python_facts.visitors import (
    attributes,
    calls,
    columns,
    definitions,
    exports,
    fields,
    guards,
    hooks,
    imports,
    indexes,
    literals,
    migrations,
    mutations,
    options,
    parameters,
    queries,
    raises,
    relationships,
    routes,
)

Row = tuple[object, ...]
Visit = Callable[[Segment], Iterable[Row]]

# Rows hold qualname, line offset and the family's columns, in the order declared in
# workbench.domain.facts.
VISITORS: dict[str, Visit] = {
    "definitions": definitions.visit,
    "parameters": parameters.visit,
    "imports": imports.visit,
    "exports": exports.visit,
    "guards": guards.visit,
    "mutations": mutations.visit,
    "calls": calls.visit,
    "queries": queries.visit,
    "raises": raises.visit,
    "attributes": attributes.visit,
    "columns": columns.visit,
    "indexes": indexes.visit,
    "relationships": relationships.visit,
    "fields": fields.visit,
    "literals": literals.visit,
    "hooks": hooks.visit,
    "routes": routes.visit,
    "options": options.visit,
    "migrations": migrations.visit,
}
