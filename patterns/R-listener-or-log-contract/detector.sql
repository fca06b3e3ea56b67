-- What listeners, plugins, log handlers and dashboards hang on: hooks, handler tables, fields of
-- callback requests, calls that tell others, names and kinds of metrics.
WITH hooks_gone AS (
    SELECT
        d.commit_id,
        d.sha,
        d.path,
        min(d.line) AS line,
        arg_min(d.side, (d.line, d.side)) AS side,
        CASE d.before.kind
            WHEN 'handler-factory' THEN d.module
            WHEN 'plugin-attribute' THEN d.module || '.' || d.qualname || '.' || d.before.name
            ELSE d.module || '.' || d.qualname
        END AS name,
        d.before.name AS thing,
        CASE
            WHEN d.before.kind = 'hookspec' AND bool_and(d.change = 'removed') THEN 'is no hook any more'
            WHEN d.before.kind = 'hookspec'
                THEN 'no longer gets ' || min(array_to_string(
                    list_filter(d.before.parameters, lambda p: NOT list_contains(d.after.parameters, p)), ', '
                ))
            WHEN d.before.kind = 'plugin-attribute' THEN 'is nothing that plugins can bring any more'
            WHEN bool_and(d.change = 'removed') THEN 'is gone from the handlers'
            ELSE 'is handled by ' || min(array_to_string(d.after.parameters, ', ')) || ' now'
        END AS fate,
        CASE d.before.kind
            WHEN 'hookspec' THEN 'HIGH'
            WHEN 'plugin-attribute' THEN 'MEDIUM-HIGH'
            ELSE 'MEDIUM'
        END AS severity
    FROM hooks_deltas AS d
    ANTI JOIN hooks_deltas AS a
        ON d.commit_id = a.commit_id
        AND a.change = 'added'
        AND d.before.kind = a.after.kind
        AND d.before.name = a.after.name
        AND list_has_all(a.after.parameters, d.before.parameters)
    WHERE
        d.is_core
        AND d.before.kind IN ('hookspec', 'plugin-attribute', 'handler-factory')
        AND (d.change = 'removed' OR NOT list_has_all(d.after.parameters, d.before.parameters))
        -- A provider's own plugin brings less; what plugins may bring is the same.
        AND NOT (
            d.before.kind = 'plugin-attribute' AND regexp_matches(d.path, '(^|/)providers/')
        )
    GROUP BY d.commit_id, d.sha, d.path, d.module, d.qualname, d.before.kind, d.before.name
),

-- A request that one process writes and another one reads: a field that goes is missing there.
request_fields AS (
    SELECT
        commit_id,
        sha,
        path,
        line,
        side,
        module || '.' || qualname AS name,
        before.name AS thing,
        CASE
            WHEN change = 'removed' THEN 'is not in the request any more'
            ELSE 'is ' || coalesce(after.annotation, 'of no type') || ' and was '
                || coalesce(before.annotation, 'of no type')
        END AS fate,
        'MEDIUM' AS severity
    FROM fields_deltas
    WHERE
        is_core
        AND scope_change IN ('kept', 'renamed', 'moved')
        AND (
            change = 'removed'
            OR (change = 'changed' AND before.annotation IS DISTINCT FROM after.annotation)
        )
        AND regexp_matches(qualname, 'Callback\w*(Request|Result|Message|DTO)$')
),

-- Calls that tell others: hooks of the listeners, callbacks, notifications.
told_before AS MATERIALIZED (
    SELECT
        commit_id,
        sha,
        path,
        line,
        side,
        module || '.' || qualname AS name,
        before.name AS callee,
        CASE
            WHEN contains(before.callee, '.hook.') THEN before.name
            WHEN contains(before.name, 'notif') THEN 'notif'
            ELSE 'callback'
        END AS word
    FROM calls_deltas
    WHERE
        change = 'removed'
        AND is_core
        AND (
            -- What an operator asks of its own hook is no call to a listener.
            (contains(before.callee, '.hook.') AND NOT contains(before.callee, 'self.hook.'))
            OR (
                scope_change = 'kept'
                AND regexp_matches(
                    before.name,
                    '^_?(send|add|run|execute|handle|fire|trigger|invoke|process)_(\w+_)?callbacks?(_\w+)?$'
                    || '|^_?(send_)?notify(_\w+)?$|^_?send_\w*notifications?$'
                )
            )
        )
),

-- A call that stands in another function after it, on lines that did not change.
called_after AS (
    SELECT DISTINCT commit_id, after.name AS callee
    FROM calls_deltas
    WHERE
        change <> 'removed'
        AND commit_id IN (SELECT commit_id FROM told_before)
        AND (
            contains(after.callee, '.hook.')
            OR contains(after.name, 'notif')
            OR contains(after.name, 'callback')
        )
),

-- What the commit writes: a call that stands among it was only moved.
written AS MATERIALIZED (
    SELECT
        commit_id,
        string_agg(added, chr(10)) FILTER (
            contains(added, '.hook.') OR contains(added, 'notif') OR contains(added, 'callback')
        ) AS text
    FROM hunks
    WHERE new_lines > 0 AND is_core AND commit_id IN (SELECT commit_id FROM told_before)
    GROUP BY commit_id
),

calls_gone AS (
    SELECT
        b.commit_id,
        b.sha,
        b.path,
        min(b.line) AS line,
        arg_min(b.side, (b.line, b.side)) AS side,
        b.name,
        b.callee AS thing,
        'is no longer called' AS fate,
        'MEDIUM' AS severity
    FROM told_before AS b
    ANTI JOIN called_after AS a ON b.commit_id = a.commit_id AND contains(a.callee, b.word)
    LEFT JOIN written AS w ON b.commit_id = w.commit_id
    WHERE
        CASE
            WHEN w.text IS NULL THEN TRUE
            WHEN b.word NOT IN ('notif', 'callback') THEN NOT contains(w.text, '.' || b.word)
            ELSE NOT regexp_matches(w.text, b.word || '\w*\(')
        END
    GROUP BY ALL
),

-- Lines that count or time something, as statements: what is commented out counts nothing.
metric_hunks AS MATERIALIZED (
    SELECT
        commit_id,
        sha,
        path,
        old_start,
        removed,
        regexp_extract_all(
            regexp_replace(removed, '(?m)^[ \t]*#.*$', '', 'g'),
            '\b[Ss]tats\.(?:incr|decr|gauge|timing|timer)\(\s*f?["''][^"'']+'
        ) AS calls
    FROM hunks
    WHERE contains(removed, 'tats.') AND is_core
),

metrics_before AS MATERIALIZED (
    SELECT
        *,
        regexp_extract(call, '["''](.+)$', 1) AS metric,
        replace(replace(regexp_extract(call, 'tats\.(\w+)', 1), 'timer', 'timing'), 'decr', 'incr') AS how
    FROM (SELECT * EXCLUDE (calls), unnest(calls) AS call FROM metric_hunks)
),

metrics_after AS MATERIALIZED (
    SELECT
        commit_id,
        string_agg(
            CASE
                WHEN contains(added, 'tats.') AND contains(added, '#')
                    THEN regexp_replace(added, '(?m)^[ \t]*#.*$', '', 'g')
                ELSE added
            END,
            chr(10)
        ) AS text
    FROM hunks
    WHERE commit_id IN (SELECT commit_id FROM metrics_before) AND new_lines > 0 AND is_core
    GROUP BY commit_id
),

-- Up to its first placeholder: whatever else it is made of, a new name does not begin like this.
compared AS MATERIALIZED (
    SELECT
        b.*,
        rtrim(regexp_extract(b.metric, '^[^{]*'), '._') AS stem,
        -- An expression made for each metric is dear: only where the name stands at all.
        CASE
            WHEN contains(a.text, b.metric || '"') OR contains(a.text, b.metric || '''')
                THEN list_transform(
                    regexp_extract_all(
                        a.text,
                        '[Ss]tats\.(incr|decr|gauge|timing|timer)\(\s*f?["'']'
                        || regexp_escape(b.metric) || '["'']',
                        1
                    ),
                    lambda x: replace(replace(x, 'timer', 'timing'), 'decr', 'incr')
                )
            ELSE []
        END AS hows,
        coalesce(a.text, '') AS text
    FROM metrics_before AS b
    LEFT JOIN metrics_after AS a USING (commit_id)
),

metrics AS (
    SELECT
        commit_id,
        sha,
        path,
        min(old_start + length(string_split(split_part(removed, metric, 1), chr(10))) - 1) AS line,
        'before' AS side,
        replace(regexp_replace(regexp_replace(path, '^.*?\bsrc/', ''), '\.py$', ''), '/', '.') AS name,
        metric AS thing,
        CASE
            WHEN length(hows) > 0 THEN 'is a ' || hows[1] || ' and was a ' || how
            ELSE 'is a metric that is no longer sent'
        END AS fate,
        'MEDIUM' AS severity
    FROM compared
    WHERE
        (length(hows) > 0 AND NOT list_contains(hows, how))
        OR (
            length(hows) = 0
            AND length(stem) > 3
            AND NOT contains(text, '"' || stem)
            AND NOT contains(text, '''' || stem)
        )
    GROUP BY ALL
),

-- Classes that people derive from to log, notify or count elsewhere.
interfaces AS (
    SELECT
        commit_id,
        sha,
        path,
        min(line) AS line,
        arg_min(side, (line, side)) AS side,
        module || '.' || qualname AS name,
        array_to_string(
            list(coalesce(before.name, after.name) ORDER BY change DESC, line)[:4], ', '
        ) AS thing,
        CASE
            WHEN bool_and(change = 'removed') THEN 'is taken no more'
            WHEN bool_and(change = 'added') THEN 'has to be given now'
            ELSE 'is either taken no more or has to be given now'
        END AS fate,
        'MEDIUM' AS severity
    FROM parameters_deltas
    WHERE
        is_core
        AND change <> 'changed'
        AND scope_change IN ('kept', 'renamed', 'moved')
        AND (
            (change = 'removed' AND NOT starts_with(before.kind, 'var'))
            OR (change = 'added' AND NOT after.has_default AND NOT starts_with(after.kind, 'var'))
        )
        AND coalesce(before.name, after.name) NOT IN ('self', 'cls')
        AND regexp_matches(
            qualname, '(Handler|RemoteLog\w*|Notifier|StatsLogger|Formatter)\.([a-z]\w*|__init__)$'
        )
    GROUP BY commit_id, sha, path, module, qualname
    UNION ALL
    SELECT
        d.commit_id,
        d.sha,
        d.path,
        d.line,
        d.side,
        d.module || '.' || d.qualname AS name,
        regexp_extract(d.qualname, '\w+$') AS thing,
        'is gone from what handlers and notifiers are asked for' AS fate,
        'MEDIUM' AS severity
    FROM definitions_deltas AS d
    WHERE
        d.is_core
        AND d.change = 'removed'
        AND d.scope_change = 'kept'
        AND d.before.public
        AND regexp_matches(
            d.qualname, '(Handler|RemoteLog\w*|Notifier|StatsLogger|Formatter)\.([a-z]\w*|__init__)$'
        )
),

told AS MATERIALIZED (
    SELECT * FROM hooks_gone
    UNION ALL
    SELECT * FROM request_fields
    UNION ALL
    SELECT * FROM calls_gone
    UNION ALL
    SELECT * FROM metrics
    UNION ALL
    SELECT * FROM interfaces
),

-- When what they are about came.
known AS MATERIALIZED (
    SELECT repository, name, born_utc
    FROM births
    WHERE name IN (SELECT regexp_replace(t.name, '\.[a-z_]\w*$', '') FROM told AS t)
)

SELECT
    t.sha,
    t.path,
    t.line,
    t.side,
    t.name AS qualname,
    [t.name] AS names,
    t.thing,
    t.fate,
    t.severity
FROM told AS t
JOIN commits AS c USING (commit_id)
ASOF LEFT JOIN known AS b
    ON c.repository = b.repository
    AND regexp_replace(t.name, '\.[a-z_]\w*$', '') = b.name
    AND c.committed_utc > b.born_utc
WHERE
    NOT regexp_matches(
        t.path,
        '(^|/)((\w+[-_])?tests?|tests_common|testing|docs|dev|scripts|example_dags|migrations|www|cli'
        || '|commands|views|_vendor)/|(^|/)(conftest|test_\w+|hatch_build|setup)\.py$'
    )
    -- What is younger than the time between two releases was in none.
    AND (b.born_utc IS NULL OR c.committed_utc - b.born_utc >= INTERVAL 60 DAY)
