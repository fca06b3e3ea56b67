-- Public functions and methods that stay, but can no longer be called as before: by their
-- signature, or because they refuse what they took.
WITH touched AS MATERIALIZED (
    SELECT
        sha,
        commit_id,
        change_id,
        path,
        line,
        side,
        qualname,
        change,
        before.name AS old_name,
        before.kind AS old_kind,
        before.position AS old_position,
        before.has_default AS old_default,
        after.name AS new_name,
        after.kind AS new_kind,
        after.position AS new_position,
        after.has_default AS new_default,
        coalesce(before_module, module) || '.' || coalesce(before_qualname, qualname) AS name
    FROM parameters_deltas
    WHERE
        scope_change IN ('kept', 'renamed', 'moved')
        AND is_core
        AND coalesce(before.name, after.name) NOT IN ('self', 'cls')
        AND NOT (change = 'added' AND starts_with(after.kind, 'var'))
        -- Private names, and functions inside functions, are nobody's to call.
        AND NOT regexp_matches('.' || module || '.' || qualname, '\._[^_]|\.__\w*[a-z0-9](\.|$)')
        AND NOT regexp_matches(qualname, '(^|\.)[a-z_]\w*\.')
        -- What a framework calls by URL or from the command line is not called in code.
        AND NOT regexp_matches(
            path,
            '(^|/)((\w+[-_])?tests?|tests_common|testing|docs|dev|scripts|example_dags|migrations'
            || '|routes|endpoints|www|cli|commands|views)/'
            || '|(^|/)(conftest|test_\w+|hatch_build|setup)\.py$'
        )
),

-- Two definitions of one name: a setter beside its property, one branch of an if. What comes or
-- goes with one of them is no change of the other.
doubled AS (
    SELECT change_id, qualname
    FROM definitions_deltas
    WHERE change IN ('added', 'removed') AND scope_change = 'kept'
),

-- A method that becomes static, or no longer is: its other parameters only seem to shift.
rebound AS (
    SELECT change_id, qualname
    FROM parameters_deltas
    WHERE change <> 'changed' AND coalesce(before.name, after.name) IN ('self', 'cls')
),

-- One parameter gone and another come at its place: renamed.
renamed AS MATERIALIZED (
    SELECT g.change_id, g.qualname, g.old_name, a.new_name
    FROM touched AS g
    JOIN touched AS a
        ON g.change_id = a.change_id
        AND g.qualname = a.qualname
        AND g.old_position = a.new_position
        AND g.old_kind = a.new_kind
    WHERE g.change = 'removed' AND a.change = 'added' AND NOT starts_with(g.old_kind, 'var')
),

counted AS (
    SELECT
        t.*,
        CASE
            WHEN r.old_name IS NOT NULL THEN 'is now ' || r.new_name
            WHEN t.change = 'removed' THEN 'is gone'
            WHEN t.change = 'added' AND NOT t.new_default THEN 'is new and required'
            WHEN t.change = 'changed' AND t.old_default AND NOT t.new_default
                THEN 'is required now'
            WHEN t.change = 'changed' AND t.old_kind = 'positional' AND t.new_kind = 'keyword-only'
                THEN 'is keyword-only'
            WHEN
                t.change = 'changed'
                AND t.old_kind <> t.new_kind
                AND t.new_kind = 'positional-only'
                THEN 'is positional-only'
            WHEN
                t.change = 'changed'
                AND t.old_position <> t.new_position
                AND t.old_kind = 'positional'
                AND t.new_kind = 'positional'
                AND (t.change_id, t.qualname) NOT IN (FROM rebound)
                THEN 'stands at another place'
        END AS fate
    FROM touched AS t
    LEFT JOIN renamed AS r
        ON t.change_id = r.change_id
        AND t.qualname = r.qualname
        AND t.old_name = r.old_name
        AND t.change = 'removed'
    -- The new name of a renamed one is told with it.
    ANTI JOIN renamed AS n
        ON t.change_id = n.change_id
        AND t.qualname = n.qualname
        AND t.new_name = n.new_name
        AND t.change = 'added'
),

functions AS MATERIALIZED (
    SELECT
        change_id,
        qualname,
        name,
        any_value(sha) AS sha,
        any_value(commit_id) AS commit_id,
        any_value(path) AS path,
        min(line) AS line,
        arg_min(side, (line, side)) AS side,
        bool_and(fate = 'stands at another place') AS only_moved,
        list(
            coalesce(old_name, new_name) || ' ' || fate
            ORDER BY
                fate = 'stands at another place',
                coalesce(old_position, new_position),
                coalesce(old_name, new_name)
        ) AS told,
        regexp_extract(regexp_replace(name, '\.__init__$', ''), '\w+$') AS word
    FROM counted
    WHERE fate IS NOT NULL AND (change_id, qualname) NOT IN (FROM doubled)
    GROUP BY change_id, qualname, name
),

-- A deprecated way of calling that was warned of, and an argument or a state that was fine.
refusing AS (
    SELECT
        change_id,
        qualname,
        module || '.' || qualname AS name,
        any_value(sha) AS sha,
        any_value(commit_id) AS commit_id,
        any_value(path) AS path,
        min(line) AS line,
        arg_min(side, (line, side)) AS side,
        list(DISTINCT fate ORDER BY fate) AS told
    FROM (
        SELECT
            * EXCLUDE (before, after),
            'it raises ' || after.exception || ' if '
            || CASE
                WHEN length(after.condition) > 80 THEN left(after.condition, 77) || '...'
                ELSE after.condition
            END AS fate
        FROM raises_deltas
        WHERE
            change = 'added'
            AND after.condition IS NOT NULL
            AND regexp_matches(
                after.exception,
                '^(ValueError|TypeError|KeyError|Airflow\w*|Param\w*|\w*(Invalid|NotFound)\w*)$'
            )
        UNION ALL
        SELECT
            * EXCLUDE (before, after),
            'it no longer takes what it warned of' AS fate
        FROM calls_deltas
        WHERE change = 'removed' AND before.callee = 'warnings.warn'
    )
    WHERE
        scope_change = 'kept'
        AND is_core
        AND NOT regexp_matches('.' || module || '.' || qualname, '\._[^_]|\.__\w*[a-z0-9](\.|$)')
        AND NOT regexp_matches(qualname, '(^|\.)[a-z_]\w*\.')
        AND NOT regexp_matches(
            path,
            '(^|/)((\w+[-_])?tests?|tests_common|testing|docs|dev|scripts|example_dags|migrations'
            || '|routes|endpoints|www|cli|commands|views|datamodels|ui)/'
            || '|(^|/)(conftest|test_\w+|hatch_build|setup)\.py$'
        )
    GROUP BY change_id, qualname, module
),

-- The same question was asked before, in other words or of another exception.
asked AS (
    SELECT change_id, qualname
    FROM raises_deltas
    WHERE change = 'removed'
    UNION ALL
    SELECT change_id, qualname
    FROM calls_deltas
    WHERE change = 'added' AND after.callee = 'warnings.warn'
),

placed AS MATERIALIZED (
    SELECT f.*, c.repository, c.committed_utc, c.subject, FALSE AS refuses
    FROM functions AS f
    JOIN commits AS c USING (commit_id)
    UNION ALL BY NAME
    SELECT
        r.*,
        FALSE AS only_moved,
        regexp_extract(regexp_replace(r.name, '\.__init__$', ''), '\w+$') AS word,
        c.repository,
        c.committed_utc,
        c.subject,
        TRUE AS refuses
    FROM refusing AS r
    JOIN commits AS c USING (commit_id)
    ANTI JOIN functions AS f ON r.change_id = f.change_id AND r.qualname = f.qualname
    ANTI JOIN asked AS a ON r.change_id = a.change_id AND r.qualname = a.qualname
),

-- When those functions came.
known AS MATERIALIZED (
    SELECT b.repository, b.name, b.born_utc
    FROM births AS b
    SEMI JOIN placed AS p ON b.repository = p.repository AND b.name = p.name
),

-- What is younger than the time between two releases was in none.
candidates AS MATERIALIZED (
    SELECT
        p.*,
        b.born_utc IS NULL OR p.committed_utc - b.born_utc >= INTERVAL 365 DAY AS settled
    FROM placed AS p
    ASOF LEFT JOIN known AS b
        ON p.repository = b.repository AND p.name = b.name AND p.committed_utc > b.born_utc
    WHERE b.born_utc IS NULL OR p.committed_utc - b.born_utc >= INTERVAL 60 DAY
),

-- Other files whose lines that name it had to follow. A release is the work of weeks.
followed AS (
    SELECT w.commit_id, w.change_id, w.word, count(DISTINCT h.change_id) AS files
    FROM (
        SELECT DISTINCT commit_id, change_id, word
        FROM candidates
        WHERE NOT starts_with(sha, 'release:')
    ) AS w
    JOIN hunks AS h ON w.commit_id = h.commit_id AND w.change_id <> h.change_id
    WHERE h.is_core AND contains(h.removed, w.word || '(')
    GROUP BY ALL
),

-- Files that lose talk of deprecation: whoever used it had been told.
announced AS (
    SELECT DISTINCT h.change_id
    FROM hunks AS h
    SEMI JOIN candidates AS t ON h.change_id = t.change_id
    WHERE contains(h.removed, 'eprecat') OR contains(h.removed, 'RemovedIn')
),

weighed AS (
    SELECT
        t.*,
        2 * t.settled::INT
        + 2 * ends_with(t.name, '.__init__')::INT
        - t.only_moved::INT
        + 2 * (a.change_id IS NOT NULL)::INT
        + least(coalesce(f.files, 0), 2)
        + (count(*) OVER (PARTITION BY t.commit_id) > 1)::INT
        + regexp_matches(
            t.subject, '(?i)\b(remov|delet|drop|purg|renam|mov(e|ing|ed)\b|deprecat)'
        )::INT AS weight
    FROM candidates AS t
    LEFT JOIN followed AS f USING (commit_id, change_id, word)
    LEFT JOIN announced AS a USING (change_id)
)

SELECT
    sha,
    path,
    line,
    side,
    name AS qualname,
    CASE
        WHEN ends_with(name, '.__init__') THEN [regexp_replace(name, '\.__init__$', ''), name]
        ELSE [name]
    END AS names,
    array_to_string(told[:4], '; ') AS told,
    CASE
        WHEN refuses THEN 'MEDIUM'
        WHEN weight >= 6 THEN 'HIGH'
        WHEN weight >= 4 THEN 'MEDIUM-HIGH'
        ELSE 'MEDIUM'
    END AS severity
FROM weighed
-- What runs as a process of its own or answers over HTTP is seldom imported: there, only what has
-- evidence is a hit. A check that comes soon after its function belongs to its making.
WHERE
    (settled OR NOT refuses)
    AND (
        weight >= 4
        OR NOT regexp_matches(
            name,
            '\.(jobs|execution_time|api_internal'
            || '|api_fastapi\.(core_api|execution_api|common))(\.|$)'
        )
    )
