"""Chains of cause and repair: a fix that hurts again is followed, one that holds is not."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from tests.analysis.histories import SHAS, changes, commits, history, hunks
from workbench.analysis.history import lineage
from workbench.analysis.history.lineage import chains, edges
from workbench.analysis.history.mining import as_labels, mine
from workbench.domain.histories import History
from workbench.domain.patterns import Label
from workbench.exports.daily.chains import chains_document, chains_text
from workbench.exports.documents import check


def hit(*pairs: tuple[int, str]) -> pl.DataFrame:
    return pl.DataFrame(
        [(SHAS[n], pattern) for n, pattern in pairs],
        schema={"sha": pl.String, "pattern": pl.String},
        orient="row",
    )


def fixed(cause: int, fix: int, **more: Any) -> Label:
    return Label(sha=SHAS[cause], label="breaking", extra={"fixed_sha": SHAS[fix], **more})


def ways(seen: History, labels: list[Label], hits: pl.DataFrame) -> list[list[int]]:
    """Each chain as the places of its commits."""
    found = chains(edges(labels, seen, hits), seen, hits)
    parts = found.partition_by("chain", maintain_order=True) if found.height else []
    return [[SHAS.index(sha) for sha in part["sha"]] for part in parts]


def plain(count: int = 9) -> History:
    return history({"commits": commits(count)})


def eager_load() -> History:
    """A load for a truth test, its fix by a query, and a small change of that query's line."""
    load, query = "rows = load(version)", "seen = exists(Task.version == version)"
    narrow = "seen = exists(Task.dag == dag, Task.version == version)"
    subjects = ["Begin", "Load it all (#1)", "Fix memory (#2)", "Something", "Filter by dag (#3)"]
    touched = [1, 2, 4]
    return history(
        {
            "commits": commits(5, subject=subjects, message=subjects),
            "file_changes": changes(*((n, "airflow/models/dag.py") for n in touched)),
            "hunks": hunks((0, "", load), (1, load, query), (2, query, narrow)),
        }
    )


def test_a_fix_that_brought_the_next_fault_comes_out_as_a_chain() -> None:
    """N hits the cause, Q its fix, and a change that does not call itself a fix repairs that."""
    seen, hits = eager_load(), hit((1, "N-eager-load"), (2, "Q-hot-query"))
    labels = list(as_labels(mine(seen), trust="weak"))
    found = chains(edges(labels, seen, hits), seen, hits)
    assert found["sha"].to_list() == [SHAS[1], SHAS[2], SHAS[4]]
    assert found["patterns"].to_list() == [["N-eager-load"], ["Q-hot-query"], []]
    assert found["rule"].to_list() == ["fix-blame", "rewrites-fix", None]
    assert found["days"].to_list() == [1.0, 2.0, None]


def test_the_chain_can_be_read_and_fits_its_schema() -> None:
    """A commit a line, what hit it, how long until its repair."""
    seen, hits = eager_load(), hit((1, "N-eager-load"), (2, "Q-hot-query"))
    pairs = edges(as_labels(mine(seen), trust="weak"), seen, hits)
    body = chains_document(chains(pairs, seen, hits), edges=pairs.height)
    text = chains_text(body).splitlines()
    assert text[0].endswith("Load it all (#1)  hit by N-eager-load")
    assert text[1] == "  -> fixed 1 day later (fix-blame, weak)"
    assert text[2].endswith("Fix memory (#2)  hit by Q-hot-query")
    assert text[-1] == "1 chain among 2 pairs of cause and fix"
    for row in body["chains"][0]:
        row["committed_utc"] = row["committed_utc"].isoformat()
    check(
        {"format": "workbench.report-chains", "format_version": 1, **body}, schema="report-chains"
    )


def test_a_weak_pair_needs_a_hit_on_its_cause() -> None:
    """Blame alone is no witness; a person's word and a revert are."""
    seen = eager_load()
    labels = list(as_labels(mine(seen), trust="weak"))
    assert edges(labels, seen, hit()).is_empty()
    assert edges([fixed(1, 2)], seen, hit()).select("cause", "trust").rows() == [(SHAS[1], "high")]
    assert edges([fixed(1, 2, trust="weak")], seen, hit()).is_empty()


def test_a_fix_that_holds_is_no_chain() -> None:
    """Two commits are one only while a pattern hits the second."""
    assert ways(plain(), [fixed(0, 1)], hit((0, "N"))) == []
    assert ways(plain(), [fixed(0, 1)], hit((1, "Q"))) == [[0, 1]]
    assert ways(plain(), [fixed(0, 1), fixed(1, 2)], hit()) == [[0, 1, 2]]


def test_causes_and_fixes_may_branch_and_join() -> None:
    """Every way from a first cause to a last fix is one chain."""
    labels = [fixed(0, 2), fixed(1, 2), fixed(2, 3), fixed(2, 4)]
    assert ways(plain(), labels, hit()) == [[0, 2, 3], [0, 2, 4], [1, 2, 3], [1, 2, 4]]


def test_pairs_that_make_no_sense_are_left_out() -> None:
    """A fix that is older, unknown, or the commit itself; a verdict that it did no harm."""
    harmless = Label(sha=SHAS[0], label="harmless", extra={"fixed_sha": SHAS[1]})
    unknown = Label(sha=SHAS[0], label="breaking", extra={"fixed_sha": "f" * 40})
    labels = [fixed(3, 1), fixed(2, 2), harmless, unknown, Label(sha=SHAS[0], label="breaking")]
    assert edges(labels, plain(), hit()).is_empty()
    assert edges([fixed(0, 1), fixed(0, 1)], plain(), hit()).height == 1


def test_a_fix_is_known_by_the_beginning_of_its_sha() -> None:
    """As git shows it; a beginning that two commits have names none."""
    shas = ["a" * 40, "b" * 7 + "1" * 33, "b" * 7 + "2" * 33, "c" * 40]
    seen = history({"commits": commits(4, sha=shas)})
    no_hits = hit()
    for named, fix in ((shas[3][:7], [shas[3]]), (shas[1][:8], [shas[1]]), (shas[1][:7], [])):
        label = Label(sha=shas[0][:10], label="breaking", extra={"fixed_sha": named})
        assert edges([label], seen, no_hits)["fix"].to_list() == fix


def test_a_tangle_that_is_cut_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """More chains, or more ways, than are told: in a sentence; else nothing."""
    seen, hits = plain(6), hit((3, "A"), (4, "A"), (5, "A"))
    pairs = edges([fixed(0, 3), fixed(1, 4), fixed(2, 5)], seen, hits)
    for most, ways_kept, said in ((3, 9, []), (2, 9, ["first 2 chains"]), (9, 2, ["first 2 ways"])):
        monkeypatch.setattr(lineage, "MOST_CHAINS", most)
        monkeypatch.setattr(lineage, "MOST_WAYS", ways_kept)
        told: list[str] = []
        found = chains(pairs, seen, hits, say=told.append)
        assert found["chain"].n_unique() == min(3, most, ways_kept)
        assert len(told) == len(said)
        assert all(words in one for words, one in zip(said, told, strict=True))
