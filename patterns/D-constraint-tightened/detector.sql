-- Rows that were fine and are no longer: columns that may not be NULL any more, new columns without
-- a value for the rows that are there, shorter columns, other keys.
WITH models AS (
    SELECT
        d.*,
        d.module || '.' || d.qualname AS owner,
        d.module || '.' || d.qualname || '.'
        || coalesce(d.after.attribute, d.before.attribute, d.after.name, d.before.name) AS name
    FROM columns_deltas AS d
    -- A class may be gone though its name is kept for another one: its columns went with it.
    ANTI JOIN definitions_deltas AS g
        ON d.change_id = g.change_id
        AND d.qualname = g.qualname
        AND d.change = 'removed'
        AND g.after.kind <> 'class'
    WHERE
        coalesce(d.after.declared, d.before.declared) = 'model'
        AND d.scope_change = 'kept'
        AND NOT regexp_matches(
            d.path, '(^|/)(tests?|tests_common|testing|docs|dev|scripts|example_dags)/'
        )
),

told AS (
    SELECT
        sha,
        commit_id,
        path,
        line,
        side,
        owner,
        name,
        CASE
            WHEN change = 'changed' AND before.nullable AND NOT after.nullable
                THEN 'may no longer be NULL'
            WHEN
                change = 'added'
                AND NOT after.nullable
                AND after.default IS NULL
                AND after.server_default IS NULL
                THEN 'is new, may not be NULL and has no default'
            WHEN change = 'changed' AND after.length < before.length
                THEN 'holds ' || after.length || ' characters and held ' || before.length
            WHEN
                coalesce(before.primary_key, FALSE) IS DISTINCT FROM coalesce(after.primary_key, FALSE)
                THEN CASE
                    WHEN after.primary_key THEN 'is part of the primary key now'
                    ELSE 'is no longer part of the primary key'
                END
            WHEN
                change = 'changed'
                AND before.type <> after.type
                -- A text without a limit holds all that a shorter one held.
                AND NOT (after.type IN ('Text', 'UnicodeText') AND contains(before.type, 'String'))
                AND NOT (
                    before.type IN ('UUID', 'Uuid', 'UUIDType')
                    AND after.type IN ('UUID', 'Uuid', 'UUIDType')
                )
                THEN 'is of type ' || after.type || ' and was ' || before.type
            WHEN
                change = 'changed'
                AND before.foreign_key IS DISTINCT FROM after.foreign_key
                AND after.foreign_key IS NOT NULL
                THEN 'refers to ' || after.foreign_key
        END AS fate,
        CASE
            WHEN change = 'changed' AND before.nullable AND NOT after.nullable THEN 'HIGH'
            WHEN
                coalesce(before.primary_key, FALSE) IS DISTINCT FROM coalesce(after.primary_key, FALSE)
                THEN 'HIGH'
            ELSE 'MEDIUM'
        END AS severity
    FROM models
),

-- What an upgrade does besides: rows can be filled before the constraint is set.
filled AS (
    SELECT DISTINCT change_id
    FROM calls_deltas
    WHERE
        qualname = 'upgrade'
        AND change = 'added'
        AND (
            after.name IN ('execute', 'bulk_insert')
            OR regexp_matches(after.callee, '(^|\.)(update|insert)$')
            -- A function of the migration itself that says so.
            OR regexp_matches(after.callee, '^_?[a-z_]*(fill|populate|migrate)[a-z_]*$')
        )
),

migrated AS (
    SELECT
        d.sha,
        d.commit_id,
        d.path,
        d.line,
        d.side,
        d.after.table_name || '.' || d.after.name AS name,
        CASE d.after.declared
            WHEN 'add_column' THEN 'is added without a value for the rows that are there'
            ELSE 'may no longer be NULL; the migration fills no row'
        END AS fate,
        CASE d.after.declared WHEN 'add_column' THEN 'MEDIUM' ELSE 'MEDIUM-HIGH' END AS severity
    FROM columns_deltas AS d
    ANTI JOIN filled AS f ON d.change_id = f.change_id
    WHERE
        d.change = 'added'
        AND d.qualname = 'upgrade'
        AND d.after.declared IN ('add_column', 'alter_column')
        AND NOT d.after.nullable
        AND d.after.server_default IS NULL
        -- A type that is set anew has to repeat the rest.
        AND (d.after.declared = 'add_column' OR d.after.type IS NULL)
        AND NOT coalesce(d.after.primary_key, FALSE)
),

dated AS MATERIALIZED (
    SELECT t.*, c.repository, c.committed_utc
    FROM told AS t
    JOIN commits AS c USING (commit_id)
    WHERE t.fate IS NOT NULL
),

-- When those models came.
known AS MATERIALIZED (
    SELECT b.repository, b.name, b.born_utc
    FROM births AS b
    SEMI JOIN dated AS t ON b.repository = t.repository AND b.name = t.owner
)

SELECT
    t.sha,
    t.path,
    t.line,
    t.side,
    t.name AS qualname,
    [t.name] AS names,
    t.fate,
    t.severity
FROM dated AS t
ASOF LEFT JOIN known AS b
    ON t.repository = b.repository AND t.owner = b.name AND t.committed_utc > b.born_utc
-- A model that is younger than the time between two releases has no rows anywhere.
WHERE b.born_utc IS NULL OR t.committed_utc - b.born_utc >= INTERVAL 60 DAY
UNION ALL
SELECT
    sha,
    path,
    line,
    side,
    name AS qualname,
    [name] AS names,
    fate,
    severity
FROM migrated
