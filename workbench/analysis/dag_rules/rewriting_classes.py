"""Classes and makers of tasks rewritten: bases in order, ``execute`` handed over, an inlet."""

from __future__ import annotations

import libcst as cst

MIXIN = "ResumableJobMixin"


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


def delegating(node: cst.FunctionDef) -> cst.FunctionDef:
    """Return ``execute`` with a body that hands over to the mixin; a docstring stays."""
    context = node.params.params[1].name.value if len(node.params.params) > 1 else "context"
    made = cst.parse_statement(f"return self.execute_resumable({context})\n")
    first = node.body.body[0]
    if node.get_docstring() is not None and isinstance(first, cst.SimpleStatementLine):
        return node.with_changes(body=cst.IndentedBlock(body=[first, made]))
    return node.with_changes(body=cst.IndentedBlock(body=[made]))


def with_inlet(call: cst.Call, asset: str) -> cst.Call:
    """Return a decorator's or operator's call with the asset among its inlets."""
    if isinstance(call.func, cst.Attribute) and call.func.attr.value in ("expand", "expand_kwargs"):
        inner = call.func.value
        if isinstance(inner, cst.Call):
            return call.with_changes(func=call.func.with_changes(value=with_inlet(inner, asset)))
    equal = cst.AssignEqual(
        whitespace_before=cst.SimpleWhitespace(""), whitespace_after=cst.SimpleWhitespace("")
    )
    added = cst.Arg(cst.parse_expression(f"[{asset}]"), keyword=cst.Name("inlets"), equal=equal)
    arguments = list(call.args)
    if arguments and not isinstance(arguments[-1].comma, cst.Comma):
        comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        arguments[-1] = arguments[-1].with_changes(comma=comma)
    elif arguments:
        last = arguments[-1].comma
        added = added.with_changes(comma=last)
        before = arguments[-2].comma if len(arguments) > 1 else last
        arguments[-1] = arguments[-1].with_changes(comma=before)
    return call.with_changes(args=[*arguments, added])


def _named(node: cst.BaseExpression) -> str:
    return cst.Module(body=[]).code_for_node(node)
