"""SARIF: valid, stable from run to run, within the limits of code scanning, losses in the open."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.exports.made import RELEASE, call_site, everyone, finding, pattern, text_pattern
from workbench.domain.history import Severity
from workbench.domain.patterns import Stage
from workbench.errors import ExportError
from workbench.exports.documents import canonical_bytes, check, faults_of
from workbench.exports.sarif import Limits, Revision, sarif_log
from workbench.exports.sarif.results import fingerprints
from workbench.exports.sarif.rules import LEVELS, rank

PATTERNS = [pattern(), text_pattern()]


def results(findings: Sequence[dict[str, Any]], **options: Any) -> list[dict[str, Any]]:
    """The results of a log of these findings."""
    log, _ = sarif_log(PATTERNS, findings, **options)
    made: list[dict[str, Any]] = log["runs"][0]["results"]
    return made


def lost(findings: Sequence[dict[str, Any]], **options: Any) -> dict[str, int]:
    """What a log of these findings could not carry."""
    _, losses = sarif_log(PATTERNS, findings, **options)
    return {loss.what: loss.count for loss in losses}


def test_a_log_without_results_is_written() -> None:
    """No findings and no patterns still make a valid run with an empty list."""
    log, losses = sarif_log([], [])
    assert log["runs"][0]["results"] == []
    assert losses == ()


def test_a_rule_says_what_the_pattern_says() -> None:
    """Title, description, advice, checklist, limits and origins are in the rule and its help."""
    log, _ = sarif_log(PATTERNS, [])
    rule = log["runs"][0]["tool"]["driver"]["rules"][0]
    assert (rule["id"], rule["name"]) == ("A-shared-mutable-state", "SharedMutableState")
    assert rule["shortDescription"]["text"] == "Shared state changed in place"
    for words in ("Copy before changing.", "Who else holds it?", "getattr", "2026-02-scheduler"):
        assert words in rule["help"]["text"]
        assert words in rule["help"]["markdown"]
    assert rule["properties"]["tags"] == ["upstream-change", "slow", "stage/trial", "scheduler"]
    assert rule["properties"]["precision"] == "medium"


@pytest.mark.parametrize(
    ("severity", "level", "problem"),
    [
        ("LOW", "note", "recommendation"),
        ("MEDIUM", "warning", "warning"),
        ("MEDIUM-HIGH", "warning", "warning"),
        ("HIGH", "error", "error"),
        ("CRITICAL", "error", "error"),
    ],
)
def test_five_severities_on_three_levels(severity: str, level: str, problem: str) -> None:
    """The level is SARIF's, the severity stays readable, the rule says it in both words."""
    (made,) = results([finding(severity=severity)])
    assert (made["level"], made["properties"]["severity"]) == (level, severity)
    log, _ = sarif_log([pattern(severity=Severity(severity))], [])
    rule = log["runs"][0]["tool"]["driver"]["rules"][0]
    assert rule["properties"]["problem.severity"] == problem


def test_rank_keeps_the_severities_apart() -> None:
    """Five severities have five ranks in their own order, so the level's loss can be undone."""
    ranks = [rank(severity) for severity in Severity]
    assert ranks == sorted(set(ranks))
    assert set(LEVELS) == set(Severity)


def test_places_name_the_tree_they_hang_on() -> None:
    """Upstream and downstream paths are relative and say whose they are."""
    (made,) = results([finding()])
    physical = made["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "core/loop.py", "uriBaseId": "UPSTREAM"}
    assert physical["region"] == {"startLine": 41}
    site = made["relatedLocations"][0]
    assert site["physicalLocation"]["artifactLocation"] == {
        "uri": "ours/executor.py",
        "uriBaseId": "DOWNSTREAM/our-executor",
    }
    log, _ = sarif_log(PATTERNS, [finding()])
    assert set(log["runs"][0]["originalUriBaseIds"]) == {"UPSTREAM", "DOWNSTREAM/our-executor"}


def test_the_trace_is_a_code_flow() -> None:
    """The steps come in order, upstream first, each with its own place."""
    (made,) = results([finding()])
    (flow,) = made["codeFlows"][0]["threadFlows"]
    places = [
        (
            step["location"]["physicalLocation"]["artifactLocation"]["uriBaseId"],
            step["location"]["physicalLocation"]["region"]["startLine"],
        )
        for step in flow["locations"]
    ]
    assert places == [("UPSTREAM", 41), ("DOWNSTREAM/our-executor", 12)]


def test_a_finding_for_everyone_has_no_sites_and_no_flow() -> None:
    """Empty lists are left out, since code scanning refuses them."""
    (made,) = results([everyone()])
    assert not {"relatedLocations", "codeFlows"} & set(made)


def test_brackets_in_text_are_not_links() -> None:
    """``Mapped[str](1)`` in a message is text; only our own links to call sites are links."""
    (made,) = results([finding(message="Mapped[str](1) became Mapped[str | None]")])
    text = made["message"]["text"]
    assert text.startswith(r"Mapped\[str\](1) became Mapped\[str | None\] Used by [our-executor:")
    assert text.endswith("ours/executor.py:12](1).")


def test_many_call_sites_are_linked_in_part() -> None:
    """The message links five and counts the rest; every site is a related location."""
    (made,) = results([finding(call_sites=[call_site(line=n) for n in range(1, 9)])])
    assert made["message"]["text"].endswith("and 3 more.")
    assert [site["id"] for site in made["relatedLocations"]] == list(range(1, 9))


def test_odd_file_names_become_uris() -> None:
    """Blanks, percent signs and bytes that are not UTF-8 are percent-encoded."""
    path = b"a dir/50%/caf\xe9.py".decode("utf-8", "surrogateescape")
    (made,) = results([finding(path=path)])
    uri = made["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "a%20dir/50%25/caf%E9.py"


def test_worst_first() -> None:
    """Code scanning shows the first 5,000, so the worst come first, the rest in given order."""
    given_order = [finding(severity=s, line=n) for n, s in enumerate(("LOW", "HIGH", "LOW"), 1)]
    made = [m["locations"][0]["physicalLocation"] for m in results(given_order)]
    assert [m["region"]["startLine"] for m in made] == [2, 1, 3]


@given(st.permutations(range(6)), st.integers(min_value=1, max_value=90))
def test_fingerprints_do_not_move(order: list[int], shift: int) -> None:
    """Neither the order of findings nor a detector that points further down changes them."""
    names = ["a", "a", "a", "b", "b", "c"]
    base = [finding(line=10 * n + 1, names=[name]) for n, name in enumerate(names)]
    said = dict(zip([f["line"] for f in base], fingerprints(base), strict=True))
    moved = [base[i] | {"line": base[i]["line"] + shift} for i in order]
    again = {f["line"] - shift: p for f, p in zip(moved, fingerprints(moved), strict=True)}
    assert again == said
    assert len(set(said.values())) == len(names)


@pytest.mark.parametrize(
    "other",
    [
        {"sha": RELEASE},
        {"path": "core/other.py"},
        {"pattern": "P-guard-removed"},
        {"downstream": "our-auth"},
        {"kind": "deprecated"},
        {"names": ["core.loop.other"]},
    ],
)
def test_fingerprints_tell_findings_apart(other: dict[str, Any]) -> None:
    """Another commit, file, pattern, downstream, kind or symbol is another alert."""
    one, two = fingerprints([finding(), finding(**other)])
    assert one != two


def test_results_over_the_limit_are_counted() -> None:
    """The mildest go first and the loss says how many."""
    many = [finding(line=n, severity="LOW") for n in range(1, 6)] + [finding(line=9)]
    kept = results(many, limits=Limits(results=2))
    assert [m["properties"]["severity"] for m in kept] == ["HIGH", "LOW"]
    assert lost(many, limits=Limits(results=2))["results"] == 4


def test_every_other_limit_is_counted() -> None:
    """Locations, steps, tags, rules and long texts are cut, each with its own count."""
    sites = [call_site(line=n) for n in range(1, 6)]
    limits = Limits(locations=3, flow_locations=1, tags=2, rules=1, text_characters=10)
    findings = [finding(call_sites=sites), everyone()]
    (made,) = results(findings, limits=limits)
    assert len(made["relatedLocations"]) == 2
    assert len(made["codeFlows"][0]["threadFlows"][0]["locations"]) == 1
    told = lost(findings, limits=limits)
    assert told["call sites of results"] == 3
    assert told["steps of traces"] == 1
    assert told["tags of rules"] == 2
    assert told["rules"] == 1
    assert told["results"] == 1
    assert told["ends of long rule texts"] == 2


def test_a_log_that_is_too_big_is_cut_to_size() -> None:
    """The packed log fits, as much as fits is kept, and the loss says how much went."""
    many = [finding(line=n, sha=f"{n:040x}") for n in range(1, 400)]
    limits = Limits(gzip_bytes=12_000)
    log, _ = sarif_log(PATTERNS, many, limits=limits)
    kept = len(log["runs"][0]["results"])
    assert len(gzip.compress(canonical_bytes(log), mtime=0)) <= limits.gzip_bytes
    assert 50 < kept < len(many)
    assert lost(many, limits=limits)["results beyond the size of one upload"] == len(many) - kept


def test_what_sarif_cannot_say_is_listed() -> None:
    """Shared levels, fixes in words, lines of the old version and detectors are losses."""
    told = lost([finding(severity="CRITICAL", fix="Copy it.", side="before")])
    assert told["severities that share a level with a milder one"] == 1
    assert told["fixes as patches"] == 1
    assert told["lines counted in the version before the change"] == 1
    assert told["detectors"] == 2


def test_review_and_fix_stay_readable() -> None:
    """What SARIF has no key for is in the property bag."""
    review = {"verdict": "upgraded", "from": "MEDIUM", "to": "HIGH", "reasons": []}
    fix = {"kind": "advice", "text": "Copy it.", "patch": None, "path": None, "upstream_sha": None}
    (made,) = results([finding(review=review, fix=fix)])
    assert made["properties"]["review"] == review
    assert made["properties"]["fix"] == fix


def test_known_revisions_are_provenance() -> None:
    """A repository and its commit are named where they are known, and only there."""
    revision = Revision(repository_uri="https://example.org/up.git", revision_id="b" * 40)
    log, _ = sarif_log(PATTERNS, [], revisions=[revision])
    (told,) = log["runs"][0]["versionControlProvenance"]
    assert told["revisionId"] == "b" * 40
    assert "versionControlProvenance" not in sarif_log(PATTERNS, [])[0]["runs"][0]


def test_an_active_pattern_is_precise() -> None:
    """Stage decides precision: it has passed the gate; a draft has passed nothing."""
    said = {}
    for stage in (Stage.ACTIVE, Stage.DRAFT):
        log, _ = sarif_log([pattern(stage=stage)], [])
        said[stage] = log["runs"][0]["tool"]["driver"]["rules"][0]["properties"]["precision"]
    assert said == {Stage.ACTIVE: "high", Stage.DRAFT: "low"}


@pytest.mark.parametrize(
    ("breakage", "place"),
    [
        (lambda run: run["results"][0].pop("message"), "results[0]"),
        (lambda run: run["results"][0].update(level="fatal"), "results[0].level"),
        (lambda run: run["results"][0].update(locations=[]), "results[0].locations"),
        (lambda run: run["tool"]["driver"].pop("name"), "tool.driver"),
        (lambda run: run["results"][0].update(colour="red"), "results[0]"),
    ],
)
def test_the_schema_refuses_what_the_standard_refuses(breakage: Any, place: str) -> None:
    """A log that lost a required key, or gained one, is not written."""
    log, _ = sarif_log(PATTERNS, [finding()])
    breakage(log["runs"][0])
    assert f"runs[0].{place}" in [where for where, _ in faults_of(log, schema="sarif")]
    with pytest.raises(ExportError):
        check(log, schema="sarif")
