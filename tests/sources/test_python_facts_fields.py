"""Fields of classes that hold data, and the literal values that others compare or store."""

from __future__ import annotations

import textwrap

import pytest

from tests.facts import deltas_of, facts

PATH = "pkg/mod.py"
READ = ("annotation", "required", "optional", "default", "discriminator")


def holder(body: str, head: str = "class Boat(BaseModel):") -> str:
    return f"{head}\n{textwrap.indent(textwrap.dedent(body).strip(), '    ')}\n"


KINDS = [
    ("class Boat(BaseModel):", "pydantic"),
    ("class Boat(pydantic.BaseModel, Generic[T]):", "pydantic"),
    ("class Boat(BaseInfoResponse):", "pydantic"),
    ("class Boat(Paged[Item], LaunchRequest):", "pydantic"),
    ("@dataclass\nclass Boat:", "dataclass"),
    ("@dataclasses.dataclass(frozen=True)\nclass Boat(Base):", "dataclass"),
    ("@attrs.define(slots=True)\nclass Boat:", "attrs"),
    ("@attr.s(auto_attribs=True)\nclass Boat:", "attrs"),
    ("@define\nclass Boat:", "attrs"),
    ("class Boat(TypedDict):", "typed-dict"),
    ("class Boat(typing.NamedTuple):", "named-tuple"),
    ("class Boat(Vessel):", "annotated"),
]


@pytest.mark.parametrize(("head", "kind"), KINDS, ids=[k[1] + str(i) for i, k in enumerate(KINDS)])
def test_a_class_is_told_by_its_bases_and_decorators(head: str, kind: str) -> None:
    """Its fields are those with an annotation."""
    (row,) = facts(holder("x: int\ny = 1", head), "fields")
    assert (row["kind"], row["name"], row["qualname"]) == (kind, "x", "Boat")
    assert row["line"] == head.count("\n") + 2


def test_a_class_is_told_by_what_stands_in_it() -> None:
    """A configuration or a field call of pydantic; below a method it is not known any more."""
    for body in ("model_config = ConfigDict()\nx: int", "x: int = Field(gt=0)"):
        (row,) = facts(holder(body, "class Boat(Vessel):"), "fields")
        assert (row["kind"], row["name"]) == ("pydantic", "x")
    rows = facts(holder("x: int\ndef f(self): pass\ny: int"), "fields")
    assert [(r["kind"], r["qualname"], r["name"], r["line"]) for r in rows] == [
        ("pydantic", "Boat", "x", 2),
        ("annotated", "Boat", "y", 4),
    ]


NO_FIELDS = [
    ("x: int", "class Boat:"),
    ("x: int", "class Boat(str, Enum):"),
    ("x: int\n__tablename__ = 'boat'", "class Boat(Base):"),
    ("x: Mapped[int]\ny: int", "class Boat(Base):"),
    ("x = Column(Integer)\ny: int", "class Boat(Base):"),
    ("x: ClassVar[int] = 1", "class Boat(BaseModel):"),
    ("_x: int = 1", "class Boat(BaseModel):"),
    ("x: int = PrivateAttr()", "class Boat(BaseModel):"),
    ("model_config: ConfigDict = {}", "class Boat(BaseModel):"),
    ("_: KW_ONLY", "@dataclass\nclass Boat:"),
    ("self.x: int = 1", "class Boat(Base):"),
    ("x = field()", "@dataclass\nclass Boat:"),
    ("if TYPE_CHECKING:\n    x: int", "@dataclass\nclass Boat:"),
    ("def f(self):\n    x: int = 1", "class Boat(Base):"),
]


@pytest.mark.parametrize(("body", "head"), NO_FIELDS)
def test_what_is_no_field_gives_none(body: str, head: str) -> None:
    """Members, columns, class variables, private attributes, locals."""
    assert facts(holder(body, head), "fields") == []


FIELDS = [
    ("x: int", ("int", True, False, None, None)),
    ("x: int | None", ("int | None", True, True, None, None)),
    ("x: Optional['Mast'] = None", ("Mast | None", False, True, "None", None)),
    ("x: 'Union[None, Mast]'", ("None | Mast", True, True, None, None)),
    ("x: typing.List[Dict[str, 'Mast']]", ("list[dict[str, Mast]]", True, False, None, None)),
    ("x: Literal['a', None]", ("Literal['a', None]", True, True, None, None)),
    ("x: int = Field(...)", ("int", True, False, None, None)),
    ("x: int = Field(default=3, gt=0)", ("int", False, False, "3", None)),
    ("x: int = Field(3)", ("int", False, False, "3", None)),
    ("x: int = Field(default=None)", ("int", False, False, "None", None)),
    ("x: list = Field(default_factory=list)", ("list", False, False, "list()", None)),
    ("x: list = Field(default_factory=lambda: [1])", ("list", False, False, "[1]", None)),
    ("x: Annotated[int, Gt(0)]", ("Annotated[int, Gt(0)]", True, False, None, None)),
    (
        "x: Annotated[int | None, Field(title='X', ge=0)]",
        ("Annotated[int | None, Field(ge=0)]", True, True, None, None),
    ),
    ("x: Annotated[int, Field(title='X')]", ("int", True, False, None, None)),
    (
        "x: Annotated[Cat | Dog, Field(discriminator='kind')]",
        ("Annotated[Cat | Dog, Field(discriminator='kind')]", True, False, None, "kind"),
    ),
    ("x: Cat | Dog = Field(discriminator='kind')", ("Cat | Dog", True, False, None, "kind")),
    (
        "x: Annotated[Cat | Dog, Discriminator(kind_of)]",
        ("Annotated[Cat | Dog, Discriminator(kind_of)]", True, False, None, "kind_of"),
    ),
    (
        "x: Annotated[int, Field(default=3)]",
        ("Annotated[int, Field(default=3)]", False, *(False, "3", None)),
    ),
    ("x: 'not (python'", ("'not (python'", True, False, None, None)),
    ("x: list['\\ud800']", ("list['\\ud800']", True, False, None, None)),
]


@pytest.mark.parametrize(("body", "said"), FIELDS, ids=[f[0] for f in FIELDS])
def test_a_field_says(body: str, said: tuple[object, ...]) -> None:
    """Its annotation in one spelling, whether it has to be given, may be None, its default."""
    (row,) = facts(holder(body), "fields")
    assert tuple(row[name] for name in READ) == said


HELD = [
    ("x: int = field(default_factory=dict)", "@dataclass\nclass B:", False, "dict()"),
    ("x: int = field(init=False)", "@dataclass\nclass B:", False, None),
    ("x: int = attrs.field(default=attrs.NOTHING)", "@define\nclass B:", True, None),
    ("x: int = attrs.field(factory=list)", "@define\nclass B:", False, "list()"),
    ("x: int = attr.Factory(list)", "@attr.s\nclass B:", False, "list()"),
    ("x = attr.ib()", "@attr.s\nclass B:", True, None),
    ("x = attr.ib(default=attr.Factory(list))", "@attr.s\nclass B:", False, "list()"),
    ("x: int", "class B(TypedDict, total=False):", False, None),
    ("x: Required[int]", "class B(TypedDict, total=False):", True, None),
    ("x: NotRequired[int]", "class B(TypedDict):", False, None),
    ("x: 'Annotated[NotRequired[int], 1]'", "class B(TypedDict):", False, None),
    ("x: int = 3", "class B(NamedTuple):", False, "3"),
]


@pytest.mark.parametrize(("body", "head", "required", "default"), HELD)
def test_each_kind_has_its_way_to_leave_a_field_out(
    body: str,
    head: str,
    required: bool,
    default: str | None,
) -> None:
    """Defaults, factories, fields not in the signature, keys that may be missing."""
    (row,) = facts(holder(body, head), "fields")
    assert (row["required"], row["default"]) == (required, default)


def test_another_spelling_of_a_field_is_no_change() -> None:
    """Quotes, unions, descriptions, a factory; another type, default or requirement is."""
    before = holder("x: Optional['Mast'] = None\ny: list = Field(default_factory=list)")
    same = holder(
        "x: Mast | None = Field(default=None, description='of wood')\n"
        "y: Annotated[list, Field(description='all')] = Field(default_factory=lambda: list())"
    )
    assert deltas_of({PATH: before}, {PATH: same})["fields"].is_empty()
    other = holder("x: Mast | None\ny: tuple = Field(default_factory=list)")
    told = deltas_of({PATH: before}, {PATH: other})["fields"].sort("line").to_dicts()
    differing = [[n for n in READ if d["before"][n] != d["after"][n]] for d in told]
    assert differing == [["required", "default"], ["annotation"]]


LITERALS = [
    ("class K(str, Enum):\n    A = 'a'\n    _b = 1", [("enum-member", "A", "", "'a'")]),
    ("class K(enum.IntFlag):\n    A: int = auto()", [("enum-member", "A", "", "auto()")]),
    (
        "Kind = Literal['a', 'b', 'a']",
        [("literal-type", "Kind", "'a'", "'a'"), ("literal-type", "Kind", "'b'", "'b'")],
    ),
    ("Kind: TypeAlias = 'Port'", [("constant", "Kind", "", "'Port'")]),
    ("Kind = Optional[Literal[K.A]]", [("literal-type", "Kind", "K.A", "K.A")]),
    ("class C(B):\n    kind: Literal['x'] = 'x'", [("discriminator", "kind", "", "'x'")]),
    ("class C(B):\n    kind: 'Literal[\"x\"]'", [("discriminator", "kind", "", "'x'")]),
    (
        "class C(B):\n    kind: Annotated[Literal['x'], F()] = F('x')",
        [("discriminator", "kind", "", "'x'")],
    ),
    ("class C(B):\n    kind: ClassVar[Literal['x']]", [("discriminator", "kind", "", "'x'")]),
    (
        "class C(B):\n    kind: list[Literal['x']]",
        [("literal-type", "kind", "'x'", "'x'")],
    ),
    (
        "class C(B):\n    kind: Literal['x'] | None",
        [("literal-type", "kind", "'x'", "'x'")],
    ),
    ("def f(a: Literal['x'], *b): pass", [("literal-type", "a", "'x'", "'x'")]),
    (
        "class C(B):\n    __mapper_args__ = {'polymorphic_on': t, 'polymorphic_identity': 'c'}",
        [("polymorphic-identity", "polymorphic_identity", "", "'c'")],
    ),
    (
        "class C(B):\n    __mapper_args__ = dict(polymorphic_identity='c')",
        [("polymorphic-identity", "polymorphic_identity", "", "'c'")],
    ),
    ("LIMIT = -3", [("constant", "LIMIT", "", "-3")]),
    ("a = b = 'x'", [("constant", "a", "", "'x'"), ("constant", "b", "", "'x'")]),
    ("class C:\n    fields = ('a', 1.5)", [("constant", "fields", "", "('a', 1.5)")]),
    ("class C(B):\n    on: bool = True", [("constant", "on", "", "True")]),
    ("if x:\n    LIMIT = 1", [("constant", "LIMIT", "", "1")]),
    ("LARGE = 0x1" + "0" * 6000, [("constant", "LARGE", "", "0x1" + "0" * 197)]),
    *((text, []) for text in ("_a = 1", "__a__ = 1", "a, b = 1, 2", "a = None", "a = [1]")),
    *((text, []) for text in ("a = b'x'", "a = f'{x}'", "a: int", "def f():\n    a = 1")),
    *((text, []) for text in ("a = (1, (2,))", "a = x[1]", "__mapper_args__ = {**x}")),
]


@pytest.mark.parametrize(("text", "rows"), LITERALS, ids=[x[0][:60] for x in LITERALS])
def test_values_that_others_rely_on(text: str, rows: list[tuple[object, ...]]) -> None:
    """Members, allowed values, tags, identities and plain constants of modules and classes."""
    found = facts(text, "literals")
    assert [(r["kind"], r["name"], r["slot"], r["value"]) for r in found] == rows


def test_a_tag_that_changes_its_value_is_one_change() -> None:
    """A value of several that goes or comes is told by itself."""
    before = holder("kind: Literal['email_request'] = 'email_request'")
    (delta,) = deltas_of({PATH: before}, {PATH: before.replace("email_", "mail_")})[
        "literals"
    ].to_dicts()
    assert (delta["change"], delta["before"]["value"], delta["after"]["value"]) == (
        *("changed", "'email_request'", "'mail_request'"),
    )
    told = deltas_of({PATH: "K = Literal['a', 'b']\n"}, {PATH: "K = Literal['b', 'c']\n"})
    assert sorted(told["literals"]["change"]) == ["added", "removed"]
