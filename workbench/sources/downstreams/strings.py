"""Reads names in quotes: dotted paths, attributes, options, types that are compared with, SQL."""

from __future__ import annotations

ANYBODYS = frozenset({"literal", "sql"})
"""Kinds of use that name nothing of the upstream by themselves."""
