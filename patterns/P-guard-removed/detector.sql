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
            list_distinct(
                regexp_extract_all(
                    -- What is bound on the way may be bound before, on a line of its own.
                    regexp_replace(before.condition, '\((\w+) := .*\)', '\1'), '[A-Za-z_]\w*'
                )
            ),
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
    -- The test of an if or while over several lines.
    SELECT commit_id, path, unnest(regexp_extract_all(added, '(?s)\b(?:if|while)\b.*?:[ \t]*\n'))
    FROM hunks
    WHERE new_lines > 2 AND is_core AND commit_id IN (SELECT commit_id FROM gone)
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
asked_anew AS MATERIALIZED (
    SELECT DISTINCT g.change_id, g.line, n.qualname, n.line AS new_line
    FROM gone AS g
    JOIN guards_deltas AS n
        ON g.change_id = n.change_id
        AND g.qualname = n.module || '.' || n.qualname
        AND g.exit = n.after.exit
        AND g.position = n.after.position
        AND g.depth = n.after.depth
    WHERE n.change = 'added'
),

-- Another question in the same function that leaves the same way and shares half of its names,
-- and that does not stand in the place of another guard.
reworded AS (
    SELECT DISTINCT g.change_id, g.line
    FROM gone AS g
    JOIN guards_deltas AS n
        ON g.change_id = n.change_id
        AND g.qualname = n.module || '.' || n.qualname
        AND g.exit = n.after.exit
    ANTI JOIN asked_anew AS t
        ON n.change_id = t.change_id AND n.qualname = t.qualname AND n.line = t.new_line
    WHERE
        n.change = 'added'
        AND 2 * len(
            list_intersect(g.asked, regexp_extract_all(n.after.condition, '[A-Za-z_]\w*'))
        ) >= len(g.asked)
        AND len(g.asked) > 1
),

-- The guard asks about a parameter that went with it.
pointless AS (
    SELECT DISTINCT g.change_id, g.line
    FROM gone AS g
    JOIN parameters_deltas AS p
        ON g.change_id = p.change_id AND g.qualname = p.module || '.' || p.qualname
    WHERE p.change = 'removed' AND list_contains(g.asked, p.before.name)
),

-- The hunk that a guard went with.
torn AS MATERIALIZED (
    SELECT g.change_id, g.line, g.condition, g.follows, h.old_lines, h.new_lines, h.removed, h.added
    FROM gone AS g
    JOIN hunks AS h USING (change_id)
    WHERE g.line >= h.old_start AND g.line < h.old_start + h.old_lines
),

-- What it guarded went with it: a long block of which little is left, or the only loop.
gutted AS (
    SELECT DISTINCT change_id, line
    FROM torn
    WHERE
        (old_lines > 12 AND new_lines * 3 < old_lines)
        OR (
            list_contains(follows, 'loop')
            AND NOT list_contains(follows, 'query')
            AND NOT contains(condition, ' for ')
            AND regexp_matches(removed, '(?m)^[^#\n]*\bfor\b[^#\n]*\bin\b')
            AND NOT regexp_matches(added, '\b(for|while)\b')
        )
),

hot AS (
    SELECT g.change_id, g.line, g.qualname, h.multiplicity, h.distance
    FROM gone AS g
    JOIN hot_functions AS h
        ON g.change_id = h.change_id AND g.qualname = h.module || '.' || h.qualname
    -- The further a call is away, the less it says how often it is made.
    WHERE h.distance <= 2
),

judged AS (
    SELECT
        g.*,
        c.repository,
        c.committed_utc,
        h.multiplicity,
        coalesce(h.distance <= 1, false) AS near,
        coalesce(h.distance = 0, false) AS entry,
        list_contains(g.follows, 'query') AS queries,
        list_has_any(g.follows, ['loop', 'yield']) OR g.exit IN ('continue', 'break') AS repeats,
        -- What answers one request at a time, or runs from a shell.
        regexp_matches(
            g.path,
            '(^|/)(routes|services|endpoints|views|www|cli|commands|dev|scripts)/'
            || '|(^|/)hatch_build\.py$'
        ) AS served
    FROM gone AS g
    JOIN commits AS c ON g.commit_id = c.commit_id
    LEFT JOIN hot AS h USING (change_id, line, qualname)
    ANTI JOIN replaced AS r USING (change_id, line)
    ANTI JOIN asked_anew AS n USING (change_id, line)
    ANTI JOIN reworded AS w USING (change_id, line)
    ANTI JOIN pointless AS p USING (change_id, line)
    ANTI JOIN gutted AS x USING (change_id, line)
),

-- When those functions came.
known AS (
    SELECT b.repository, b.name, b.born_utc
    FROM births AS b
    SEMI JOIN judged AS j ON b.repository = j.repository AND b.name = j.qualname
)

SELECT
    j.sha,
    j.path,
    j.line,
    j.side,
    j.qualname,
    CASE WHEN length(j.condition) > 80 THEN left(j.condition, 77) || '...' ELSE j.condition END
        AS asked,
    CASE
        WHEN j.queries THEN 'a query'
        WHEN list_contains(j.follows, 'loop') THEN 'a loop'
        WHEN list_contains(j.follows, 'yield') THEN 'what it yields'
        ELSE 'what follows'
    END AS work,
    CASE WHEN j.multiplicity IS NULL THEN '' ELSE ' (' || j.multiplicity || ')' END AS often,
    CASE
        WHEN j.queries AND j.near THEN 'HIGH'
        WHEN j.queries AND NOT j.served THEN 'MEDIUM-HIGH'
        WHEN j.near AND j.repeats THEN 'MEDIUM-HIGH'
        ELSE 'MEDIUM'
    END AS severity
FROM judged AS j
ASOF LEFT JOIN known AS b
    ON j.repository = b.repository AND j.qualname = b.name AND j.committed_utc > b.born_utc
WHERE
    (j.queries OR j.entry OR (j.repeats AND (j.near OR NOT j.served)))
    -- A value's kind is asked to treat it in another way, not to leave it out.
    AND (j.queries OR NOT regexp_matches(j.condition, '^isinstance\([^()]*(\([^()]*\))?\)$'))
    -- What is younger than the time between two releases was in none.
    AND (b.born_utc IS NULL OR j.committed_utc - b.born_utc >= INTERVAL 60 DAY)
