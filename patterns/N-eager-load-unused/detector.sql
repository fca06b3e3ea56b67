-- Eager loads that are paid for and not used: whole collections fetched to ask whether there is
-- one, and collections joined into a query that runs often.
WITH eager AS (
    SELECT
        sha,
        commit_id,
        change_id,
        path,
        line,
        side,
        module,
        qualname,
        after.limited AS limited,
        coalesce(before.eager, []) AS old_eager,
        coalesce(before.eager_uses, []) AS old_uses,
        after.eager_uses AS uses,
        unnest(after.eager) AS load
    FROM queries_deltas
    WHERE
        after IS NOT NULL
        AND len(after.eager) > 0
        AND is_core
        AND NOT regexp_matches(
            path, '(^|/)(tests?|tests_common|testing|docs|dev|scripts|example_dags|migrations)/'
        )
),

loads AS (
    SELECT
        * EXCLUDE (load),
        split_part(load, ':', 1) AS strategy,
        split_part(load, ':', 2) AS target,
        regexp_extract(load, '[^.:]+$') AS relationship,
        NOT list_contains(old_eager, load) AS is_new,
        -- A collection, as far as its name tells.
        regexp_matches(load, '[^s]s$') AS many
    FROM eager
),

used AS (
    SELECT
        *,
        list_transform(
            list_filter(uses, lambda u: starts_with(u, relationship || ':')),
            lambda u: split_part(u, ':', 2)
        ) AS ways,
        list_transform(
            list_filter(old_uses, lambda u: starts_with(u, relationship || ':')),
            lambda u: split_part(u, ':', 2)
        ) AS old_ways
    FROM loads
),

told AS (
    SELECT
        *,
        CASE
            WHEN
                len(ways) > 0
                AND list_has_all(['truth', 'counted', 'unused'], ways)
                AND (many OR list_contains(ways, 'truth'))
                AND (is_new OR NOT list_has_all(['truth', 'counted', 'unused'], old_ways))
                THEN CASE
                    WHEN ways = ['unused'] THEN 'is never looked at'
                    WHEN list_contains(ways, 'counted') THEN 'is only counted'
                    ELSE 'is only asked whether there is one'
                END
            WHEN many AND is_new AND strategy IN ('joinedload', 'contains_eager')
                AND regexp_matches(path, '(^|/)(jobs|models|ti_deps|dag_processing|executors)/')
                THEN 'comes with every row of a query that runs often'
        END AS fate
    FROM used
)

SELECT
    sha,
    path,
    line,
    side,
    module || '.' || qualname AS qualname,
    [module || '.' || qualname, target] AS names,
    target AS collection,
    strategy,
    fate,
    CASE
        WHEN many AND fate LIKE 'is only asked%' THEN 'HIGH'
        WHEN many AND fate LIKE 'is %' THEN 'MEDIUM-HIGH'
        ELSE 'MEDIUM'
    END AS severity
FROM told
WHERE fate IS NOT NULL
