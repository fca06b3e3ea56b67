-- Migration 1: the tables of every floor.
-- Columns, types and meanings equal domain/frames.py and domain/facts.py (a test holds them
-- together). Times are UTC. Everything in this file can be rebuilt from its sources.

CREATE TABLE repositories (
    repo_id INTEGER PRIMARY KEY,
    kind VARCHAR NOT NULL,           -- git or release
    name VARCHAR NOT NULL UNIQUE,    -- what the user calls it
    location VARCHAR NOT NULL,       -- git directory that blobs are read from
    branch VARCHAR,                  -- branch of a git history
    scope VARCHAR NOT NULL           -- core: *.py outside tests and docs; all: every file
);

CREATE TABLE rejections (
    kind VARCHAR NOT NULL,           -- kind of the source that refused it
    name VARCHAR NOT NULL,           -- name of that source
    path VARCHAR NOT NULL,           -- file, or sha
    "at" VARCHAR NOT NULL,           -- line, key or path inside it
    reason VARCHAR NOT NULL
);

CREATE TABLE derived (
    commit_id UINTEGER NOT NULL,     -- commit whose deltas are in the *_deltas tables
    deltas UINTEGER NOT NULL         -- version of the delta rules that made them
);

CREATE TABLE commits (
    repo_id INTEGER,                          -- its repository
    commit_id UINTEGER,                       -- surrogate id
    sha VARCHAR,                              -- 40 hex digits, or release:A..B
    parent_sha VARCHAR,                       -- first parent; null for a root
    position UINTEGER,                        -- place on the first-parent line, the root is 0
    author VARCHAR,                           -- author name as git has it
    authored_utc TIMESTAMP,                   -- author date
    committed_utc TIMESTAMP,                  -- committer date; the date every filter uses
    subject VARCHAR,                          -- first line of the message
    message VARCHAR USING COMPRESSION zstd    -- whole message as git has it
);

CREATE TABLE file_changes (
    change_id UINTEGER,                       -- surrogate id
    commit_id UINTEGER,                       -- its commit
    status VARCHAR,                           -- A added, M modified, D deleted, R renamed, C copied, T type changed
    old_path VARCHAR,                         -- path before; equals path unless renamed or copied
    path VARCHAR,                             -- path after; path before when deleted
    old_blob VARCHAR,                         -- git blob id before; null when added
    new_blob VARCHAR,                         -- git blob id after; null when deleted
    added_lines UINTEGER,                     -- lines added
    removed_lines UINTEGER,                   -- lines removed
    is_core BOOLEAN,                          -- *.py outside tests and docs
    is_binary BOOLEAN                         -- git calls it binary, or it is over the size cap: no hunks
);

CREATE TABLE hunks (
    change_id UINTEGER,                       -- its file change
    old_start UINTEGER,                       -- first line before; the line above it when nothing is removed
    old_lines UINTEGER,                       -- lines removed
    new_start UINTEGER,                       -- first line after; the line above it when nothing is added
    new_lines UINTEGER,                       -- lines added
    removed VARCHAR USING COMPRESSION zstd,   -- removed lines joined by newline, no context
    added VARCHAR USING COMPRESSION zstd      -- added lines joined by newline, no context
);

CREATE TABLE segments (
    segment_id UBIGINT,                       -- digest of placement and text: the same text has the same id anywhere
    extractor UINTEGER                        -- version of the extractor that read it
);

CREATE TABLE change_segments (
    change_id UINTEGER,                       -- its file change
    side UTINYINT,                            -- 0 the version before, 1 the version after
    segment_id UBIGINT,                       -- a segment that stands on this side only
    owner VARCHAR,                            -- qualname of the class around it; empty at top level
    line UINTEGER                             -- first line of the segment on this side
);

CREATE TABLE change_facts (
    change_id UINTEGER,                       -- its file change
    extractor UINTEGER,                       -- version of the extractor that read it
    status VARCHAR,                           -- ok, or unparsed (a side does not parse: no deltas, one rejection)
    module_before VARCHAR,                    -- dotted module of the old path; null when added
    module_after VARCHAR                      -- dotted module of the path; null when deleted
);

CREATE TABLE fact_definitions (
    segment_id UBIGINT,                       -- its segment
    qualname VARCHAR,                         -- local to the segment's owner: the fact's own name when the family is named, else the function or class around it; empty at module or class level
    line UINTEGER,                            -- offset in lines from the segment's first line
    kind VARCHAR,                             -- class, function, method, attribute, constant
    public BOOLEAN,                           -- no part of the qualname starts with an underscore (dunders are public)
    bases VARCHAR[],                          -- base classes as written
    decorators VARCHAR[],                     -- decorators as written
    is_async BOOLEAN,                         -- async def
    lines UINTEGER,                           -- lines of code in its body: no blanks, comments, docstring; of a class, what stands above its first method
    body_digest UBIGINT,                      -- digest of the body with layout, docstring and own name left out
    sketch UINTEGER[]                         -- bottom-16 sketch of those lines, own name blanked
);

CREATE TABLE fact_parameters (
    segment_id UBIGINT,                       -- its segment
    qualname VARCHAR,                         -- local to the segment's owner: the fact's own name when the family is named, else the function or class around it; empty at module or class level
    line UINTEGER,                            -- offset in lines from the segment's first line
    name VARCHAR,                             -- parameter name
    position UINTEGER,                        -- place in the signature, self and cls counted
    kind VARCHAR,                             -- positional-only, positional, var-positional, keyword-only, var-keyword
    annotation VARCHAR,                       -- as written; null without
    has_default BOOLEAN,                      -- may be left out
    "default" VARCHAR                         -- as written, first 200 characters; null without
);

CREATE TABLE fact_imports (
    segment_id UBIGINT,                       -- its segment
    qualname VARCHAR,                         -- local to the segment's owner: the fact's own name when the family is named, else the function or class around it; empty at module or class level
    line UINTEGER,                            -- offset in lines from the segment's first line
    module VARCHAR,                           -- absolute in deltas; as written, leading dots included, in raw facts
    name VARCHAR,                             -- imported name, * for all; null for `import module`
    alias VARCHAR,                            -- name it is bound to
    guard VARCHAR                             -- none, try, version-check, type-checking, in-function
);

CREATE TABLE fact_exports (
    segment_id UBIGINT,                       -- its segment
    qualname VARCHAR,                         -- local to the segment's owner: the fact's own name when the family is named, else the function or class around it; empty at module or class level
    line UINTEGER,                            -- offset in lines from the segment's first line
    name VARCHAR,                             -- public name that the module offers
    how VARCHAR,                              -- definition, assignment, reexport, lazy (a __getattr__ or lazy table), all
    target VARCHAR                            -- where a re-export, alias or lazy name leads, leading dots resolved in deltas; null without
);

CREATE TABLE fact_guards (
    segment_id UBIGINT,                       -- its segment
    qualname VARCHAR,                         -- local to the segment's owner: the fact's own name when the family is named, else the function or class around it; empty at module or class level
    line UINTEGER,                            -- offset in lines from the segment's first line
    condition VARCHAR,                        -- the test as written on one line
    exit VARCHAR,                             -- return, continue, break, raise, yield-return
    position UINTEGER,                        -- rank among the statements of its block; an elif has its if's
    depth UINTEGER,                           -- loops around it inside the function
    follows VARCHAR[]                         -- what the exit skips: query, call, loop, yield
);

CREATE TABLE fact_mutations (
    segment_id UBIGINT,                       -- its segment
    qualname VARCHAR,                         -- local to the segment's owner: the fact's own name when the family is named, else the function or class around it; empty at module or class level
    line UINTEGER,                            -- offset in lines from the segment's first line
    root VARCHAR,                             -- the name it hangs on
    root_kind VARCHAR,                        -- parameter, self, cls, module, closure
    target VARCHAR,                           -- what is changed in place, as a dotted path from the root
    how VARCHAR,                              -- method (add, append, ...) or function (heappush, insort, shuffle) name, setitem, delitem, setattr, delattr, augassign, assign (a global name bound anew)
    value VARCHAR,                            -- what goes in, first 120 characters; null without
    root_annotation VARCHAR,                  -- annotation of the root parameter; null without
    fallback BOOLEAN,                         -- the root may be made here when the caller gives none (x = x or X())
    alias BOOLEAN,                            -- reached through a local alias of the root or of what hangs on it
    conditional BOOLEAN,                      -- under an if, try, match
    loops UINTEGER                            -- loops around it inside the function
);

CREATE TABLE downstreams (
    downstream VARCHAR,                       -- name; the folder's name unless given
    location VARCHAR,                         -- where it was read from
    commit_sha VARCHAR,                       -- its commit; null for a plain folder
    committed_utc TIMESTAMP,                  -- date of that commit; null for a plain folder
    python_files UINTEGER                     -- Python files read
);

CREATE TABLE downstream_imports (
    downstream VARCHAR,                       -- its downstream
    path VARCHAR,                             -- file that imports
    line UINTEGER,                            -- line of the import
    module VARCHAR,                           -- upstream module as imported, absolute
    symbol VARCHAR,                           -- imported name; null for a plain module import
    alias VARCHAR,                            -- name it is bound to
    guard VARCHAR,                            -- none, try, version-check, type-checking, in-function
    coupling VARCHAR                          -- kind of coupling by patterns/coupling.toml; other when no rule fits
);

CREATE TABLE call_sites (
    downstream VARCHAR,                       -- its downstream
    path VARCHAR,                             -- file that uses the name
    line UINTEGER,                            -- line of the use
    target VARCHAR,                           -- absolute dotted upstream name, attribute chain included
    kind VARCHAR,                             -- call, attribute, subclass, override, import
    expression VARCHAR,                       -- the use as written, first 200 characters
    scope VARCHAR,                            -- qualname of the downstream function or class around it; empty at top level
    guard VARCHAR                             -- guard of the import that the name came through
);

CREATE TABLE cases (
    case_id VARCHAR,                          -- id in case.toml
    title VARCHAR,
    started_utc TIMESTAMP,
    ended_utc TIMESTAMP,                      -- null while it goes on
    running_version VARCHAR,                  -- upstream version that ran
    deployed_utc TIMESTAMP,                   -- when that version was deployed
    folder VARCHAR                            -- where the case stands
);

CREATE TABLE timeline_events (
    event_id VARCHAR,                         -- the source's own id, or a digest of the row
    case_id VARCHAR,                          -- its case; null when loaded alone
    at_utc TIMESTAMP,                         -- when
    end_utc TIMESTAMP,                        -- until when; null for an instant
    source VARCHAR,                           -- kubectl, pages, notes, ...
    kind VARCHAR,                             -- what it is: Unhealthy, Killing, page, note, ...
    text VARCHAR,                             -- redacted text
    subject VARCHAR,                          -- object it is about, for example a pod
    value DOUBLE,                             -- a number, if the event is one
    unit VARCHAR,                             -- unit of value
    repeats UINTEGER,                         -- how often it happened (kubectl count); 1 for a single event
    precision_seconds DOUBLE,                 -- how exact at_utc is in the source
    origin_path VARCHAR,                      -- file it was read from
    origin_line UINTEGER,                     -- line in that file
    extra VARCHAR                             -- fields we have no column for, as JSON, redacted
);

CREATE TABLE failures (
    failure_id VARCHAR,                       -- given id, or a digest of where it came from
    case_id VARCHAR,                          -- its case; null when loaded alone
    airflow_version VARCHAR,                  -- if known
    log_format VARCHAR,                       -- airflow2-text, airflow3-json, mixed, listener, text
    dag_id VARCHAR,
    run_id VARCHAR,
    task_id VARCHAR,
    map_index INTEGER,                        -- -1 when not mapped
    try_number UINTEGER,
    at_utc TIMESTAMP,                         -- time of the failure line
    exception VARCHAR,                        -- last name part of the exception's type; null when there is none
    message VARCHAR,                          -- redacted message of the exception, or the failure line
    template VARCHAR,                         -- exception and message with variable parts masked
    text VARCHAR USING COMPRESSION zstd,      -- redacted log text
    origin_path VARCHAR,                      -- file it was read from
    origin_line UINTEGER,                     -- line of the failure in that file
    extra VARCHAR                             -- other fields as JSON, redacted; may influence nothing
);

CREATE TABLE query_stats (
    case_id VARCHAR,                          -- its case; null when loaded alone
    snapshot VARCHAR,                         -- before or after, or a name
    queryid VARCHAR,                          -- as pg_stat_statements gives it
    query VARCHAR,                            -- normalised query text, redacted
    calls BIGINT,                             -- executions so far
    total_exec_ms DOUBLE,                     -- milliseconds so far
    mean_exec_ms DOUBLE,                      -- milliseconds an execution
    rows BIGINT,                              -- rows returned so far
    origin_path VARCHAR,                      -- file it was read from
    origin_line UINTEGER,                     -- line in that file
    extra VARCHAR                             -- other columns as JSON
);

CREATE TABLE loop_samples (
    case_id VARCHAR,                          -- its case; null when loaded alone
    at_utc TIMESTAMP,                         -- end of the loop
    seconds DOUBLE,                           -- how long the scheduler loop took
    origin_path VARCHAR,                      -- file it was read from
    origin_line UINTEGER                      -- line in that file
);

CREATE TABLE definitions_deltas (
    change_id UINTEGER,                       -- its file change
    change VARCHAR,                           -- added, removed, changed, renamed, moved
    line UINTEGER,                            -- line on `side`
    side VARCHAR,                             -- after, or before when the fact is gone
    module VARCHAR,                           -- dotted module on `side`
    qualname VARCHAR,                         -- qualname inside the module on `side`
    scope_change VARCHAR,                     -- what became of the function or class around it: kept, added, removed, renamed, moved; module for facts at module level
    before STRUCT(
        "kind" VARCHAR,
        "public" BOOLEAN,
        "bases" VARCHAR[],
        "decorators" VARCHAR[],
        "is_async" BOOLEAN,
        "lines" UINTEGER,
        "body_digest" UBIGINT,
        "sketch" UINTEGER[]
    ),  -- the fact before; null when added
    after STRUCT(
        "kind" VARCHAR,
        "public" BOOLEAN,
        "bases" VARCHAR[],
        "decorators" VARCHAR[],
        "is_async" BOOLEAN,
        "lines" UINTEGER,
        "body_digest" UBIGINT,
        "sketch" UINTEGER[]
    ),  -- the fact after; null when removed
    before_module VARCHAR,                    -- module before, when renamed or moved
    before_qualname VARCHAR                   -- qualname before, when renamed or moved
);

CREATE TABLE parameters_deltas (
    change_id UINTEGER,                       -- its file change
    change VARCHAR,                           -- added, removed, changed, renamed, moved
    line UINTEGER,                            -- line on `side`
    side VARCHAR,                             -- after, or before when the fact is gone
    module VARCHAR,                           -- dotted module on `side`
    qualname VARCHAR,                         -- qualname inside the module on `side`
    scope_change VARCHAR,                     -- what became of the function or class around it: kept, added, removed, renamed, moved; module for facts at module level
    before STRUCT(
        "name" VARCHAR,
        "position" UINTEGER,
        "kind" VARCHAR,
        "annotation" VARCHAR,
        "has_default" BOOLEAN,
        "default" VARCHAR
    ),  -- the fact before; null when added
    after STRUCT(
        "name" VARCHAR,
        "position" UINTEGER,
        "kind" VARCHAR,
        "annotation" VARCHAR,
        "has_default" BOOLEAN,
        "default" VARCHAR
    ),  -- the fact after; null when removed
    before_module VARCHAR,                    -- module before, when renamed or moved
    before_qualname VARCHAR                   -- qualname before, when renamed or moved
);

CREATE TABLE imports_deltas (
    change_id UINTEGER,                       -- its file change
    change VARCHAR,                           -- added, removed, changed, renamed, moved
    line UINTEGER,                            -- line on `side`
    side VARCHAR,                             -- after, or before when the fact is gone
    module VARCHAR,                           -- dotted module on `side`
    qualname VARCHAR,                         -- qualname inside the module on `side`
    scope_change VARCHAR,                     -- what became of the function or class around it: kept, added, removed, renamed, moved; module for facts at module level
    before STRUCT(
        "module" VARCHAR,
        "name" VARCHAR,
        "alias" VARCHAR,
        "guard" VARCHAR
    ),  -- the fact before; null when added
    after STRUCT(
        "module" VARCHAR,
        "name" VARCHAR,
        "alias" VARCHAR,
        "guard" VARCHAR
    ),  -- the fact after; null when removed
    before_module VARCHAR,                    -- module before, when renamed or moved
    before_qualname VARCHAR                   -- qualname before, when renamed or moved
);

CREATE TABLE exports_deltas (
    change_id UINTEGER,                       -- its file change
    change VARCHAR,                           -- added, removed, changed, renamed, moved
    line UINTEGER,                            -- line on `side`
    side VARCHAR,                             -- after, or before when the fact is gone
    module VARCHAR,                           -- dotted module on `side`
    qualname VARCHAR,                         -- qualname inside the module on `side`
    scope_change VARCHAR,                     -- what became of the function or class around it: kept, added, removed, renamed, moved; module for facts at module level
    before STRUCT(
        "name" VARCHAR,
        "how" VARCHAR,
        "target" VARCHAR
    ),  -- the fact before; null when added
    after STRUCT(
        "name" VARCHAR,
        "how" VARCHAR,
        "target" VARCHAR
    ),  -- the fact after; null when removed
    before_module VARCHAR,                    -- module before, when renamed or moved
    before_qualname VARCHAR                   -- qualname before, when renamed or moved
);

CREATE TABLE guards_deltas (
    change_id UINTEGER,                       -- its file change
    change VARCHAR,                           -- added, removed, changed, renamed, moved
    line UINTEGER,                            -- line on `side`
    side VARCHAR,                             -- after, or before when the fact is gone
    module VARCHAR,                           -- dotted module on `side`
    qualname VARCHAR,                         -- qualname inside the module on `side`
    scope_change VARCHAR,                     -- what became of the function or class around it: kept, added, removed, renamed, moved; module for facts at module level
    before STRUCT(
        "condition" VARCHAR,
        "exit" VARCHAR,
        "position" UINTEGER,
        "depth" UINTEGER,
        "follows" VARCHAR[]
    ),  -- the fact before; null when added
    after STRUCT(
        "condition" VARCHAR,
        "exit" VARCHAR,
        "position" UINTEGER,
        "depth" UINTEGER,
        "follows" VARCHAR[]
    ),  -- the fact after; null when removed
    before_module VARCHAR,                    -- module before, when renamed or moved
    before_qualname VARCHAR                   -- qualname before, when renamed or moved
);

CREATE TABLE mutations_deltas (
    change_id UINTEGER,                       -- its file change
    change VARCHAR,                           -- added, removed, changed, renamed, moved
    line UINTEGER,                            -- line on `side`
    side VARCHAR,                             -- after, or before when the fact is gone
    module VARCHAR,                           -- dotted module on `side`
    qualname VARCHAR,                         -- qualname inside the module on `side`
    scope_change VARCHAR,                     -- what became of the function or class around it: kept, added, removed, renamed, moved; module for facts at module level
    before STRUCT(
        "root" VARCHAR,
        "root_kind" VARCHAR,
        "target" VARCHAR,
        "how" VARCHAR,
        "value" VARCHAR,
        "root_annotation" VARCHAR,
        "fallback" BOOLEAN,
        "alias" BOOLEAN,
        "conditional" BOOLEAN,
        "loops" UINTEGER
    ),  -- the fact before; null when added
    after STRUCT(
        "root" VARCHAR,
        "root_kind" VARCHAR,
        "target" VARCHAR,
        "how" VARCHAR,
        "value" VARCHAR,
        "root_annotation" VARCHAR,
        "fallback" BOOLEAN,
        "alias" BOOLEAN,
        "conditional" BOOLEAN,
        "loops" UINTEGER
    ),  -- the fact after; null when removed
    before_module VARCHAR,                    -- module before, when renamed or moved
    before_qualname VARCHAR                   -- qualname before, when renamed or moved
);
