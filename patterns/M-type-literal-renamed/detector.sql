-- Words that are written down or sent, and by which others tell things apart: tags of unions,
-- identities of models, members of enumerations, allowed values. They are gone or others now.
WITH told AS MATERIALIZED (
    SELECT
        d.*,
        d.module || '.' || d.qualname AS owner,
        coalesce(d.before.kind, d.after.kind) AS kind,
        coalesce(d.before.name, d.after.name) AS slot,
        trim(d.before.value, '''"') AS old,
        trim(d.after.value, '''"') AS new,
        -- What is no text or number stands for a value that is told elsewhere.
        regexp_matches(d.before.value, '^[bru]*[''"]|^-?\d') AS old_told,
        regexp_matches(d.after.value, '^[bru]*[''"]|^-?\d') AS new_told
    FROM literals_deltas AS d
    WHERE
        coalesce(d.before.kind, d.after.kind)
        IN ('discriminator', 'polymorphic-identity', 'enum-member', 'literal-type')
        AND d.is_core
        AND NOT regexp_matches(
            d.path,
            '(^|/)(tests?|tests_common|testing|docs|dev|scripts|example_dags|ui|www|_vendor)/'
            || '|(^|/)(_?generated|conftest|test_\w+)\.py$'
        )
),

-- A word that stands elsewhere after the commit was moved, or its member renamed. A value that one
-- type no longer takes may well be taken by another.
there AS (
    SELECT DISTINCT
        commit_id,
        kind = 'literal-type' AS listed,
        CASE kind WHEN 'literal-type' THEN slot ELSE '' END AS slot,
        new AS value
    FROM told
    WHERE new_told
),

gone AS (
    SELECT k.*
    FROM told AS k
    ANTI JOIN there AS t
        ON k.commit_id = t.commit_id
        AND k.old = t.value
        AND (k.kind = 'literal-type') = t.listed
        AND t.slot IN ('', k.slot)
    WHERE
        k.change <> 'added'
        AND k.old_told
        AND length(k.old) > 1
        -- The value may be told by another enumeration from now on.
        AND (
            k.change = 'removed'
            OR (k.new_told AND k.old <> k.new)
        )
        AND NOT regexp_matches(k.old, '^HTTP_|^[1-5]\d\d$')
),

-- Values of a type are gone only where the type goes on to list values: a field or parameter that
-- takes any text now takes these, too, and one that went is another matter.
narrowed AS (
    SELECT change_id, module || '.' || qualname AS owner, after.name AS slot
    FROM fields_deltas
    WHERE change = 'changed' AND contains(after.annotation, 'Literal[')
    UNION
    SELECT change_id, module || '.' || qualname, after.name
    FROM parameters_deltas
    WHERE change = 'changed' AND contains(after.annotation, 'Literal[')
),

-- Aliases of a type that are defined anew or went.
retyped AS (
    SELECT DISTINCT change_id, before.name AS slot
    FROM exports_deltas
    WHERE before IS NOT NULL
),

-- Names under which the old class still imports.
aliases AS (
    SELECT commit_id, module || '.' || after.name AS owner, after.target AS target
    FROM exports_deltas
    WHERE
        change = 'changed'
        AND before.how = 'definition'
        AND after.how = 'assignment'
        AND after.target IS NOT NULL
),

judged AS MATERIALIZED (
    SELECT
        g.*,
        a.owner IS NOT NULL AS aliased,
        a.target,
        c.repository,
        c.committed_utc,
        CASE
            WHEN g.kind = 'polymorphic-identity' THEN g.owner
            ELSE trim(g.owner, '.') || '.' || g.slot
        END AS named,
        CASE g.kind WHEN 'enum-member' THEN named ELSE g.owner END AS holder
    FROM gone AS g
    JOIN commits AS c USING (commit_id)
    LEFT JOIN aliases AS a ON g.commit_id = a.commit_id AND g.owner = a.owner
    WHERE
        CASE g.kind
            WHEN 'literal-type' THEN
                CASE g.qualname
                    WHEN '' THEN (g.change_id, g.slot) NOT IN (FROM retyped)
                    ELSE (g.change_id, g.owner, g.slot) IN (FROM narrowed)
                END
            -- Of an enumeration that went as a whole, the name is missed first.
            WHEN 'enum-member' THEN g.scope_change NOT IN ('removed', 'moved')
            ELSE TRUE
        END
),

-- When those classes and members came.
known AS MATERIALIZED (
    SELECT b.repository, b.name, b.born_utc
    FROM births AS b
    SEMI JOIN judged AS j ON b.repository = j.repository AND b.name = j.holder
),

-- What came in its place: in the same class, or, for a tag, in another class of the module.
likely AS (
    SELECT
        j.change_id,
        j.owner,
        j.slot,
        j.old,
        n.new,
        n.owner AS new_owner,
        n.slot AS new_slot,
        CASE
            WHEN n.owner = j.owner AND n.slot = j.slot AND j.kind <> 'literal-type' THEN 2
            WHEN n.owner = j.module || '.' || j.target THEN 2
            ELSE 0
        END + jaro_winkler_similarity(lower(j.old), lower(n.new)) AS likeness
    FROM judged AS j
    JOIN told AS n
        ON j.change_id = n.change_id
        AND j.kind = n.kind
        AND n.change <> 'removed'
        AND n.new_told
    WHERE
        CASE
            WHEN j.kind IN ('discriminator', 'polymorphic-identity') THEN n.slot = j.slot
            WHEN j.kind = 'literal-type' THEN n.owner = j.owner AND n.slot = j.slot
            ELSE n.owner = j.owner
        END
),

-- Each has one heir, and is the only one that has it.
heirs AS (
    SELECT change_id, owner, slot, old, new
    FROM likely
    WHERE likeness >= 0.6
    QUALIFY
        row_number() OVER (PARTITION BY change_id, owner, slot, old ORDER BY likeness DESC, new, new_owner, new_slot) = 1
        AND row_number()
            OVER (PARTITION BY change_id, new_owner, new_slot, new ORDER BY likeness DESC, old, owner, slot) = 1
),

-- Columns of the same commit that hold such a word and are too short for the new one.
short AS (
    SELECT
        h.change_id,
        h.owner,
        h.slot,
        h.old,
        min(c.after.table_name || '.' || c.after.name) AS told_in,
        min(c.after.length) AS length
    FROM heirs AS h
    JOIN judged AS j USING (change_id, owner, slot, old)
    JOIN columns_deltas AS c ON j.commit_id = c.commit_id
    WHERE
        j.kind IN ('discriminator', 'polymorphic-identity')
        AND c.after.length < length(h.new)
        AND regexp_matches(c.after.name, '(^|_)(type|kind|identity|discriminator)$')
    GROUP BY ALL
)

SELECT
    j.sha,
    j.path,
    j.line,
    j.side,
    j.named AS qualname,
    -- The class of a tag is meant, too; an enumeration goes on without the member.
    CASE
        WHEN j.kind = 'discriminator' THEN [j.owner, j.old, j.named]
        ELSE [j.named, j.old]
    END AS names,
    j.old,
    CASE
        WHEN h.new IS NULL THEN 'is gone'
        ELSE 'is ''' || h.new || ''' now (' || length(j.old) || ' characters became '
            || length(h.new) || ')'
            || CASE
                WHEN s.told_in IS NULL THEN ''
                ELSE ', too long for ' || s.told_in || ', which holds ' || s.length
            END
    END
    || CASE WHEN j.aliased THEN '; ' || j.qualname || ' still imports, as ' || j.target ELSE '' END
    AS fate,
    CASE
        WHEN s.told_in IS NOT NULL THEN 'HIGH'
        -- Nothing fails to import, and nothing matches either.
        WHEN j.kind IN ('discriminator', 'polymorphic-identity') AND h.new IS NOT NULL THEN 'HIGH'
        WHEN j.change = 'changed' THEN 'MEDIUM-HIGH'
        ELSE 'MEDIUM'
    END AS severity
FROM judged AS j
LEFT JOIN heirs AS h USING (change_id, owner, slot, old)
LEFT JOIN short AS s USING (change_id, owner, slot, old)
ASOF LEFT JOIN known AS b
    ON j.repository = b.repository AND j.holder = b.name AND j.committed_utc > b.born_utc
WHERE
    -- Who keeps the old name importable knows that somebody has it, however young it is.
    j.aliased
    OR b.born_utc IS NULL
    OR j.committed_utc - b.born_utc >= INTERVAL 60 DAY
