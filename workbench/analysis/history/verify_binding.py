"""Whether a call fits a signature: the rules of ``inspect.Signature.bind``, from facts."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from inspect import Parameter
from typing import Any

from workbench.domain.findings import Outcome

Row = Mapping[str, Any]
KINDS = {
    "positional-only": Parameter.POSITIONAL_ONLY,
    "positional": Parameter.POSITIONAL_OR_KEYWORD,
    "var-positional": Parameter.VAR_POSITIONAL,
    "keyword-only": Parameter.KEYWORD_ONLY,
    "var-keyword": Parameter.VAR_KEYWORD,
}
TAKES_KEYWORD = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
TAKES_POSITION = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
RECEIVERS = ("self", "cls", "mcs")
KEPT = "_kept_"
"""Begins the name that stands for an unchanged parameter, where only changes are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a call gives: how many by position, which by keyword, and whether stars add more."""

    positional: int
    keywords: tuple[str, ...] = ()
    more_positional: bool = False
    more_keywords: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """Why a call does not fit."""

    outcome: Outcome
    what: str


def call_of(node: ast.Call) -> Call:
    """What the call at hand gives."""
    starred = [isinstance(argument, ast.Starred) for argument in node.args]
    return Call(
        positional=starred.count(False),
        keywords=tuple(k.arg for k in node.keywords if k.arg is not None),
        more_positional=any(starred),
        more_keywords=any(k.arg is None for k in node.keywords),
    )


def signature_of(rows: Iterable[Row], *, receiver: bool | None = None) -> inspect.Signature:
    """The signature that rows of parameters describe.

    Parameters
    ----------
    rows : iterable of mapping
        ``name, position, kind, has_default`` of every parameter, in any order.
    receiver : bool, optional
        Whether the first parameter is what the method is called on and is left out; by its name
        when not said.
    """
    ordered = sorted(rows, key=lambda row: row["position"])
    first = ordered[0]["name"] if ordered else ""
    if ordered and (receiver or (receiver is None and first in RECEIVERS)):
        ordered = ordered[1:]
    return inspect.Signature(
        [
            Parameter(
                row["name"],
                KINDS[row["kind"]],
                default=None if row["has_default"] else Parameter.empty,
            )
            for row in ordered
        ],
        __validate_parameters__=False,
    )


def definition_signature(arguments: ast.arguments) -> inspect.Signature:
    """The signature that a parsed definition has, what it is called on included."""
    plain = [*arguments.posonlyargs, *arguments.args]
    optional = len(plain) - len(arguments.defaults)
    made = [
        Parameter(
            a.arg,
            TAKES_POSITION[at >= len(arguments.posonlyargs)],
            default=None if at >= optional else Parameter.empty,
        )
        for at, a in enumerate(plain)
    ]
    if arguments.vararg:
        made.append(Parameter(arguments.vararg.arg, Parameter.VAR_POSITIONAL))
    made += [
        Parameter(a.arg, Parameter.KEYWORD_ONLY, default=Parameter.empty if d is None else None)
        for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    if arguments.kwarg:
        made.append(Parameter(arguments.kwarg.arg, Parameter.VAR_KEYWORD))
    return inspect.Signature(made)


def misfit(signature: inspect.Signature, call: Call) -> Misfit | None:
    """Why a call does not fit a signature; None when it fits, or may, for all that is written."""
    parameters = signature.parameters.values()
    any_keyword = any(p.kind is Parameter.VAR_KEYWORD for p in parameters)
    takes = {p.name for p in parameters if p.kind in TAKES_KEYWORD}
    unknown = [k for k in call.keywords if k not in takes]
    if unknown and not any_keyword:
        return Misfit(outcome=Outcome.KEYWORD, what=f"{', '.join(unknown)} is no parameter")
    places = [p for p in parameters if p.kind in TAKES_POSITION]
    any_place = any(p.kind is Parameter.VAR_POSITIONAL for p in parameters)
    if call.positional > len(places) and not any_place:
        what = f"takes {len(places)} positional arguments, is given {call.positional}"
        return Misfit(outcome=Outcome.ARITY, what=what)
    twice = [
        p.name
        for p in places[: call.positional]
        if p.name in call.keywords and p.kind is Parameter.POSITIONAL_OR_KEYWORD
    ]
    if twice:
        return Misfit(outcome=Outcome.ARITY, what=f"{', '.join(twice)} is given twice")
    lacking = _lacking(parameters, call, places)
    if lacking:
        return Misfit(outcome=Outcome.ARITY, what=f"{', '.join(lacking)} is not given")
    return None


def _lacking(parameters: Iterable[Parameter], call: Call, places: Sequence[Parameter]) -> list[str]:
    """Parameters that have to be given and are not, nor can be by a star."""
    given = {p.name for p in places[: call.positional]}
    given |= {p.name for p in parameters if p.kind in TAKES_KEYWORD and p.name in call.keywords}
    return [
        p.name
        for p in parameters
        if p.default is Parameter.empty
        and p.kind in (*TAKES_POSITION, Parameter.KEYWORD_ONLY)
        and p.name not in given
        and not (call.more_positional and p.kind in TAKES_POSITION)
        and not (call.more_keywords and p.kind in TAKES_KEYWORD)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What a commit did to the parameters of one function, as far as its deltas say."""

    rows: tuple[Row, ...]

    @property
    def added(self) -> list[Row]:
        """Parameters that are new, as they are after it."""
        return [r["after"] for r in self.rows if r["before"] is None]

    @property
    def removed(self) -> list[Row]:
        """Parameters that went, as they were before it."""
        return [r["before"] for r in self.rows if r["after"] is None]

    @property
    def known_to_the_end(self) -> bool:
        """Whether every parameter behind the first changed one must have changed its place."""
        return len(self.added) != len(self.removed) or any(
            r["after"] is not None and r["after"]["kind"] == "var-keyword" for r in self.rows
        )

    def signature(self) -> inspect.Signature:
        """The signature after the commit, its unchanged parameters under made-up names.

        A parameter that stands before the first change is in no delta; the call filled it before
        and fills it still, so it is taken for one with a default.
        """
        after = {r["after"]["position"]: r["after"] for r in self.rows if r["after"] is not None}
        gone = min((r["position"] for r in self.removed), default=0)
        last = max([*after, gone - 1], default=-1)
        kept = [
            {"name": f"{KEPT}{at}", "position": at, "kind": "positional", "has_default": True}
            for at in range(last + 1)
            if at not in after
        ]
        return signature_of([*after.values(), *kept], receiver=False)

    def about(self, call: Call, *, bound: bool) -> Call:
        """The call with what it is called on, without keywords that no delta speaks of."""
        spoken = {
            row[side]["name"] for row in self.rows for side in ("before", "after") if row[side]
        }
        return Call(
            positional=call.positional + bound,
            keywords=tuple(k for k in call.keywords if k in spoken),
            more_positional=call.more_positional,
            more_keywords=call.more_keywords,
        )
