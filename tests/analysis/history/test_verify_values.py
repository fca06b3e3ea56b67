"""Verification of values: None, other literals, attributes that raise until an init runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.analysis.histories import deltas
from tests.analysis.history.miniatures import hit, miniature
from tests.analysis.history.test_verify import outcome
from tests.analysis.patterns import pattern
from workbench.analysis.history.verify_values import MAY_BE_NONE
from workbench.domain.findings import Outcome

GET = "class Box:\n    def get(self) -> str:\n        return ''\n"

A, USED = "src/pkg/a.py", "ours/main.py"


@pytest.mark.parametrize(
    ("body", "expected", "why"),
    [
        ("return box.get().upper()", Outcome.NONE, None),
        ("x = box.get()\n    return x.upper()", Outcome.NONE, None),
        ("x = box.get()\n    return x and x.upper()", Outcome.NOT_VERIFIED, "looks at it first"),
        ("x = box.get()\n    if x is not None:\n        x.upper()", Outcome.NOT_VERIFIED, "looks"),
        ("x = box.get()\n    if not x:\n        return\n    x.a", Outcome.NOT_VERIFIED, "looks"),
        ("if (x := box.get()):\n        x.upper()", Outcome.NOT_VERIFIED, "looks"),
        ("try:\n        box.get().a\n    except AttributeError: ...", Outcome.NOT_VERIFIED, "look"),
        ("return print(box.get())", Outcome.NOT_VERIFIED, "handed on"),
    ],
)
def test_a_value_that_may_be_none(
    tmp_path: Path, body: str, expected: Outcome, why: str | None
) -> None:
    """Used as if it never were None, or looked at first, or handed on."""
    after = GET.replace("-> str", "-> str | None")
    used = f"from pkg.a import Box\n\nbox = Box()\n\n\ndef f():\n    {body}\n"
    told, why_not = outcome(tmp_path, GET, after, used, "pkg.a.Box.get", patterns=[pattern("")])
    assert (told, why_not is None) == (expected, why is None)
    assert (why or "") in (why_not or "")


def test_without_the_text_a_check_cannot_be_seen(tmp_path: Path) -> None:
    """It says so, and proves nothing."""
    after = GET.replace("-> str", "-> str | None")
    used = "from pkg.a import Box\n\n\ndef f():\n    return Box().get().upper()\n"
    told, why_not = outcome(
        tmp_path, GET, after, used, "pkg.a.Box.get", patterns=[pattern("")], with_text=False
    )
    assert told == Outcome.NOT_VERIFIED
    assert "text is not at hand" in why_not


def facts(family: str, *rows: dict[str, Any]) -> dict[str, pl.DataFrame]:
    """Deltas of one family in the module of the miniature."""
    body = [{"module": "pkg.a", "qualname": "Box"} | row for row in rows]
    return {f"{family}_deltas": deltas(family, *body)}


@pytest.mark.parametrize(
    ("family", "before", "after"),
    [
        ("fields", {"name": "size", "optional": False}, {"name": "size", "optional": True}),
        ("columns", {"name": "size", "nullable": False}, {"name": "size", "nullable": True}),
    ],
)
def test_a_field_that_may_be_none(
    tmp_path: Path, family: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """Fields of models and columns of tables alike."""
    used = "from pkg.a import Box\n\n\ndef f(box: Box):\n    return box.size.real\n"
    given = facts(family, {"change": "changed", "before": before, "after": after})
    told = outcome(
        tmp_path,
        "size: int = 1\n",
        "size: int | None = 1\n",
        used,
        "pkg.a.Box.size",
        deltas=given,
        patterns=[pattern("")],
    )
    assert told == (Outcome.NONE, None)


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        ("if x == 'old' or Box.kind:", Outcome.STRING),
        ("if x == Box.kind:", Outcome.NOT_VERIFIED),
    ],
)
def test_a_literal_with_another_value(tmp_path: Path, used: str, expected: Outcome) -> None:
    """The old value, still written downstream, matches nothing."""
    text = f"from pkg.a import Box\n\n\ndef f(x):\n    {used}\n        return 1\n"
    fact = {"kind": "enum-member", "name": "kind", "slot": ""}
    given = facts(
        "literals",
        {
            "change": "changed",
            "before": {**fact, "value": "'old'"},
            "after": {**fact, "value": "'new'"},
        },
    )
    told, _ = outcome(
        tmp_path, "a = 1\n", "a = 2\n", text, "pkg.a.Box.kind", deltas=given, patterns=[pattern("")]
    )
    assert told == expected


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        ("box = Box()\nbox.size\n", Outcome.BEFORE_INIT),
        ("class Mine(Box):\n    def __init__(self):\n        self.size\n", Outcome.BEFORE_INIT),
        ("class Mine(Box):\n    pass\n", Outcome.NOT_VERIFIED),
        ("def f(box: Box):\n    return box.size\n", Outcome.NOT_VERIFIED),
    ],
)
def test_an_attribute_that_raises_at_first(tmp_path: Path, used: str, expected: Outcome) -> None:
    """Read while things start it raises; read later nothing is shown."""
    before = "class Box:\n    size = 1\n"
    after = (
        "class Box:\n    @property\n    def size(self):\n"
        "        if self._size is None:\n            raise RuntimeError('init first')\n"
        "        return self._size\n"
    )
    told, _ = outcome(
        tmp_path, before, after, f"from pkg.a import Box\n\n\n{used}", "pkg.a.Box.size",
        patterns=[pattern("")],
    )  # fmt: skip
    assert told == expected


MODEL = "class Box(Base):\n    __tablename__ = 'box'\n    size = Column(Integer, nullable=False)\n"
MIGRATION = (
    "from alembic import op\n\nrevision = 'b'\ndown_revision = 'a'\n\n\ndef upgrade():\n"
    "    op.alter_column('box', 'size', existing_type=sa.Integer(), nullable=True)\n"
)


@pytest.mark.parametrize(
    ("more", "tags", "fits"),
    [
        ({}, (MAY_BE_NONE,), True),
        ({"src/pkg/migrations/versions/b.py": MIGRATION}, (MAY_BE_NONE,), False),
        ({"src/pkg/other.py": "size = 1\n"}, (MAY_BE_NONE,), True),
        ({}, (), False),
    ],
)
def test_a_column_without_a_migration(
    tmp_path: Path, more: dict[str, str], tags: tuple[str, ...], *, fits: bool
) -> None:
    """The database's column is what it was when the model only says it in another way."""
    made = miniature(
        tmp_path,
        {A: MODEL},
        {A: MODEL.replace(", nullable=False", ""), **more},
        {USED: "from pkg.a import Box\n\n\ndef f(box: Box):\n    return box.size.real\n"},
        hit("pkg.a.Box.size"),
        patterns=[pattern("", tags=tags)],
    ).finding
    assert (made["outcome"] == Outcome.FITS) is fits


@pytest.mark.parametrize(
    ("used", "tags", "fits"),
    [
        ("def f():\n    return Box().open(1)\n", (MAY_BE_NONE,), True),
        ("def f():\n    return Box().open\n", (MAY_BE_NONE,), True),
        ("class Mine(Box):\n    pass\n", (MAY_BE_NONE,), True),
        ("class Mine(Box):\n    def open(self, key): ...\n", (MAY_BE_NONE,), False),
        ("def f():\n    return Box().open(1)\n", (), False),
    ],
)
def test_a_parameter_that_may_be_none(
    tmp_path: Path, used: str, tags: tuple[str, ...], *, fits: bool
) -> None:
    """Who overrides the method is handed it; who calls it passes what it passed."""
    before = "class Box:\n    def open(self, key: int):\n        return key\n"
    made = miniature(
        tmp_path,
        {A: before},
        {A: before.replace("int", "int | None")},
        {USED: f"from pkg.a import Box\n\n\n{used}"},
        hit("pkg.a.Box.open"),
        patterns=[pattern("", tags=tags)],
    ).finding
    assert (made["outcome"] == Outcome.FITS) is fits
