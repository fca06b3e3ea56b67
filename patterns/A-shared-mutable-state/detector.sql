-- In-place changes of state that a caller shares between calls, new in a function that was there.
WITH changed AS (
    SELECT
        sha,
        change_id,
        path,
        line,
        side,
        change,
        module || '.' || qualname AS qualname,
        regexp_extract(qualname, '[^.]+$') AS function,
        CASE WHEN change = 'removed' THEN before ELSE after END AS fact
    FROM mutations_deltas
    WHERE
        change IN ('added', 'removed')
        AND (change = 'removed' OR scope_change IN ('kept', 'renamed', 'moved'))
),

told AS (
    SELECT
        * EXCLUDE (fact),
        fact.root AS root,
        fact.root_kind AS root_kind,
        fact.target AS target,
        fact.how AS how,
        fact.fallback AS fallback,
        fact.conditional AS conditional,
        coalesce(fact.value, '') AS value,
        coalesce(fact.root_annotation, '') AS annotation,
        -- A question that changes what it is asked about surprises every caller.
        regexp_matches(
            function,
            '^_*(is|are|has|have|can|may|should|must|needs?|get|find|fetch|check|list|count|select|filter|iter)(_|$)'
        ) AS asks,
        -- What hangs on the root: another name for the root leaves it as it is.
        substr(fact.target, length(fact.root) + 1) AS hanging
    FROM changed
),

-- A container changes: a counter that grows and an attribute that gets a new value do not leak
-- one item's part into the next, unless the new value is made of the old one.
containers AS (
    SELECT *
    FROM told
    WHERE
        (how NOT IN ('setattr', 'delattr', 'assign', 'augassign'))
        OR (how = 'augassign' AND NOT regexp_matches(value, '^[-\d.]+$'))
        OR (
            how = 'setattr'
            AND regexp_matches(
                replace(value, target, '@'),
                '@ *([|&+^-]|\.(union|difference|intersection|copy)\()|\*@'
            )
        )
),

-- The same change taken out elsewhere in the commit: code that moved, a parameter that was renamed.
moved AS (
    SELECT DISTINCT sha, path, how, hanging, value
    FROM told
    WHERE change = 'removed'
),

hot AS (
    SELECT DISTINCT c.sha, c.change_id, c.line, c.qualname
    FROM containers AS c
    JOIN hot_functions AS h
        ON c.change_id = h.change_id AND c.qualname = h.module || '.' || h.qualname
    -- The further a call is away, the less it says how often it is made.
    WHERE c.change = 'added' AND h.distance <= 2
),

suspects AS (
    -- The root may be made here when the caller gives none: who gives one, shares it.
    SELECT t.*, 'the caller''s own ' || root AS shared
    FROM told AS t
    WHERE t.change = 'added' AND t.root_kind = 'parameter' AND t.fallback
    UNION
    -- A parameter or what hangs on it, changed for some calls and not for others. What is an
    -- element of the parameter is the item itself, not what items share.
    SELECT c.*, 'the caller''s own ' || root AS shared
    FROM containers AS c
    WHERE
        c.change = 'added'
        AND c.root_kind = 'parameter'
        AND c.conditional
        AND NOT starts_with(hanging, '[]')
        -- The parameter itself is often handed in to be filled; a question is not asked for that.
        AND (
            hanging <> ''
            OR (
                (c.asks OR (c.change_id, c.line, c.qualname) IN (
                    SELECT (change_id, line, qualname) FROM hot
                ))
                AND NOT regexp_matches(c.path, '(^|/)(providers|dev|scripts|airflow-ctl)/')
            )
        )
    UNION
    -- Module and class state on a hot path: every turn of the loop sees it.
    SELECT c.*, 'module state' AS shared
    FROM containers AS c
    JOIN hot USING (sha, change_id, line, qualname)
    WHERE
        c.change = 'added'
        AND c.root_kind IN ('module', 'cls')
        AND c.conditional
        AND c.root NOT IN ('os', 'sys', 'warnings', 'logging')
        -- A class with a method of that name is no container.
        AND NOT (c.hanging = '' AND regexp_matches(c.root, '^[A-Z]+[a-z]'))
)

SELECT
    s.sha,
    s.path,
    s.line,
    s.side,
    s.qualname,
    s.target,
    s.shared,
    s.how,
    CASE
        WHEN (s.fallback AND s.conditional) OR s.asks THEN 'HIGH'
        ELSE 'MEDIUM-HIGH'
    END AS severity
FROM suspects AS s
ANTI JOIN moved AS m
    ON s.sha = m.sha AND s.how = m.how AND s.hanging = m.hanging AND s.value = m.value
    -- A release is the work of weeks: only the same file speaks for it.
    AND (NOT starts_with(s.sha, 'release:') OR s.path = m.path)
WHERE
    -- Functions that are there to change what they are given.
    NOT regexp_matches(
        s.function,
        '^_*(add|append|apply|assign|attach|bind|bulk|clear|collect|configure|conversion|convert|deserialize|discard|enqueue|extend|fill|gather|init|inject|insert|load|mark|merge|migrate|modify|mutate|patch|populate|pop|post|pre|prepare|push|put|queue|record|refresh|register|remove|reset|restore|save|serialize|set|setup|store|sync|track|update|upgrade|downgrade|visit)(_|$)|^__\w+__$'
    )
    -- Parameters that are there to be changed.
    AND NOT regexp_matches(
        s.root,
        '^_*(acc|accumulator|buffer|collected|conn|connection|cursor|db|dest|destination|errors|found|into|kwargs|memo|namespace|out|output|parser|results?|ret|returned|seen|self|session|sess|sink|stack|target|visited|warnings)$'
    )
    AND NOT regexp_matches(s.annotation, '\b(Async)?Session(Dep)?\b')
    AND NOT regexp_matches(s.path, '(^|/)(tests?|tests_common|testing|docs|example_dags)/|(^|/)(conftest|test_\w+)\.py$')
