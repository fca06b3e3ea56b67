"""Definitions and makers of tasks rewritten: bases in order, a parameter, a keyword."""

from __future__ import annotations

import libcst as cst

MIXIN = "ResumableJobMixin"
COMMA = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
EQUAL = cst.AssignEqual(
    whitespace_before=cst.SimpleWhitespace(""), whitespace_after=cst.SimpleWhitespace("")
)


def mixin_first(node: cst.ClassDef) -> cst.ClassDef:
    """Return the class with the mixin in front of its other bases."""
    mixin = [base for base in node.bases if _named(base.value).endswith(MIXIN)]
    others = [base for base in node.bases if base not in mixin]
    commas = [base.comma for base in node.bases]
    ordered = [
        base.with_changes(comma=comma)
        for base, comma in zip([*mixin, *others], commas, strict=True)
    ]
    return node.with_changes(bases=ordered)


def with_parameter(params: cst.Parameters, name: str) -> cst.Parameters:
    """Return a signature with one more parameter, None unless given."""
    added = cst.Param(name=cst.Name(name), default=cst.Name("None"), equal=EQUAL)
    after_star = isinstance(params.star_arg, cst.Param | cst.ParamStar)
    mine = list(params.kwonly_params if after_star else params.params)
    if mine and isinstance(mine[-1].comma, cst.Comma):
        # a comma at the end of a list down the page is followed by the last line end
        all_commas = [p.comma for p in (*params.params, *params.kwonly_params)][:-1]
        added = added.with_changes(comma=mine[-1].comma)
        mine[-1] = mine[-1].with_changes(comma=_plain(all_commas[0]) if all_commas else COMMA)
    mine.append(added)
    return params.with_changes(**{"kwonly_params" if after_star else "params": mine})


def with_required(params: cst.Parameters, name: str) -> cst.Parameters:
    """Return a signature with one more parameter, which has to be given, behind those alike."""
    given = list(params.params)
    at = sum(1 for param in given if param.default is None)
    comma = COMMA if at < len(given) else cst.MaybeSentinel.DEFAULT
    if at > 0:
        before = given[at - 1].comma
        given[at - 1] = given[at - 1].with_changes(comma=COMMA)
        comma = before if at == len(given) else comma
    given.insert(at, cst.Param(name=cst.Name(name), comma=comma))
    return params.with_changes(params=given)


def _plain(comma: object) -> cst.Comma:
    """A comma as it is laid out, without the comment behind it."""
    if not isinstance(comma, cst.Comma):
        return COMMA
    space = comma.whitespace_after
    if isinstance(space, cst.ParenthesizedWhitespace):
        space = space.with_changes(first_line=cst.TrailingWhitespace(), empty_lines=[])
    return comma.with_changes(whitespace_after=space)


def with_keyword(call: cst.Call, name: str, value: str) -> cst.Call:
    """Return a decorator's or operator's call with a keyword argument, given anew or changed."""
    if isinstance(call.func, cst.Attribute) and call.func.attr.value in ("expand", "expand_kwargs"):
        inner = call.func.value
        if isinstance(inner, cst.Call):
            made = with_keyword(inner, name, value)
            return call.with_changes(func=call.func.with_changes(value=made))
    arguments = list(call.args)
    for at, argument in enumerate(arguments):
        if argument.keyword is not None and argument.keyword.value == name:
            arguments[at] = argument.with_changes(value=cst.parse_expression(value))
            return call.with_changes(args=arguments)
    added = cst.Arg(cst.parse_expression(value), keyword=cst.Name(name), equal=EQUAL)
    if arguments and not isinstance(arguments[-1].comma, cst.Comma):
        arguments[-1] = arguments[-1].with_changes(comma=COMMA)
    elif arguments:
        last = arguments[-1].comma
        added = added.with_changes(comma=last)
        before = _plain(arguments[-2].comma if len(arguments) > 1 else last)
        arguments[-1] = arguments[-1].with_changes(comma=before)
    return call.with_changes(args=[*arguments, added])


def _named(node: cst.BaseExpression) -> str:
    return cst.Module(body=[]).code_for_node(node)
