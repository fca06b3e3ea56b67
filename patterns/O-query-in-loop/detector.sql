-- Queries that now run once for each turn of a loop, and eager loads that went, so that each row
-- asks for its own.
WITH here AS MATERIALIZED (
    SELECT change_id
    FROM file_changes
    WHERE
        is_core
        AND regexp_matches(
            path, '(^|/)(models|jobs|ti_deps|dag_processing|executors|assets|callbacks|timetables)/'
        )
        AND NOT regexp_matches(
            path,
            '(^|/)(tests?|tests_common|testing|docs|dev|scripts|example_dags|migrations|providers)/'
        )
),

-- Calls that ask the database. What is added or deleted goes there in one flush.
calls AS MATERIALIZED (
    SELECT
        sha,
        change_id,
        path,
        line,
        side,
        change,
        scope_change,
        module,
        qualname,
        coalesce(before.loops, 0) + coalesce(before.in_comprehension, false)::INT AS old_turns,
        coalesce(after.loops, 0) + coalesce(after.in_comprehension, false)::INT AS turns,
        coalesce(after.callee, before.callee) AS what
    FROM calls_deltas
    SEMI JOIN here USING (change_id)
    WHERE
        coalesce(after.name, before.name) IN (
            'execute', 'scalar', 'scalars', 'query', 'get', 'get_one', 'refresh', 'merge', 'flush',
            'refresh_from_db'
        )
        AND regexp_matches(
            coalesce(after.callee, before.callee), '(^|[._])session\.\w+$|\.refresh_from_db$'
        )
),

queries AS MATERIALIZED (
    SELECT
        sha,
        change_id,
        path,
        line,
        side,
        change,
        scope_change,
        module,
        qualname,
        coalesce(before.loops, 0)::INT AS old_turns,
        coalesce(after.loops, 0)::INT AS turns,
        'asks for ' || array_to_string(coalesce(after.tables, before.tables), ', ') AS what,
        -- Many keys at once: the loop goes over bunches of them.
        contains(coalesce(after.text, ''), '.in_(') AS bunched
    FROM queries_deltas
    SEMI JOIN here USING (change_id)
    WHERE coalesce(after.kind, before.kind) <> 'insert'
),

asked AS (
    SELECT *, false AS bunched, 'calls ' || what AS told FROM calls
    UNION ALL BY NAME
    SELECT *, what AS told FROM queries
),

-- A function asked in a loop before: the same question is written in another way.
before_too AS (
    SELECT DISTINCT change_id, qualname
    FROM asked
    WHERE change = 'removed' AND old_turns > 0
),

-- A loop that tries once more is over after its first turn; one over bunches has few turns.
few_turns AS (
    SELECT DISTINCT change_id, qualname
    FROM calls_deltas
    SEMI JOIN here USING (change_id)
    WHERE regexp_matches(coalesce(after.name, before.name), '(?i)retr(y|ies)|chunk|batched')
    UNION
    SELECT change_id, qualname
    FROM queries
    WHERE turns > 0
    GROUP BY change_id, qualname
    HAVING bool_and(bunched)
),

-- A loop over what the function itself lists: as many turns whatever the scale.
listed AS MATERIALIZED (
    SELECT DISTINCT change_id, name
    FROM (
        SELECT
            h.change_id,
            unnest(regexp_extract_all(h.added, '(?m)^\s+(\w+)(: [^=\n]+)? = [\[(](?:\s*$|\w)', 1)) AS name
        FROM hunks AS h
        SEMI JOIN asked AS a ON h.change_id = a.change_id
    )
),

over_a_list AS (
    SELECT DISTINCT a.change_id, a.line
    FROM asked AS a
    JOIN hunks AS h
        ON a.change_id = h.change_id
        AND a.side = 'after'
        AND a.line >= h.new_start
        AND a.line < h.new_start + h.new_lines
    JOIN listed AS l ON a.change_id = l.change_id
    WHERE regexp_matches(h.added, '(?m)^\s+for \w+ in ' || l.name || ':')
),

-- Functions that send something in a loop by now: a statement that is only built goes nowhere.
sent AS (
    SELECT DISTINCT change_id, qualname
    FROM calls
    WHERE turns > 0 AND change <> 'removed'
),

looped AS (
    SELECT
        sha,
        change_id,
        path,
        min(line) AS line,
        module,
        qualname,
        arg_min(told, (starts_with(told, 'calls'), line, told)) AS told
    FROM asked AS a
    ANTI JOIN before_too AS b USING (change_id, qualname)
    ANTI JOIN few_turns AS f USING (change_id, qualname)
    ANTI JOIN over_a_list AS o USING (change_id, line)
    SEMI JOIN sent AS s USING (change_id, qualname)
    WHERE
        scope_change IN ('kept', 'renamed', 'moved')
        AND turns > old_turns
        AND (change = 'added' OR old_turns = 0)
    GROUP BY ALL
),

-- Loads that went from a query whose rows are still looked at.
dropped AS MATERIALIZED (
    SELECT
        sha,
        change_id,
        path,
        line,
        side,
        module,
        qualname,
        after.text AS text,
        unnest(before.eager) AS load,
        before.eager_uses AS uses,
        after.eager AS now
    FROM queries_deltas
    SEMI JOIN here USING (change_id)
    WHERE
        change = 'changed'
        AND len(before.eager) > len(after.eager)
        -- What loads them may have gone into a function of its own.
        AND NOT regexp_matches(after.text, '\.options\( *\*?[a-z_]+[,()]')
),

lazy AS (
    SELECT
        *,
        regexp_extract(load, '[^.:]+$') AS relationship
    FROM dropped
    WHERE NOT list_contains(now, load)
),

-- The relationship went with its load.
gone AS (
    SELECT DISTINCT r.sha, r.before.name AS relationship
    FROM relationships_deltas AS r
    WHERE r.change = 'removed'
),

hits AS (
    SELECT
        sha,
        change_id,
        path,
        line,
        'after' AS side,
        module,
        qualname,
        told || ' in each turn of a loop' AS told,
        true AS looped
    FROM looped
    UNION ALL
    SELECT
        sha,
        change_id,
        path,
        line,
        side,
        module,
        qualname,
        'no longer loads ' || split_part(load, ':', 2) || ' with its rows: each asks for its own',
        false
    FROM lazy
    ANTI JOIN gone USING (sha, relationship)
    WHERE
        NOT list_contains(
            list_transform(now, lambda l: regexp_extract(l, '[^.:]+$')), relationship
        )
        AND list_has_any(
            uses, [relationship || ':iterated', relationship || ':read']
        )
)

SELECT
    x.sha,
    x.path,
    x.line,
    x.side,
    x.module || '.' || x.qualname AS qualname,
    x.told,
    CASE WHEN h.multiplicity IS NULL THEN '' ELSE ' (' || h.multiplicity || ')' END AS often,
    CASE
        WHEN x.looped AND h.multiplicity IS NOT NULL THEN 'MEDIUM-HIGH'
        ELSE 'MEDIUM'
    END AS severity
FROM hits AS x
LEFT JOIN hot_functions AS h
    ON x.change_id = h.change_id
    AND x.module = h.module
    AND x.qualname = h.qualname
    AND h.distance <= 1
