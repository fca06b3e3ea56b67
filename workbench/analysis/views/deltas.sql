-- What a change did to the facts of one family; before and after hold the family's columns.
SELECT
    c.sha,
    c.commit_id,
    d.change_id,
    f.path,
    f.old_path,
    f.is_core,
    d.change,
    d.line,
    d.side,
    d.module,
    d.qualname,
    d.scope_change,
    d.before,
    d.after,
    d.before_module,
    d.before_qualname
FROM raw_deltas AS d
JOIN raw_file_changes AS f USING (change_id)
JOIN raw_commits AS c USING (commit_id)
