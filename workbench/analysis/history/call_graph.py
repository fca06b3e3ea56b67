"""Who calls whom, and when: an approximate call graph from what the code says and where it stood.

A call is resolved by what its module defines and imports; one through an object of unknown type
reaches what has its name, as long as few functions have it. Callbacks, decorators and what a
subclass overrides are not followed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from workbench.analysis.relative_names import absolute
from workbench.analysis.standing_views import inside

KEY = ["repository", "pair"]
TIME = ["since", "until"]
NEVER = 1 << 40
FEW = 3
"""A name that more functions have says too little."""
PLAIN = r"^\w+(?:\.\w+)*$"
_OWN = r"^(?:self|cls|super\(\))\.\w+$"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallGraph:
    """Functions and calls of one line of commits, each with the interval in which it stood.

    ``functions``: ``node, module, qualname, full, since, until``, a row for each interval.
    ``edges``: ``call, caller, callee, word, since, until``; an edge with a ``word`` was guessed by
    it, and counts only while few functions have that word and its call has no edge without one.
    ``few``: ``at, word``: the words that few functions had at each of the places asked for.
    """

    functions: pl.DataFrame
    edges: pl.DataFrame
    few: pl.DataFrame


def call_graph(
    spans: pl.DataFrame, facts: Mapping[str, pl.DataFrame], *, starts: Sequence[int]
) -> CallGraph:
    """Resolve the calls of one line of commits.

    Parameters
    ----------
    spans : polars.DataFrame
        As :data:`~workbench.domain.standing.SEGMENT_SPANS`, of one repository or pair.
    facts : mapping
        ``fact_definitions``, ``fact_calls``, ``fact_imports``.
    starts : sequence of int
        Places at which functions of one name are counted.
    """
    spans = spans.select(
        "path",
        "module",
        "owner",
        "segment_id",
        since="since_position",
        until=pl.col("until_position").fill_null(NEVER),
    )
    defined = _defined(spans, facts["fact_definitions"])
    functions = defined.filter(pl.col("kind") != "class")
    nodes = functions.select("full").unique().sort("full").with_row_index("node")
    functions = functions.join(nodes, on="full")
    imports = _imports(spans, facts["fact_imports"])
    names = pl.concat([defined["name"], imports["alias"]]).unique()
    calls = _calls(spans, facts["fact_calls"], names, nodes)
    few = _few(functions, starts)
    return CallGraph(
        functions=functions.select("node", "module", "qualname", "full", *TIME),
        edges=pl.concat(
            [
                _exact(calls, imports, _targets(defined, functions)),
                _guessed(calls, imports, functions, few),
            ]
        ),
        few=few,
    )


def _defined(spans: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Functions, methods and classes, under their full name, last name, and that in a class."""
    kinds = ["function", "method", "class"]
    rows = spans.join(
        facts.filter(pl.col("kind").is_in(kinds)).select("segment_id", "kind", local="qualname"),
        on="segment_id",
    ).with_columns(qualname=inside())
    return merged(rows, ["module", "qualname", "kind"]).with_columns(
        full=pl.concat_str("module", pl.lit("."), "qualname"),
        name=pl.col("qualname").str.extract(r"([^.]*)$", 1),
        of_class=pl.col("qualname").str.extract(r"([^.]+\.[^.]+)$", 1),
    )


def merged(rows: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Rows of one key that follow each other without a gap, as one row; key and interval."""
    latest = pl.col("until").cum_max().shift(1).over(key)
    return (
        rows.select(*key, *TIME)
        .sort(*key, "since")
        .with_columns(part=(pl.col("since") > latest).fill_null(value=False).cum_sum())
        .group_by(*key, "part", maintain_order=True)
        .agg(pl.col("since").min(), pl.col("until").max())
        .drop("part")
    )


def _calls(
    spans: pl.DataFrame, facts: pl.DataFrame, names: pl.Series, nodes: pl.DataFrame
) -> pl.DataFrame:
    """Calls that can reach something defined: with the function and class around them."""
    said = (
        facts.select("segment_id", "name", written="callee", local="qualname")
        .unique()
        .join(names.to_frame("name"), on="name", how="semi")
    )
    rows = spans.join(said, on="segment_id").with_columns(within=inside())
    # In a file that was not cut, the class is the first part of the function's qualname.
    first = pl.col("within").str.extract(r"^([^.]*)\.", 1)
    rows = rows.with_columns(
        cls=pl.when(pl.col("owner") == "").then(first).otherwise("owner"),
        full=pl.concat_str("module", pl.lit("."), "within"),
    )
    called = merged(rows, ["full", "module", "cls", "within", "written", "name"])
    return called.join(nodes.select("full", caller="node"), on="full").with_row_index("call")


def _imports(spans: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """``module, alias, target, since, until``: what names a module binds to what."""
    is_package = pl.col("path").str.contains(r"(^|/)__init__\.py$")
    above = pl.col("module").str.replace(r"\.?[^.]*$", "")
    rows = (
        spans.join(
            facts.filter(pl.col("alias").is_not_null() & (pl.col("alias") != "*")).select(
                "segment_id", "name", "alias", imported="module"
            ),
            on="segment_id",
        )
        .with_columns(package=pl.when(is_package).then("module").otherwise(above))
        .select("module", "name", "alias", "imported", "package", *TIME)
    )
    dotted = pl.col("imported").str.starts_with(".")
    rows = pl.concat(
        [
            rows.filter(~dotted),
            rows.filter(dotted).with_columns(
                imported=absolute(pl.col("imported"), pl.col("package"))
            ),
        ]
    ).with_columns(
        # `import a.b` binds a; what is called through it is written out.
        target=pl.when(pl.col("name").is_not_null())
        .then(pl.concat_str("imported", pl.lit("."), "name", ignore_nulls=True))
        .when(pl.col("imported").str.starts_with(pl.concat_str("alias", pl.lit("."))))
        .then("alias")
        .otherwise("imported")
    )
    return merged(rows, ["module", "alias", "target"])


def _targets(defined: pl.DataFrame, functions: pl.DataFrame) -> pl.DataFrame:
    """``full, callee, since_there, until_there``: a class is called by its ``__init__``."""
    made = functions.filter(name="__init__").select(
        full=pl.col("full").str.strip_suffix(".__init__"),
        callee="node",
        since="since",
        until="until",
    )
    own = functions.select("full", "node", *TIME).rename({"node": "callee"})
    classes = defined.filter(kind="class").select("full").unique()
    return pl.concat([own, made.join(classes, on="full", how="semi")]).rename(
        {"since": "since_there", "until": "until_there"}
    )


def _exact(calls: pl.DataFrame, imports: pl.DataFrame, targets: pl.DataFrame) -> pl.DataFrame:
    plain = calls.filter(pl.col("written").str.contains(PLAIN))
    dot = pl.lit(".")
    own = calls.filter(pl.col("written").str.contains(_OWN) & pl.col("cls").is_not_null())
    bare = plain.filter(~pl.col("written").str.contains(".", literal=True))
    aliased = _aliased(plain, imports)
    spelled = [
        own.with_columns(full=pl.concat_str("module", dot, "cls", dot, "name")),
        plain.with_columns(full=pl.concat_str("module", dot, "written")),
        bare.with_columns(full=pl.concat_str("module", dot, "within", dot, "written")),
        aliased.with_columns(full=pl.concat_str("target", "rest")),
    ]
    columns = ["call", "caller", "full", *TIME]
    found = pl.concat([rows.select(columns) for rows in spelled]).join(targets, on="full")
    return _edges(found.with_columns(word=pl.lit(None, pl.String)))


def _aliased(plain: pl.DataFrame, imports: pl.DataFrame) -> pl.DataFrame:
    """Calls through a name that was imported while they stood: with ``target`` and ``rest``."""
    return (
        plain.with_columns(
            alias=pl.col("written").str.extract(r"^([^.]*)", 1),
            rest=pl.col("written").str.extract(r"^[^.]*(.*)$", 1),
        )
        .join(
            imports.rename({"since": "since_there", "until": "until_there"}), on=["module", "alias"]
        )
        .pipe(_together)
    )


def _guessed(
    calls: pl.DataFrame, imports: pl.DataFrame, functions: pl.DataFrame, few: pl.DataFrame
) -> pl.DataFrame:
    """Edges to whatever has the name of a call, or the names of its class and itself."""
    words = few.select("word").unique()
    there = {"callee": "node", "since_there": "since", "until_there": "until"}
    by_name = functions.select(word="name", **there).join(words, on="word", how="semi")
    by_class = functions.select(word="of_class", **there).join(words, on="word", how="semi")
    plain = calls.filter(pl.col("written").str.contains(PLAIN))
    dotted = calls.filter(pl.col("written").str.contains(".", literal=True))
    through_class = plain.with_columns(
        word=pl.col("written").str.extract(r"(?:^|\.)([A-Z]\w*\.\w+)$", 1)
    )
    imported = _aliased(plain, imports).filter(pl.col("rest") == "")
    named = [dotted, imported]
    return pl.concat(
        [
            _edges(through_class.join(by_class, on="word")),
            *(_edges(rows.with_columns(word="name").join(by_name, on="word")) for rows in named),
        ]
    )


def _few(functions: pl.DataFrame, starts: Sequence[int]) -> pl.DataFrame:
    """``at, word``: names, and names of class and method, that few functions had at a place."""
    columns = [pl.DataFrame(schema={"at": pl.Int64, "word": pl.String})]
    for at in starts:
        there = functions.filter(pl.col("since") <= at, pl.col("until") > at)
        for word in ("name", "of_class"):
            counted = there.drop_nulls(word).group_by(word).agg(pl.col("node").n_unique())
            rare = counted.filter(pl.col("node") <= FEW)
            columns.append(rare.select(at=pl.lit(at, pl.Int64), word=word))
    return pl.concat(columns)


def _together(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows joined to something else, while both stood."""
    return (
        rows.with_columns(
            since=pl.max_horizontal("since", "since_there"),
            until=pl.min_horizontal("until", "until_there"),
        )
        .filter(pl.col("since") < pl.col("until"))
        .drop("since_there", "until_there")
    )


def _edges(rows: pl.DataFrame) -> pl.DataFrame:
    return (
        _together(rows)
        .filter(pl.col("caller") != pl.col("callee"))
        .select("call", "caller", "callee", "word", *TIME)
    )
