"""Binding: a call fits a signature when Python says so, and never by our word alone."""

from __future__ import annotations

import ast
import inspect
from inspect import Parameter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.analysis.history.verify_binding import (
    KINDS,
    Call,
    Changed,
    call_of,
    definition_signature,
    misfit,
    signature_of,
)
from workbench.domain.findings import Outcome

NAMES = "abcdef"
WORDS = {kind: word for word, kind in KINDS.items()}


@st.composite
def signatures(draw: st.DrawFn) -> inspect.Signature:
    """Any signature over six names."""
    names = iter(draw(st.permutations(NAMES)))
    only, both, keyword = (draw(st.integers(0, 2)) for _ in range(3))
    first_default = draw(st.integers(0, only + both))
    made = [
        Parameter(
            next(names),
            Parameter.POSITIONAL_ONLY if at < only else Parameter.POSITIONAL_OR_KEYWORD,
            default=None if at >= first_default else Parameter.empty,
        )
        for at in range(only + both)
    ]
    if draw(st.booleans()):
        made.append(Parameter("more", Parameter.VAR_POSITIONAL))
    made += [
        Parameter(
            next(names),
            Parameter.KEYWORD_ONLY,
            default=None if draw(st.booleans()) else Parameter.empty,
        )
        for _ in range(keyword)
    ]
    if draw(st.booleans()):
        made.append(Parameter("others", Parameter.VAR_KEYWORD))
    return inspect.Signature(made)


calls = st.builds(
    lambda positional, keywords: Call(positional=positional, keywords=tuple(sorted(keywords))),
    st.integers(0, 5),
    st.sets(st.sampled_from([*NAMES, "stranger"]), max_size=4),
)


def binds(signature: inspect.Signature, call: Call, more: int = 0, **others: Any) -> bool:
    """Whether Python takes it: a real call, as Signature.bind of Python 3.11 errs on f(a=0, /)."""
    function = eval(f"lambda {str(signature)[1:-1]}: None")
    try:
        function(*[0] * (call.positional + more), **dict.fromkeys(call.keywords, 0), **others)
    except TypeError:
        return False
    return True


@given(signatures(), calls)
def test_a_call_fits_when_python_binds_it(signature: inspect.Signature, call: Call) -> None:
    """Without stars the answer is that of a real call."""
    assert (misfit(signature, call) is None) == binds(signature, call)


@given(signatures(), calls, st.booleans(), st.booleans())
def test_stars_may_always_be_empty(
    signature: inspect.Signature, call: Call, places: bool, keywords: bool
) -> None:
    """A star takes back no fit: what Python binds without it still may fit with it."""
    starred = Call(
        positional=call.positional,
        keywords=call.keywords,
        more_positional=places,
        more_keywords=keywords,
    )
    if binds(signature, call):
        assert misfit(signature, starred) is None


@given(signatures(), calls)
def test_no_star_can_mend_a_misfit(signature: inspect.Signature, call: Call) -> None:
    """What is said not to fit with stars fits with nothing that they could hold."""
    starred = Call(
        positional=call.positional,
        keywords=call.keywords,
        more_positional=True,
        more_keywords=True,
    )
    if misfit(signature, starred) is None:
        return
    free = [name for name in NAMES if name not in call.keywords]
    for more in range(5):
        for count in range(len(free) + 1):
            assert not binds(signature, call, more, **dict.fromkeys(free[:count], 0))


@given(signatures())
def test_facts_and_definitions_give_the_same_signature(signature: inspect.Signature) -> None:
    """Rows of parameters and the parsed head of a function describe one signature."""
    rows = [
        {
            "name": p.name,
            "position": at,
            "kind": WORDS[p.kind],
            "has_default": p.default is not Parameter.empty,
        }
        for at, p in enumerate(signature.parameters.values())
    ]
    made = signature_of(reversed(rows), receiver=False)
    assert made == signature
    head = ast.parse(f"def f{signature}: ...").body[0]
    assert isinstance(head, ast.FunctionDef)
    assert definition_signature(head.args) == signature


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("f()", Call(positional=0)),
        ("a.f(1, 2, b=3)", Call(positional=2, keywords=("b",))),
        ("f(1, *rest)", Call(positional=1, more_positional=True)),
        ("f(a=1, **rest)", Call(positional=0, keywords=("a",), more_keywords=True)),
    ],
)
def test_what_a_call_gives(text: str, call: Call) -> None:
    """Stars are told apart from what is written out."""
    node = ast.parse(text, mode="eval").body
    assert isinstance(node, ast.Call)
    assert call_of(node) == call


def parameter(name: str, position: int, **more: Any) -> dict[str, Any]:
    """A row of a parameter, positional and required unless it says otherwise."""
    return {"name": name, "position": position, "kind": "positional", "has_default": False} | more


@pytest.mark.parametrize(
    ("rows", "text", "outcome"),
    [
        # Taken away: those behind it move up.
        ([("b", 2, None)], "x.f(1, 2)", Outcome.ARITY),
        ([("b", 2, None)], "x.f(1)", None),
        ([("b", 2, None)], "x.f(1, b=2)", Outcome.KEYWORD),
        # Added: it has to be given, by its place or its name.
        ([("b", None, 2)], "x.f(1)", Outcome.ARITY),
        ([("b", None, 2)], "x.f(1, 2)", None),
        ([("b", None, 2)], "x.f(1, b=2)", None),
        ([("b", None, 2)], "x.f(1, kept=2)", Outcome.ARITY),
        ([("b", None, 2)], "x.f(*all)", None),
    ],
)
def test_a_signature_known_by_its_changes_alone(
    rows: list[tuple[str, int | None, int | None]], text: str, outcome: Outcome | None
) -> None:
    """What did not change was filled before and is filled still."""
    changed = Changed(
        rows=tuple(
            {
                "before": None if was is None else parameter(name, was),
                "after": None if now is None else parameter(name, now),
            }
            for name, was, now in rows
        )
    )
    node = ast.parse(text, mode="eval").body
    assert isinstance(node, ast.Call)
    found = misfit(changed.signature(), changed.about(call_of(node), bound=True))
    assert (found.outcome if found else None) == outcome
    assert changed.known_to_the_end
