-- Models and routes of an interface over HTTP that ask for more or give less than they did, with no
-- migration of versions beside them.
WITH files AS (
    SELECT
        change_id,
        commit_id,
        path,
        -- Agents of another release call it: client and server are seldom upgraded together.
        regexp_matches(path, '(^|/)execution_api/') AS between_releases
    FROM file_changes
    WHERE
        is_core
        AND regexp_matches(path, '(^|/)(datamodels|serializers|schemas|routes)(/|\.py$)')
        -- What the user interface of the same release asks is its own affair; what is generated
        -- repeats the change.
        AND NOT regexp_matches(
            path,
            '(^|/)(tests?|tests_common|testing|docs|dev|scripts|example_dags|clients|ui|www|views)/'
            || '|(^|/)(_?generated|conftest|test_\w+)\.py$'
        )
),

-- Interfaces whose folder of versions the commit adds to.
versioned AS (
    SELECT DISTINCT commit_id, regexp_extract(path, '^(.*/)versions/', 1) AS root
    FROM file_changes
    WHERE is_core AND contains(path, '/versions/') AND added_lines > 0
),

-- Fields that another class of the module has from now on: a base that was drawn out.
drawn_out AS (
    SELECT DISTINCT change_id, after.name AS name
    FROM fields_deltas
    WHERE change = 'added'
),

told AS (
    SELECT
        d.sha,
        d.commit_id,
        d.change_id,
        d.path,
        d.line,
        d.side,
        d.module || '.' || d.qualname AS owner,
        coalesce(d.before.name, d.after.name) AS part,
        f.between_releases,
        -- What is sent has to be complete; what is answered has to bear another reader.
        regexp_matches(
            d.qualname, '(Body|Payload|Request|Input|Params|Post|Patch|Create|Update)\w*$'
        )
        AND NOT regexp_matches(d.qualname, '(Response|Collection)$') AS asked,
        CASE
            WHEN d.change = 'removed' AND g.name IS NULL THEN 'lost'
            WHEN
                d.change = 'added' AND d.after.required AND (asked OR f.between_releases)
                THEN 'asks for'
            WHEN
                d.change = 'changed' AND d.after.required AND NOT d.before.required
                AND (asked OR f.between_releases)
                THEN 'now requires'
            WHEN
                d.change = 'changed' AND d.before.optional AND NOT d.after.optional
                AND (asked OR f.between_releases)
                THEN 'takes no null for'
            WHEN
                d.change = 'changed' AND d.after.optional AND NOT d.before.optional AND NOT asked
                THEN 'may answer null for'
        END AS fate
    FROM fields_deltas AS d
    JOIN files AS f USING (change_id)
    LEFT JOIN drawn_out AS g
        ON d.change_id = g.change_id AND d.before.name = g.name AND d.change = 'removed'
    WHERE d.scope_change = 'kept' AND coalesce(d.before.kind, d.after.kind) = 'pydantic'
),

-- Routes, with what stands in for a part of the path left out: {key} and {key:path} are one.
routes AS (
    SELECT
        d.sha,
        d.commit_id,
        d.change_id,
        d.change,
        d.path,
        d.line,
        d.side,
        coalesce(d.before_module, d.module) || '.' || coalesce(d.before_qualname, d.qualname)
            AS owner,
        d.before.method || ' ' || coalesce(nullif(d.before.path, ''), '/') AS old_part,
        d.before.method || regexp_replace(d.before.path, '\{[^}]*\}', '{}', 'g') AS old_key,
        d.after.method || regexp_replace(d.after.path, '\{[^}]*\}', '{}', 'g') AS new_key,
        d.before.response AS old_response,
        d.after.response AS new_response,
        d.before.status AS old_status,
        d.after.status AS new_status,
        f.between_releases
    FROM routes_deltas AS d
    JOIN files AS f USING (change_id)
    WHERE contains(d.path, 'routes')
),

routes_told AS (
    SELECT
        r.*,
        CASE
            WHEN r.change = 'removed' THEN 'no longer answers'
            WHEN r.old_status <> r.new_status AND r.new_status IS NOT NULL
                THEN 'answers with ' || r.new_status || ' and not ' || r.old_status || ':'
            WHEN r.old_response <> r.new_response
                THEN 'answers with ' || r.new_response || ' and not ' || r.old_response || ':'
        END AS fate
    FROM routes AS r
    ANTI JOIN routes AS n
        ON r.commit_id = n.commit_id AND r.old_key = n.new_key AND r.change = 'removed'
    -- A model with another name answers the same.
    ANTI JOIN exports_deltas AS e
        ON r.commit_id = e.commit_id
        AND r.change = 'changed'
        AND r.old_response = e.before.name
        AND e.change <> 'added'
    WHERE r.change <> 'added'
),

one AS MATERIALIZED (
    SELECT
        t.*,
        c.repository,
        c.committed_utc,
        -- A new field is as old as its model.
        CASE
            WHEN t.is_route OR t.fate = 'asks for' THEN t.owner ELSE t.owner || '.' || t.part
        END AS holder
    FROM (
        SELECT
            sha, commit_id, path, line, side, owner, part, fate, FALSE AS is_route, between_releases
        FROM told
        WHERE fate IS NOT NULL
        UNION ALL
        SELECT
            sha, commit_id, path, line, side, owner, old_part, fate, TRUE AS is_route, between_releases
        FROM routes_told
        WHERE fate IS NOT NULL
    ) AS t
    JOIN commits AS c USING (commit_id)
    ANTI JOIN versioned AS v ON t.commit_id = v.commit_id AND starts_with(t.path, v.root)
),

-- When those models, fields and functions came.
known AS MATERIALIZED (
    SELECT b.repository, b.name, b.born_utc
    FROM births AS b
    SEMI JOIN one AS o ON b.repository = o.repository AND b.name = o.holder
),

-- One row for a model and what became of its fields.
merged AS (
    SELECT
        o.sha,
        o.path,
        min(o.line) AS line,
        o.side,
        o.owner,
        o.fate,
        o.is_route,
        o.between_releases,
        list_sort(list(o.part)) AS parts
    FROM one AS o
    ASOF LEFT JOIN known AS b
        ON o.repository = b.repository AND o.holder = b.name AND o.committed_utc > b.born_utc
    -- What is younger than the time between two releases was in none.
    WHERE b.born_utc IS NULL OR o.committed_utc - b.born_utc >= INTERVAL 60 DAY
    GROUP BY ALL
)

SELECT
    sha,
    path,
    line,
    side,
    owner AS qualname,
    CASE
        WHEN is_route THEN [owner]
        ELSE list_transform(parts[:5], lambda part: owner || '.' || part)
    END AS names,
    fate || ' ' || array_to_string(parts[:5], ', ')
    || CASE WHEN len(parts) > 5 THEN ' and ' || (len(parts) - 5) || ' more' ELSE '' END AS fate,
    CASE
        WHEN fate = 'may answer null for' THEN 'LOW'
        WHEN between_releases OR fate IN ('asks for', 'now requires', 'takes no null for')
            THEN 'MEDIUM-HIGH'
        ELSE 'MEDIUM'
    END AS severity
FROM merged
