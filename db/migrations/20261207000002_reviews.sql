-- migrate:up
SET lock_timeout = '2s';

-- REVIEWS. What people made of the answers of jobs: a row once a person has touched one, so that jobs which go straight
-- through cost nothing. The answer itself stays as it was read; the reviewed one is computed from the corrections.
CREATE TABLE reviews (
    ix_id job_id PRIMARY KEY REFERENCES jobs ON DELETE CASCADE,
    client_id job_key NOT NULL,
    use_case text NOT NULL,
    version integer NOT NULL DEFAULT 0 CHECK (version >= 0),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'approved', 'rejected', 'forgotten')),
    leased_by text,
    lease_holder text,
    leased_until timestamptz,
    decided_by text,
    decided_at timestamptz,
    note text,
    readings jsonb,
    CHECK (num_nonnulls(leased_by, lease_holder, leased_until) IN (0, 3)),
    CHECK ((state IN ('approved', 'rejected')) = (num_nulls(decided_by, decided_at) = 0))
);
CREATE INDEX reviews_approved ON reviews (use_case, decided_at) WHERE state = 'approved';
COMMENT ON COLUMN reviews.version IS 'counts what people did: whoever changes it names the one that was seen';
COMMENT ON COLUMN reviews.state IS 'forgotten: the job was run again, and what was made of its old answer is gone';
COMMENT ON COLUMN reviews.leased_by IS 'who looks at it now, in words; lease_holder tells people of one name apart';
COMMENT ON COLUMN reviews.readings IS
    'of an approved answer, for each value that was read: [[field, confidence, whether a person gave another], ...]';

-- CORRECTIONS. Added one after the other, and changed by nobody.
CREATE TABLE corrections (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ix_id job_id NOT NULL REFERENCES reviews ON DELETE CASCADE,
    version integer NOT NULL,
    path text NOT NULL,
    op text NOT NULL CHECK (op IN ('set', 'reset', 'insert', 'remove', 'move', 'confirm', 'unconfirm')),
    row_at integer,
    row_to integer,
    value jsonb,
    was jsonb,
    evidence jsonb,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX corrections_of_job ON corrections (ix_id, number);
COMMENT ON COLUMN corrections.value IS 'of a confirmation: the codes of the points that it settles';

-- What people made of an answer goes with it: only once the job waits to run again. Web may add corrections and remove
-- none; this function may, with the rights of its owner, and nobody calls it but the trigger.
CREATE FUNCTION forget_corrections() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF EXISTS (SELECT FROM jobs WHERE jobs.ix_id = NEW.ix_id AND finished_at IS NOT NULL) THEN
        RAISE EXCEPTION 'a review is forgotten with its answer' USING ERRCODE = 'check_violation';
    END IF;
    DELETE FROM corrections WHERE corrections.ix_id = NEW.ix_id;
    RETURN NULL;
END $$;
DO $$ BEGIN
    EXECUTE format('ALTER FUNCTION forget_corrections SET search_path = %I, pg_temp', current_schema());
END $$;
REVOKE ALL ON FUNCTION forget_corrections FROM PUBLIC;
CREATE TRIGGER reviews_forgotten AFTER UPDATE OF state ON reviews FOR EACH ROW
    WHEN (NEW.state = 'forgotten') EXECUTE FUNCTION forget_corrections();

-- A callback of its own tells of an approval; what stands in it was computed when it was approved.
ALTER TABLE deliveries ADD COLUMN approval jsonb;
COMMENT ON COLUMN deliveries.approval IS 'of a callback job.approved: {"state", "by", "at", "note", "result"}';

-- A job that is to run again forgets its review, too. Within the one trigger that there is: a further one would cost
-- every change of status its condition.
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

-- migrate:down
SET lock_timeout = '2s';
CREATE OR REPLACE FUNCTION propagate_status_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF num_nonnulls(NEW.engine_id, NEW.finished_at) = 0 AND NEW.status <> OLD.status THEN
        PERFORM pg_notify('ix_changed', NEW.ix_id);
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
-- what was not told yet is told by no other callback
DELETE FROM deliveries WHERE approval IS NOT NULL;
ALTER TABLE deliveries DROP COLUMN approval;
DROP TABLE corrections;
DROP TABLE reviews;
DROP FUNCTION forget_corrections;
