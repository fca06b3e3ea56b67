-- One file in one commit; change_id and commit_id are numbers to join views on.
SELECT
    sha,
    commit_id,
    change_id,
    path,
    old_path,
    status,
    added_lines,
    removed_lines,
    is_core,
    is_binary
FROM raw_file_changes
WHERE sha IS NOT NULL
