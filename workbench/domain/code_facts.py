"""Families of facts about code: what it defines, offers, takes, calls, guards and changes."""

from __future__ import annotations

import polars as pl

from workbench.domain.fact_family import FLAG, TEXT, TEXTS, U32, FactFamily

DEFINITIONS = FactFamily(
    name="definitions",
    columns={
        "kind": (TEXT, "class, function, method, attribute, constant"),
        "public": (
            pl.Boolean,
            "no part of the qualname starts with an underscore (dunders are public)",
        ),
        "bases": (pl.List(TEXT), "base classes as written"),
        "decorators": (pl.List(TEXT), "decorators as written"),
        "is_async": (pl.Boolean, "async def"),
        "returns": (TEXT, "return annotation as written; null without"),
        "lines": (
            U32,
            "lines of code in its body: no blanks, comments, docstring; of a class, what stands "
            "above its first method",
        ),
        "body_digest": (
            pl.UInt64,
            "digest of the body with layout, docstring and own name left out",
        ),
        "sketch": (pl.List(U32), "bottom-16 sketch of those lines, own name blanked"),
    },
    key=(),
    compared=("kind", "bases", "decorators", "is_async", "returns"),
    named=True,
)
PARAMETERS = FactFamily(
    name="parameters",
    columns={
        "name": (TEXT, "parameter name"),
        "position": (U32, "place in the signature, self and cls counted"),
        "kind": (TEXT, "positional-only, positional, var-positional, keyword-only, var-keyword"),
        "annotation": (TEXT, "as written; null without"),
        "has_default": (pl.Boolean, "may be left out"),
        "default": (TEXT, "as written, first 200 characters; null without"),
    },
    key=("name",),
    compared=("position", "kind", "annotation", "has_default", "default"),
)
IMPORTS = FactFamily(
    name="imports",
    columns={
        "module": (TEXT, "absolute in deltas; as written, leading dots included, in raw facts"),
        "name": (TEXT, "imported name, * for all; null for `import module`"),
        "alias": (TEXT, "name it is bound to"),
        "guard": (TEXT, "none, try, version-check, type-checking, in-function"),
    },
    key=("module", "name", "alias"),
    compared=("guard",),
)
EXPORTS = FactFamily(
    name="exports",
    columns={
        "name": (TEXT, "public name that the module offers"),
        "how": (TEXT, "definition, assignment, reexport, lazy (a __getattr__ or lazy table), all"),
        "target": (
            TEXT,
            "where a re-export, alias or lazy name leads, leading dots resolved in deltas; null "
            "without",
        ),
    },
    key=("name",),
    compared=("how", "target"),
    named=True,
)
GUARDS = FactFamily(
    name="guards",
    columns={
        "condition": (TEXT, "the test as written on one line"),
        "exit": (TEXT, "return, continue, break, raise, yield-return"),
        "position": (U32, "rank among the statements of its block; an elif has its if's"),
        "depth": (U32, "loops around it inside the function"),
        "follows": (pl.List(TEXT), "what the exit skips: query, call, loop, yield"),
    },
    key=("condition", "exit"),
    compared=("depth",),
    similar="condition",
)
MUTATIONS = FactFamily(
    name="mutations",
    columns={
        "root": (TEXT, "the name it hangs on"),
        "root_kind": (TEXT, "parameter, self, cls, module, closure"),
        "target": (TEXT, "what is changed in place, as a dotted path from the root"),
        "how": (
            TEXT,
            "method (add, append, ...) or function (heappush, insort, shuffle) name, setitem, "
            "delitem, setattr, delattr, augassign, assign (a global name bound anew)",
        ),
        "value": (TEXT, "what goes in, first 120 characters; null without"),
        "root_annotation": (TEXT, "annotation of the root parameter; null without"),
        "fallback": (
            pl.Boolean,
            "the root may be made here when the caller gives none (x = x or X())",
        ),
        "alias": (pl.Boolean, "reached through a local alias of the root or of what hangs on it"),
        "conditional": (pl.Boolean, "under an if, try, match"),
        "loops": (U32, "loops around it inside the function"),
    },
    # Another value put into the same place is an edit, not a new mutation.
    key=("target", "how"),
    compared=("value", "fallback", "conditional", "loops"),
)
CALLS = FactFamily(
    name="calls",
    columns={
        "callee": (
            TEXT,
            "what is called, dotted as written; a call or subscript inside it reads () or []",
        ),
        "name": (TEXT, "last part of the callee"),
        "loops": (U32, "for and while loops around it inside the function"),
        "in_comprehension": (FLAG, "inside a comprehension"),
        "conditional": (FLAG, "under an if, try, match or conditional expression"),
        "arguments": (U32, "positional arguments, a starred one not counted"),
        "keywords": (TEXTS, "keywords given, in order"),
        "starred": (FLAG, "takes *args or **kwargs from a variable"),
    },
    key=("callee",),
    compared=("loops", "in_comprehension", "arguments", "keywords", "starred"),
)
RAISES = FactFamily(
    name="raises",
    columns={
        "exception": (TEXT, "exception as written, without its arguments; null for a bare raise"),
        "condition": (
            TEXT,
            "test of the innermost if around it; not (test) in its else; null without",
        ),
        "position": (U32, "rank among the statements of its block"),
    },
    key=("exception", "condition"),
    compared=(),
    similar="condition",
)
ATTRIBUTES = FactFamily(
    name="attributes",
    columns={
        "name": (TEXT, "attribute that a method sets on its own object or class"),
        "value": (TEXT, "what it is set to, first 120 characters; null for a bare annotation"),
        "annotation": (TEXT, "as written; null without"),
        "conditional": (FLAG, "under an if, try, match"),
    },
    key=("name",),
    compared=("value", "annotation", "conditional"),
)

CODE_FAMILIES: tuple[FactFamily, ...] = (
    DEFINITIONS,
    PARAMETERS,
    IMPORTS,
    EXPORTS,
    GUARDS,
    MUTATIONS,
    CALLS,
    RAISES,
    ATTRIBUTES,
)
