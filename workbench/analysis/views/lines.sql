-- Removed lines (side before) and added lines (side after), each with its number on that side.
WITH sides AS (
    SELECT
        sha,
        commit_id,
        change_id,
        path,
        is_core,
        'before' AS side,
        old_start AS first,
        string_split(removed, chr(10)) AS texts
    FROM raw_hunks
    WHERE sha IS NOT NULL AND old_lines > 0
    UNION ALL
    SELECT
        sha,
        commit_id,
        change_id,
        path,
        is_core,
        'after',
        new_start,
        string_split(added, chr(10))
    FROM raw_hunks
    WHERE sha IS NOT NULL AND new_lines > 0
)
SELECT
    sha,
    commit_id,
    change_id,
    path,
    is_core,
    side,
    first + rank - 1 AS line,
    text
FROM (
    SELECT * EXCLUDE (texts), unnest(texts) AS text, generate_subscripts(texts, 1) AS rank
    FROM sides
)
