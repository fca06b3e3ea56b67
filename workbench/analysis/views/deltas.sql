-- What a change did to the facts of one family; before and after hold the family's columns.
SELECT
    sha,
    commit_id,
    change_id,
    path,
    old_path,
    is_core,
    change,
    line,
    side,
    module,
    qualname,
    scope_change,
    before,
    after,
    before_module,
    before_qualname
FROM raw_deltas
WHERE sha IS NOT NULL
