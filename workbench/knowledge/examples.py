"""Examples run: a pattern's miniatures through its detector, and where the hits are not as said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from workbench.analysis.history.detect import detect
from workbench.domain.histories import History
from workbench.domain.history import Rejection
from workbench.domain.patterns import Example, ExpectedHit, HotPath, Pattern, Problem
from workbench.errors import DetectorError
from workbench.knowledge.example_files import read_trees
from workbench.knowledge.example_history import example_history, history_of_trees, sha_of
from workbench.knowledge.pattern_files import PATTERN_FILE
from workbench.knowledge.problems import Fault, located
from workbench.knowledge.toml_files import read_text
from workbench.text.toml_lines import Key, key_lines

__all__ = ["history_of_trees", "run_examples"]

Hit = dict[str, Any]


def run_examples(
    patterns: Pattern | Sequence[Pattern], hot_paths: Sequence[HotPath] = ()
) -> tuple[Problem, ...]:
    """Run detectors over the examples of their patterns and return every offender.

    An offender is an expected hit that is missing, a hit that nobody expects, a clean case that
    hits, or a miniature that does not parse.

    Parameters
    ----------
    patterns : Pattern or sequence of Pattern
        Sound patterns that were read from their folders. Each sees its own examples only.
    hot_paths : sequence of HotPath
        What a detector may ask about.
    """
    listed = (patterns,) if isinstance(patterns, Pattern) else tuple(patterns)
    trees = {_key(p, e): read_trees(e.folder) for p in listed for e in p.examples}
    # one history for all of them: deltas of a hundred small changes take hardly longer than of one
    history, unparsed = example_history({n: (t.before, t.after) for n, t in trees.items()})
    found: list[Problem] = []
    for pattern in listed:
        shas = {sha_of(_key(pattern, example)) for example in pattern.examples}
        own = History(history.commits.filter(pl.col("sha").is_in(shas)), history.__getitem__)
        found += _placed(pattern, _faults(pattern, own, hot_paths, unparsed))
    return tuple(found)


def _faults(
    pattern: Pattern,
    history: History,
    hot_paths: Sequence[HotPath],
    unparsed: Mapping[str, Sequence[Rejection]],
) -> list[Fault]:
    if not pattern.examples:
        return []
    try:
        rows = detect(pattern, history, hot_paths=hot_paths).to_dicts()
    except DetectorError as error:
        return [Fault(("detector",), f"It does not run: {error}")]
    faults: list[Fault] = []
    for at, example in enumerate(pattern.examples):
        key: Key = ("examples", at)
        name = _key(pattern, example)
        faults += [
            Fault(key, f"{r.path} does not parse at {r.at}: {r.reason}.") for r in unparsed[name]
        ]
        hits = [row for row in rows if row["sha"] == sha_of(name)]
        faults += _offenders((*key, "expect"), example, hits)
    return faults


def _key(pattern: Pattern, example: Example) -> str:
    return f"{pattern.id}/{example.name}"


def _offenders(key: Key, example: Example, hits: Sequence[Hit]) -> Iterator[Fault]:
    taken = _pairs(example.expect, hits)
    others = [_shown(hit) for at, hit in enumerate(hits) if at not in taken.values()]
    missing = [at for at in range(len(example.expect)) if at not in taken]
    instead = f"hit instead: {', '.join(others)}" if others else "nothing else is hit"
    for at in missing:
        what = f"Example {example.name} is not hit at {_wanted(example.expect[at])}; {instead}."
        yield Fault((*key, at), what)
    if others and not missing:
        said = "is clean, but it is hit" if not example.expect else "is hit once too often,"
        yield Fault(key, f"Example {example.name} {said} at {', '.join(others)}.")


def _pairs(expected: Sequence[ExpectedHit], hits: Sequence[Hit]) -> dict[int, int]:
    """Give each expectation a hit of its own, for as many of them as possible."""
    owner: dict[int, int] = {}

    def place(want: int, tried: set[int]) -> bool:
        for at, hit in enumerate(hits):
            if at not in tried and _fits(expected[want], hit):
                tried.add(at)
                if at not in owner or place(owner[at], tried):
                    owner[at] = want
                    return True
        return False

    for want in range(len(expected)):
        place(want, set())
    return {want: at for at, want in owner.items()}


def _fits(expected: ExpectedHit, hit: Hit) -> bool:
    qualname = f".{hit['qualname']}"
    return (
        hit["path"] == expected.path
        and expected.line in (None, hit["line"])
        and expected.severity in (None, hit["severity"])
        and (expected.qualname is None or qualname.endswith(f".{expected.qualname}"))
    )


def _shown(hit: Hit) -> str:
    return f"{hit['path']}:{hit['line']} {hit['qualname']} {hit['severity']}"


def _wanted(expected: ExpectedHit) -> str:
    line = f":{expected.line}" if expected.line else ""
    return " ".join(filter(None, (expected.path + line, expected.qualname, expected.severity)))


def _placed(pattern: Pattern, faults: Sequence[Fault]) -> tuple[Problem, ...]:
    """Return the faults at their lines in the pattern's file, read when there are any."""
    if pattern.folder is None or not faults:
        return ()
    file = pattern.folder / PATTERN_FILE
    text = read_text(file)
    return located(file.as_posix(), faults, key_lines(text) if isinstance(text, str) else {})
