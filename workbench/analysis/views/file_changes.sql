-- One file in one commit; change_id and commit_id are numbers to join views on.
SELECT
    c.sha,
    c.commit_id,
    f.change_id,
    f.path,
    f.old_path,
    f.status,
    f.added_lines,
    f.removed_lines,
    f.is_core,
    f.is_binary
FROM raw_file_changes AS f
JOIN raw_commits AS c USING (commit_id)
