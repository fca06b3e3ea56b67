-- Public methods, properties and attributes that a class which stays no longer has, and methods
-- that it now demands of its subclasses.
WITH gone AS MATERIALIZED (
    SELECT
        sha,
        commit_id,
        change_id,
        path,
        line,
        side,
        module,
        coalesce(before_qualname, qualname) AS old_qualname,
        CASE WHEN change = 'renamed' THEN qualname END AS now,
        CASE
            WHEN regexp_matches(array_to_string(before.decorators, ' '), '\.(setter|deleter)\b')
                THEN 'setter'
            ELSE before.kind
        END AS kind
    FROM definitions_deltas
    WHERE
        change IN ('removed', 'renamed')
        AND scope_change = 'kept'
        AND is_core
        AND before.kind IN ('method', 'attribute')
        AND before.public
        -- One of several spellings of a method that stays.
        AND NOT regexp_matches(
            array_to_string(before.decorators, ' '), '(^|[ .])(overload|register)\b'
        )
        AND NOT contains('.' || module, '._')
        AND NOT regexp_matches(coalesce(before_qualname, qualname), '\.__|(^|\.)[a-z_]\w*\.')
        AND NOT regexp_matches(
            old_path,
            '(^|/)((\w+[-_])?tests?|tests_common|testing|docs|dev|scripts|example_dags|migrations'
            || '|datamodels)/|(^|/)(conftest|test_\w+|hatch_build|setup)\.py$'
        )
        -- In another class of the module it may still be reached through this one.
        AND (
            change = 'removed'
            OR regexp_extract(before_qualname, '[^.]+$') <> regexp_extract(qualname, '[^.]+$')
        )
),

-- The class still has it in another form: a property for an attribute, a name set in __init__.
still AS (
    SELECT g.change_id, g.old_qualname
    FROM gone AS g
    JOIN definitions_deltas AS d
        ON g.change_id = d.change_id AND g.old_qualname = d.qualname AND d.change <> 'removed'
    UNION ALL
    SELECT g.change_id, g.old_qualname
    FROM (
        SELECT change_id, old_qualname, 'self.' || regexp_extract(old_qualname, '\w+$') AS own
        FROM gone
    ) AS g
    JOIN (SELECT change_id, added FROM hunks WHERE contains(added, 'self.')) AS h USING (change_id)
    WHERE contains(h.added, g.own || ' =') OR contains(h.added, g.own || ':')
),

-- Classes that are new or have other bases.
classes AS MATERIALIZED (
    SELECT change_id, module || '.' || qualname AS name, qualname || '.' AS above, change
    FROM definitions_deltas
    WHERE
        after.kind = 'class'
        AND (change <> 'changed' OR before.bases IS DISTINCT FROM after.bases)
),

-- Methods that a class demands from now on: who inherits without one cannot be made.
demanded AS (
    SELECT
        d.sha,
        d.commit_id,
        d.change_id,
        d.path,
        d.line,
        d.side,
        d.module,
        d.qualname
    FROM definitions_deltas AS d
    WHERE
        d.change IN ('added', 'changed')
        AND d.scope_change = 'kept'
        AND d.is_core
        AND d.after.kind = 'method'
        AND list_has_any(
            d.after.decorators,
            ['abstractmethod', 'abc.abstractmethod', 'abstractproperty']
        )
        AND NOT coalesce(
            list_has_any(
                d.before.decorators,
                ['abstractmethod', 'abc.abstractmethod', 'abstractproperty']
            ),
            false
        )
        AND NOT regexp_matches(array_to_string(d.after.decorators, ' '), '\.(setter|deleter)\b')
        AND NOT contains('.' || d.module || '.' || d.qualname, '._')
        AND NOT regexp_matches(
            d.path,
            '(^|/)((\w+[-_])?tests?|tests_common|testing|docs|dev|scripts|example_dags|migrations)/'
        )
        AND (d.change_id, regexp_replace(d.qualname, '\.\w+$', '.')) NOT IN (
            SELECT (change_id, above) FROM classes WHERE change <> 'changed'
        )
),

named AS MATERIALIZED (
    SELECT
        sha,
        commit_id,
        change_id,
        path,
        line,
        side,
        kind,
        now,
        module || '.' || old_qualname AS name,
        module || '.' || old_qualname AS born_as,
        '.' || regexp_extract(old_qualname, '\w+$') AS used_as
    FROM gone
    WHERE
        (change_id, old_qualname) NOT IN (FROM still)
        -- A property goes with its setter: one hit.
        AND (
            kind <> 'setter'
            OR (change_id, old_qualname) NOT IN (
                SELECT (change_id, old_qualname) FROM gone WHERE kind <> 'setter'
            )
        )
    UNION ALL
    SELECT
        sha,
        commit_id,
        change_id,
        path,
        line,
        side,
        'demand' AS kind,
        NULL AS now,
        module || '.' || qualname AS name,
        regexp_replace(module || '.' || qualname, '\.\w+$', '') AS born_as,
        'def ' || regexp_extract(qualname, '\w+$') || '(' AS used_as
    FROM demanded
),

placed AS MATERIALIZED (
    SELECT n.*, c.repository, c.committed_utc, c.subject
    FROM named AS n
    JOIN commits AS c USING (commit_id)
),

-- When those names came.
known AS MATERIALIZED (
    SELECT b.repository, b.name, b.born_utc
    FROM births AS b
    SEMI JOIN placed AS p ON b.repository = p.repository AND b.name = p.born_as
),

-- What is younger than the time between two releases was in none.
candidates AS MATERIALIZED (
    SELECT
        p.*,
        b.born_utc IS NULL OR p.committed_utc - b.born_utc >= INTERVAL 365 DAY AS settled
    FROM placed AS p
    ASOF LEFT JOIN known AS b
        ON p.repository = b.repository AND p.born_as = b.name AND p.committed_utc > b.born_utc
    WHERE b.born_utc IS NULL OR p.committed_utc - b.born_utc >= INTERVAL 60 DAY
),

-- Other files that had to follow: their use of it went, or they define what is demanded. A release
-- is the work of weeks.
followed AS (
    SELECT w.commit_id, w.change_id, w.used_as, count(DISTINCT h.change_id) AS files
    FROM (
        SELECT DISTINCT commit_id, change_id, used_as
        FROM candidates
        WHERE NOT starts_with(sha, 'release:')
    ) AS w
    JOIN hunks AS h ON w.commit_id = h.commit_id AND w.change_id <> h.change_id
    WHERE
        h.is_core
        AND contains(CASE WHEN w.used_as[1] = '.' THEN h.removed ELSE h.added END, w.used_as)
    GROUP BY ALL
),

-- Files that lose talk of deprecation: whoever used it had been told.
announced AS (
    SELECT DISTINCT h.change_id
    FROM hunks AS h
    SEMI JOIN candidates AS t ON h.change_id = t.change_id
    WHERE contains(h.removed, 'eprecat') OR contains(h.removed, 'RemovedIn')
),

-- With other bases the class may inherit what it had.
rebased AS (
    SELECT change_id, name || '.' AS above
    FROM classes
    WHERE change = 'changed'
),

weighed AS (
    SELECT
        t.*,
        2 * t.settled::INT
        + CASE t.kind WHEN 'demand' THEN 0 WHEN 'attribute' THEN -1 ELSE 1 END
        + 2 * (a.change_id IS NOT NULL)::INT
        + least(coalesce(f.files, 0), 2)
        + (count(*) OVER (PARTITION BY t.commit_id) > 1)::INT
        + regexp_matches(
            t.subject, '(?i)\b(remov|delet|drop|purg|renam|mov(e|ing|ed)\b|deprecat)'
        )::INT AS weight,
        r.change_id IS NOT NULL AS rebased
    FROM candidates AS t
    LEFT JOIN followed AS f USING (commit_id, change_id, used_as)
    LEFT JOIN announced AS a USING (change_id)
    LEFT JOIN rebased AS r ON t.change_id = r.change_id AND starts_with(t.name, r.above)
)

SELECT
    sha,
    path,
    line,
    side,
    name AS qualname,
    CASE kind WHEN 'demand' THEN [name, born_as] ELSE [name] END AS names,
    CASE
        WHEN kind = 'demand' THEN 'is abstract now: every subclass must define it'
        WHEN kind = 'setter' THEN 'can no longer be set'
        WHEN now IS NULL THEN 'is gone'
        ELSE 'is gone; its body is now ' || now
    END AS fate,
    CASE
        WHEN rebased AND kind <> 'demand' THEN 'MEDIUM'
        WHEN kind = 'setter' THEN 'MEDIUM'
        WHEN weight >= 7 THEN 'HIGH'
        WHEN weight >= 6 THEN 'MEDIUM-HIGH'
        ELSE 'MEDIUM'
    END AS severity
FROM weighed
-- What runs as a process of its own or answers over HTTP is seldom imported: there, only what has
-- evidence is a hit.
WHERE
    weight >= 4
    OR NOT regexp_matches(
        name,
        '\.(jobs|execution_time|api_internal'
        || '|api_fastapi\.(core_api|execution_api|common))(\.|$)'
    )
