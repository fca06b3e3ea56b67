-- Commits of the span; times are UTC without a zone, so that TIMESTAMP literals compare.
SELECT
    commit_id,
    sha,
    repository,
    repository_kind,
    position,
    author,
    authored_utc,
    committed_utc,
    subject,
    message
FROM raw_commits
