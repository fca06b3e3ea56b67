-- Migration 4: when names came into each upstream; `kept` says what it was told from.
-- Columns, types and meanings equal domain/standing.py (a test holds them together).

CREATE TABLE births (
    repository VARCHAR,                       -- name of its repository or distribution
    name VARCHAR,                             -- dotted name with its module
    born_utc TIMESTAMP                        -- committer date of the commit that brought it
);
