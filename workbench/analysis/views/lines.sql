-- Removed lines (side before) and added lines (side after), each with its number on that side.
WITH sides AS (
    SELECT change_id, 'before' AS side, old_start AS first, string_split(removed, chr(10)) AS texts
    FROM raw_hunks
    WHERE old_lines > 0
    UNION ALL
    SELECT change_id, 'after', new_start, string_split(added, chr(10))
    FROM raw_hunks
    WHERE new_lines > 0
)
SELECT
    c.sha,
    c.commit_id,
    f.change_id,
    f.path,
    f.is_core,
    s.side,
    s.first + s.rank - 1 AS line,
    s.text
FROM (
    SELECT change_id, side, first, unnest(texts) AS text, generate_subscripts(texts, 1) AS rank
    FROM sides
) AS s
JOIN raw_file_changes AS f USING (change_id)
JOIN raw_commits AS c USING (commit_id)
