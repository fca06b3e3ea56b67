"""Families of facts about what outlives a process: tables, models, values, routes, settings."""

from __future__ import annotations

from workbench.domain.fact_family import FLAG, TEXT, TEXTS, U32, FactFamily

COLUMNS = FactFamily(
    name="columns",
    columns={
        "table_name": (
            TEXT,
            "table name; of a model without one, its class; null when neither is in its segment",
        ),
        "name": (TEXT, "column name in the database, else the attribute's"),
        "attribute": (TEXT, "attribute of the model; null in Table(...) and migrations"),
        "declared": (TEXT, "model, create_table, add_column, alter_column, drop_column"),
        "type": (TEXT, "name of the type without arguments, last part; null when not readable"),
        "length": (U32, "length of a string type; null without"),
        "nullable": (FLAG, "may be NULL: said, or from Mapped[X | None], or the default of Column"),
        "default": (TEXT, "Python-side default as written; null without"),
        "server_default": (TEXT, "server-side default as written; null without"),
        "primary_key": (FLAG, "part of the primary key"),
        "indexed": (
            FLAG,
            "has an index or unique constraint of itself alone, or is part of the primary key",
        ),
        "foreign_key": (TEXT, "table.column that it refers to; null without"),
    },
    key=("table_name", "name", "declared"),
    compared=(
        "type",
        "length",
        "nullable",
        "default",
        "server_default",
        "primary_key",
        "indexed",
        "foreign_key",
    ),
)
INDEXES = FactFamily(
    name="indexes",
    columns={
        "table_name": (
            TEXT,
            "table name; of a model without one, its class; null when neither is in its segment",
        ),
        "name": (TEXT, "name of the index or constraint; null without"),
        "column_names": (TEXTS, "columns in order, without direction"),
        "descending": (TEXTS, "those of them in descending order"),
        "is_unique": (FLAG, "unique index, unique constraint or primary key"),
        "declared": (
            TEXT,
            "model, create_index, drop_index, drop_constraint, primary-key, unique, foreign-key",
        ),
    },
    key=("table_name", "declared", "column_names"),
    compared=("descending", "is_unique"),
)
RELATIONSHIPS = FactFamily(
    name="relationships",
    columns={
        "name": (TEXT, "attribute of the model"),
        "target": (TEXT, "model it leads to, as written without quotes; null when not readable"),
        "lazy": (TEXT, "loading strategy: select unless said (joined, selectin, raise, ...)"),
        "many": (FLAG, "holds a list, as far as annotation or uselist say; null when unknown"),
    },
    key=("name",),
    compared=("target", "lazy"),
)
FIELDS = FactFamily(
    name="fields",
    columns={
        "kind": (TEXT, "pydantic, dataclass, attrs, typed-dict, named-tuple, annotated"),
        "name": (TEXT, "field name"),
        "annotation": (TEXT, "in one spelling: no quotes or descriptions, unions with bars"),
        "required": (FLAG, "has to be given"),
        "optional": (FLAG, "may be None, as its annotation says"),
        "default": (TEXT, "as written, first 200 characters; null without"),
        "discriminator": (TEXT, "field that tells the members of a union apart; null without"),
    },
    key=("name",),
    compared=("annotation", "required", "optional", "default", "discriminator"),
)
LITERALS = FactFamily(
    name="literals",
    columns={
        "kind": (
            TEXT,
            "enum-member, literal-type, polymorphic-identity, discriminator, constant",
        ),
        "name": (TEXT, "member, field, alias or constant that holds it"),
        "slot": (TEXT, "the value itself for a literal-type, which has many; else empty"),
        "value": (TEXT, "the value as written, first 200 characters"),
    },
    key=("kind", "name", "slot"),
    compared=("value",),
)
QUERIES = FactFamily(
    name="queries",
    columns={
        "kind": (TEXT, "select, query, update, delete, insert, get"),
        "text": (TEXT, "the whole statement on one line, first 600 characters"),
        "tables": (TEXTS, "models it reads or writes, in order of mention; cls as written"),
        "filters": (TEXTS, "columns that where and filter compare, as Model.column, sorted"),
        "terms": (TEXTS, "each term of where and filter, on one line"),
        "ordered_by": (TEXTS, "what it is ordered by"),
        "joins": (TEXTS, "models or relationships that are joined"),
        "eager": (TEXTS, "strategy:Model.relationship of every eager load"),
        "eager_uses": (
            TEXTS,
            "relationship:use of what was loaded, as far as the function shows: iterated, truth, "
            "counted, read (an attribute of it), passed (to other code), unused",
        ),
        "limited": (FLAG, "has a limit, first, one or get"),
        "locked": (FLAG, "with_for_update or with_row_locks"),
        "loops": (U32, "loops and comprehensions around the place where it is executed"),
        "conditional": (FLAG, "under an if, try, match"),
    },
    key=("kind", "text"),
    compared=("loops",),
    similar="text",
)
HOOKS = FactFamily(
    name="hooks",
    columns={
        "kind": (TEXT, "hookspec, hookimpl, plugin-attribute, handler-factory"),
        "name": (TEXT, "name of the hook or attribute"),
        "parameters": (TEXTS, "parameter names in order"),
    },
    key=("kind", "name"),
    compared=("parameters",),
)
ROUTES = FactFamily(
    name="routes",
    columns={
        "method": (TEXT, "GET, POST, ..."),
        "path": (TEXT, "path as written on the decorator"),
        "router": (TEXT, "router it hangs on"),
        "response": (TEXT, "response model or return annotation; null without"),
        "status": (TEXT, "status code as written; null without"),
        "bodies": (TEXTS, "annotations of its parameters, in order"),
    },
    key=("method", "path", "router"),
    compared=("response", "status", "bodies"),
)
OPTIONS = FactFamily(
    name="options",
    columns={
        "kind": (TEXT, "declared (in a configuration file) or read (by code)"),
        "section": (TEXT, "section of the configuration; the name that holds it if it is no text"),
        "option": (TEXT, "option, likewise; null when a whole section is read"),
        "default": (
            TEXT,
            "fallback as written, or the declared default without its quotes; first 200 "
            "characters; null without",
        ),
        "type": (TEXT, "declared type, or the getter that reads it"),
        "deprecated": (FLAG, "declared deprecated"),
    },
    key=("kind", "section", "option"),
    compared=("default", "type", "deprecated"),
)
MIGRATIONS = FactFamily(
    name="migrations",
    columns={
        "part": (TEXT, "head (the revision's own names), upgrade or downgrade"),
        "revision": (TEXT, "of the head: revision id"),
        "down_revision": (TEXT, "of the head: revision it follows, several joined; null for none"),
        "branch_labels": (TEXT, "of the head: labels of its branch as written; null without"),
        "airflow_version": (TEXT, "of the head: release that it belongs to; null without"),
        "operations": (TEXTS, "of upgrade and downgrade: op.name and batch_op.name, in order"),
    },
    # A file's revision and its functions are separate segments, so each part is a row of its own.
    key=("part",),
    compared=("revision", "down_revision", "branch_labels", "airflow_version", "operations"),
)

SCHEMA_FAMILIES: tuple[FactFamily, ...] = (
    COLUMNS,
    INDEXES,
    RELATIONSHIPS,
    FIELDS,
    LITERALS,
    QUERIES,
    HOOKS,
    ROUTES,
    OPTIONS,
    MIGRATIONS,
)
