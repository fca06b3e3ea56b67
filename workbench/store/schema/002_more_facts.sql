-- Migration 2: the other families of facts, the return annotation of a definition, and the dates
-- between which a downstream's imports and call sites stood.
-- Facts and deltas are read anew by the newer extractor, so the two tables that gain a column
-- are made again without their rows.

DROP TABLE fact_definitions;
DROP TABLE definitions_deltas;

CREATE TABLE fact_definitions (
    segment_id UBIGINT,                       -- its segment
    qualname VARCHAR,                         -- local to the segment's owner: the fact's own name when the family is named, else the function or class around it; empty at module or class level
    line UINTEGER,                            -- offset in lines from the segment's first line
    kind VARCHAR,                             -- class, function, method, attribute, constant
    public BOOLEAN,                           -- no part of the qualname starts with an underscore (dunders are public)
    bases VARCHAR[],                          -- base classes as written
    decorators VARCHAR[],                     -- decorators as written
    is_async BOOLEAN,                         -- async def
    returns VARCHAR,                          -- return annotation as written; null without
    lines UINTEGER,                           -- lines of code in its body: no blanks, comments, docstring; of a class, what stands above its first method
    body_digest UBIGINT,                      -- digest of the body with layout, docstring and own name left out
    sketch UINTEGER[]                         -- bottom-16 sketch of those lines, own name blanked
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
        "returns" VARCHAR,
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
        "returns" VARCHAR,
        "lines" UINTEGER,
        "body_digest" UBIGINT,
        "sketch" UINTEGER[]
    ),  -- the fact after; null when removed
    before_module VARCHAR,                    -- module before, when renamed or moved
    before_qualname VARCHAR                   -- qualname before, when renamed or moved
);

CREATE TABLE fact_calls (
    segment_id UBIGINT,                       -- its segment
    qualname VARCHAR,                         -- local to the segment's owner: the fact's own name when the family is named, else the function or class around it; empty at module or class level
    line UINTEGER,                            -- offset in lines from the segment's first line
    callee VARCHAR,                           -- what is called, dotted as written; a call or subscript inside it reads () or []
    name VARCHAR,                             -- last part of the callee
    loops UINTEGER,                           -- for and while loops around it inside the function
    in_comprehension BOOLEAN,                 -- inside a comprehension
    conditional BOOLEAN,                      -- under an if, try, match or conditional expression
    arguments UINTEGER,                       -- positional arguments, a starred one not counted
    keywords VARCHAR[],                       -- keywords given, in order
    starred BOOLEAN                           -- takes *args or **kwargs from a variable
);

CREATE TABLE calls_deltas (
    change_id UINTEGER,                       -- its file change
    change VARCHAR,                           -- added, removed, changed, renamed, moved
    line UINTEGER,                            -- line on `side`
    side VARCHAR,                             -- after, or before when the fact is gone
    module VARCHAR,                           -- dotted module on `side`
    qualname VARCHAR,                         -- qualname inside the module on `side`
    scope_change VARCHAR,                     -- what became of the function or class around it: kept, added, removed, renamed, moved; module for facts at module level
    before STRUCT(
        "callee" VARCHAR,
        "name" VARCHAR,
        "loops" UINTEGER,
        "in_comprehension" BOOLEAN,
        "conditional" BOOLEAN,
        "arguments" UINTEGER,
        "keywords" VARCHAR[],
        "starred" BOOLEAN
    ),  -- the fact before; null when added
    after STRUCT(
        "callee" VARCHAR,
        "name" VARCHAR,
        "loops" UINTEGER,
        "in_comprehension" BOOLEAN,
        "conditional" BOOLEAN,
        "arguments" UINTEGER,
        "keywords" VARCHAR[],
        "starred" BOOLEAN
    ),  -- the fact after; null when removed
    before_module VARCHAR,                    -- module before, when renamed or moved
    before_qualname VARCHAR                   -- qualname before, when renamed or moved
);

CREATE TABLE fact_raises (
    segment_id UBIGINT,                       -- its segment
    qualname VARCHAR,                         -- local to the segment's owner: the fact's own name when the family is named, else the function or class around it; empty at module or class level
    line UINTEGER,                            -- offset in lines from the segment's first line
    exception VARCHAR,                        -- exception as written, without its arguments; null for a bare raise
    condition VARCHAR,                        -- test of the innermost if around it; not (test) in its else; null without
    position UINTEGER                         -- rank among the statements of its block
);

CREATE TABLE raises_deltas (
    change_id UINTEGER,                       -- its file change
    change VARCHAR,                           -- added, removed, changed, renamed, moved
    line UINTEGER,                            -- line on `side`
    side VARCHAR,                             -- after, or before when the fact is gone
    module VARCHAR,                           -- dotted module on `side`
    qualname VARCHAR,                         -- qualname inside the module on `side`
    scope_change VARCHAR,                     -- what became of the function or class around it: kept, added, removed, renamed, moved; module for facts at module level
    before STRUCT(
        "exception" VARCHAR,
        "condition" VARCHAR,
        "position" UINTEGER
    ),  -- the fact before; null when added
    after STRUCT(
        "exception" VARCHAR,
        "condition" VARCHAR,
        "position" UINTEGER
    ),  -- the fact after; null when removed
    before_module VARCHAR,                    -- module before, when renamed or moved
    before_qualname VARCHAR                   -- qualname before, when renamed or moved
);

CREATE TABLE fact_attributes (
    segment_id UBIGINT,                       -- its segment
    qualname VARCHAR,                         -- local to the segment's owner: the fact's own name when the family is named, else the function or class around it; empty at module or class level
    line UINTEGER,                            -- offset in lines from the segment's first line
    name VARCHAR,                             -- attribute that a method sets on its own object or class
    value VARCHAR,                            -- what it is set to, first 120 characters; null for a bare annotation
    annotation VARCHAR,                       -- as written; null without
    conditional BOOLEAN                       -- under an if, try, match
);

CREATE TABLE attributes_deltas (
    change_id UINTEGER,                       -- its file change
    change VARCHAR,                           -- added, removed, changed, renamed, moved
    line UINTEGER,                            -- line on `side`
    side VARCHAR,                             -- after, or before when the fact is gone
    module VARCHAR,                           -- dotted module on `side`
    qualname VARCHAR,                         -- qualname inside the module on `side`
    scope_change VARCHAR,                     -- what became of the function or class around it: kept, added, removed, renamed, moved; module for facts at module level
    before STRUCT(
        "name" VARCHAR,
        "value" VARCHAR,
        "annotation" VARCHAR,
        "conditional" BOOLEAN
    ),  -- the fact before; null when added
    after STRUCT(
        "name" VARCHAR,
        "value" VARCHAR,
        "annotation" VARCHAR,
        "conditional" BOOLEAN
    ),  -- the fact after; null when removed
    before_module VARCHAR,                    -- module before, when renamed or moved
    before_qualname VARCHAR                   -- qualname before, when renamed or moved
);

CREATE TABLE fact_columns (
    segment_id UBIGINT,                       -- its segment
    qualname VARCHAR,                         -- local to the segment's owner: the fact's own name when the family is named, else the function or class around it; empty at module or class level
    line UINTEGER,                            -- offset in lines from the segment's first line
    table_name VARCHAR,                       -- table name; of a model without one, its class; null when neither is in its segment
    name VARCHAR,                             -- column name in the database, else the attribute's
    attribute VARCHAR,                        -- attribute of the model; null in Table(...) and migrations
    declared VARCHAR,                         -- model, create_table, add_column, alter_column, drop_column
    "type" VARCHAR,                           -- name of the type without arguments, last part; null when not readable
    length UINTEGER,                          -- length of a string type; null without
    nullable BOOLEAN,                         -- may be NULL: said, or from Mapped[X | None], or the default of Column
    "default" VARCHAR,                        -- Python-side default as written; null without
    server_default VARCHAR,                   -- server-side default as written; null without
    primary_key BOOLEAN,                      -- part of the primary key
    indexed BOOLEAN,                          -- has an index or unique constraint of itself alone, or is part of the primary key
    foreign_key VARCHAR                       -- table.column that it refers to; null without
);

CREATE TABLE columns_deltas (
    change_id UINTEGER,                       -- its file change
    change VARCHAR,                           -- added, removed, changed, renamed, moved
    line UINTEGER,                            -- line on `side`
    side VARCHAR,                             -- after, or before when the fact is gone
    module VARCHAR,                           -- dotted module on `side`
    qualname VARCHAR,                         -- qualname inside the module on `side`
    scope_change VARCHAR,                     -- what became of the function or class around it: kept, added, removed, renamed, moved; module for facts at module level
    before STRUCT(
        "table_name" VARCHAR,
        "name" VARCHAR,
        "attribute" VARCHAR,
        "declared" VARCHAR,
        "type" VARCHAR,
        "length" UINTEGER,
        "nullable" BOOLEAN,
        "default" VARCHAR,
        "server_default" VARCHAR,
        "primary_key" BOOLEAN,
        "indexed" BOOLEAN,
        "foreign_key" VARCHAR
    ),  -- the fact before; null when added
    after STRUCT(
        "table_name" VARCHAR,
        "name" VARCHAR,
        "attribute" VARCHAR,
        "declared" VARCHAR,
        "type" VARCHAR,
        "length" UINTEGER,
        "nullable" BOOLEAN,
        "default" VARCHAR,
        "server_default" VARCHAR,
        "primary_key" BOOLEAN,
        "indexed" BOOLEAN,
        "foreign_key" VARCHAR
    ),  -- the fact after; null when removed
    before_module VARCHAR,                    -- module before, when renamed or moved
    before_qualname VARCHAR                   -- qualname before, when renamed or moved
);

CREATE TABLE fact_indexes (
    segment_id UBIGINT,                       -- its segment
    qualname VARCHAR,                         -- local to the segment's owner: the fact's own name when the family is named, else the function or class around it; empty at module or class level
    line UINTEGER,                            -- offset in lines from the segment's first line
    table_name VARCHAR,                       -- table name; of a model without one, its class; null when neither is in its segment
    name VARCHAR,                             -- name of the index or constraint; null without
    column_names VARCHAR[],                   -- columns in order, without direction
    descending VARCHAR[],                     -- those of them in descending order
    is_unique BOOLEAN,                        -- unique index, unique constraint or primary key
    declared VARCHAR                          -- model, create_index, drop_index, drop_constraint, primary-key, unique, foreign-key
);

CREATE TABLE indexes_deltas (
    change_id UINTEGER,                       -- its file change
    change VARCHAR,                           -- added, removed, changed, renamed, moved
    line UINTEGER,                            -- line on `side`
    side VARCHAR,                             -- after, or before when the fact is gone
    module VARCHAR,                           -- dotted module on `side`
    qualname VARCHAR,                         -- qualname inside the module on `side`
    scope_change VARCHAR,                     -- what became of the function or class around it: kept, added, removed, renamed, moved; module for facts at module level
    before STRUCT(
        "table_name" VARCHAR,
        "name" VARCHAR,
        "column_names" VARCHAR[],
        "descending" VARCHAR[],
        "is_unique" BOOLEAN,
        "declared" VARCHAR
    ),  -- the fact before; null when added
    after STRUCT(
        "table_name" VARCHAR,
        "name" VARCHAR,
        "column_names" VARCHAR[],
        "descending" VARCHAR[],
        "is_unique" BOOLEAN,
        "declared" VARCHAR
    ),  -- the fact after; null when removed
    before_module VARCHAR,                    -- module before, when renamed or moved
    before_qualname VARCHAR                   -- qualname before, when renamed or moved
);

CREATE TABLE fact_relationships (
    segment_id UBIGINT,                       -- its segment
    qualname VARCHAR,                         -- local to the segment's owner: the fact's own name when the family is named, else the function or class around it; empty at module or class level
    line UINTEGER,                            -- offset in lines from the segment's first line
    name VARCHAR,                             -- attribute of the model
    target VARCHAR,                           -- model it leads to, as written without quotes; null when not readable
    lazy VARCHAR,                             -- loading strategy: select unless said (joined, selectin, raise, ...)
    many BOOLEAN                              -- holds a list, as far as annotation or uselist say; null when unknown
);

CREATE TABLE relationships_deltas (
    change_id UINTEGER,                       -- its file change
    change VARCHAR,                           -- added, removed, changed, renamed, moved
    line UINTEGER,                            -- line on `side`
    side VARCHAR,                             -- after, or before when the fact is gone
    module VARCHAR,                           -- dotted module on `side`
    qualname VARCHAR,                         -- qualname inside the module on `side`
    scope_change VARCHAR,                     -- what became of the function or class around it: kept, added, removed, renamed, moved; module for facts at module level
    before STRUCT(
        "name" VARCHAR,
        "target" VARCHAR,
        "lazy" VARCHAR,
        "many" BOOLEAN
    ),  -- the fact before; null when added
    after STRUCT(
        "name" VARCHAR,
        "target" VARCHAR,
        "lazy" VARCHAR,
        "many" BOOLEAN
    ),  -- the fact after; null when removed
    before_module VARCHAR,                    -- module before, when renamed or moved
    before_qualname VARCHAR                   -- qualname before, when renamed or moved
);

CREATE TABLE fact_fields (
    segment_id UBIGINT,                       -- its segment
    qualname VARCHAR,                         -- local to the segment's owner: the fact's own name when the family is named, else the function or class around it; empty at module or class level
    line UINTEGER,                            -- offset in lines from the segment's first line
    kind VARCHAR,                             -- pydantic, dataclass, attrs, typed-dict, named-tuple, annotated
    name VARCHAR,                             -- field name
    annotation VARCHAR,                       -- in one spelling: no quotes or descriptions, unions with bars
    required BOOLEAN,                         -- has to be given
    optional BOOLEAN,                         -- may be None, as its annotation says
    "default" VARCHAR,                        -- as written, first 200 characters; null without
    discriminator VARCHAR                     -- field that tells the members of a union apart; null without
);

CREATE TABLE fields_deltas (
    change_id UINTEGER,                       -- its file change
    change VARCHAR,                           -- added, removed, changed, renamed, moved
    line UINTEGER,                            -- line on `side`
    side VARCHAR,                             -- after, or before when the fact is gone
    module VARCHAR,                           -- dotted module on `side`
    qualname VARCHAR,                         -- qualname inside the module on `side`
    scope_change VARCHAR,                     -- what became of the function or class around it: kept, added, removed, renamed, moved; module for facts at module level
    before STRUCT(
        "kind" VARCHAR,
        "name" VARCHAR,
        "annotation" VARCHAR,
        "required" BOOLEAN,
        "optional" BOOLEAN,
        "default" VARCHAR,
        "discriminator" VARCHAR
    ),  -- the fact before; null when added
    after STRUCT(
        "kind" VARCHAR,
        "name" VARCHAR,
        "annotation" VARCHAR,
        "required" BOOLEAN,
        "optional" BOOLEAN,
        "default" VARCHAR,
        "discriminator" VARCHAR
    ),  -- the fact after; null when removed
    before_module VARCHAR,                    -- module before, when renamed or moved
    before_qualname VARCHAR                   -- qualname before, when renamed or moved
);

CREATE TABLE fact_literals (
    segment_id UBIGINT,                       -- its segment
    qualname VARCHAR,                         -- local to the segment's owner: the fact's own name when the family is named, else the function or class around it; empty at module or class level
    line UINTEGER,                            -- offset in lines from the segment's first line
    kind VARCHAR,                             -- enum-member, literal-type, polymorphic-identity, discriminator, constant
    name VARCHAR,                             -- member, field, alias or constant that holds it
    slot VARCHAR,                             -- the value itself for a literal-type, which has many; else empty
    value VARCHAR                             -- the value as written, first 200 characters
);

CREATE TABLE literals_deltas (
    change_id UINTEGER,                       -- its file change
    change VARCHAR,                           -- added, removed, changed, renamed, moved
    line UINTEGER,                            -- line on `side`
    side VARCHAR,                             -- after, or before when the fact is gone
    module VARCHAR,                           -- dotted module on `side`
    qualname VARCHAR,                         -- qualname inside the module on `side`
    scope_change VARCHAR,                     -- what became of the function or class around it: kept, added, removed, renamed, moved; module for facts at module level
    before STRUCT(
        "kind" VARCHAR,
        "name" VARCHAR,
        "slot" VARCHAR,
        "value" VARCHAR
    ),  -- the fact before; null when added
    after STRUCT(
        "kind" VARCHAR,
        "name" VARCHAR,
        "slot" VARCHAR,
        "value" VARCHAR
    ),  -- the fact after; null when removed
    before_module VARCHAR,                    -- module before, when renamed or moved
    before_qualname VARCHAR                   -- qualname before, when renamed or moved
);

CREATE TABLE fact_queries (
    segment_id UBIGINT,                       -- its segment
    qualname VARCHAR,                         -- local to the segment's owner: the fact's own name when the family is named, else the function or class around it; empty at module or class level
    line UINTEGER,                            -- offset in lines from the segment's first line
    kind VARCHAR,                             -- select, query, update, delete, insert, get
    text VARCHAR,                             -- the whole statement on one line, first 600 characters
    tables VARCHAR[],                         -- models it reads or writes, in order of mention; cls as written
    filters VARCHAR[],                        -- columns that where and filter compare, as Model.column, sorted
    terms VARCHAR[],                          -- each term of where and filter, on one line
    ordered_by VARCHAR[],                     -- what it is ordered by
    joins VARCHAR[],                          -- models or relationships that are joined
    eager VARCHAR[],                          -- strategy:Model.relationship of every eager load
    eager_uses VARCHAR[],                     -- relationship:use of what was loaded, as far as the function shows: iterated, truth, counted, read (an attribute of it), passed (to other code), unused
    limited BOOLEAN,                          -- has a limit, first, one or get
    locked BOOLEAN,                           -- with_for_update or with_row_locks
    loops UINTEGER,                           -- loops and comprehensions around the place where it is executed
    conditional BOOLEAN                       -- under an if, try, match
);

CREATE TABLE queries_deltas (
    change_id UINTEGER,                       -- its file change
    change VARCHAR,                           -- added, removed, changed, renamed, moved
    line UINTEGER,                            -- line on `side`
    side VARCHAR,                             -- after, or before when the fact is gone
    module VARCHAR,                           -- dotted module on `side`
    qualname VARCHAR,                         -- qualname inside the module on `side`
    scope_change VARCHAR,                     -- what became of the function or class around it: kept, added, removed, renamed, moved; module for facts at module level
    before STRUCT(
        "kind" VARCHAR,
        "text" VARCHAR,
        "tables" VARCHAR[],
        "filters" VARCHAR[],
        "terms" VARCHAR[],
        "ordered_by" VARCHAR[],
        "joins" VARCHAR[],
        "eager" VARCHAR[],
        "eager_uses" VARCHAR[],
        "limited" BOOLEAN,
        "locked" BOOLEAN,
        "loops" UINTEGER,
        "conditional" BOOLEAN
    ),  -- the fact before; null when added
    after STRUCT(
        "kind" VARCHAR,
        "text" VARCHAR,
        "tables" VARCHAR[],
        "filters" VARCHAR[],
        "terms" VARCHAR[],
        "ordered_by" VARCHAR[],
        "joins" VARCHAR[],
        "eager" VARCHAR[],
        "eager_uses" VARCHAR[],
        "limited" BOOLEAN,
        "locked" BOOLEAN,
        "loops" UINTEGER,
        "conditional" BOOLEAN
    ),  -- the fact after; null when removed
    before_module VARCHAR,                    -- module before, when renamed or moved
    before_qualname VARCHAR                   -- qualname before, when renamed or moved
);

CREATE TABLE fact_hooks (
    segment_id UBIGINT,                       -- its segment
    qualname VARCHAR,                         -- local to the segment's owner: the fact's own name when the family is named, else the function or class around it; empty at module or class level
    line UINTEGER,                            -- offset in lines from the segment's first line
    kind VARCHAR,                             -- hookspec, hookimpl, plugin-attribute, handler-factory
    name VARCHAR,                             -- name of the hook or attribute
    parameters VARCHAR[]                      -- parameter names in order
);

CREATE TABLE hooks_deltas (
    change_id UINTEGER,                       -- its file change
    change VARCHAR,                           -- added, removed, changed, renamed, moved
    line UINTEGER,                            -- line on `side`
    side VARCHAR,                             -- after, or before when the fact is gone
    module VARCHAR,                           -- dotted module on `side`
    qualname VARCHAR,                         -- qualname inside the module on `side`
    scope_change VARCHAR,                     -- what became of the function or class around it: kept, added, removed, renamed, moved; module for facts at module level
    before STRUCT(
        "kind" VARCHAR,
        "name" VARCHAR,
        "parameters" VARCHAR[]
    ),  -- the fact before; null when added
    after STRUCT(
        "kind" VARCHAR,
        "name" VARCHAR,
        "parameters" VARCHAR[]
    ),  -- the fact after; null when removed
    before_module VARCHAR,                    -- module before, when renamed or moved
    before_qualname VARCHAR                   -- qualname before, when renamed or moved
);

CREATE TABLE fact_routes (
    segment_id UBIGINT,                       -- its segment
    qualname VARCHAR,                         -- local to the segment's owner: the fact's own name when the family is named, else the function or class around it; empty at module or class level
    line UINTEGER,                            -- offset in lines from the segment's first line
    method VARCHAR,                           -- GET, POST, ...
    path VARCHAR,                             -- path as written on the decorator
    router VARCHAR,                           -- router it hangs on
    response VARCHAR,                         -- response model or return annotation; null without
    status VARCHAR,                           -- status code as written; null without
    bodies VARCHAR[]                          -- annotations of its parameters, in order
);

CREATE TABLE routes_deltas (
    change_id UINTEGER,                       -- its file change
    change VARCHAR,                           -- added, removed, changed, renamed, moved
    line UINTEGER,                            -- line on `side`
    side VARCHAR,                             -- after, or before when the fact is gone
    module VARCHAR,                           -- dotted module on `side`
    qualname VARCHAR,                         -- qualname inside the module on `side`
    scope_change VARCHAR,                     -- what became of the function or class around it: kept, added, removed, renamed, moved; module for facts at module level
    before STRUCT(
        "method" VARCHAR,
        "path" VARCHAR,
        "router" VARCHAR,
        "response" VARCHAR,
        "status" VARCHAR,
        "bodies" VARCHAR[]
    ),  -- the fact before; null when added
    after STRUCT(
        "method" VARCHAR,
        "path" VARCHAR,
        "router" VARCHAR,
        "response" VARCHAR,
        "status" VARCHAR,
        "bodies" VARCHAR[]
    ),  -- the fact after; null when removed
    before_module VARCHAR,                    -- module before, when renamed or moved
    before_qualname VARCHAR                   -- qualname before, when renamed or moved
);

CREATE TABLE fact_options (
    segment_id UBIGINT,                       -- its segment
    qualname VARCHAR,                         -- local to the segment's owner: the fact's own name when the family is named, else the function or class around it; empty at module or class level
    line UINTEGER,                            -- offset in lines from the segment's first line
    kind VARCHAR,                             -- declared (in a configuration file) or read (by code)
    section VARCHAR,                          -- section of the configuration; the name that holds it if it is no text
    option VARCHAR,                           -- option, likewise; null when a whole section is read
    "default" VARCHAR,                        -- fallback as written, or the declared default without its quotes; first 200 characters; null without
    "type" VARCHAR,                           -- declared type, or the getter that reads it
    deprecated BOOLEAN                        -- declared deprecated
);

CREATE TABLE options_deltas (
    change_id UINTEGER,                       -- its file change
    change VARCHAR,                           -- added, removed, changed, renamed, moved
    line UINTEGER,                            -- line on `side`
    side VARCHAR,                             -- after, or before when the fact is gone
    module VARCHAR,                           -- dotted module on `side`
    qualname VARCHAR,                         -- qualname inside the module on `side`
    scope_change VARCHAR,                     -- what became of the function or class around it: kept, added, removed, renamed, moved; module for facts at module level
    before STRUCT(
        "kind" VARCHAR,
        "section" VARCHAR,
        "option" VARCHAR,
        "default" VARCHAR,
        "type" VARCHAR,
        "deprecated" BOOLEAN
    ),  -- the fact before; null when added
    after STRUCT(
        "kind" VARCHAR,
        "section" VARCHAR,
        "option" VARCHAR,
        "default" VARCHAR,
        "type" VARCHAR,
        "deprecated" BOOLEAN
    ),  -- the fact after; null when removed
    before_module VARCHAR,                    -- module before, when renamed or moved
    before_qualname VARCHAR                   -- qualname before, when renamed or moved
);

CREATE TABLE fact_migrations (
    segment_id UBIGINT,                       -- its segment
    qualname VARCHAR,                         -- local to the segment's owner: the fact's own name when the family is named, else the function or class around it; empty at module or class level
    line UINTEGER,                            -- offset in lines from the segment's first line
    part VARCHAR,                             -- head (the revision's own names), upgrade or downgrade
    revision VARCHAR,                         -- of the head: revision id
    down_revision VARCHAR,                    -- of the head: revision it follows, several joined; null for none
    branch_labels VARCHAR,                    -- of the head: labels of its branch as written; null without
    airflow_version VARCHAR,                  -- of the head: release that it belongs to; null without
    operations VARCHAR[]                      -- of upgrade and downgrade: op.name and batch_op.name, in order
);

CREATE TABLE migrations_deltas (
    change_id UINTEGER,                       -- its file change
    change VARCHAR,                           -- added, removed, changed, renamed, moved
    line UINTEGER,                            -- line on `side`
    side VARCHAR,                             -- after, or before when the fact is gone
    module VARCHAR,                           -- dotted module on `side`
    qualname VARCHAR,                         -- qualname inside the module on `side`
    scope_change VARCHAR,                     -- what became of the function or class around it: kept, added, removed, renamed, moved; module for facts at module level
    before STRUCT(
        "part" VARCHAR,
        "revision" VARCHAR,
        "down_revision" VARCHAR,
        "branch_labels" VARCHAR,
        "airflow_version" VARCHAR,
        "operations" VARCHAR[]
    ),  -- the fact before; null when added
    after STRUCT(
        "part" VARCHAR,
        "revision" VARCHAR,
        "down_revision" VARCHAR,
        "branch_labels" VARCHAR,
        "airflow_version" VARCHAR,
        "operations" VARCHAR[]
    ),  -- the fact after; null when removed
    before_module VARCHAR,                    -- module before, when renamed or moved
    before_qualname VARCHAR                   -- qualname before, when renamed or moved
);

-- From when until when a row of a downstream stood there; what was loaded before knows no dates.
ALTER TABLE downstream_imports ADD COLUMN since_utc TIMESTAMP;
ALTER TABLE downstream_imports ADD COLUMN until_utc TIMESTAMP;
ALTER TABLE call_sites ADD COLUMN in_tests BOOLEAN;
ALTER TABLE call_sites ADD COLUMN since_utc TIMESTAMP;
ALTER TABLE call_sites ADD COLUMN until_utc TIMESTAMP;
UPDATE call_sites SET in_tests = regexp_matches(path, '(^|/)(tests?/|test_[^/]*\.py$|conftest\.py$|[^/]*_test\.py$)');

CREATE TABLE base_trees (
    repository VARCHAR NOT NULL,              -- its repository
    pair UINTEGER,                            -- commit_id of a pair of releases; null on a branch
    tree VARCHAR NOT NULL,                    -- what was read: the commit before the first
    extractor UINTEGER NOT NULL               -- version of the extractor that read it
);

CREATE TABLE base_segments (
    repository VARCHAR,                       -- its repository
    pair UINTEGER,                            -- commit_id of a pair of releases, a line of its own; null on a branch
    path VARCHAR,                             -- its file
    module VARCHAR,                           -- dotted module of that file
    owner VARCHAR,                            -- qualname of the class around it; empty at top level
    segment_id UBIGINT,                       -- the segment
    line UINTEGER                             -- its first line in the tree before the first commit
);

CREATE TABLE segment_spans (
    repository VARCHAR,                       -- its repository
    pair UINTEGER,                            -- commit_id of a pair of releases, a line of its own; null on a branch
    path VARCHAR,                             -- its file
    module VARCHAR,                           -- dotted module of that file
    owner VARCHAR,                            -- qualname of the class around it; empty at top level
    segment_id UBIGINT,                       -- the segment
    since_position BIGINT,                    -- commit that brought it; one before the first for the base
    until_position BIGINT,                    -- commit that took it away; null while it stands
    line UINTEGER                             -- its first line when it came; edits above it move it since
);

CREATE TABLE kept (
    name VARCHAR NOT NULL,                    -- a table that follows from others
    stamp VARCHAR NOT NULL                    -- what it was made from
);

CREATE TABLE hot_functions (
    commit_id UINTEGER,                       -- the commit
    change_id UINTEGER,                       -- the file change that touches the function
    module VARCHAR,                           -- dotted module of the function
    qualname VARCHAR,                         -- its qualname inside the module
    multiplicity VARCHAR,                     -- of the entry point: per-loop, per-dag-run, per-task-instance
    distance UINTEGER,                        -- calls between entry point and function; 0 for an entry point
    via VARCHAR,                              -- chain of calls, at most four names
    why VARCHAR                               -- why the entry point is hot
);

CREATE TABLE hot_commits (
    commit_id UINTEGER NOT NULL,              -- a commit whose hot functions are known
    stamp VARCHAR NOT NULL                    -- what they were made from
);
