-- Public names that a module no longer offers, or offers only through a shim.
WITH listed AS (
    SELECT DISTINCT change_id, before.name AS name
    FROM exports_deltas
    WHERE change <> 'added' AND before.how = 'all'
),

-- Names that type checkers are still told of: a module __getattr__, unchanged, answers for them.
promised AS (
    SELECT DISTINCT change_id, after.alias AS name
    FROM imports_deltas
    WHERE change IN ('added', 'changed') AND after.guard = 'type-checking'
),

-- What was offered before by its old place, and is no longer as it was. A module uses most of what
-- it imports; a package offers what it imports from below itself, and any module what it lists.
offered AS (
    SELECT
        sha,
        commit_id,
        change_id,
        path,
        old_path,
        change,
        line,
        side,
        module,
        coalesce(before_module, module) AS old_module,
        before.name AS old_name,
        before.how AS old_how,
        after.name AS new_name
    FROM exports_deltas
    WHERE
        before.how IN ('definition', 'assignment')
        OR (before.how = 'lazy' AND change <> 'changed')
    UNION ALL
    SELECT
        sha,
        commit_id,
        change_id,
        path,
        old_path,
        change,
        line,
        side,
        module,
        coalesce(before_module, module) AS old_module,
        before.name AS old_name,
        before.how AS old_how,
        after.name AS new_name
    FROM exports_deltas
    WHERE
        before.how = 'reexport'
        AND change <> 'changed'
        AND (
            starts_with(before.target, coalesce(before_module, module) || '.')
            AND ends_with(old_path, '__init__.py')
            OR (change_id, before.name) IN (FROM listed)
        )
        AND (change_id, before.name) NOT IN (FROM promised)
),

-- Names that somebody may import.
named AS MATERIALIZED (
    SELECT o.*, o.old_module || '.' || o.old_name AS name, c.repository, c.committed_utc
    FROM offered AS o
    JOIN commits AS c USING (commit_id)
    WHERE
        length(o.old_name) > 1
        AND o.old_name NOT IN ('log', 'logger', 'tracer', 'console')
        -- A part of the path that begins with an underscore is private.
        AND NOT contains(o.old_module, '._')
        AND NOT starts_with(o.old_module, '_')
        AND NOT regexp_matches(
            o.old_path,
            '(^|/)((\w+[-_])?tests?|tests_common|testing|docs|dev|scripts|example_dags'
            || '|migrations)/'
            || '|(^|/)(conftest|test_\w+|hatch_build|setup)\.py$'
        )
),

-- When those names came.
known AS MATERIALIZED (
    SELECT b.repository, b.name, b.born_utc
    FROM births AS b
    SEMI JOIN named AS n ON b.repository = n.repository AND b.name = n.name
),

-- A name that is younger than the time between two releases was in none.
candidates AS MATERIALIZED (
    SELECT
        n.*,
        b.born_utc IS NULL OR n.committed_utc - b.born_utc >= INTERVAL 365 DAY AS settled
    FROM named AS n
    ASOF LEFT JOIN known AS b
        ON n.repository = b.repository AND n.name = b.name AND n.committed_utc > b.born_utc
    WHERE b.born_utc IS NULL OR n.committed_utc - b.born_utc >= INTERVAL 60 DAY
),

-- How the commit's modules offer those names after it. A lazy name may have dots: a package
-- answers for the modules that it lost.
offers AS (
    SELECT
        c.commit_id,
        c.old_module,
        c.name,
        t.after.how = 'definition'
        OR (t.after.how = 'assignment' AND t.after.target IS NULL)
        -- A module that was split and imports its parts stays the place to import from.
        OR starts_with(coalesce(t.after.target, ''), t.module || '.') AS as_before,
        t.after.target AS target,
        t.path,
        t.line
    FROM exports_deltas AS t
    JOIN candidates AS c
        ON t.commit_id = c.commit_id AND t.module || '.' || t.after.name = c.name
    WHERE t.change <> 'removed' AND t.after.how <> 'all'
),

-- All that the files of those commits offer after it, by module; a star import stands for what the
-- commit's files tell of its module.
standing AS (
    SELECT f.commit_id, f.path, e.module, e.name, e.how, e.target
    FROM exports_after AS e
    JOIN file_changes AS f USING (change_id)
    WHERE e.how <> 'all' AND f.commit_id IN (SELECT commit_id FROM candidates)
),

-- What a line offers that the commit left as it was, or a star import.
untouched AS (
    SELECT c.commit_id, c.old_module, c.name, true AS as_before, NULL AS target, s.path, 1 AS line
    FROM standing AS s
    JOIN candidates AS c
        ON s.commit_id = c.commit_id AND s.module = c.old_module AND s.name = c.old_name
    ANTI JOIN offers AS o ON c.commit_id = o.commit_id AND c.name = o.name
    WHERE s.how <> 'star'
    UNION ALL
    SELECT
        c.commit_id,
        c.old_module,
        c.name,
        starts_with(s.target, s.module || '.'),
        s.target || '.' || c.old_name,
        s.path,
        1
    FROM standing AS s
    JOIN candidates AS c ON s.commit_id = c.commit_id AND s.module = c.old_module
    SEMI JOIN standing AS there
        ON s.commit_id = there.commit_id
        AND s.target = there.module
        AND c.old_name = there.name
    WHERE s.how = 'star'
),

shims AS (
    SELECT
        commit_id,
        old_module,
        name,
        bool_or(as_before) AS as_before,
        min(target) AS target,
        min(path) AS path,
        min(line) AS line
    FROM (FROM offers UNION ALL FROM untouched)
    GROUP BY commit_id, old_module, name
),

-- Modules whose file went, by path: what stands above src or in the folder of an unpacked archive
-- is no part of the name.
files_gone AS (
    SELECT DISTINCT
        commit_id,
        replace(
            regexp_replace(
                old_path, '^(?:.*?(?:^|/)src/|[^/]+-\d[^/]*/)|(/__init__)?\.py$', '', 'g'
            ),
            '/',
            '.'
        ) AS module
    FROM file_changes
    WHERE is_core AND status IN ('D', 'R')
),

-- Those that came back by another file, or that still answer for a name, are not gone.
modules_gone AS (
    SELECT g.commit_id, g.module
    FROM files_gone AS g
    ANTI JOIN (
        SELECT e.commit_id, e.module
        FROM exports_deltas AS e
        SEMI JOIN files_gone AS f ON e.commit_id = f.commit_id AND e.module = f.module
        WHERE e.change <> 'removed'
        UNION ALL
        SELECT commit_id, old_module FROM shims
    ) AS back ON g.commit_id = back.commit_id AND g.module = back.module
),

lost AS MATERIALIZED (
    SELECT
        c.*,
        s.name IS NOT NULL AS shimmed,
        s.target AS shim_target,
        s.path AS shim_path,
        s.line AS shim_line,
        g.module IS NOT NULL AS with_module
    FROM candidates AS c
    LEFT JOIN shims AS s ON c.commit_id = s.commit_id AND c.name = s.name
    LEFT JOIN modules_gone AS g ON c.commit_id = g.commit_id AND c.old_module = g.module
    WHERE s.name IS NULL OR NOT s.as_before
),

-- One row for each name, and one for each module that went.
told AS MATERIALIZED (
    SELECT
        sha,
        commit_id,
        change_id,
        coalesce(shim_path, path) AS path,
        coalesce(shim_line, line) AS line,
        CASE WHEN shimmed THEN 'after' ELSE side END AS side,
        name AS qualname,
        [name] AS names,
        1 AS count,
        shimmed,
        settled,
        false AS is_module,
        CASE
            WHEN shimmed AND shim_target IS NOT NULL THEN 'now leads to ' || shim_target
            WHEN shimmed THEN 'is offered by a shim'
            WHEN change = 'removed' THEN 'is gone'
            ELSE 'is gone; its body is now ' || module || '.' || new_name
        END AS fate
    FROM lost
    WHERE NOT with_module
    UNION ALL
    SELECT
        sha,
        commit_id,
        min(change_id),
        min(path),
        1,
        min(side),
        old_module,
        -- What is defined there first, classes before functions.
        arg_min(
            name,
            CASE
                WHEN old_how <> 'definition' THEN '2'
                WHEN regexp_matches(old_name, '^[A-Z]+[a-z]') THEN '0'
                ELSE '1'
            END || name,
            5
        ),
        count(DISTINCT old_name),
        false,
        bool_or(settled),
        true,
        'is gone with ' || count(DISTINCT old_name)
        || CASE count(DISTINCT old_name) WHEN 1 THEN ' name' ELSE ' names' END
        || CASE count(DISTINCT module) FILTER (change <> 'removed')
            WHEN 0 THEN ''
            WHEN 1 THEN '; what is left of it is in ' || min(module) FILTER (change <> 'removed')
            ELSE '; what is left of it is in '
                || count(DISTINCT module) FILTER (change <> 'removed') || ' modules'
        END
    FROM lost
    WHERE with_module
    GROUP BY sha, commit_id, old_module
),

-- Other files that import it no longer: they had to follow in the same commit.
followed AS (
    SELECT t.commit_id, t.qualname, count(DISTINCT i.change_id) AS files
    FROM told AS t
    JOIN (
        SELECT commit_id, change_id, before.module AS imported
        FROM imports_deltas
        WHERE change <> 'added' AND is_core
        UNION ALL
        SELECT commit_id, change_id, before.module || '.' || before.name
        FROM imports_deltas
        WHERE change <> 'added' AND is_core
    ) AS i ON t.commit_id = i.commit_id AND t.qualname = i.imported AND t.change_id <> i.change_id
    GROUP BY ALL
),

-- Files that lose talk of deprecation: whoever used it had been told.
announced AS (
    SELECT DISTINCT h.change_id
    FROM hunks AS h
    SEMI JOIN told AS t ON h.change_id = t.change_id
    WHERE contains(h.removed, 'eprecat') OR contains(h.removed, 'RemovedIn')
),

weighed AS (
    SELECT
        t.*,
        coalesce(f.files, 0) AS files,
        2 * t.settled::INT
        + 2 * (a.change_id IS NOT NULL)::INT
        + least(coalesce(f.files, 0), 2)
        + (sum(t.count) FILTER (NOT t.shimmed) OVER (PARTITION BY t.commit_id) > 1)::INT
        + t.is_module::INT
        + 2 * regexp_matches(
            c.subject, '(?i)\b(remov|delet|drop|purg|renam|mov(e|ing|ed)\b|deprecat)'
        )::INT AS weight
    FROM told AS t
    JOIN commits AS c USING (commit_id)
    LEFT JOIN followed AS f USING (commit_id, qualname)
    LEFT JOIN announced AS a USING (change_id)
)

SELECT
    sha,
    path,
    line,
    side,
    qualname,
    names,
    fate,
    CASE
        WHEN shimmed AND settled AND files > 1 THEN 'MEDIUM-HIGH'
        WHEN shimmed THEN 'LOW'
        WHEN weight >= 7 THEN 'HIGH'
        WHEN weight >= 5 THEN 'MEDIUM-HIGH'
        ELSE 'MEDIUM'
    END AS severity
FROM weighed
-- What runs as a process of its own or answers over HTTP is seldom imported: there, only what has
-- evidence is a hit.
WHERE
    shimmed OR weight >= 5
    OR NOT regexp_matches(
        qualname,
        '\.(jobs|execution_time|api_internal'
        || '|api_fastapi\.(core_api|execution_api|common))(\.|$)'
    )
