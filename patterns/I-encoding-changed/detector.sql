-- What was written in one format and is read in another: tags and versions of an encoding, branches
-- of a decoder, keys that a decoder insists on, one half of a pair.
WITH tags AS (
    SELECT
        d.commit_id,
        d.sha,
        d.change_id,
        d.path,
        min(d.line) AS line,
        arg_min(d.side, (d.line, d.side)) AS side,
        d.module,
        d.qualname,
        'no longer knows ' || array_to_string(list(d.before.value ORDER BY d.line)[:4], ', ')
        || CASE WHEN count(*) > 4 THEN ', ...' ELSE '' END AS fate,
        'MEDIUM-HIGH' AS severity
    FROM literals_deltas AS d
    -- The value is all that is written: a member may have another name, or another place.
    ANTI JOIN literals_deltas AS a
        ON d.commit_id = a.commit_id
        AND a.change <> 'removed'
        AND d.before.value = a.after.value
        AND a.after.kind = 'enum-member'
    WHERE
        d.is_core
        AND d.before.kind = 'enum-member'
        AND d.change <> 'added'
        AND d.before.value IS DISTINCT FROM d.after.value
        AND regexp_matches(d.path, '(^|/)\w*(serializ|serde|encod|decod)\w*(/|\.py$)')
    GROUP BY d.commit_id, d.sha, d.change_id, d.path, d.module, d.qualname
),

constants AS (
    SELECT
        commit_id,
        sha,
        change_id,
        path,
        line,
        side,
        module,
        CASE WHEN qualname = '' THEN before.name ELSE qualname || '.' || before.name END AS qualname,
        'is ' || after.value || ' and was ' || before.value
        || CASE
            WHEN regexp_matches(before.name, '(?i)version')
                THEN ': what is written now is not what older processes read'
            ELSE ': rows that leave it out mean something else now'
        END AS fate,
        CASE WHEN regexp_matches(before.name, '(?i)version') THEN 'MEDIUM-HIGH' ELSE 'MEDIUM' END
            AS severity
    FROM literals_deltas
    WHERE
        is_core
        AND change = 'changed'
        AND scope_change IN ('kept', 'module', 'renamed')
        AND before.kind = 'constant'
        AND before.value IS DISTINCT FROM after.value
        AND (
            regexp_matches(before.name, '(?i)^_*(de)?(serial|encod|format)\w*_version$')
            OR (
                regexp_matches(path, '(^|/)\w*(serializ|serde|encod|decod)\w*(/|\.py$)')
                AND (before.name IN ('__version__', 'VERSION') OR starts_with(qualname, 'Serialized'))
            )
        )
),

-- What begins with serialize, encode and their like, and what undoes it.
coders AS MATERIALIZED (
    SELECT
        commit_id,
        sha,
        change_id,
        path,
        line,
        side,
        module,
        qualname,
        change,
        scope_change,
        regexp_extract(qualname, '\w+$') AS word,
        regexp_matches(
            qualname, '(^|\.)_*(deserialize|deserialise|decode|from_dict|from_json|loads)(_\w+)?$'
        ) AS reads
    FROM definitions_deltas
    WHERE
        is_core
        AND change IN ('added', 'removed')
        AND coalesce(before.kind, after.kind) IN ('function', 'method')
        AND regexp_matches(
            qualname,
            '(^|\.)_*(de)?(serialize|serialise)(_\w+)?$|(^|\.)_*(en|de)code(_\w+)?$|(^|\.)(to|from)_(dict|json)$'
        )
),

-- Many files of one kind that go together are told once.
readers_gone AS (
    SELECT
        g.commit_id,
        any_value(g.sha) AS sha,
        arg_min(g.change_id, (g.path, g.line, g.qualname)) AS change_id,
        min(g.path) AS path,
        arg_min(g.line, (g.path, g.line, g.qualname)) AS line,
        arg_min(g.side, (g.path, g.line, g.qualname)) AS side,
        arg_min(g.module, (g.path, g.line, g.qualname)) AS module,
        arg_min(g.qualname, (g.path, g.line, g.qualname)) AS qualname,
        'is gone'
        || CASE WHEN count(*) > 1 THEN ' with ' || (count(*) - 1) || ' more of its name' ELSE '' END
        || ': what it read stays written' AS fate,
        'MEDIUM' AS severity
    FROM coders AS g
    ANTI JOIN coders AS a
        ON g.commit_id = a.commit_id AND a.change = 'added' AND ltrim(g.word, '_') = ltrim(a.word, '_')
    WHERE g.change = 'removed' AND g.reads AND g.scope_change IN ('kept', 'module')
    GROUP BY g.commit_id, g.word
),

-- Branches of a decoder, by the tag that the first term of the condition compares.
branches AS MATERIALIZED (
    SELECT
        commit_id,
        sha,
        change_id,
        path,
        line,
        side,
        module,
        qualname,
        before.condition AS condition,
        regexp_extract(string_split(before.condition, ' and ')[1], '([A-Za-z_]\w*)\W*$', 1) AS tag
    FROM guards_deltas
    WHERE
        is_core
        AND change = 'removed'
        AND scope_change IN ('kept', 'renamed', 'moved')
        AND before.exit IN ('return', 'yield-return', 'continue')
        AND regexp_matches(qualname, '(^|\.)_*(deserialize|deserialise|decode|from_dict|from_json|loads)(_\w+)?$')
        AND regexp_matches(before.condition, ' == | is | in |^isinstance\(')
        AND NOT regexp_matches(before.condition, '\bNone\b|^not ')
),

branches_gone AS (
    SELECT
        b.commit_id,
        b.sha,
        b.change_id,
        b.path,
        min(b.line) AS line,
        arg_min(b.side, (b.line, b.side)) AS side,
        b.module,
        b.qualname,
        'no longer reads what has ' || array_to_string(list(b.condition ORDER BY b.line)[:3], ', ') AS fate,
        'MEDIUM-HIGH' AS severity
    FROM branches AS b
    WHERE
        b.tag <> ''
        AND NOT EXISTS (
            SELECT 1
            FROM hunks AS h
            WHERE
                h.commit_id = b.commit_id
                AND h.is_core
                AND h.new_lines > 0
                AND contains(h.added, b.tag)
        )
        -- Another return in its place: a table that looks the tag up, a branch for several.
        AND NOT EXISTS (
            SELECT 1
            FROM hunks AS h
            WHERE
                h.change_id = b.change_id
                AND b.line >= h.old_start
                AND b.line < h.old_start + h.old_lines
                AND contains(h.added, 'return ')
        )
    GROUP BY b.commit_id, b.sha, b.change_id, b.path, b.module, b.qualname
),

-- A decoder that refuses what it took.
refusals AS (
    SELECT
        r.commit_id,
        r.sha,
        r.change_id,
        r.path,
        r.line,
        r.side,
        r.module,
        r.qualname,
        'raises ' || r.after.exception || ' if '
        || CASE
            WHEN length(r.after.condition) > 160 THEN left(r.after.condition, 157) || '...'
            ELSE r.after.condition
        END AS fate,
        'MEDIUM' AS severity
    FROM raises_deltas AS r
    ANTI JOIN raises_deltas AS o
        ON r.change_id = o.change_id AND r.qualname = o.qualname AND o.change = 'removed'
    WHERE
        r.is_core
        AND r.change = 'added'
        AND r.scope_change = 'kept'
        AND r.after.exception IS NOT NULL
        -- A better word for a key that is missing anyway is no new refusal.
        AND NOT regexp_matches(coalesce(r.after.condition, ' not in '), '^["'']?\w*["'']? not in ')
        AND regexp_matches(r.qualname, '(^|\.)_*(deserialize|deserialise|decode|from_dict|from_json|loads)(_\w+)?$')
),

-- Lines of decoders that a commit wrote, and the keys they insist on: rows from before have none.
decoder_lines AS (
    SELECT DISTINCT commit_id, sha, change_id, path, module, qualname, line
    FROM calls_deltas
    WHERE
        is_core
        AND change IN ('added', 'changed')
        AND side = 'after'
        AND scope_change = 'kept'
        AND regexp_matches(qualname, '(^|\.)_*(deserialize|deserialise|decode|from_dict|from_json)(_\w+)?$')
),

-- A hunk that begins a branch of its own reads what nobody wrote before.
keys_read AS (
    SELECT
        d.commit_id,
        d.sha,
        d.change_id,
        d.path,
        d.line,
        d.module,
        d.qualname,
        unnest(list_distinct(regexp_extract_all(
            h.added,
            '\b(?:data|value|values|encoded\w*|var|obj|kwargs|d|raw|payload)\[["''](\w+)["'']\](?:[^ =]| [^=]|$)',
            1
        ))) AS key
    FROM decoder_lines AS d
    JOIN hunks AS h
        ON d.change_id = h.change_id AND d.line >= h.new_start AND d.line < h.new_start + h.new_lines
    WHERE
        -- An expression over many lines is dear: only where a key is read at all.
        CASE
            WHEN contains(h.added, '["') OR contains(h.added, '[''')
                THEN NOT regexp_matches(h.added, '(?m)^\s*(el)?if .*( == | is )')
            ELSE FALSE
        END
),

around AS (
    SELECT change_id, string_agg(added, chr(10)) AS added, string_agg(removed, chr(10)) AS removed
    FROM hunks
    WHERE change_id IN (SELECT change_id FROM keys_read)
    GROUP BY change_id
),

keys AS (
    SELECT
        k.commit_id,
        k.sha,
        k.change_id,
        k.path,
        min(k.line) AS line,
        'after' AS side,
        k.module,
        k.qualname,
        'insists on ' || array_to_string(list_sort(list(DISTINCT k.key)), ', ')
        || ', which rows from before do not have' AS fate,
        'MEDIUM-HIGH' AS severity
    FROM keys_read AS k
    JOIN around AS r USING (change_id)
    WHERE
        -- Written since this commit, and asked for without a way out.
        regexp_matches(r.added, '["'']' || k.key || '["'']:|["'']' || k.key || '["'']\] = ')
        AND NOT contains(r.removed, '"' || k.key || '"')
        AND NOT contains(r.removed, '''' || k.key || '''')
        AND NOT regexp_matches(
            r.added, '["'']' || k.key || '["''] (not )?in |\.get\(["'']' || k.key || '["'']'
        )
    GROUP BY k.commit_id, k.sha, k.change_id, k.path, k.module, k.qualname
),

told AS MATERIALIZED (
    SELECT * FROM tags
    UNION ALL
    SELECT * FROM constants
    UNION ALL
    SELECT * FROM readers_gone
    UNION ALL
    SELECT * FROM branches_gone
    UNION ALL
    SELECT * FROM refusals
    UNION ALL
    SELECT * FROM keys
),

-- When what they are about came.
known AS MATERIALIZED (
    SELECT repository, name, born_utc
    FROM births
    WHERE name IN (SELECT t.module || '.' || t.qualname FROM told AS t)
)

SELECT
    t.sha,
    t.path,
    t.line,
    t.side,
    t.module || '.' || t.qualname AS qualname,
    t.fate,
    t.severity
FROM told AS t
JOIN commits AS c USING (commit_id)
ASOF LEFT JOIN known AS b
    ON c.repository = b.repository
    AND t.module || '.' || t.qualname = b.name
    AND c.committed_utc > b.born_utc
WHERE
    NOT regexp_matches(
        t.path,
        '(^|/)((\w+[-_])?tests?|tests_common|testing|docs|dev|scripts|example_dags|migrations|routes'
        || '|endpoints|www|cli|commands|views|api_connexion|ui|_vendor)/'
        || '|(^|/)(conftest|test_\w+|hatch_build|setup)\.py$'
    )
    -- What is younger than the time between two releases was in none.
    AND (b.born_utc IS NULL OR c.committed_utc - b.born_utc >= INTERVAL 60 DAY)
