-- migrate:up
SET lock_timeout = '2s';

-- PostgreSQL reads and plans a table's CHECKs and the conditions of its triggers anew for each statement, which was a quarter of what a claim
-- or a finish cost. What holds for one column alone becomes a domain, looked at only where a value comes in; a job's life becomes one CHECK;
-- and what must happen at its turns two triggers. Rewrites the table once.

CREATE DOMAIN job_id AS text COLLATE "C" CHECK (VALUE ~ '^[0-9a-f]{16}$');
CREATE DOMAIN job_key AS text CHECK (VALUE <> '');
CREATE DOMAIN digest AS bytea CHECK (octet_length(VALUE) = 32);
CREATE DOMAIN job_priority AS smallint CHECK (VALUE BETWEEN -100 AND 100);
CREATE DOMAIN attempt_count AS smallint CHECK (VALUE >= 0);
CREATE DOMAIN attempt_limit AS smallint CHECK (VALUE > 0);
CREATE DOMAIN delivery_status AS text CHECK (VALUE IN ('pending', 'delivered', 'failed'));
CREATE DOMAIN traceparent AS text CHECK (VALUE ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}( |$)');

DROP FUNCTION next_place(text, smallint, text);

ALTER TABLE jobs
    DROP CONSTRAINT jobs_answered, DROP CONSTRAINT jobs_attempts_check, DROP CONSTRAINT jobs_callback_status_check,
    DROP CONSTRAINT jobs_called_back, DROP CONSTRAINT jobs_claimed, DROP CONSTRAINT jobs_client_id_check, DROP CONSTRAINT jobs_done,
    DROP CONSTRAINT jobs_ended, DROP CONSTRAINT jobs_fingerprint_check, DROP CONSTRAINT jobs_ix_id_check,
    DROP CONSTRAINT jobs_max_attempts_check, DROP CONSTRAINT jobs_priority_check, DROP CONSTRAINT jobs_request_id_check,
    DROP CONSTRAINT jobs_running, DROP CONSTRAINT jobs_scheduled, DROP CONSTRAINT jobs_status, DROP CONSTRAINT jobs_trace_check,
    DROP CONSTRAINT jobs_unclaimed,
    ALTER ix_id TYPE job_id, ALTER client_id TYPE job_key, ALTER request_id TYPE job_key, ALTER fingerprint TYPE digest,
    ALTER priority TYPE job_priority, ALTER attempts TYPE attempt_count, ALTER max_attempts TYPE attempt_limit,
    ALTER callback_status TYPE delivery_status, ALTER trace TYPE traceparent,
    ADD CONSTRAINT jobs_life CHECK (
        CASE status
            WHEN 'scheduled' THEN num_nonnulls(engine_id, token, started_at, finished_at, response) = 0 AND run_at IS NOT NULL
            WHEN 'pending' THEN num_nonnulls(engine_id, token, started_at, finished_at, response) = 0
            WHEN 'running' THEN num_nulls(engine_id, token, started_at) = 0 AND num_nonnulls(finished_at, response) = 0
            WHEN 'done' THEN engine_id IS NULL AND finished_at IS NOT NULL AND coalesce(response -> 'error' = 'null', false)
            WHEN 'error' THEN engine_id IS NULL AND finished_at IS NOT NULL AND coalesce(response -> 'error' <> 'null', false)
            WHEN 'cancelled' THEN engine_id IS NULL AND finished_at IS NOT NULL AND response IS NULL
            ELSE false
        END),
    ADD CONSTRAINT jobs_called_back CHECK (callback_status IS NULL OR num_nulls(callback_url, finished_at) = 0);

CREATE FUNCTION next_place(of_client text, at_priority smallint, in_lane text) RETURNS bigint LANGUAGE sql STABLE
RETURN greatest(
    -at_priority::bigint << 40,
    (SELECT place FROM jobs WHERE status = 'pending' AND lane = in_lane AND place >= -at_priority::bigint << 40
        AND place < (1 - at_priority)::bigint << 40 ORDER BY place LIMIT 1),
    (SELECT place + 1 FROM jobs WHERE status = 'pending' AND client_id = of_client AND lane = in_lane AND priority = at_priority
        ORDER BY place DESC LIMIT 1)
);

DROP TRIGGER jobs_choose_lane ON jobs;
DROP TRIGGER jobs_forget_answer ON jobs;
DROP TRIGGER jobs_free_slot ON jobs;
DROP TRIGGER jobs_owe_delivery ON jobs;
DROP TRIGGER jobs_tell_change ON jobs;
DROP FUNCTION choose_lane(), forget_answer(), owe_delivery(), tell_change();

-- A job that waits again does so in the lane of today, and one that had ended has no answer any more. The lock comes first, in a statement of
-- its own: a job that goes back to wait while limits change would otherwise wait for the change and then read, under its older snapshot, the
-- lanes as they were, and run past its new limit.
CREATE FUNCTION wait_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE lanes IN ACCESS SHARE MODE;
    NEW.lane := lane_of(NEW.use_case);
    IF OLD.finished_at IS NOT NULL THEN
        NEW.response := NULL;
        NEW.token := NULL;
        NEW.started_at := NULL;
        NEW.cause := NULL;
        NEW.solo := false;
        NEW.attempts := 0;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER jobs_wait_again BEFORE UPDATE OF status ON jobs FOR EACH ROW
    WHEN (num_nonnulls(NEW.engine_id, NEW.finished_at) = 0 AND num_nonnulls(OLD.engine_id, OLD.finished_at) > 0)
    EXECUTE FUNCTION wait_again();

-- What waits is told to event streams; whatever ends a run frees its slot in the same commit, and tells engines that wait for one; what has
-- ended is told to who asked to be called back.
CREATE FUNCTION follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF num_nonnulls(NEW.engine_id, NEW.finished_at) = 0 AND NEW.status <> OLD.status THEN
        PERFORM pg_notify('ix_changed', NEW.ix_id);
    END IF;
    IF OLD.lane <> '' AND OLD.status = 'running' AND NEW.status <> 'running' THEN
        UPDATE lane_slots SET ix_id = NULL WHERE ix_id = OLD.ix_id;
        PERFORM pg_notify('ix_jobs', '');
    END IF;
    IF NEW.callback_url IS NOT NULL AND NEW.finished_at IS NOT NULL AND OLD.finished_at IS NULL THEN
        INSERT INTO deliveries (ix_id, url) VALUES (NEW.ix_id, NEW.callback_url);
        PERFORM pg_notify('ix_deliveries', '');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER jobs_follow AFTER UPDATE OF status ON jobs FOR EACH ROW
    WHEN (num_nonnulls(NEW.engine_id, NEW.finished_at) = 0 OR NEW.callback_url IS NOT NULL OR OLD.lane <> '')
    EXECUTE FUNCTION follow();

-- migrate:down
SET lock_timeout = '2s';

DROP TRIGGER jobs_follow ON jobs;
DROP TRIGGER jobs_wait_again ON jobs;
DROP FUNCTION follow(), wait_again(), next_place(text, smallint, text);

ALTER TABLE jobs
    DROP CONSTRAINT jobs_called_back, DROP CONSTRAINT jobs_life,
    ALTER ix_id TYPE text COLLATE "C", ALTER client_id TYPE text, ALTER request_id TYPE text, ALTER fingerprint TYPE bytea,
    ALTER priority TYPE smallint, ALTER attempts TYPE smallint, ALTER max_attempts TYPE smallint, ALTER callback_status TYPE text,
    ALTER trace TYPE text,
    ADD CHECK (ix_id ~ '^[0-9a-f]{16}$'), ADD CHECK (client_id <> ''), ADD CHECK (request_id <> ''), ADD CHECK (octet_length(fingerprint) = 32),
    ADD CHECK (attempts >= 0), ADD CHECK (max_attempts > 0), ADD CHECK (callback_status IN ('pending', 'delivered', 'failed')),
    ADD CHECK (priority BETWEEN -100 AND 100), ADD CHECK (trace ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}( |$)'),
    ADD CONSTRAINT jobs_status CHECK (status IN ('scheduled', 'pending', 'running', 'done', 'error', 'cancelled')),
    ADD CONSTRAINT jobs_scheduled CHECK (status <> 'scheduled' OR run_at IS NOT NULL),
    ADD CONSTRAINT jobs_running CHECK ((status = 'running') = (engine_id IS NOT NULL)),
    ADD CONSTRAINT jobs_claimed CHECK (status <> 'running' OR (token IS NOT NULL AND started_at IS NOT NULL)),
    ADD CONSTRAINT jobs_unclaimed CHECK (status NOT IN ('scheduled', 'pending') OR (token IS NULL AND started_at IS NULL)),
    ADD CONSTRAINT jobs_ended CHECK ((status IN ('done', 'error', 'cancelled')) = (finished_at IS NOT NULL)),
    ADD CONSTRAINT jobs_answered CHECK ((status IN ('done', 'error')) = (response IS NOT NULL)),
    ADD CONSTRAINT jobs_done CHECK (status NOT IN ('done', 'error') OR (status = 'done') = (response -> 'error' = 'null')),
    ADD CONSTRAINT jobs_called_back CHECK (callback_status IS NULL OR (callback_url IS NOT NULL AND finished_at IS NOT NULL));
DROP DOMAIN job_id, job_key, digest, job_priority, attempt_count, attempt_limit, delivery_status, traceparent;

CREATE FUNCTION next_place(of_client text, at_priority smallint, in_lane text) RETURNS bigint LANGUAGE sql STABLE
RETURN greatest(
    -at_priority::bigint << 40,
    (SELECT place FROM jobs WHERE status = 'pending' AND lane = in_lane AND place >= -at_priority::bigint << 40
        AND place < (1 - at_priority)::bigint << 40 ORDER BY place LIMIT 1),
    (SELECT place + 1 FROM jobs WHERE status = 'pending' AND client_id = of_client AND lane = in_lane AND priority = at_priority
        ORDER BY place DESC LIMIT 1)
);

CREATE FUNCTION choose_lane() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE lanes IN ACCESS SHARE MODE;
    NEW.lane := lane_of(NEW.use_case);
    RETURN NEW;
END $$;
CREATE TRIGGER jobs_choose_lane BEFORE UPDATE OF status ON jobs FOR EACH ROW
    WHEN (OLD.status NOT IN ('pending', 'scheduled') AND NEW.status IN ('pending', 'scheduled'))
    EXECUTE FUNCTION choose_lane();

CREATE FUNCTION forget_answer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.response := NULL;
    NEW.token := NULL;
    NEW.started_at := NULL;
    NEW.cause := NULL;
    NEW.solo := false;
    NEW.attempts := 0;
    RETURN NEW;
END $$;
CREATE TRIGGER jobs_forget_answer BEFORE UPDATE OF finished_at ON jobs FOR EACH ROW
    WHEN (OLD.finished_at IS NOT NULL AND NEW.finished_at IS NULL)
    EXECUTE FUNCTION forget_answer();

CREATE TRIGGER jobs_free_slot AFTER UPDATE OF status ON jobs FOR EACH ROW
    WHEN (OLD.lane <> '' AND OLD.status = 'running' AND NEW.status <> 'running')
    EXECUTE FUNCTION free_slot();

CREATE FUNCTION owe_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deliveries (ix_id, url) VALUES (NEW.ix_id, NEW.callback_url);
    PERFORM pg_notify('ix_deliveries', '');
    RETURN NULL;
END $$;
CREATE TRIGGER jobs_owe_delivery AFTER UPDATE OF finished_at ON jobs FOR EACH ROW
    WHEN (NEW.callback_url IS NOT NULL AND NEW.finished_at IS NOT NULL AND OLD.finished_at IS NULL)
    EXECUTE FUNCTION owe_delivery();

CREATE FUNCTION tell_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('ix_changed', NEW.ix_id);
    RETURN NULL;
END $$;
CREATE TRIGGER jobs_tell_change AFTER UPDATE OF status ON jobs FOR EACH ROW
    WHEN (NEW.status IN ('scheduled', 'pending') AND NEW.status <> OLD.status)
    EXECUTE FUNCTION tell_change();
