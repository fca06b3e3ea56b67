-- One block of removed and added lines, without context.
SELECT
    sha,
    commit_id,
    change_id,
    path,
    old_path,
    is_core,
    old_start,
    old_lines,
    new_start,
    new_lines,
    removed,
    added
FROM raw_hunks
WHERE sha IS NOT NULL
