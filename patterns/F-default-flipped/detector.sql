-- Declared settings that are gone, stand in another section, or have another default, and
-- fallbacks of reads that flip: behaviour changes for whoever never said what they want.
WITH options AS (
    SELECT
        sha,
        commit_id,
        path,
        line,
        side,
        change,
        coalesce(before.kind, after.kind) AS kind,
        coalesce(before.section, after.section) AS section,
        coalesce(before.option, after.option) AS option,
        -- How a long default is laid out says nothing.
        trim(regexp_replace(before.default, '\s+', ' ', 'g')) AS old_default,
        trim(regexp_replace(after.default, '\s+', ' ', 'g')) AS new_default,
        NOT coalesce(before.deprecated, FALSE) AND coalesce(after.deprecated, FALSE)
            AS now_deprecated
    FROM options_deltas
    WHERE
        NOT regexp_matches(
            path,
            '(^|/)(tests?|tests_common|testing|docs|dev|scripts|example_dags|migrations)/'
            || '|(^|/)(conftest|test_\w+)\.py$'
        )
),

gone AS (
    SELECT *
    FROM options
    -- What is only no longer read in one place may be read in many others.
    WHERE
        change = 'removed'
        AND kind = 'declared'
        AND section IS NOT NULL
        AND option IS NOT NULL
),

-- Declared by the same commit in another section.
left_over AS (
    SELECT commit_id, option, min(section) AS section
    FROM options
    WHERE kind = 'declared' AND change = 'added'
    GROUP BY commit_id, option
),

-- What is really taken away is no longer read, and its commit says so.
read_no_more AS (
    SELECT DISTINCT o.commit_id, o.section, o.option
    FROM options AS o
    JOIN commits AS c USING (commit_id)
    WHERE
        o.kind = 'read'
        AND o.change = 'removed'
        AND regexp_matches(
            c.subject, '(?i)\b(remov|delet|drop|purg|renam|mov(e|ing|ed)\b|deprecat)'
        )
),

settings AS (
    SELECT
        g.*,
        l.section AS new_section,
        r.option IS NOT NULL AS told
    FROM gone AS g
    LEFT JOIN left_over AS l ON g.commit_id = l.commit_id AND g.option = l.option
    LEFT JOIN read_no_more AS r
        ON g.commit_id = r.commit_id AND g.section = r.section AND g.option = r.option
),

told AS (
    SELECT
        sha,
        commit_id,
        path,
        line,
        side,
        kind,
        section || '.' || option AS name,
        CASE
            WHEN new_section IS NOT NULL THEN 'stands in section ' || new_section || ' now'
            ELSE 'is gone'
        END AS fate,
        CASE WHEN new_section IS NULL AND told THEN 'MEDIUM-HIGH' ELSE 'MEDIUM' END AS severity
    FROM settings
    UNION ALL
    SELECT
        sha,
        commit_id,
        path,
        line,
        side,
        kind,
        section || '.' || option AS name,
        'has ' || CASE
            WHEN new_default IS NULL THEN 'no default any more'
            WHEN new_default = '' THEN 'an empty default'
            WHEN length(new_default) > 80 THEN 'the default ' || left(new_default, 77) || '...'
            ELSE 'the default ' || new_default
        END || CASE
            WHEN old_default IS NULL THEN ', there was none'
            WHEN old_default = '' THEN ', it was empty'
            WHEN length(old_default) > 80 THEN ', it was ' || left(old_default, 77) || '...'
            ELSE ', it was ' || old_default
        END AS fate,
        'MEDIUM' AS severity
    FROM options
    WHERE
        change = 'changed'
        AND old_default IS DISTINCT FROM new_default
        -- Read without a fallback, it is declared somewhere: nothing has changed.
        AND (kind = 'declared' OR (old_default IS NOT NULL AND new_default IS NOT NULL))
)

-- One hit for a setting: what is declared says more than who reads it.
SELECT
    sha,
    arg_min(path, (kind, path, line, side, fate)) AS path,
    arg_min(line, (kind, path, line, side, fate)) AS line,
    arg_min(side, (kind, path, line, side, fate)) AS side,
    name AS qualname,
    name AS setting,
    [name] AS names,
    arg_min(fate, (kind, path, line, side, fate)) AS fate,
    arg_min(severity, (kind, path, line, side, fate)) AS severity
FROM told
GROUP BY sha, name
