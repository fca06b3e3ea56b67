"""Pairs of a commit and its fix that messages name: reverts, and words like "broken by #7"."""

from __future__ import annotations

import polars as pl

PAIR = ("commit_id", "fix_id", "rule", "trust")
# The number of a squashed pull request ends the subject.
OWN_NUMBER = r"\(#(\d+)\)\s*$"
REVERTS_COMMIT = r"(?i)\breverts? commit ([0-9a-f]{7,40})\b"
REVERT_QUOTED = r'^(?:\[[^\]]*\]\s*)?Revert "(.*)"(?:\s*\(#\d+\))*\s*$'
REVERT_LOOSE = r"^(?:\[[^\]]*\]\s*)?(?:Partially |Temporarily )?[Rr]evert(?:s|ed|ing)?\b(.*)$"
REFERENCE = (
    r"(?:#|github\.com/[\w.-]+/[\w.-]+/(?:pull|commit)/|\bcommit )"
    r"(?P<number>[0-9a-f]{7,40}\b|\d{1,6}\b)"
)
# Between the words and the number: the same sentence, not far away.
NEAR = r"[^.\n#]{0,60}?(?:[\w.-]+/[\w.-]+)?"
BLAMES = (
    r"regress(?:ion|ions|ed)\b|caused by|(?:was|been|got) broken|broken (?:by|in|since|with|after)|"
    r"broke (?:in|with)|introduced (?:in|by|with|through|via)|side[- ]effects? of|"
    r"fallout (?:of|from)|(?:bug|breakage|problem) (?:from|since)"
)
HINTS = (
    r"\bsince|\bafter(?: merging)?|(?:missed|forgotten|overlooked) in|left ?overs? (?:of|from)|"
    r"as of|started with"
)


FIXES = (
    r"(?i)^(?:\[[^\]]*\]\s*)?(?:bug ?fix|fix|hot ?fix|repair|resolve|correct|prevent|avoid)|"
    r"\bfix(?:es|ed)?\b"
)


def numbered(commits: pl.DataFrame) -> pl.DataFrame:
    """Commits with the ``number`` of the pull request that their subject ends with.

    Anybody may write a number that no pull request can have: it is none.
    """
    own = pl.col("subject").str.extract(OWN_NUMBER)
    return commits.with_columns(number=own.cast(pl.Int64, strict=False))


def reverts(commits: pl.DataFrame) -> pl.DataFrame:
    """Return ``commit_id, fix_id, rule, trust`` of commits that another one undoes.

    Three spellings: the line that ``git revert`` writes, the quoted subject that the platform
    writes, and a subject that begins with "revert" and names a number.
    """
    bare = pl.col("subject").str.replace(OWN_NUMBER, "").str.strip_chars()
    subjects = commits.with_columns(
        quoted=pl.col("subject").str.extract(REVERT_QUOTED), loose=bare.str.extract(REVERT_LOOSE)
    )
    by_sha = commits.with_columns(ref=pl.col("message").str.extract_all(REVERTS_COMMIT)).explode(
        "ref"
    )
    by_sha = by_sha.with_columns(ref=pl.col("ref").str.extract(r"([0-9a-f]{7,40})$"))
    by_number = subjects.with_columns(ref=pl.col("quoted").str.extract(OWN_NUMBER))
    by_words = subjects.filter(pl.col("quoted").is_null()).with_columns(
        ref=pl.col("loose").str.extract_all(r"#\d+")
    )
    by_words = by_words.explode("ref").with_columns(ref=pl.col("ref").str.strip_prefix("#"))
    return pl.concat(
        [
            _resolved(by_sha, commits, rule="revert-commit", trust="high"),
            _resolved(by_number, commits, rule="revert-subject", trust="high"),
            _by_subject(subjects, commits),
            _resolved(by_words, commits, rule="revert-number", trust="medium"),
        ]
    )


def mentions(commits: pl.DataFrame) -> pl.DataFrame:
    """Return the same for messages that say which change a fix is about."""
    # The subject's own number and what it quotes of a revert are no mention.
    said = commits.filter(~pl.col("subject").str.contains(REVERT_LOOSE))
    text = pl.concat_str(
        pl.col("subject").str.replace(OWN_NUMBER, ""),
        pl.lit("\n"),
        pl.col("message").str.replace(r"^[^\n]*", "").str.replace_all(r"\s+", " "),
    )
    found = []
    # "After #7" alone tells of an order; in a fix it tells of a cause.
    fixes = said.filter(pl.col("subject").str.contains(FIXES))
    for rule, of, words, trust in (
        ("blames", said, BLAMES, "high"),
        ("hints", fixes, HINTS, "medium"),
    ):
        named = of.with_columns(
            ref=text.str.extract_all(rf"(?i)(?:{words})\b{NEAR}{REFERENCE}")
        ).explode("ref")
        named = named.with_columns(ref=pl.col("ref").str.extract(r"([0-9a-f]+)$"))
        found.append(_resolved(named, commits, rule=rule, trust=trust))
    return pl.concat(found).unique(["commit_id", "fix_id"], keep="first", maintain_order=True)


def _resolved(said: pl.DataFrame, commits: pl.DataFrame, *, rule: str, trust: str) -> pl.DataFrame:
    """Pairs of which ``ref`` is the number or the sha of an earlier commit of the repository."""
    asked = said.drop_nulls("ref").select("repository", "position", "ref", fix_id="commit_id")
    known = commits.select("repository", "sha", "number", "commit_id", origin="position")
    numbers = asked.filter(pl.col("ref").str.len_chars() < len("1234567")).with_columns(
        number=pl.col("ref").cast(pl.Int64, strict=False)
    )
    shas = asked.filter(pl.col("ref").str.len_chars() >= len("1234567")).with_columns(
        begin=pl.col("ref").str.slice(0, 7)
    )
    by_number = numbers.drop_nulls("number").join(known, on=["repository", "number"])
    by_sha = shas.join(
        known.with_columns(begin=pl.col("sha").str.slice(0, 7)), on=["repository", "begin"]
    ).filter(pl.col("sha").str.starts_with(pl.col("ref")))
    # A short id that several commits begin with names none of them.
    by_sha = by_sha.filter(pl.len().over("fix_id", "ref") == 1)
    columns = ["commit_id", "fix_id", "origin", "position"]
    return _latest(
        pl.concat([by_number.select(*columns, "ref"), by_sha.select(*columns, "ref")]),
        rule=rule,
        trust=trust,
    )


def _by_subject(subjects: pl.DataFrame, commits: pl.DataFrame) -> pl.DataFrame:
    """Reverts that quote a subject without a number: the latest earlier commit that has it."""
    asked = (
        subjects.drop_nulls("quoted")
        .filter(~pl.col("quoted").str.contains(OWN_NUMBER))
        .select("repository", "position", ref="quoted", fix_id="commit_id")
    )
    bare = commits.with_columns(ref=pl.col("subject").str.replace(OWN_NUMBER, "").str.strip_chars())
    known = bare.select("repository", "ref", "commit_id", origin="position")
    return _latest(asked.join(known, on=["repository", "ref"]), rule="revert-subject", trust="high")


def _latest(pairs: pl.DataFrame, *, rule: str, trust: str) -> pl.DataFrame:
    """Of the commits that a reference may mean, the latest that is older than the fix."""
    return (
        pairs.filter(pl.col("origin") < pl.col("position"))
        .sort("fix_id", "ref", "origin")
        .unique(["fix_id", "ref"], keep="last", maintain_order=True)
        .with_columns(rule=pl.lit(rule), trust=pl.lit(trust))
        .select(PAIR)
        .unique(maintain_order=True)
    )
