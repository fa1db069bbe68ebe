-- migrate:up
SET lock_timeout = '2s';

-- TAGS are a client's own words for its jobs; a BATCH is a name that it gives to many of them, to hear once when all
-- have ended. Parts have those of their parent.
ALTER TABLE jobs ADD COLUMN tags jsonb, ADD COLUMN batch_id text;
COMMENT ON COLUMN jobs.tags IS 'what the client calls it by: {"key": "value"}';
COMMENT ON COLUMN jobs.batch_id IS 'the batch of its client that it belongs to';

-- How a client's jobs are found by a tag, the newest first: in a table, and not in an index of the jobs, which would be
-- written anew with each change of a job. A row goes with its job, by trigger: a foreign key would cost each job that
-- is erased a look, also one without tags.
CREATE TABLE job_tags (
    client_id text NOT NULL,
    key text NOT NULL,
    value text NOT NULL,
    ix_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (client_id, key, value, ix_id)
);

-- No counters: whether all jobs of a batch have ended is asked of the jobs (ix.database.batches), so that two that end
-- at once wait for nothing of each other's.
CREATE TABLE batches (
    client_id job_key NOT NULL,
    batch_id text NOT NULL CHECK (batch_id ~ '^[A-Za-z0-9][A-Za-z0-9._~-]{0,99}$'),
    callback_url text,
    callback_status delivery_status,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    closed_at timestamptz,
    ended_at timestamptz,
    counts jsonb,
    PRIMARY KEY (client_id, batch_id),
    CHECK (ended_at IS NULL OR closed_at IS NOT NULL),
    CHECK (callback_status IS NULL OR num_nulls(callback_url, ended_at) = 0)
);
COMMENT ON COLUMN batches.closed_at IS 'from then on no job comes to it';
COMMENT ON COLUMN batches.ended_at IS 'when it was found that all of its jobs had ended; set once';
COMMENT ON COLUMN batches.counts IS 'how many jobs it had by status when it ended';
-- those that may end
CREATE INDEX batches_closed ON batches (closed_at) WHERE closed_at IS NOT NULL AND ended_at IS NULL;
CREATE INDEX batches_created ON batches (created_at);

-- With the owner's rights: web may lock no row that it may not change. The lock is shared, so that submissions to one
-- batch do not wait for each other; closing it waits for all of them. A repetition of a job that is there comes not so
-- far: nothing is inserted.
CREATE FUNCTION enter_tags_and_batch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF NEW.batch_id IS NOT NULL THEN
        PERFORM FROM batches WHERE client_id = NEW.client_id AND batch_id = NEW.batch_id AND closed_at IS NULL
        FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the batch takes no jobs' USING ERRCODE = 'IX002';
        END IF;
    END IF;
    INSERT INTO job_tags (client_id, key, value, ix_id)
    SELECT NEW.client_id, tag.key, tag.value, NEW.ix_id FROM jsonb_each_text(NEW.tags) AS tag;
    RETURN NULL;
END $$;
CREATE TRIGGER jobs_after_insert AFTER INSERT ON jobs FOR EACH ROW
    WHEN (num_nonnulls(NEW.tags, NEW.batch_id) > 0) EXECUTE FUNCTION enter_tags_and_batch();

CREATE FUNCTION leave_tags_and_batch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    DELETE FROM job_tags USING jsonb_each_text(OLD.tags) AS tag
    WHERE client_id = OLD.client_id AND job_tags.key = tag.key AND job_tags.value = tag.value AND ix_id = OLD.ix_id;
    IF OLD.batch_id IS NOT NULL AND OLD.finished_at IS NULL THEN
        PERFORM pg_notify('ix_batches', '');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER jobs_after_labelled_gone AFTER DELETE ON jobs FOR EACH ROW
    WHEN (num_nonnulls(OLD.tags, OLD.batch_id) > 0) EXECUTE FUNCTION leave_tags_and_batch();

-- Parts come into a batch that may be closed: their parent, which has not ended, is in it.
CREATE FUNCTION label_parts(job jobs) RETURNS void LANGUAGE sql AS $$
    UPDATE jobs SET tags = job.tags, batch_id = job.batch_id
    WHERE ix_id = ANY (ARRAY(SELECT parts.ix_id FROM parts WHERE parts.parent = job.ix_id));
    INSERT INTO job_tags (client_id, key, value, ix_id)
    SELECT job.client_id, tag.key, tag.value, parts.ix_id
    FROM parts CROSS JOIN jsonb_each_text(job.tags) AS tag WHERE parts.parent = job.ix_id;
$$;
-- Their own schema and no one else's: a temporary table of the caller's must not stand in for one of these.
DO $$ BEGIN
    EXECUTE format('ALTER FUNCTION enter_tags_and_batch SET search_path = %I, pg_temp', current_schema());
    EXECUTE format('ALTER FUNCTION leave_tags_and_batch SET search_path = %I, pg_temp', current_schema());
END $$;
REVOKE ALL ON FUNCTION label_parts FROM PUBLIC;

-- WHAT FOLLOWS, told after the commit: whoever looks after the last end of a batch was committed sees that all have
-- ended, and whoever split a job has labelled its parts.
CREATE OR REPLACE FUNCTION propagate_status_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF num_nonnulls(NEW.engine_id, NEW.finished_at) = 0 AND NEW.status <> OLD.status THEN
        PERFORM pg_notify('ix_changed', NEW.ix_id);
        IF OLD.finished_at IS NOT NULL THEN
            UPDATE reviews SET state = 'forgotten', version = version + 1, leased_by = NULL, lease_holder = NULL,
                leased_until = NULL, decided_by = NULL, decided_at = NULL, note = NULL, readings = NULL
            WHERE ix_id = NEW.ix_id;
        END IF;
        IF NEW.status = 'split' AND num_nonnulls(NEW.tags, NEW.batch_id) > 0 THEN
            PERFORM label_parts(NEW);
        END IF;
    END IF;
    IF OLD.queue <> '' AND OLD.status = 'running' AND NEW.status <> 'running' THEN
        UPDATE queue_slots SET ix_id = NULL WHERE ix_id = OLD.ix_id;
        PERFORM pg_notify('ix_jobs', '');
    END IF;
    IF OLD.has_passwords AND NEW.finished_at IS NOT NULL THEN
        DELETE FROM job_passwords WHERE ix_id = OLD.ix_id;
    END IF;
    IF OLD.status = 'split' AND NEW.status = 'cancelled' THEN
        PERFORM cancel_parts(NEW.ix_id);
    END IF;
    IF NEW.finished_at IS NOT NULL AND OLD.finished_at IS NULL THEN
        IF NEW.parent IS NOT NULL THEN
            PERFORM pg_notify('ix_scheduled', '');
        END IF;
        IF NEW.callback_url IS NOT NULL THEN
            INSERT INTO deliveries (ix_id, url) VALUES (NEW.ix_id, NEW.callback_url);
            PERFORM pg_notify('ix_deliveries', '');
        END IF;
        IF NEW.batch_id IS NOT NULL THEN
            PERFORM pg_notify('ix_batches', '');
        END IF;
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER jobs_after_status_change ON jobs;
CREATE TRIGGER jobs_after_status_change AFTER UPDATE OF status ON jobs FOR EACH ROW
    WHEN (num_nonnulls(NEW.engine_id, NEW.finished_at) = 0
        OR num_nonnulls(NEW.callback_url, NEW.parent, NEW.parts, NEW.batch_id) > 0
        OR OLD.queue <> '' OR OLD.has_passwords)
    EXECUTE FUNCTION propagate_status_change();

-- A delivery tells of a job or of a batch. Whoever owes one of a batch writes its client and host, too.
ALTER TABLE deliveries
    ALTER COLUMN ix_id DROP NOT NULL,
    ADD COLUMN batch_id text,
    ADD CONSTRAINT deliveries_of_one CHECK (num_nonnulls(ix_id, batch_id) = 1) NOT VALID,
    ADD CONSTRAINT deliveries_batch_fkey FOREIGN KEY (client_id, batch_id) REFERENCES batches ON DELETE CASCADE
        NOT VALID;
DROP TRIGGER deliveries_before_insert ON deliveries;
CREATE TRIGGER deliveries_before_insert BEFORE INSERT ON deliveries FOR EACH ROW
    WHEN (NEW.status = 'pending' AND NEW.ix_id IS NOT NULL) EXECUTE FUNCTION prepare_delivery();

-- migrate:down
SET lock_timeout = '2s';
DELETE FROM deliveries WHERE ix_id IS NULL;
DROP TRIGGER deliveries_before_insert ON deliveries;
CREATE TRIGGER deliveries_before_insert BEFORE INSERT ON deliveries FOR EACH ROW
    WHEN (NEW.status = 'pending') EXECUTE FUNCTION prepare_delivery();
ALTER TABLE deliveries
    DROP CONSTRAINT deliveries_batch_fkey,
    DROP CONSTRAINT deliveries_of_one,
    DROP COLUMN batch_id,
    ALTER COLUMN ix_id SET NOT NULL;
CREATE OR REPLACE FUNCTION propagate_status_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF num_nonnulls(NEW.engine_id, NEW.finished_at) = 0 AND NEW.status <> OLD.status THEN
        PERFORM pg_notify('ix_changed', NEW.ix_id);
        IF OLD.finished_at IS NOT NULL THEN
            UPDATE reviews SET state = 'forgotten', version = version + 1, leased_by = NULL, lease_holder = NULL,
                leased_until = NULL, decided_by = NULL, decided_at = NULL, note = NULL, readings = NULL
            WHERE ix_id = NEW.ix_id;
        END IF;
    END IF;
    IF OLD.queue <> '' AND OLD.status = 'running' AND NEW.status <> 'running' THEN
        UPDATE queue_slots SET ix_id = NULL WHERE ix_id = OLD.ix_id;
        PERFORM pg_notify('ix_jobs', '');
    END IF;
    IF OLD.has_passwords AND NEW.finished_at IS NOT NULL THEN
        DELETE FROM job_passwords WHERE ix_id = OLD.ix_id;
    END IF;
    IF OLD.status = 'split' AND NEW.status = 'cancelled' THEN
        PERFORM cancel_parts(NEW.ix_id);
    END IF;
    IF NEW.finished_at IS NOT NULL AND OLD.finished_at IS NULL THEN
        IF NEW.parent IS NOT NULL THEN
            PERFORM pg_notify('ix_scheduled', '');
        END IF;
        IF NEW.callback_url IS NOT NULL THEN
            INSERT INTO deliveries (ix_id, url) VALUES (NEW.ix_id, NEW.callback_url);
            PERFORM pg_notify('ix_deliveries', '');
        END IF;
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER jobs_after_status_change ON jobs;
CREATE TRIGGER jobs_after_status_change AFTER UPDATE OF status ON jobs FOR EACH ROW
    WHEN (num_nonnulls(NEW.engine_id, NEW.finished_at) = 0
        OR num_nonnulls(NEW.callback_url, NEW.parent, NEW.parts) > 0
        OR OLD.queue <> '' OR OLD.has_passwords)
    EXECUTE FUNCTION propagate_status_change();
DROP TRIGGER jobs_after_insert ON jobs;
DROP TRIGGER jobs_after_labelled_gone ON jobs;
DROP FUNCTION enter_tags_and_batch, leave_tags_and_batch, label_parts(jobs);
DROP TABLE batches, job_tags;
ALTER TABLE jobs DROP COLUMN tags, DROP COLUMN batch_id;
