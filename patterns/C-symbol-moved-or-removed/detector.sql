-- Public names that a module no longer offers, or offers only through a shim.
WITH before_it AS (
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
        before.target AS old_target,
        after.name AS new_name
    FROM exports_deltas
    WHERE change <> 'added'
),

listed AS (
    SELECT DISTINCT change_id, old_name
    FROM before_it
    WHERE old_how = 'all'
),

-- Names that type checkers are still told of: a module __getattr__, unchanged, answers for them.
promised AS (
    SELECT DISTINCT change_id, after.alias AS old_name
    FROM imports_deltas
    WHERE change IN ('added', 'changed') AND after.guard = 'type-checking'
),

-- Names that somebody may import and that are no longer there as they were.
candidates AS (
    SELECT o.*, o.old_module || '.' || o.old_name AS name
    FROM before_it AS o
    LEFT JOIN listed AS l USING (change_id, old_name)
    LEFT JOIN promised AS p USING (change_id, old_name)
    WHERE
        (
            o.old_how IN ('definition', 'assignment')
            OR (o.old_how = 'lazy' AND o.change <> 'changed')
            -- A module uses most of what it imports; it offers what it lists, and a package what
            -- it imports from below itself.
            OR (
                o.old_how = 'reexport'
                AND o.change <> 'changed'
                AND p.old_name IS NULL
                AND (
                    l.old_name IS NOT NULL
                    OR (
                        ends_with(o.old_path, '__init__.py')
                        AND starts_with(o.old_target, o.old_module || '.')
                    )
                )
            )
        )
        AND length(o.old_name) > 1
        AND o.old_name NOT IN ('log', 'logger', 'tracer', 'console')
        -- A part of the path that begins with an underscore is private.
        AND NOT contains('.' || o.old_module, '._')
        AND NOT regexp_matches(
            o.old_path,
            '(^|/)(tests?|tests_common|testing|docs|dev|scripts|example_dags|migrations)/'
            || '|(^|/)(conftest|test_\w+|hatch_build|setup)\.py$'
        )
),

-- How the commit's modules offer those names after it. A lazy name may have dots: a package
-- answers for the modules that it lost.
there AS (
    SELECT
        commit_id,
        module || '.' || after.name AS name,
        bool_or(
            after.how = 'definition'
            OR (after.how = 'assignment' AND after.target IS NULL)
            -- A module that was split and imports its parts stays the place to import from.
            OR starts_with(coalesce(after.target, ''), module || '.')
        ) AS as_before,
        min(after.target) AS target,
        min(path) AS path,
        min(line) AS line
    FROM exports_deltas
    WHERE
        change <> 'removed'
        AND after.how <> 'all'
        AND commit_id IN (SELECT commit_id FROM candidates)
    GROUP BY ALL
),

-- Modules whose file went, and those whose file is there, by path: what stands above src or in the
-- folder of an unpacked archive is no part of the name.
files AS (
    SELECT DISTINCT
        commit_id,
        status,
        regexp_replace(old_path, '^(?:.*?(?:^|/)src/|[^/]+-\d[^/]*/)|(/__init__)?\.py$', '', 'g')
            AS old_file,
        regexp_replace(path, '^(?:.*?(?:^|/)src/|[^/]+-\d[^/]*/)|(/__init__)?\.py$', '', 'g')
            AS file
    FROM file_changes
    WHERE is_core AND commit_id IN (SELECT commit_id FROM candidates)
),

modules_gone AS (
    SELECT commit_id, replace(old_file, '/', '.') AS module FROM files WHERE status IN ('D', 'R')
    EXCEPT
    SELECT commit_id, replace(file, '/', '.') FROM files WHERE status <> 'D'
),

lost AS (
    SELECT
        c.*,
        t.name IS NOT NULL AS shimmed,
        t.target AS shim_target,
        t.path AS shim_path,
        t.line AS shim_line,
        -- A module that still answers for some of its names can be imported from.
        g.module IS NOT NULL
        AND NOT bool_or(t.name IS NOT NULL) OVER (PARTITION BY c.commit_id, c.old_module)
            AS with_module,
        -- Code that is reached over HTTP or from the command line is seldom imported.
        regexp_matches(
            c.old_module,
            '\.(cli|commands|config_templates|datamodels|endpoints|routes|schemas|services|ui|views'
            || '|www)(\.|$)'
        ) AS inner_code
    FROM candidates AS c
    LEFT JOIN there AS t ON c.commit_id = t.commit_id AND c.name = t.name
    LEFT JOIN modules_gone AS g ON c.commit_id = g.commit_id AND c.old_module = g.module
    WHERE t.name IS NULL OR NOT t.as_before
),

whole_modules AS (
    SELECT
        sha,
        min(path) AS path,
        min(side) AS side,
        old_module AS qualname,
        -- Classes first, then functions, then constants.
        list(
            name
            ORDER BY old_how <> 'definition', NOT regexp_matches(old_name, '^[A-Z]+[a-z]'), name
        )[:8] AS names,
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
