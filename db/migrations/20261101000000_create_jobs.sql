-- migrate:up
SET lock_timeout = '2s';

-- Bytes of submitted documents, stored once by content.
CREATE TABLE documents (
    sha256 bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
    bytes bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
-- Receipts and PDFs are compressed already: trying again costs time on each insert.
ALTER TABLE documents ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- One row per engine process; its heartbeat proves that all its jobs live.
CREATE TABLE engines (
    engine_id uuid PRIMARY KEY,
    lock_key integer NOT NULL UNIQUE,
    name text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    heartbeat_at timestamptz NOT NULL DEFAULT now(),
    missing_since timestamptz,
    health jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON COLUMN engines.lock_key IS 'session advisory lock (IX, lock_key) that the engine''s listener connection holds';
COMMENT ON COLUMN engines.missing_since IS 'first look at which that lock was not held; the heartbeat clears it';

CREATE SEQUENCE job_numbers;

-- 10 hex digits of a counter, so that ids grow in order of arrival, and 6 random ones, so that they cannot be guessed from a neighbour.
CREATE FUNCTION new_ix_id() RETURNS text LANGUAGE sql VOLATILE
RETURN lpad(to_hex(nextval('job_numbers')), 10, '0') || left(replace(gen_random_uuid()::text, '-', ''), 6);

CREATE TABLE jobs (
    ix_id text COLLATE "C" PRIMARY KEY DEFAULT new_ix_id() CHECK (ix_id ~ '^[0-9a-f]{16}$'),
    client_id text NOT NULL CHECK (client_id <> ''),
    request_id text NOT NULL CHECK (request_id <> ''),
    use_case text NOT NULL,
    fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
    status text NOT NULL DEFAULT 'pending',
    attempts smallint NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    max_attempts smallint NOT NULL CHECK (max_attempts > 0),
    solo boolean NOT NULL DEFAULT false,
    cause text,
    engine_id uuid,
    token uuid,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz,
    callback_url text,
    callback_status text CHECK (callback_status IN ('pending', 'delivered', 'failed')),
    request jsonb NOT NULL,
    response jsonb,

    CONSTRAINT jobs_correlation UNIQUE (client_id, request_id),
    CONSTRAINT jobs_status CHECK (status IN ('pending', 'running', 'done', 'error', 'cancelled')),
    CONSTRAINT jobs_running CHECK ((status = 'running') = (engine_id IS NOT NULL)),
    CONSTRAINT jobs_claimed CHECK (status <> 'running' OR (token IS NOT NULL AND started_at IS NOT NULL)),
    CONSTRAINT jobs_unclaimed CHECK (status <> 'pending' OR (token IS NULL AND started_at IS NULL)),
    CONSTRAINT jobs_ended CHECK ((status IN ('done', 'error', 'cancelled')) = (finished_at IS NOT NULL)),
    CONSTRAINT jobs_answered CHECK ((status IN ('done', 'error')) = (response IS NOT NULL)),
    CONSTRAINT jobs_done CHECK (status NOT IN ('done', 'error') OR (status = 'done') = (response -> 'error' = 'null')),
    CONSTRAINT jobs_called_back CHECK (callback_status IS NULL OR (callback_url IS NOT NULL AND finished_at IS NOT NULL))
);
COMMENT ON COLUMN jobs.attempts IS 'attempts that have ended: finished, or lost with their engine';
COMMENT ON COLUMN jobs.solo IS 'was running when an engine died: runs alone the next time';
COMMENT ON COLUMN jobs.cause IS 'why the last attempt was lost';
COMMENT ON COLUMN jobs.token IS 'the fence: unique to one claim, kept after the finish so that a repeated finish is recognised';

CREATE INDEX jobs_pending ON jobs (ix_id) WHERE status = 'pending';
CREATE INDEX jobs_pending_solo ON jobs (ix_id) WHERE status = 'pending' AND solo;
CREATE INDEX jobs_by_engine ON jobs (engine_id) WHERE status = 'running';
CREATE INDEX jobs_to_call_back ON jobs (finished_at) WHERE callback_status = 'pending';
CREATE INDEX jobs_finished ON jobs USING brin (finished_at) WITH (autosummarize = on, pages_per_range = 32);

-- Rows are updated twice in their life: room on the page keeps the table from scattering; vacuum often, since the claim's index churns.
ALTER TABLE jobs SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);

-- migrate:down
SET lock_timeout = '2s';
DROP TABLE jobs;
DROP FUNCTION new_ix_id();
DROP SEQUENCE job_numbers;
DROP TABLE engines;
DROP TABLE documents;
