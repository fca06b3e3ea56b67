-- Classes that stay, but live otherwise: other bases, attributes that __init__ no longer sets,
-- properties that raise until something else has run.
WITH bases AS (
    SELECT
        *,
        -- What stands in brackets is told to type checkers, what stands before a dot to imports.
        list_transform(after.bases, lambda b: regexp_extract(b, '^[^\[]*?(\w+)(\[|$)', 1)) AS kept,
        list_transform(
            list_filter(
                before.bases,
                lambda b: NOT list_contains(kept, regexp_extract(b, '^[^\[]*?(\w+)(\[|$)', 1))
                AND NOT regexp_matches(b, '(^|\.)Generic\[')
            ),
            lambda b: regexp_extract(b, '^[^\[]*')
        ) AS gone
    FROM definitions_deltas
    WHERE
        change = 'changed'
        AND after.kind = 'class'
        AND before.kind = 'class'
        AND before.public
        AND is_core
),

classes AS (
    SELECT
        sha,
        commit_id,
        change_id,
        path,
        line,
        side,
        module || '.' || qualname AS owner,
        module || '.' || qualname AS name,
        CASE
            WHEN len(gone) = 1 AND starts_with(gone[1], 'metaclass=')
                THEN 'no longer has the metaclass ' || split_part(gone[1], '=', 2)
            ELSE 'no longer inherits from ' || array_to_string(gone, ', ')
        END AS fate,
        'MEDIUM' AS severity
    FROM bases
    WHERE len(gone) > 0
),

unset AS MATERIALIZED (
    SELECT
        d.sha,
        d.commit_id,
        d.change_id,
        d.path,
        d.line,
        d.side,
        d.module,
        regexp_replace(d.qualname, '\.__init__$', '') AS class,
        d.before.name AS attribute
    FROM attributes_deltas AS d
    WHERE
        d.change = 'removed'
        AND d.scope_change = 'kept'
        AND ends_with(d.qualname, '.__init__')
        AND NOT starts_with(d.before.name, '_')
        AND d.is_core
),

-- Attributes that a line of the commit still sets, from a call or another value that is no fact.
set_still AS (
    SELECT DISTINCT
        change_id,
        unnest(
            regexp_extract_all(added, '(?m)^\s*self\.(\w+)(?:: [^=\n]+)? = ', 1)
        ) AS attribute
    FROM hunks
    WHERE change_id IN (SELECT change_id FROM unset)
),

-- What the class sets or offers under that name after the commit.
offered AS (
    SELECT u.change_id, u.class, u.attribute, min(o.how) AS how
    FROM unset AS u
    JOIN (
        SELECT
            a.change_id,
            regexp_replace(a.qualname, '\.\w+$', '') AS class,
            a.after.name AS attribute,
            -- __init__ itself calls what sets it: nothing has to happen in between.
            CASE WHEN k.callee IS NULL THEN 'set later' ELSE 'a call' END AS how
        FROM attributes_deltas AS a
        LEFT JOIN (
            SELECT DISTINCT change_id, qualname, after.callee AS callee
            FROM calls_deltas
            WHERE change = 'added' AND ends_with(qualname, '.__init__')
        ) AS k
            ON a.change_id = k.change_id
            AND regexp_replace(a.qualname, '\.\w+$', '.__init__') = k.qualname
            AND k.callee = 'self.' || regexp_extract(a.qualname, '\w+$')
        WHERE a.change = 'added'
        UNION ALL
        SELECT change_id, regexp_replace(qualname, '\.\w+$', '') AS class,
            regexp_extract(qualname, '\w+$') AS attribute, 'a ' || after.kind AS how
        FROM definitions_deltas
        WHERE change IN ('added', 'changed') AND after.kind IN ('method', 'attribute')
    ) AS o USING (change_id, class, attribute)
    GROUP BY ALL
),

raising AS (
    SELECT change_id, qualname, arg_min(after.exception, (line, after.exception)) AS exception, min(line) AS line
    FROM raises_deltas
    WHERE change = 'added' AND after.exception IS NOT NULL
    GROUP BY ALL
),

attributes AS (
    SELECT
        u.sha,
        u.commit_id,
        u.change_id,
        u.path,
        coalesce(r.line, u.line) AS line,
        CASE WHEN r.line IS NULL THEN u.side ELSE 'after' END AS side,
        u.module || '.' || u.class AS owner,
        u.module || '.' || u.class || '.' || u.attribute AS name,
        CASE
            WHEN r.exception IS NOT NULL
                THEN 'raises ' || r.exception || ' until something else has set it'
            WHEN o.how = 'set later' THEN 'is set outside of __init__ now'
            ELSE 'is no longer set by __init__'
        END AS fate,
        CASE
            WHEN r.exception IS NOT NULL THEN 'HIGH'
            WHEN o.how = 'set later' THEN 'MEDIUM-HIGH'
            ELSE 'MEDIUM'
        END AS severity
    FROM unset AS u
    LEFT JOIN offered AS o USING (change_id, class, attribute)
    LEFT JOIN raising AS r
        ON u.change_id = r.change_id AND u.class || '.' || u.attribute = r.qualname
    LEFT JOIN set_still AS s ON u.change_id = s.change_id AND u.attribute = s.attribute
    -- A property or a class attribute of that name is there from the beginning.
    WHERE (o.how IS NULL AND s.attribute IS NULL) OR o.how = 'set later' OR r.exception IS NOT NULL
),

-- Members that begin to raise where nothing did: a stub in place of what worked.
stubs AS (
    SELECT
        d.sha,
        d.commit_id,
        d.change_id,
        d.path,
        d.line,
        d.side,
        d.module || '.' || d.qualname AS owner,
        d.module || '.' || d.qualname AS name,
        'raises ' || d.after.exception || CASE
            WHEN d.after.condition IS NULL THEN '' ELSE ' if ' || d.after.condition
        END AS fate,
        'MEDIUM' AS severity
    FROM raises_deltas AS d
    LEFT JOIN definitions_deltas AS p
        ON d.change_id = p.change_id AND d.qualname = p.qualname AND p.after IS NOT NULL
    WHERE
        d.change = 'added'
        AND d.scope_change IN ('kept', 'added')
        AND d.after.exception IN ('RuntimeError', 'NotImplementedError', 'AttributeError', 'TypeError')
        AND d.is_core
        AND (
            (d.scope_change = 'kept' AND ends_with(d.qualname, '.__init__') AND d.after.condition IS NULL)
            OR (
                list_has_any(p.after.decorators, ['property', 'cached_property', 'functools.cached_property'])
                AND (
                    -- An attribute was there, a property that raises is there now.
                    p.before.kind = 'attribute'
                    OR (p.before IS NOT NULL AND d.after.condition IS NULL)
                )
            )
        )
),

told AS MATERIALIZED (
    SELECT * FROM classes
    UNION ALL
    SELECT * FROM attributes
    UNION ALL
    SELECT * FROM stubs
),

-- When those classes came.
known AS MATERIALIZED (
    SELECT repository, name, born_utc
    FROM births
    WHERE name IN (SELECT owner FROM told)
)

SELECT
    t.sha,
    t.path,
    t.line,
    t.side,
    t.name AS qualname,
    CASE WHEN t.owner = t.name THEN [t.name] ELSE [t.name, t.owner] END AS names,
    t.fate,
    t.severity
FROM told AS t
JOIN commits AS c USING (commit_id)
ASOF LEFT JOIN known AS b
    ON c.repository = b.repository AND t.owner = b.name AND c.committed_utc > b.born_utc
WHERE
    NOT regexp_matches('.' || t.name, '\._[^_]')
    AND NOT regexp_matches(
        t.path,
        '(^|/)(tests?|tests_common|testing|docs|dev|scripts|example_dags|migrations|routes|endpoints'
        || '|www|cli|commands|views|datamodels|ui)/|(^|/)(conftest|test_\w+|hatch_build|setup)\.py$'
    )
    -- What is younger than the time between two releases was in none.
    AND (b.born_utc IS NULL OR c.committed_utc - b.born_utc >= INTERVAL 60 DAY)
