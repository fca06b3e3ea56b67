-- What somebody else reads from is no longer moved on: an early exit in front of the update, an
-- update or a refresh that is gone, an answer that is kept and never asked for again.
WITH guarded AS MATERIALIZED (
    SELECT
        * EXCLUDE (before, after),
        before.condition AS old_condition,
        after.condition AS condition,
        coalesce(after.exit, before.exit) AS exit,
        after.follows AS follows
    FROM guards_deltas
    WHERE
        is_core
        AND scope_change IN ('kept', 'renamed', 'moved')
        AND regexp_matches(
            lower(coalesce(after.condition, '') || ' ' || coalesce(before.condition, '')),
            'hash|version|unchanged|etag|digest|mtime|stale|fresh|elapsed|cache|interval|up_to_date'
            || '|last_|next_|_at\b'
        )
),

-- Exits that a function lost: what comes in their place may be the same, written anew.
lost AS (
    SELECT
        change_id,
        qualname,
        exit,
        string_agg(old_condition, ' and ' ORDER BY line) AS conditions,
        count(*) AS exits
    FROM guarded
    WHERE change = 'removed'
    GROUP BY change_id, qualname, exit
),

terms_of AS (
    SELECT
        g.* EXCLUDE (old_condition),
        coalesce(g.old_condition, l.conditions) AS old_condition,
        CASE
            WHEN g.old_condition IS NOT NULL OR l.exits = 1
                THEN string_split_regex(
                    coalesce(g.old_condition, l.conditions), '\) and \(| and \(|\) and | and '
                )
        END AS old_terms,
        string_split_regex(g.condition, '\) and \(| and \(|\) and | and ') AS new_terms
    FROM guarded AS g
    LEFT JOIN lost AS l USING (change_id, qualname, exit)
    WHERE
        g.change IN ('added', 'changed')
        AND g.exit IN ('return', 'continue', 'yield-return')
        AND len(g.follows) > 0
),

exits AS (
    SELECT
        commit_id,
        sha,
        change_id,
        path,
        line,
        side,
        module,
        qualname,
        condition,
        -- Asks for less than before, so it leaves more often.
        coalesce(
            len(new_terms) < len(old_terms)
            AND len(list_filter(new_terms, lambda t: NOT contains(old_condition, trim(t, '()')))) = 0
            AND NOT contains(condition, ' or '),
            FALSE
        ) AS wider,
        -- The terms that the commit brought: what was asked before is no news.
        CASE
            WHEN wider THEN new_terms
            ELSE list_filter(
                new_terms,
                lambda t: old_condition IS NULL OR (
                    NOT contains(old_condition, trim(t, '()'))
                    -- Written another way around the same comparisons: no news either.
                    AND (
                        NOT regexp_matches(t, '[\w.)]+ (==|<=|>=|<|>) [\w.]+')
                        OR len(list_filter(
                            regexp_extract_all(t, '[\w.)]+ (?:==|<=|>=|<|>) [\w.]+'),
                            lambda pair: NOT contains(old_condition, pair)
                        )) > 0
                    )
                )
            )
        END AS terms
    FROM terms_of
),

-- Same as last time, or not long ago: a comparison, or a word that says so. Whether something is
-- there at all is another question, and so is which release of a library it is.
skips AS (
    SELECT
        commit_id,
        sha,
        change_id,
        path,
        line,
        side,
        module,
        qualname,
        CASE WHEN wider THEN 'leaves early more often: if ' ELSE 'leaves early if ' END
        || CASE WHEN length(condition) > 160 THEN left(condition, 157) || '...' ELSE condition END
        AS fate,
        condition,
        CASE WHEN wider THEN 'MEDIUM-HIGH' ELSE 'MEDIUM' END AS severity
    FROM exits
    WHERE
        len(list_filter(
            terms,
            lambda t: regexp_matches(
                t,
                '(?i)(hash|version|etag|digest|mtime'
                || '|last_(check|fetch|finish|pars|refresh|updat|modif|seen|run|sync|load)\w*'
                || '|updated_at|modified|elapsed\w*|_interval|next_check\w*)\w*\)?\s*(==|<|<=|>|>=)\s'
                || '|(==|<|<=|>|>=|\bin)\s[\w.\[\]()]*(hash|version|etag|digest|mtime|last_updated'
                || '|last_refresh\w*|last_fetched|updated_at|_versions|next_check\w*|_interval)'
                || '|\b(is_|not_|un|no_)?(unchanged|stale|fresh|up_to_date)\b|skip_\w*(refresh|version|update)'
                || '|(is|has)_\w*cached'
                || '|(hash|version|etag|digest|mtime)\w*_(match|equal|same|unchanged)'
                || '|(match|equal|same|unchanged)\w*_(hash|version|etag|digest|mtime)'
            )
            AND NOT regexp_matches(
                t,
                '(?i)(airflow|fab|python|sqlalchemy|pydantic|parse|schema|api|server|client|min|max)_?version'
                || '|version_(added|info)|isinstance|data_interval|poke_interval|schedule_interval|heartbeat'
                || '|last_dagrun|last_dag_run|dialect|__version__'
            )
        )) > 0
),

-- Pointers and marks that say what is the newest, where they are set on something.
marked AS MATERIALIZED (
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
        regexp_extract(coalesce(after.target, before.target), '\w+$') AS mark
    FROM mutations_deltas
    WHERE
        is_core
        AND coalesce(after.how, before.how) IN ('setattr', 'setitem')
        AND regexp_matches(
            coalesce(after.target, before.target),
            '(version|version_id|version_number|hash|updated_at'
            || '|last_(updated|refreshed|fetched|parsed\w*|finish\w*))$'
        )
    UNION ALL
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
        coalesce(after.name, before.name) AS mark
    FROM attributes_deltas
    WHERE
        is_core
        AND regexp_matches(
            coalesce(after.name, before.name),
            '(version|version_id|version_number|hash|updated_at'
            || '|last_(updated|refreshed|fetched|parsed\w*|finish\w*))$'
        )
),

marks AS (
    SELECT
        m.commit_id,
        m.sha,
        m.change_id,
        m.path,
        min(m.line) AS line,
        arg_min(m.side, (m.line, m.side)) AS side,
        m.module,
        m.qualname,
        'no longer sets ' || m.mark AS fate,
        NULL AS condition,
        'MEDIUM' AS severity
    FROM marked AS m
    ANTI JOIN marked AS a ON m.commit_id = a.commit_id AND m.mark = a.mark AND a.change <> 'removed'
    WHERE
        m.change = 'removed'
        AND m.scope_change IN ('kept', 'renamed')
        -- What a constructor sets is a beginning, not a move.
        AND NOT ends_with(m.qualname, '__')
        -- Written by an UPDATE instead.
        AND NOT EXISTS (
            SELECT 1
            FROM hunks AS h
            WHERE
                h.change_id = m.change_id
                AND h.new_lines > 0
                AND (
                    contains(h.added, '.' || m.mark || ':')
                    OR (
                        (contains(h.added, m.mark || '=') OR contains(h.added, m.mark || '_id='))
                        AND contains(h.added, 'values(')
                    )
                )
        )
    GROUP BY m.commit_id, m.sha, m.change_id, m.path, m.module, m.qualname, m.mark
),

written AS (
    SELECT DISTINCT commit_id, after.name AS name
    FROM calls_deltas
    WHERE
        change <> 'removed'
        AND regexp_matches(after.name, 'cache_clear|invalidate|refresh|reload|expire')
),

refreshes AS (
    SELECT
        k.commit_id,
        k.sha,
        k.change_id,
        k.path,
        min(k.line) AS line,
        arg_min(k.side, (k.line, k.side)) AS side,
        k.module,
        k.qualname,
        'no longer calls ' || k.before.callee AS fate,
        NULL AS condition,
        'MEDIUM' AS severity
    FROM calls_deltas AS k
    ANTI JOIN written AS w
        ON k.commit_id = w.commit_id AND ltrim(k.before.name, '_') = ltrim(w.name, '_')
    WHERE
        k.change = 'removed'
        AND k.scope_change = 'kept'
        AND k.is_core
        AND regexp_matches(
            k.before.name,
            '^_?(cache_clear|clear_\w*cache|invalidate\w*|expire(_all)?|refresh(_from_db|_\w+)?|reload(_\w+)?)$'
        )
    GROUP BY k.commit_id, k.sha, k.change_id, k.path, k.module, k.qualname, k.before.callee
),

-- Functions that keep their first answer for good, of those that ask a database.
asking AS (
    SELECT DISTINCT change_id, qualname
    FROM queries_deltas
    WHERE after IS NOT NULL
    UNION
    SELECT DISTINCT change_id, qualname
    FROM calls_deltas
    WHERE after IS NOT NULL AND regexp_matches(after.callee, '(^|\.)session\.')
),

kept_answers AS (
    SELECT
        d.commit_id,
        d.sha,
        d.change_id,
        d.path,
        d.line,
        d.side,
        d.module,
        d.qualname,
        'keeps its first answer ('
        || list_filter(d.after.decorators, lambda x: contains(x, 'cache'))[1] || ')' AS fate,
        NULL AS condition,
        'MEDIUM' AS severity
    FROM definitions_deltas AS d
    LEFT JOIN asking AS a USING (change_id, qualname)
    WHERE
        d.is_core
        AND d.change IN ('added', 'changed')
        AND d.after.kind IN ('function', 'method')
        -- What a function inside a function keeps is forgotten with it.
        AND NOT regexp_matches(d.qualname, '(^|\.)[a-z_]\w*\.')
        AND len(list_filter(
            d.after.decorators,
            lambda x: regexp_matches(x, '^(functools\.|methodtools\.)?(cache|lru_cache|cached_property)\b')
        )) > 0
        AND (
            d.before IS NULL
            OR len(list_filter(d.before.decorators, lambda x: contains(x, 'cache'))) = 0
        )
        -- Of what was there before, what it asks stands on lines that did not change.
        AND (
            a.change_id IS NOT NULL
            OR (
                d.change = 'changed'
                AND d.after.kind = 'method'
                AND regexp_matches(d.path, '(^|/)(models|jobs|dag_processing|executors|assets|triggers)/')
                AND NOT regexp_matches(array_to_string(d.after.decorators, ' '), 'static|classmethod')
            )
        )
),

-- A cache of its own that nothing empties.
filled AS (
    SELECT
        m.commit_id,
        m.sha,
        m.change_id,
        m.path,
        min(m.line) AS line,
        arg_min(m.side, (m.line, m.side)) AS side,
        m.module,
        m.qualname,
        'fills ' || m.after.target || ', which nothing empties' AS fate,
        NULL AS condition,
        'MEDIUM' AS severity
    FROM mutations_deltas AS m
    WHERE
        m.change = 'added'
        AND m.scope_change <> 'module'
        AND m.is_core
        AND m.after.how IN ('setitem', 'setdefault', 'update')
        AND m.after.root_kind IN ('module', 'self', 'cls')
        AND regexp_matches(lower(m.after.target), 'cache')
        AND (m.change_id, m.after.target) NOT IN (
            SELECT (change_id, coalesce(after.target, before.target))
            FROM mutations_deltas
            WHERE
                coalesce(after.how, before.how) IN ('pop', 'popitem', 'clear', 'delitem', 'remove', 'discard')
                OR change = 'removed'
        )
    GROUP BY m.commit_id, m.sha, m.change_id, m.path, m.module, m.qualname, m.after.target
),

told AS (
    SELECT * FROM skips
    UNION ALL
    SELECT * FROM marks
    UNION ALL
    SELECT * FROM refreshes
    UNION ALL
    SELECT * FROM kept_answers
    UNION ALL
    SELECT * FROM filled
)

SELECT
    sha,
    path,
    line,
    side,
    module || '.' || qualname AS qualname,
    fate,
    condition,
    severity
FROM told
WHERE
    NOT regexp_matches(
        path,
        '(^|/)((\w+[-_])?tests?|tests_common|testing|docs|dev|scripts|example_dags|migrations|routes'
        || '|endpoints|www|cli|commands|views|datamodels|ui|_vendor)/'
        || '|(^|/)(conftest|test_\w+|hatch_build|setup)\.py$'
    )
