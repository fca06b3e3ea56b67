-- What a hot path pays for its queries: queries that every turn of a loop runs and no index serves,
-- guards in front of them that went, and indexes that went from a model or never came.
WITH hot AS MATERIALIZED (
    SELECT change_id, module, qualname, multiplicity, distance
    FROM hot_functions
    -- The further a call is away, the less it says how often it is made.
    WHERE distance <= 2
),

-- Files of production, and when they were touched.
own AS MATERIALIZED (
    SELECT f.change_id, c.repository, c.position
    FROM file_changes AS f
    JOIN commits AS c ON f.commit_id = c.commit_id
    SEMI JOIN (
        SELECT change_id FROM hot
        UNION ALL
        SELECT change_id FROM indexes_deltas
        UNION ALL
        SELECT change_id FROM columns_deltas
    ) AS t ON f.change_id = t.change_id
    WHERE
        f.is_core
        AND NOT regexp_matches(
            f.path,
            '(^|/)(tests?|tests_common|testing|docs|dev|scripts|example_dags|migrations|providers)/'
        )
),

asked AS MATERIALIZED (
    SELECT
        q.sha,
        q.commit_id,
        q.change_id,
        q.path,
        q.line,
        q.side,
        q.change,
        q.module || '.' || q.qualname AS qualname,
        h.multiplicity,
        h.distance,
        coalesce(q.before.filters, []) AS old_filters,
        -- What a query inside it compares, of one that has no filters itself.
        CASE
            WHEN len(q.after.filters) > 0 THEN q.after.filters
            ELSE regexp_extract_all(q.after.text, '\b([A-Z]\w*\.[a-z_]\w*) *(==|\.in_\()', 1)
        END AS filters,
        array_to_string(q.after.terms, ' ; ') AS terms,
        q.after.limited OR q.after.kind = 'get' AS limited,
        q.after.loops AS loops,
        coalesce(q.before.loops, 0) AS old_loops,
        a.repository,
        a.position
    FROM queries_deltas AS q
    JOIN hot AS h
        ON q.change_id = h.change_id AND q.module = h.module AND q.qualname = h.qualname
    JOIN own AS a ON q.change_id = a.change_id
    WHERE
        q.after IS NOT NULL
        AND q.scope_change IN ('kept', 'renamed', 'moved')
        AND q.after.kind <> 'insert'
        AND (
            q.change = 'added'
            OR q.before.filters <> q.after.filters
            OR q.before.ordered_by <> q.after.ordered_by
            OR q.before.joins <> q.after.joins
            OR q.before.limited <> q.after.limited
            OR q.before.loops < q.after.loops
        )
),

-- The same question, asked elsewhere before: the query moved.
moved AS (
    SELECT DISTINCT a.change_id, a.line, a.qualname
    FROM asked AS a
    JOIN queries_deltas AS q ON a.commit_id = q.commit_id
    WHERE q.change = 'removed' AND a.change = 'added' AND q.before.filters = a.filters
),

-- A function that asked in each turn of a loop before: the question is put in another way.
looped_before AS (
    SELECT DISTINCT change_id, module || '.' || qualname AS qualname
    FROM queries_deltas
    WHERE change = 'removed' AND before.loops > 0
),

-- The columns that are compared, by model. What a relationship is asked for is no column.
compared AS (
    SELECT
        change_id,
        line,
        qualname,
        repository,
        position,
        old,
        CASE
            WHEN split_part(name, '.', 1) IN ('cls', 'self')
                THEN regexp_extract(qualname, '(\w+)\.\w+$', 1)
            ELSE split_part(name, '.', 1)
        END AS model,
        regexp_extract(name, '[^.]+$') AS column_name
    FROM (
        SELECT * EXCLUDE (filters, old_filters), false AS old, unnest(filters) AS name
        FROM asked
        UNION ALL
        SELECT * EXCLUDE (filters, old_filters), true AS old, unnest(old_filters) AS name
        FROM asked
    )
    WHERE NOT (contains(terms, name || '.any(') OR contains(terms, name || '.has('))
),

-- Models by their name and by its capitals (TI, DR), and what their indexes begin with. Of a model
-- whose keys name a run, a task instance or a moment, rows come with every run.
models AS MATERIALIZED (
    SELECT
        repository,
        regexp_extract(qualname, '\w+$') AS class,
        regexp_replace(regexp_extract(qualname, '\w+$'), '[^A-Z]', '', 'g') AS capitals,
        column_names[1] AS first_column,
        declared = 'foreign-key' AS no_index,
        list_has_any(
            column_names,
            [
                'run_id', 'dag_run_id', 'dagrun_id', 'ti_id', 'task_instance_id', 'dag_version_id',
                'event_id', 'execution_date', 'logical_date', 'run_after', 'timestamp', 'dttm'
            ]
        ) AS grows,
        since_position,
        until_position
    FROM indexes_as_of
    WHERE qualname <> ''
),

of_models AS (
    SELECT
        c.change_id,
        c.line,
        c.qualname,
        c.old,
        c.model,
        bool_or(m.first_column = c.column_name AND NOT m.no_index) AS covered,
        bool_or(m.grows) AS grows,
        list_sort(list_distinct(list(c.column_name))) AS columns_asked
    FROM compared AS c
    JOIN models AS m
        ON c.repository = m.repository
        AND (c.model = m.class OR (c.model = m.capitals AND length(c.model) BETWEEN 2 AND 4))
        AND m.since_position <= c.position - c.old::INT
        AND (m.until_position IS NULL OR m.until_position > c.position - c.old::INT)
    GROUP BY ALL
),

-- One model that an index serves is enough for a query to begin with.
answered AS (
    SELECT
        change_id,
        line,
        qualname,
        bool_or(covered) FILTER (WHERE NOT old) AS covered,
        bool_or(covered) FILTER (WHERE old) AS was_covered,
        bool_or(grows) FILTER (WHERE NOT old) AS grows,
        string_agg(model || '.' || array_to_string(columns_asked, ', '), ' and ' ORDER BY model)
            FILTER (WHERE NOT old) AS columns_asked
    FROM of_models
    GROUP BY ALL
),

queries AS (
    SELECT
        a.sha,
        a.path,
        a.line,
        a.side,
        a.qualname,
        a.multiplicity,
        CASE
            WHEN w.covered THEN 'reads all that it finds in each turn of its own loop, by '
            ELSE 'asks by '
        END || w.columns_asked AS fate,
        CASE WHEN w.covered THEN 'an index serves it' ELSE 'no index' END AS index_found,
        CASE
            WHEN w.covered OR NOT w.grows THEN 'MEDIUM'
            WHEN a.multiplicity = 'per-task-instance' THEN 'HIGH'
            ELSE 'MEDIUM-HIGH'
        END AS severity
    FROM asked AS a
    JOIN answered AS w USING (change_id, line, qualname)
    ANTI JOIN moved AS m USING (change_id, line, qualname)
    WHERE
        (
            NOT w.covered
            -- Where no index served it before, nothing is lost.
            AND (a.change = 'added' OR w.was_covered OR a.old_loops < a.loops)
            -- A table of DAGs or files is read through in no time, unless for each row of another.
            AND (w.grows OR a.multiplicity = 'per-task-instance' OR a.loops > 0)
        )
        OR (
            w.covered
            AND w.grows
            AND NOT a.limited
            AND a.loops > a.old_loops
            -- A loop over bunches of keys is how many rows are asked for at once.
            AND NOT regexp_matches(a.terms, '(?i)\.in_\(|chunk|batch')
            AND (a.change_id, a.qualname) NOT IN (FROM looped_before)
        )
),

-- Early exits in front of a query, with nothing left in the commit that asks the same.
gone AS MATERIALIZED (
    SELECT
        g.sha,
        g.commit_id,
        g.change_id,
        g.path,
        g.line,
        g.side,
        g.module || '.' || g.qualname AS qualname,
        g.before.condition AS condition,
        h.multiplicity,
        list_filter(
            list_distinct(regexp_extract_all(g.before.condition, '[A-Za-z_]\w*')),
            lambda word: word NOT IN (
                'all', 'and', 'any', 'bool', 'False', 'for', 'get', 'getattr', 'if', 'in', 'is',
                'isinstance', 'len', 'None', 'not', 'or', 'self', 'cls', 'True'
            )
        ) AS words
    FROM guards_deltas AS g
    JOIN hot AS h
        ON g.change_id = h.change_id AND g.module = h.module AND g.qualname = h.qualname
    JOIN own AS a ON g.change_id = a.change_id
    WHERE
        g.change = 'removed'
        AND g.scope_change IN ('kept', 'renamed', 'moved')
        AND g.before.exit IN ('return', 'continue', 'yield-return')
        AND list_contains(g.before.follows, 'query')
        AND h.multiplicity = 'per-task-instance'
        AND h.distance <= 1
),

replaced AS (
    SELECT DISTINCT g.change_id, g.line
    FROM gone AS g
    JOIN hunks AS h ON g.commit_id = h.commit_id
    WHERE
        h.is_core
        AND len(g.words) > 0
        AND contains(h.added, g.words[1])
        AND list_has_all(regexp_extract_all(h.added, '[A-Za-z_]\w*'), g.words)
),

-- Indexes that went from a model that stays, while the columns that they begin with stay.
lost AS MATERIALIZED (
    SELECT
        i.sha,
        i.change_id,
        i.path,
        i.line,
        i.side,
        i.module,
        i.qualname,
        i.before.column_names AS column_names,
        i.before.column_names[1] IN (
            SELECT coalesce(d.before.attribute, d.before.name)
            FROM columns_deltas AS d
            WHERE d.change = 'removed' AND d.change_id = i.change_id AND d.qualname = i.qualname
        ) AS with_its_column,
        a.repository,
        a.position
    FROM indexes_deltas AS i
    JOIN own AS a ON i.change_id = a.change_id
    WHERE
        i.change = 'removed'
        AND i.scope_change = 'kept'
        AND i.before.declared IN ('model', 'primary-key', 'unique')
        -- Another one with some of its columns comes in its place.
        AND NOT EXISTS (
            FROM indexes_deltas AS n
            WHERE
                n.change = 'added'
                AND n.change_id = i.change_id
                AND n.qualname = i.qualname
                AND n.after.declared <> 'foreign-key'
                AND list_has_any(n.after.column_names, i.before.column_names)
        )
),

keys AS MATERIALIZED (
    SELECT
        d.sha,
        d.change_id,
        d.path,
        d.line,
        d.side,
        d.module,
        d.qualname,
        [d.after.name] AS column_names,
        a.repository,
        a.position
    FROM columns_deltas AS d
    JOIN own AS a ON d.change_id = a.change_id
    WHERE
        d.scope_change = 'kept'
        AND d.after.declared = 'model'
        AND d.after.foreign_key IS NOT NULL
        AND NOT d.after.indexed
        AND d.before.foreign_key IS NULL
),

-- What models have no index for once the commit is in.
missing AS (
    SELECT m.*
    FROM (
        SELECT *, 'lost' AS why FROM lost
        UNION ALL BY NAME
        SELECT *, 'key' AS why, false AS with_its_column FROM keys
    ) AS m
    ANTI JOIN indexes_as_of AS i
        ON m.repository = i.repository
        AND m.module = i.module
        AND m.qualname = i.qualname
        AND m.column_names[1] = i.column_names[1]
        AND i.declared <> 'foreign-key'
        AND i.since_position <= m.position
        AND (i.until_position IS NULL OR i.until_position > m.position)
),

schema AS (
    SELECT
        *,
        bool_or(why = 'lost') OVER in_model AND bool_or(why = 'key') OVER in_model AS swapped
    FROM missing
    WINDOW in_model AS (PARTITION BY sha, module, qualname)
)

SELECT
    sha,
    path,
    line,
    side,
    qualname,
    fate || ' (' || multiplicity || '; ' || index_found || ')' AS fate,
    severity
FROM queries
UNION ALL
SELECT
    sha,
    path,
    line,
    side,
    qualname,
    'queries for those too that left early on `'
    || CASE WHEN length(condition) > 60 THEN left(condition, 57) || '...' ELSE condition END
    || '` (' || multiplicity || '; index not known)' AS fate,
    'HIGH' AS severity
FROM gone
ANTI JOIN replaced USING (change_id, line)
UNION ALL
SELECT
    sha,
    path,
    line,
    side,
    module || '.' || qualname AS qualname,
    CASE
        WHEN why = 'lost' THEN 'has no index any more for ' || array_to_string(column_names, ', ')
        ELSE 'refers to another table by ' || column_names[1] || ', which no index begins with'
    END AS fate,
    CASE WHEN swapped THEN 'MEDIUM-HIGH' ELSE 'MEDIUM' END AS severity
FROM schema
WHERE
    swapped
    OR (why = 'lost' AND NOT with_its_column)
    -- A reference from a table of few rows is looked up in no time.
    OR (
        why = 'key'
        AND EXISTS (
            FROM models AS m
            WHERE
                m.grows
                AND m.repository = schema.repository
                AND m.class = regexp_extract(schema.qualname, '\w+$')
                AND m.since_position <= schema.position
                AND (m.until_position IS NULL OR m.until_position > schema.position)
        )
    )
