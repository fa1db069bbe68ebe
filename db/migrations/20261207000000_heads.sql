-- migrate:up
SET lock_timeout = '2s';

-- HEADS, as much of them as reviews need.
ALTER TABLE jobs
    ADD COLUMN review text,
    ADD COLUMN points integer;
COMMENT ON COLUMN jobs.review IS 'whether people have looked at the result, or have to';
COMMENT ON COLUMN jobs.points IS 'how many points of the result need eyes';

CREATE INDEX jobs_in_review ON jobs (review, ix_id) WHERE review IS NOT NULL;
CREATE INDEX jobs_in_review_of_client ON jobs (client_id, review, ix_id) WHERE review IS NOT NULL;

CREATE OR REPLACE FUNCTION reset_requeued_job() RETURNS trigger LANGUAGE plpgsql AS $$
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
        NEW.review := NULL;
        NEW.points := NULL;
        NEW.ranked := NEW.priority <> NEW.precedence;
        NEW.arrival := CASE WHEN NEW.priority <> NEW.precedence THEN NEW.position END;
        IF OLD.parts IS NOT NULL THEN
            PERFORM erase_parts(OLD.ix_id);
            NEW.parts := NULL;
        END IF;
    END IF;
    RETURN NEW;
END $$;

-- migrate:down
SET lock_timeout = '2s';
CREATE OR REPLACE FUNCTION reset_requeued_job() RETURNS trigger LANGUAGE plpgsql AS $$
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
        NEW.ranked := NEW.priority <> NEW.precedence;
        NEW.arrival := CASE WHEN NEW.priority <> NEW.precedence THEN NEW.position END;
        IF OLD.parts IS NOT NULL THEN
            PERFORM erase_parts(OLD.ix_id);
            NEW.parts := NULL;
        END IF;
    END IF;
    RETURN NEW;
END $$;
ALTER TABLE jobs DROP COLUMN review, DROP COLUMN points;
