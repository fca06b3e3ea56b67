-- Migration 3: failures from every source, what stands around them, and what is remembered.
-- Columns, types and meanings equal domain/failures.py (a test holds them together).

-- One row is one failed try, whatever number of records told of it.
ALTER TABLE failures ADD COLUMN kind VARCHAR;
ALTER TABLE failures ADD COLUMN source VARCHAR;
ALTER TABLE failures ADD COLUMN site VARCHAR;
ALTER TABLE failures ADD COLUMN try_key VARCHAR;
ALTER TABLE failures ADD COLUMN raw VARCHAR;
ALTER TABLE failures ADD COLUMN state VARCHAR;
ALTER TABLE failures ADD COLUMN operator VARCHAR;
ALTER TABLE failures ADD COLUMN hostname VARCHAR;
ALTER TABLE failures ADD COLUMN queue VARCHAR;
ALTER TABLE failures ADD COLUMN pool VARCHAR;
ALTER TABLE failures ADD COLUMN max_tries INTEGER;
ALTER TABLE failures ADD COLUMN queued_utc TIMESTAMP;
ALTER TABLE failures ADD COLUMN started_utc TIMESTAMP;
ALTER TABLE failures ADD COLUMN ended_utc TIMESTAMP;
ALTER TABLE failures ADD COLUMN loaded_from VARCHAR;
ALTER TABLE failures ADD COLUMN sightings UINTEGER;
ALTER TABLE failures ADD COLUMN sources VARCHAR;

-- What was loaded before came from logs, each seen once; loading these again replaces it.
UPDATE failures SET kind = 'task', source = 'log', sightings = 1, sources = 'log';

CREATE TABLE failure_sightings (
    failure_id VARCHAR,                       -- given id; of a try that is named in full a digest of its names, wherever it was seen; else a digest of where it came from
    case_id VARCHAR,                          -- its case; null when loaded alone
    airflow_version VARCHAR,                  -- if known
    log_format VARCHAR,                       -- airflow2-text, airflow3-json, mixed, listener, text; none without a log
    dag_id VARCHAR,
    run_id VARCHAR,
    task_id VARCHAR,
    map_index INTEGER,                        -- -1 when not mapped
    try_number UINTEGER,
    at_utc TIMESTAMP,                         -- time of the failure line; of a try without one, when it ended
    exception VARCHAR,                        -- last name part of the exception's type; null when there is none
    message VARCHAR,                          -- redacted message of the exception, or the failure line
    template VARCHAR,                         -- exception and message with variable parts masked
    text VARCHAR USING COMPRESSION zstd,      -- redacted log text; empty when no source holds one
    origin_path VARCHAR,                      -- file that text and message were read from
    origin_line UINTEGER,                     -- line of the failure in that file
    extra VARCHAR,                            -- other fields as JSON, redacted; may influence nothing
    kind VARCHAR,                             -- task, killed, set-from-outside, heartbeat-lost, skipped-by-timeout, stuck, import-error
    source VARCHAR,                           -- where text and message come from: log, listener, rest, database, given
    site VARCHAR,                             -- name of the Airflow installation, where several are told apart; else null
    try_key VARCHAR,                          -- digest of site, major version, dag, run, task, map index and try; null when not all known
    raw VARCHAR USING COMPRESSION zstd,       -- redacted lines as they were written, where text is a rendering; else null
    state VARCHAR,                            -- state as Airflow holds it: failed, up_for_retry, skipped, queued, ...
    operator VARCHAR,                         -- class of the operator
    hostname VARCHAR,                         -- worker it ran on
    queue VARCHAR,
    pool VARCHAR,
    max_tries INTEGER,                        -- retries that the task is given
    queued_utc TIMESTAMP,                     -- when it was queued; null when no source says
    started_utc TIMESTAMP,                    -- when the try started
    ended_utc TIMESTAMP,                      -- when it ended
    loaded_from VARCHAR,                      -- what the user named: a path or an address, redacted
    sightings UINTEGER,                       -- how many records told of this try
    sources VARCHAR                           -- the sources that told of it, sorted, joined by comma
);

CREATE TABLE task_tries (
    case_id VARCHAR,                          -- its case; null when loaded alone
    site VARCHAR,                             -- name of the Airflow installation; null when there is one
    dag_id VARCHAR,
    run_id VARCHAR,
    task_id VARCHAR,
    map_index INTEGER,                        -- -1 when not mapped
    try_number UINTEGER,                      -- 0 before the first
    state VARCHAR,                            -- state as Airflow holds it: failed, up_for_retry, skipped, queued, ...
    operator VARCHAR,                         -- class of the operator
    hostname VARCHAR,                         -- worker it ran on
    queue VARCHAR,
    pool VARCHAR,
    max_tries INTEGER,                        -- retries that the task is given
    queued_utc TIMESTAMP,                     -- when it was queued; null when no source says
    started_utc TIMESTAMP,                    -- when the try started
    ended_utc TIMESTAMP,                      -- when it ended
    scheduled_utc TIMESTAMP,                  -- when the scheduler found it ready
    airflow_version VARCHAR,                  -- if known; else its first part
    loaded_from VARCHAR,                      -- what the user named: a path or an address, redacted
    origin_path VARCHAR,                      -- file it was read from
    origin_line UINTEGER                      -- line, or row, in that file
);

CREATE TABLE dag_runs (
    case_id VARCHAR,                          -- its case; null when loaded alone
    site VARCHAR,                             -- name of the Airflow installation; null when there is one
    dag_id VARCHAR,
    run_id VARCHAR,
    run_type VARCHAR,                         -- scheduled, manual, backfill, ...
    state VARCHAR,                            -- running, success, failed, ...
    logical_utc TIMESTAMP,                    -- logical date, of 2.x the execution date; null in 3.x without one
    queued_utc TIMESTAMP,
    started_utc TIMESTAMP,
    ended_utc TIMESTAMP,
    loaded_from VARCHAR,                      -- what the user named: a path or an address, redacted
    origin_path VARCHAR,                      -- file it was read from
    origin_line UINTEGER                      -- line, or row, in that file
);

CREATE TABLE task_dependencies (
    case_id VARCHAR,                          -- its case; null when loaded alone
    site VARCHAR,                             -- name of the Airflow installation; null when there is one
    dag_id VARCHAR,
    task_id VARCHAR,                          -- a task
    downstream_task_id VARCHAR,               -- a task that waits for it; empty when none does
    operator VARCHAR,                         -- class of the task's operator
    trigger_rule VARCHAR,                     -- all_success, ...
    loaded_from VARCHAR,                      -- what the user named: a path or an address, redacted
    origin_path VARCHAR,                      -- file it was read from
    origin_line UINTEGER                      -- line, or row, in that file
);

CREATE TABLE task_events (
    case_id VARCHAR,                          -- its case; null when loaded alone
    site VARCHAR,                             -- name of the Airflow installation; null when there is one
    event_id VARCHAR,                         -- as the source numbers it
    at_utc TIMESTAMP,                         -- when
    event VARCHAR,                            -- failed, heartbeat timeout, state mismatch, patch_task_instance, ...
    dag_id VARCHAR,                           -- null for an event about no DAG
    run_id VARCHAR,
    task_id VARCHAR,
    map_index INTEGER,
    try_number UINTEGER,
    owner VARCHAR,                            -- who did it, redacted
    text VARCHAR,                             -- what else is said, redacted
    loaded_from VARCHAR,                      -- what the user named: a path or an address, redacted
    origin_path VARCHAR,                      -- file it was read from
    origin_line UINTEGER                      -- line, or row, in that file
);

CREATE TABLE memory_entries (
    case_id VARCHAR,                          -- its case; null when loaded alone
    service VARCHAR,                          -- heading that the entry stands under
    error VARCHAR,                            -- text of the error, redacted
    root_cause VARCHAR,                       -- what it came from, redacted
    decision VARCHAR,                         -- as written: RERUN, NO_RERUN
    source VARCHAR,                           -- as written: human, auto, ...
    support UINTEGER,                         -- how many cases it rests on; null when not said
    success_rate DOUBLE,                      -- share of these that held, in [0, 1]; null when not said
    extra VARCHAR,                            -- other keys as JSON, redacted
    loaded_from VARCHAR,                      -- what the user named: a path or an address, redacted
    origin_path VARCHAR,                      -- file it was read from
    origin_line UINTEGER                      -- line, or row, in that file
);


-- What follows is worked out from failures, and worked out again when it is missing.
CREATE TABLE failure_digests (
    case_id VARCHAR,                          -- case of the failure; null when loaded alone
    failure_id VARCHAR,                       -- the failure
    content UBIGINT,                          -- hash of what the digest was made of
    digest_id VARCHAR,                        -- its digest
    digester UINTEGER                         -- version of the rules that made it
);

CREATE TABLE digests (
    digest_id VARCHAR,                        -- digest of the text: the same on every machine
    digest VARCHAR,                           -- template, and below it what was blanked
    exception VARCHAR,                        -- exception that the template names; null without one
    template_id VARCHAR,                      -- digest of the template
    template VARCHAR                          -- exception and message, variable parts blanked
);

CREATE TABLE text_vectors (
    text VARCHAR,                             -- what the model was given
    model VARCHAR,                            -- its name
    weights VARCHAR,                          -- digest of its files: vectors of two are never mixed
    vector FLOAT[]                            -- of length 1
);

CREATE TABLE cluster_members (
    cluster_id VARCHAR,                       -- a cluster
    template VARCHAR,                         -- the template that it began with
    template_id VARCHAR                       -- a template that was put into it
);
