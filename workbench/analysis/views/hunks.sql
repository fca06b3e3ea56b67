-- One block of removed and added lines, without context.
SELECT
    c.sha,
    c.commit_id,
    f.change_id,
    f.path,
    f.old_path,
    f.is_core,
    h.old_start,
    h.old_lines,
    h.new_start,
    h.new_lines,
    h.removed,
    h.added
FROM raw_hunks AS h
JOIN raw_file_changes AS f USING (change_id)
JOIN raw_commits AS c USING (commit_id)
