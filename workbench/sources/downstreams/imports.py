"""Reads import statements: what of the upstream they name, under which guard, bound to what."""

from __future__ import annotations

import ast

from workbench.sources.downstreams.expressions import Expressions
from workbench.sources.downstreams.origins import OURS, Import, Origin, Value, stronger
from workbench.sources.downstreams.own_modules import OwnModules


class Imports(Expressions):
    """Imports of one file; ``stars`` are the modules of the tree it takes all names from."""

    def __init__(self, path: str, modules: OwnModules) -> None:
        super().__init__()
        self.path = path
        self.module = modules.name_of[path]
        self.imports: list[Import] = []
        self.stars: list[str] = []
        self.guard = "none"
        self._modules = modules

    def import_modules(self, node: ast.Import) -> None:
        """Read ``import a.b as c``."""
        for alias in node.names:
            first = alias.name.partition(".")[0]
            bound = alias.asname or first
            self.scope.names[bound] = self._leads_to(alias.name if alias.asname else first)
            if self._modules.is_upstream(alias.name):
                self._keep(alias, alias.name, None, bound)

    def import_names(self, node: ast.ImportFrom) -> None:
        """Read ``from a import b as c``; a relative import is looked for in the tree."""
        module = self._modules.absolute(self.path, node.module, node.level)
        if module is None:
            self.scope.names.update({a.asname or a.name: None for a in node.names})
            return
        upstream = not node.level and self._modules.is_upstream(module)
        for alias in node.names:
            bound = None if alias.name == "*" else alias.asname or alias.name
            if upstream:
                self._keep(alias, module, alias.name, bound)
            if bound is not None:
                self.scope.names[bound] = self._leads_to(module, alias.name)
            elif not upstream and (own := self._modules.own(module)) is not None:
                self.stars.append(own)

    def _leads_to(self, module: str, name: str = "") -> Value | None:
        ending = f".{name}" if name else ""
        if self._modules.is_upstream(module):
            return (Origin(module + ending, False, self._guard_here()),)
        own = self._modules.own(module)
        return None if own is None else (Origin(f"{OURS}{own}{ending}", False, self._guard_here()),)

    def _keep(self, alias: ast.alias, module: str, symbol: str | None, bound: str | None) -> None:
        kept = Import(alias.lineno, module, symbol, bound, self._guard_here(), self.scope.qualname)
        self.imports.append(kept)

    def _guard_here(self) -> str:
        return stronger(self.guard, "in-function" if self.scope.in_function() else "none")
