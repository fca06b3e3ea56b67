-- Migrations that were there already and get another place in the chain: a database that ran them
-- no longer knows where it stands.
WITH touched AS (
    SELECT
        d.sha,
        d.commit_id,
        d.change_id,
        d.change,
        d.path,
        d.line,
        d.side,
        d.module,
        d.before.revision AS old_revision,
        d.after.revision AS new_revision,
        d.before.down_revision AS old_down,
        d.after.down_revision AS new_down
    FROM migrations_deltas AS d
    WHERE
        coalesce(d.before.part, d.after.part) = 'head'
        AND NOT regexp_matches(d.path, '(^|/)(tests?|docs|dev|scripts)/')
),

-- A revision that stands in another file after the commit was only renamed or renumbered.
there AS (
    SELECT commit_id, new_revision AS revision, min(path) AS path
    FROM touched
    WHERE new_revision IS NOT NULL
    GROUP BY commit_id, new_revision
),

told AS (
    SELECT
        t.*,
        CASE
            WHEN t.change = 'removed' AND h.revision IS NULL THEN 'is gone'
            WHEN
                t.change = 'changed' AND t.old_revision IS DISTINCT FROM t.new_revision
                AND h.revision IS NULL
                THEN 'has the id ' || t.new_revision || ' now'
            WHEN t.change = 'changed' AND t.old_down IS DISTINCT FROM t.new_down
                THEN 'follows ' || coalesce(t.new_down, 'nothing') || ' and followed '
                    || coalesce(t.old_down, 'nothing')
        END AS fate
    FROM touched AS t
    LEFT JOIN there AS h ON t.commit_id = h.commit_id AND t.old_revision = h.revision
        AND (t.change = 'removed' OR t.old_revision <> t.new_revision)
),

-- A chain that was cut off at once is one event, told by its newest file.
counted AS (
    SELECT
        *,
        count(*) FILTER (fate = 'is gone') OVER (PARTITION BY commit_id) AS gone,
        row_number() OVER (PARTITION BY commit_id, fate ORDER BY path DESC) AS place
    FROM told
    WHERE fate IS NOT NULL
)

SELECT
    sha,
    path,
    line,
    side,
    module AS qualname,
    [module, old_revision] AS names,
    old_revision AS revision,
    CASE
        WHEN fate = 'is gone' AND gone > 5 THEN 'is gone with ' || (gone - 1) || ' others'
        ELSE fate
    END AS fate,
    CASE WHEN starts_with(fate, 'follows') THEN 'MEDIUM' ELSE 'MEDIUM-HIGH' END AS severity
FROM counted
WHERE fate <> 'is gone' OR gone <= 5 OR place = 1
