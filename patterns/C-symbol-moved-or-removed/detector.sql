-- Public names that a module no longer offers, or offers only through a shim, and public methods
-- that a class which stays no longer has.
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
candidates AS (
    SELECT *, old_module || '.' || old_name AS name
    FROM offered
    WHERE
        length(old_name) > 1
        AND old_name NOT IN ('log', 'logger', 'tracer', 'console')
        -- A part of the path that begins with an underscore is private.
        AND NOT contains(old_module, '._')
        AND NOT starts_with(old_module, '_')
        AND NOT regexp_matches(
            old_path,
            '(^|/)(tests?|tests_common|testing|docs|dev|scripts|example_dags|migrations)/'
            || '|(^|/)(conftest|test_\w+|hatch_build|setup)\.py$'
        )
),

-- How the commit's modules offer those names after it. A lazy name may have dots: a package
-- answers for the modules that it lost.
shims AS (
    SELECT
        c.commit_id,
        c.old_module,
        c.name,
        bool_or(
            t.after.how = 'definition'
            OR (t.after.how = 'assignment' AND t.after.target IS NULL)
            -- A module that was split and imports its parts stays the place to import from.
            OR starts_with(coalesce(t.after.target, ''), t.module || '.')
        ) AS as_before,
        min(t.after.target) AS target,
        min(t.path) AS path,
        min(t.line) AS line
    FROM exports_deltas AS t
    JOIN candidates AS c
        ON t.commit_id = c.commit_id AND t.module || '.' || t.after.name = c.name
    WHERE t.change <> 'removed' AND t.after.how <> 'all'
    GROUP BY c.commit_id, c.old_module, c.name
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

lost AS (
    SELECT
        c.*,
        s.name IS NOT NULL AS shimmed,
        s.target AS shim_target,
        s.path AS shim_path,
        s.line AS shim_line,
        g.module IS NOT NULL AS with_module,
        -- Code that is reached over HTTP or from the command line is seldom imported.
        regexp_matches(
            c.old_module,
            '\.(cli|commands|config_templates|datamodels|endpoints|routes|schemas|services|ui|views'
            || '|www)(\.|$)'
        ) AS inner_code
    FROM candidates AS c
    LEFT JOIN shims AS s ON c.commit_id = s.commit_id AND c.name = s.name
    LEFT JOIN modules_gone AS g ON c.commit_id = g.commit_id AND c.old_module = g.module
    WHERE s.name IS NULL OR NOT s.as_before
),

-- Methods that went from a class that stays.
methods AS MATERIALIZED (
    SELECT
        sha,
        change_id,
        path,
        old_path,
        line,
        side,
        module,
        qualname,
        coalesce(before_qualname, qualname) AS old_qualname,
        CASE WHEN change = 'renamed' THEN qualname END AS now
    FROM definitions_deltas
    WHERE
        change IN ('removed', 'renamed')
        AND scope_change = 'kept'
        AND before.kind = 'method'
        AND before.public
),

rebased AS (
    SELECT change_id, qualname || '.' AS above
    FROM definitions_deltas
    WHERE
        change = 'changed'
        AND after.kind = 'class'
        AND before.bases IS DISTINCT FROM after.bases
),

members AS (
    SELECT
        m.sha,
        m.path,
        m.line,
        m.side,
        m.module || '.' || m.old_qualname AS name,
        m.now,
        -- With new bases the class may inherit what it had.
        r.above IS NOT NULL AS rebased,
        regexp_matches(
            m.module,
            '\.(cli|commands|config_templates|datamodels|endpoints|routes|schemas|services|ui|views'
            || '|www)(\.|$)'
        ) AS inner_code
    FROM methods AS m
    LEFT JOIN rebased AS r ON m.change_id = r.change_id AND starts_with(m.qualname, r.above)
    WHERE
        NOT contains(m.qualname, '.__')
        AND NOT contains('.' || m.module, '._')
        -- In another class of the module it may still be reached through this one.
        AND (
            m.now IS NULL
            OR regexp_extract(m.old_qualname, '[^.]+$') <> regexp_extract(m.now, '[^.]+$')
        )
        AND NOT regexp_matches(
            m.old_path,
            '(^|/)(tests?|tests_common|testing|docs|dev|scripts|example_dags|migrations)/'
            || '|(^|/)(conftest|test_\w+|hatch_build|setup)\.py$'
        )
),

whole_modules AS (
    SELECT
        sha,
        min(path) AS path,
        min(side) AS side,
        old_module AS qualname,
        -- What is defined there first, classes before functions.
        arg_min(
            name,
            CASE
                WHEN old_how <> 'definition' THEN '2'
                WHEN regexp_matches(old_name, '^[A-Z]+[a-z]') THEN '0'
                ELSE '1'
            END || name,
            5
        ) AS names,
        count(DISTINCT old_name) AS count,
        min(module) FILTER (change <> 'removed') AS new_module,
        count(DISTINCT module) FILTER (change <> 'removed') AS new_modules,
        bool_and(inner_code) AS inner_code
    FROM lost
    WHERE with_module
    GROUP BY sha, commit_id, old_module
)

SELECT
    sha,
    coalesce(shim_path, path) AS path,
    coalesce(shim_line, line) AS line,
    CASE WHEN shimmed THEN 'after' ELSE side END AS side,
    name AS qualname,
    [name] AS names,
    CASE
        WHEN shimmed AND shim_target IS NOT NULL THEN 'now leads to ' || shim_target
        WHEN shimmed THEN 'is offered by a shim'
        WHEN change = 'removed' THEN 'is gone'
        ELSE 'is gone; its body is now ' || module || '.' || new_name
    END AS fate,
    CASE
        WHEN shimmed THEN 'LOW'
        WHEN inner_code THEN 'MEDIUM'
        WHEN old_how = 'assignment' THEN 'MEDIUM-HIGH'
        ELSE 'HIGH'
    END AS severity
FROM lost
WHERE NOT with_module
UNION ALL
SELECT
    sha,
    path,
    1 AS line,
    side,
    qualname,
    names,
    'is gone with ' || count || CASE WHEN count = 1 THEN ' name' ELSE ' names' END
    || CASE new_modules
        WHEN 0 THEN ''
        WHEN 1 THEN '; what is left of it is in ' || new_module
        ELSE '; what is left of it is in ' || new_modules || ' modules'
    END AS fate,
    CASE WHEN inner_code THEN 'MEDIUM' ELSE 'HIGH' END AS severity
FROM whole_modules
UNION ALL
SELECT
    sha,
    path,
    line,
    side,
    name AS qualname,
    [name] AS names,
    CASE WHEN now IS NULL THEN 'is gone' ELSE 'is gone; its body is now ' || now END AS fate,
    CASE WHEN inner_code OR rebased THEN 'MEDIUM' ELSE 'MEDIUM-HIGH' END AS severity
FROM members
