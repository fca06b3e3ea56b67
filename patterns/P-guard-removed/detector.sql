-- Early exits that are gone from a function that stays, with nothing left in the commit that asks
-- the same question.
WITH gone AS (
    SELECT
        sha,
        commit_id,
        change_id,
        path,
        line,
        side,
        module || '.' || qualname AS qualname,
        before.condition AS condition,
        before.exit AS exit,
        before.follows AS follows,
        before.position AS position,
        before.depth AS depth,
        -- The names a condition asks about; what is left out says how it asks, not what.
        list_filter(
            list_distinct(regexp_extract_all(before.condition, '[A-Za-z_]\w*')),
            lambda word: word NOT IN (
                'all', 'and', 'any', 'bool', 'cls', 'False', 'for', 'get', 'getattr', 'hasattr',
                'if', 'in', 'is', 'isinstance', 'len', 'None', 'not', 'or', 'self', 'set', 'str',
                'True'
            )
        ) AS asked
    FROM guards_deltas
    WHERE
        change = 'removed'
        AND scope_change IN ('kept', 'renamed', 'moved')
        -- A check that raises is another matter: it refuses work, it does not save any.
        AND before.exit IN ('return', 'continue', 'break', 'yield-return')
        AND NOT regexp_matches(
            path,
            '(^|/)(tests?|tests_common|testing|docs|example_dags|migrations)/'
            || '|(^|/)(conftest|test_\w+)\.py$'
        )
),

-- Conditions that stand in the commit's files after it: guards that were moved or written anew,
-- and added lines of code that decide something, where a guard went into another condition or a
-- query. A line of prose begins with another word.
left_over AS (
    SELECT commit_id, path, after.condition AS condition
    FROM guards_deltas
    WHERE after IS NOT NULL AND commit_id IN (SELECT commit_id FROM gone)
    UNION ALL
    SELECT commit_id, path, regexp_replace(condition, '\s#.*$', '') AS condition
    FROM (
        SELECT commit_id, path, unnest(string_split(added, chr(10))) AS condition
        FROM hunks
        WHERE new_lines > 0 AND is_core AND commit_id IN (SELECT commit_id FROM gone)
    )
    WHERE
        regexp_matches(
            condition,
            '\b(if|elif|while|and|or|not|assert|case|except|filter|where|takewhile|dropwhile)\b'
        )
        AND regexp_matches(
            condition,
            '^\s*([])}&|.(*~"''\[{]|(if|elif|else|while|for|and|or|not|assert|case|except|return|yield|await|lambda|in|is)\b|[\w.]+ *(\(|\[|[-+|&:]?=|:|\.|,?$))'
        )
),

replaced AS (
    SELECT DISTINCT g.change_id, g.line
    FROM gone AS g
    JOIN left_over AS l USING (commit_id)
    WHERE
        len(g.asked) > 0
        -- A release is the work of weeks: only the same file speaks for it.
        AND (NOT starts_with(g.sha, 'release:') OR l.path = g.path)
        -- The cheap tests first: most lines share no word with the condition.
        AND contains(l.condition, g.asked[1])
        AND contains(l.condition, g.asked[-1])
        AND list_has_all(regexp_extract_all(l.condition, '[A-Za-z_]\w*'), g.asked)
),

-- Another question stands in its very place and leaves the same way.
asked_anew AS (
    SELECT DISTINCT g.change_id, g.line
    FROM gone AS g
    JOIN guards_deltas AS n
        ON g.change_id = n.change_id
        AND g.qualname = n.module || '.' || n.qualname
        AND g.exit = n.after.exit
        AND g.position = n.after.position
        AND g.depth = n.after.depth
    WHERE n.change = 'added'
),

-- The guard asks about a parameter that went with it.
pointless AS (
    SELECT DISTINCT g.change_id, g.line
    FROM gone AS g
    JOIN parameters_deltas AS p
        ON g.change_id = p.change_id AND g.qualname = p.module || '.' || p.qualname
    WHERE p.change = 'removed' AND list_contains(g.asked, p.before.name)
),

-- What it guarded went with it: a long block of which little is left.
gutted AS (
    SELECT DISTINCT g.change_id, g.line
    FROM gone AS g
    JOIN hunks AS h USING (change_id)
    WHERE
        h.old_lines > 30
        AND h.new_lines * 3 < h.old_lines
        AND g.line BETWEEN h.old_start AND h.old_start + h.old_lines - 1
),

hot AS (
    SELECT g.change_id, g.line, g.qualname, min(h.multiplicity) AS multiplicity
    FROM gone AS g
    JOIN hot_paths AS h ON g.qualname GLOB h.qualname
    GROUP BY ALL
),

judged AS (
    SELECT
        g.*,
        h.multiplicity,
        list_contains(g.follows, 'query') AS queries,
        list_has_any(g.follows, ['loop', 'yield']) OR g.exit IN ('continue', 'break') AS repeats
    FROM gone AS g
    LEFT JOIN hot AS h USING (change_id, line, qualname)
    ANTI JOIN replaced AS r USING (change_id, line)
    ANTI JOIN asked_anew AS n USING (change_id, line)
    ANTI JOIN pointless AS p USING (change_id, line)
    ANTI JOIN gutted AS c USING (change_id, line)
)

SELECT
    sha,
    path,
    line,
    side,
    qualname,
    CASE WHEN length(condition) > 80 THEN left(condition, 77) || '...' ELSE condition END AS asked,
    CASE
        WHEN queries THEN 'a query'
        WHEN list_contains(follows, 'loop') THEN 'a loop'
        WHEN list_contains(follows, 'yield') THEN 'what it yields'
        ELSE 'what follows'
    END AS work,
    CASE WHEN multiplicity IS NULL THEN '' ELSE ' (' || multiplicity || ')' END AS often,
    CASE
        WHEN queries AND multiplicity IS NOT NULL THEN 'HIGH'
        WHEN queries OR multiplicity IS NOT NULL THEN 'MEDIUM-HIGH'
        ELSE 'MEDIUM'
    END AS severity
FROM judged
WHERE queries OR repeats OR multiplicity IS NOT NULL
