-- Values that could not be None and now can: columns, fields, results, and what an override is
-- handed.
WITH aside AS (
    SELECT
        change_id,
        regexp_matches(
            path,
            '(^|/)(tests?|tests_common|testing|docs|dev|scripts|example_dags|migrations)/'
            || '|(^|/)(conftest|test_\w+|hatch_build|setup)\.py$'
        ) AS nobodys,
        -- What is read over HTTP is None for the client, and clients are told by the schema.
        regexp_matches(path, '(^|/)(routes|endpoints|www|cli|commands|views|datamodels|ui)/')
            AS served
    FROM file_changes
    WHERE is_core
),

loosened AS (
    SELECT
        d.sha,
        d.commit_id,
        d.change_id,
        d.path,
        d.line,
        d.side,
        d.module || '.' || d.qualname AS owner,
        d.module || '.' || d.qualname || '.' || coalesce(d.after.attribute, d.after.name) AS name,
        'column' AS kind,
        'MEDIUM' AS severity
    FROM columns_deltas AS d
    WHERE
        d.change = 'changed'
        AND d.after.declared = 'model'
        AND NOT d.before.nullable
        AND d.after.nullable
    UNION ALL
    SELECT
        d.sha,
        d.commit_id,
        d.change_id,
        d.path,
        d.line,
        d.side,
        d.module || '.' || d.qualname AS owner,
        d.module || '.' || d.qualname || '.' || d.after.name AS name,
        'field' AS kind,
        'MEDIUM' AS severity
    FROM fields_deltas AS d
    WHERE
        d.change = 'changed'
        AND d.scope_change = 'kept'
        AND NOT d.before.optional
        AND d.after.optional
    UNION ALL
    SELECT
        d.sha,
        d.commit_id,
        d.change_id,
        d.path,
        d.line,
        d.side,
        d.module || '.' || d.qualname AS owner,
        d.module || '.' || d.qualname AS name,
        'result' AS kind,
        'MEDIUM' AS severity
    FROM definitions_deltas AS d
    WHERE
        d.change = 'changed'
        AND NOT regexp_matches(d.before.returns, '\b(None|Optional|Any)\b')
        AND regexp_matches(d.after.returns, '\b(None|Optional)\b')
        AND d.after.returns <> 'None'
    UNION ALL
    -- Whoever overrides the method is handed None by a caller that has none to give.
    SELECT
        d.sha,
        d.commit_id,
        d.change_id,
        d.path,
        d.line,
        d.side,
        d.module || '.' || d.qualname AS owner,
        d.module || '.' || d.qualname AS name,
        'parameter ' || d.after.name AS kind,
        'MEDIUM' AS severity
    FROM parameters_deltas AS d
    WHERE
        d.change = 'changed'
        AND d.scope_change = 'kept'
        AND NOT d.after.has_default
        AND contains(d.qualname, '.')
        AND NOT ends_with(d.qualname, '.__init__')
        AND NOT regexp_matches(d.before.annotation, '\b(None|Optional|Any)\b')
        AND regexp_matches(d.after.annotation, '\b(None|Optional)\b')
),

dated AS MATERIALIZED (
    SELECT l.*, c.repository, c.committed_utc
    FROM loosened AS l
    JOIN commits AS c USING (commit_id)
),

-- When those names came.
known AS MATERIALIZED (
    SELECT b.repository, b.name, b.born_utc
    FROM births AS b
    SEMI JOIN dated AS l ON b.repository = l.repository AND b.name = l.owner
)

SELECT
    l.sha,
    l.path,
    l.line,
    l.side,
    l.name AS qualname,
    [l.name] AS names,
    CASE l.kind
        WHEN 'column' THEN 'may be NULL now'
        WHEN 'field' THEN 'may be None now'
        WHEN 'result' THEN 'may return None now'
        ELSE 'may be handed None as ' || substr(l.kind, 11)
    END AS fate,
    l.severity
FROM dated AS l
JOIN aside AS a USING (change_id)
ASOF LEFT JOIN known AS b
    ON l.repository = b.repository AND l.owner = b.name AND l.committed_utc > b.born_utc
WHERE
    NOT a.nobodys
    AND (l.kind = 'column' OR NOT a.served)
    AND NOT regexp_matches('.' || l.name, '\._[^_]')
    -- What is younger than the time between two releases was in none.
    AND (b.born_utc IS NULL OR l.committed_utc - b.born_utc >= INTERVAL 60 DAY)
