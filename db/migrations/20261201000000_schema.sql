-- migrate:up
SET lock_timeout = '2s';

-- VALUES. What holds for one column alone is a domain: PostgreSQL checks a domain only where a value comes in, and
-- reads and plans a table's CHECKs anew for each statement.
CREATE DOMAIN job_id AS text COLLATE "C" CHECK (VALUE ~ '^[0-9a-f]{16}$');
CREATE DOMAIN job_key AS text CHECK (VALUE <> '');
CREATE DOMAIN digest AS bytea CHECK (octet_length(VALUE) = 32);
CREATE DOMAIN job_priority AS smallint CHECK (VALUE BETWEEN -100 AND 100);
CREATE DOMAIN attempt_count AS smallint CHECK (VALUE >= 0);
CREATE DOMAIN attempt_limit AS smallint CHECK (VALUE > 0);
CREATE DOMAIN delivery_status AS text CHECK (VALUE IN ('pending', 'delivered', 'failed'));
CREATE DOMAIN traceparent AS text CHECK (VALUE ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}( |$)');


-- DOCUMENTS. Bytes of submitted documents, stored once by content. `uses` counts the jobs that name them; at zero the
-- bytes may go.
CREATE TABLE documents (
    sha256 bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
    bytes bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    uses integer NOT NULL DEFAULT 1
);
-- Pictures and PDFs are compressed already: to try again would cost time on each insert.
ALTER TABLE documents ALTER COLUMN bytes SET STORAGE EXTERNAL;
CREATE INDEX documents_unused ON documents (sha256) WHERE uses <= 0;


-- ENGINES. One row for each engine process; its heartbeat proves that all its jobs live.
CREATE TABLE engines (
    engine_id uuid PRIMARY KEY,
    lock_key integer UNIQUE,
    name text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    heartbeat_at timestamptz NOT NULL DEFAULT now(),
    missing_since timestamptz,
    health jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON COLUMN engines.lock_key IS
    'session advisory lock (IX, lock_key) that the engine''s listener connection holds; null where it can hold none';
COMMENT ON COLUMN engines.missing_since IS 'first look at which that lock was not held; the heartbeat clears it';


-- LIMITS over all engines: a semaphore for each limit, whose permits are rows of `queue_slots`. Use cases with a limit
-- have a queue of their own, with as many slots as its jobs may run at once; all others are in queue ''. A claim takes
-- a free slot under its row lock, so the limit holds whatever runs beside it, and jobs whose queue is full cost other
-- claims nothing.
CREATE TABLE queues (
    use_case text PRIMARY KEY,
    queue text NOT NULL CHECK (queue <> '')
);
CREATE TABLE queue_slots (
    queue text NOT NULL CHECK (queue <> ''),
    slot integer NOT NULL CHECK (slot > 0),
    ix_id text COLLATE "C" UNIQUE,
    PRIMARY KEY (queue, slot)
);
COMMENT ON COLUMN queue_slots.ix_id IS 'the running job that holds it';
-- A slot is written twice a job and the table never grows: with nine tenths of a page free, its dead versions are
-- pruned as the page is read.
ALTER TABLE queue_slots SET (fillfactor = 10);

CREATE FUNCTION queue_of(use_case text) RETURNS text LANGUAGE sql STABLE
RETURN coalesce((SELECT queue FROM queues WHERE queues.use_case = queue_of.use_case), '');


-- JOBS.
CREATE SEQUENCE job_numbers;

-- 10 hex digits of a counter, so that ids grow in order of arrival, and 6 random ones, so that no id can be guessed
-- from its neighbour's.
CREATE FUNCTION new_ix_id() RETURNS text LANGUAGE sql VOLATILE
RETURN lpad(to_hex(nextval('job_numbers')), 10, '0') || left(replace(gen_random_uuid()::text, '-', ''), 6);

-- Two rules hold for a row as a whole, whoever writes it:
-- 1. jobs_life, what each state of the job has and has not:
--      scheduled, pending       no engine, claim, start, end or answer; a scheduled job has a moment to run at
--      running                  an engine, its claim and a start; no end and no answer
--      done, error, cancelled   no engine and an end; done has an answer without an error, error one with an error,
--                               cancelled none
-- 2. jobs_called_back: a callback has a state only where there is an address to call and the job has ended.
CREATE TABLE jobs (
    ix_id job_id PRIMARY KEY DEFAULT new_ix_id(),

    -- what was asked
    client_id job_key NOT NULL,
    request_id job_key NOT NULL,
    use_case text NOT NULL,
    request jsonb NOT NULL,
    fingerprint digest NOT NULL,
    callback_url text,
    trace traceparent,

    -- queue: when and before whom it runs
    priority job_priority NOT NULL DEFAULT 0,
    run_at timestamptz,
    queue text COLLATE "C" NOT NULL DEFAULT '',
    position bigint NOT NULL DEFAULT 0,
    quarantined boolean NOT NULL DEFAULT false,

    -- life: what has happened to it
    status text NOT NULL DEFAULT 'pending',
    attempts attempt_count NOT NULL DEFAULT 0,
    max_attempts attempt_limit NOT NULL,
    last_error text,
    engine_id uuid,
    claim_token uuid,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz,

    -- outcome
    response jsonb,
    callback_status delivery_status,

    CONSTRAINT jobs_correlation UNIQUE (client_id, request_id),
    CONSTRAINT jobs_life CHECK (
        CASE status
            WHEN 'scheduled' THEN
                num_nonnulls(engine_id, claim_token, started_at, finished_at, response) = 0 AND run_at IS NOT NULL
            WHEN 'pending' THEN
                num_nonnulls(engine_id, claim_token, started_at, finished_at, response) = 0
            WHEN 'running' THEN
                num_nulls(engine_id, claim_token, started_at) = 0 AND num_nonnulls(finished_at, response) = 0
            WHEN 'done' THEN
                engine_id IS NULL AND finished_at IS NOT NULL AND coalesce(response -> 'error' = 'null', false)
            WHEN 'error' THEN
                engine_id IS NULL AND finished_at IS NOT NULL AND coalesce(response -> 'error' <> 'null', false)
            WHEN 'cancelled' THEN
                engine_id IS NULL AND finished_at IS NOT NULL AND response IS NULL
            ELSE false
        END),
    CONSTRAINT jobs_called_back CHECK (callback_status IS NULL OR num_nulls(callback_url, finished_at) = 0)
)
-- A row is updated twice in its life: 15 % of each page free keep its new versions on the page. Vacuum comes after 2 %
-- of dead rows (PostgreSQL's default is 20 %), since the index that claims read fills with entries of dead ones.
WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);
COMMENT ON COLUMN jobs.attempts IS 'attempts that have ended: finished, or lost with their engine';
COMMENT ON COLUMN jobs.quarantined IS 'was running when an engine died: runs alone the next time';
COMMENT ON COLUMN jobs.last_error IS 'why the last attempt was lost';
COMMENT ON COLUMN jobs.claim_token IS
    'the fence: unique to one claim, kept after the finish so that a repeated finish is recognised';
COMMENT ON COLUMN jobs.position IS
    'where it stands in the queue, lowest first: see next_position()';

-- the claim, and the position of a client's next job
CREATE INDEX jobs_pending ON jobs (queue, position, ix_id) WHERE status = 'pending';
CREATE INDEX jobs_pending_quarantined ON jobs (position, ix_id) WHERE status = 'pending' AND quarantined;
CREATE INDEX jobs_pending_of_client ON jobs (client_id, queue, priority, position) WHERE status = 'pending';
-- promotion, and how many a client has
CREATE INDEX jobs_scheduled ON jobs (run_at) WHERE status = 'scheduled';
CREATE INDEX jobs_scheduled_of_client ON jobs (client_id) WHERE status = 'scheduled';
-- the sweep
CREATE INDEX jobs_by_engine ON jobs (engine_id) WHERE status = 'running';
-- metrics and retention: jobs end nearly in the order of the table, so a summary of each 32 pages is enough
CREATE INDEX jobs_finished ON jobs USING brin (finished_at) WITH (autosummarize = on, pages_per_range = 32);
-- a client's jobs, newest first; its ended ones in the order in which they ended, for a stream that resumes
CREATE INDEX jobs_of_client ON jobs (client_id, ix_id);
CREATE INDEX jobs_ended_of_client ON jobs (client_id, finished_at, ix_id) WHERE finished_at IS NOT NULL;

-- Fairness between the clients of one queue and priority, by start-time fair queueing (Goyal, Vin, Cheng 1996): each
-- client is a flow, each job has length 1, and its start tag is its position. So 100,000 jobs of one client let
-- another's single one in right behind the first, and a queue that waits for a slot holds up no other.
-- 1. A priority has 2^40 positions of its own, the higher priority the lower ones; with 201 priorities they fit in a
--    bigint. No position is below the first of them.
-- 2. The virtual time is the start tag of the job that is served next: the lowest position among those pending. A
--    client that has been away starts there, with nothing saved up.
-- 3. A client's next job starts where its last pending one finishes: one position behind it.
-- 4. The highest of the three it is. The pending jobs are all the state there is; nothing else is kept.
CREATE FUNCTION next_position(of_client text, at_priority smallint, in_queue text)
RETURNS bigint LANGUAGE sql STABLE
RETURN greatest(
    -at_priority::bigint << 40,
    (SELECT position FROM jobs
        WHERE status = 'pending' AND queue = in_queue
          AND position >= -at_priority::bigint << 40 AND position < (1 - at_priority)::bigint << 40
        ORDER BY position LIMIT 1),
    (SELECT position + 1 FROM jobs
        WHERE status = 'pending' AND client_id = of_client AND queue = in_queue AND priority = at_priority
        ORDER BY position DESC LIMIT 1)
);


-- CALLBACKS. One row for each end of a job that somebody wants to hear of. `due_at` is when the next try may begin; a
-- try moves it ahead before it sends, so that a sender that dies is followed by another.
CREATE TABLE deliveries (
    delivery_id text COLLATE "C" PRIMARY KEY DEFAULT 'msg_' || replace(gen_random_uuid()::text, '-', ''),
    ix_id text NOT NULL REFERENCES jobs ON DELETE CASCADE,
    url text NOT NULL,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'failed')),
    attempts smallint NOT NULL DEFAULT 0,
    outcome text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    CONSTRAINT deliveries_ended CHECK ((status = 'pending') = (ended_at IS NULL))
);
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE status = 'pending';
CREATE INDEX deliveries_of_job ON deliveries (ix_id, created_at);
COMMENT ON COLUMN deliveries.outcome IS 'what the last try came to, without the receiver''s words';

-- The secrets that sign a client's callbacks; while one replaces another both are valid.
CREATE TABLE callback_secrets (
    client_id text NOT NULL,
    secret bytea NOT NULL CHECK (octet_length(secret) BETWEEN 24 AND 64),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz,
    PRIMARY KEY (client_id, created_at)
);


-- WHO CALLS. Once one row exists, revoked or not, every call needs a key.
CREATE TABLE api_keys (
    key_id text COLLATE "C" PRIMARY KEY CHECK (key_id ~ '^[0-9a-f]{12}$'),
    client_id text CHECK (length(client_id) BETWEEN 1 AND 200),
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    revoked_at timestamptz
);
COMMENT ON COLUMN api_keys.client_id IS 'whose jobs the key may see and make; null is everybody''s: an admin key';
COMMENT ON COLUMN api_keys.sha256 IS
    'of the whole key; a key is 256 random bits, which no slower hash would protect better';


-- WHAT FOLLOWS when a job changes state, in the same commit, whoever changes it: its engine, the sweep, the promoter or
-- the client.

-- Before a job goes back to wait, from a run or from its end:
-- 1. It waits for changes of the limits that are under way. This lock is a statement of its own and the first one: a
--    single statement would wait for the change and then read, under its older snapshot, the queues from before it, and
--    the job would run past its new limit.
-- 2. It goes into the queue that its use case has now.
-- 3. Where it had ended, it begins anew: nothing is left of its answer, its claim and its attempts.
CREATE FUNCTION reset_requeued_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE queues IN ACCESS SHARE MODE;
    NEW.queue := queue_of(NEW.use_case);
    IF OLD.finished_at IS NOT NULL THEN
        NEW.response := NULL;
        NEW.claim_token := NULL;
        NEW.started_at := NULL;
        NEW.last_error := NULL;
        NEW.quarantined := false;
        NEW.attempts := 0;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER jobs_before_requeue BEFORE UPDATE OF status ON jobs FOR EACH ROW
    WHEN (num_nonnulls(NEW.engine_id, NEW.finished_at) = 0 AND num_nonnulls(OLD.engine_id, OLD.finished_at) > 0)
    EXECUTE FUNCTION reset_requeued_job();

-- After a change of state:
-- 1. A job that waits again is told to event streams.
-- 2. A run that is over frees its slot, and engines that wait for one are told.
-- 3. An end that somebody asked to be told of becomes a delivery, and engines, which send it, are told.
-- The trigger's WHEN spares every other change, such as the claim of a job without a limit, the call.
CREATE FUNCTION propagate_status_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF num_nonnulls(NEW.engine_id, NEW.finished_at) = 0 AND NEW.status <> OLD.status THEN
        PERFORM pg_notify('ix_changed', NEW.ix_id);
    END IF;
    IF OLD.queue <> '' AND OLD.status = 'running' AND NEW.status <> 'running' THEN
        UPDATE queue_slots SET ix_id = NULL WHERE ix_id = OLD.ix_id;
        PERFORM pg_notify('ix_jobs', '');
    END IF;
    IF NEW.callback_url IS NOT NULL AND NEW.finished_at IS NOT NULL AND OLD.finished_at IS NULL THEN
        INSERT INTO deliveries (ix_id, url) VALUES (NEW.ix_id, NEW.callback_url);
        PERFORM pg_notify('ix_deliveries', '');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER jobs_after_status_change AFTER UPDATE OF status ON jobs FOR EACH ROW
    WHEN (num_nonnulls(NEW.engine_id, NEW.finished_at) = 0 OR NEW.callback_url IS NOT NULL OR OLD.queue <> '')
    EXECUTE FUNCTION propagate_status_change();

-- After a running job is erased: its slot is free, and engines that wait for one are told.
CREATE FUNCTION free_slot_of_erased_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE queue_slots SET ix_id = NULL WHERE ix_id = OLD.ix_id;
    PERFORM pg_notify('ix_jobs', '');
    RETURN NULL;
END $$;
CREATE TRIGGER jobs_after_delete AFTER DELETE ON jobs FOR EACH ROW
    WHEN (OLD.queue <> '' AND OLD.status = 'running')
    EXECUTE FUNCTION free_slot_of_erased_job();

-- migrate:down
SET lock_timeout = '2s';
-- No CASCADE: what others have built on these tables makes the down fail and is not dropped unasked.
DROP FUNCTION next_position(text, smallint, text);
DROP TABLE api_keys, callback_secrets, deliveries, jobs;
DROP FUNCTION reset_requeued_job(), propagate_status_change(), free_slot_of_erased_job(), new_ix_id(), queue_of(text);
DROP TABLE queue_slots, queues, engines, documents;
DROP SEQUENCE job_numbers;
DROP DOMAIN job_id, job_key, digest, job_priority, attempt_count, attempt_limit, delivery_status, traceparent;
