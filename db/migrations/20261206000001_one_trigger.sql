-- migrate:up
SET lock_timeout = '2s';

-- ONE TRIGGER for all that follows from a change of status: PostgreSQL parses and plans the condition of each anew for
-- each statement, which for jobs without passwords and parts is all that they cost.
CREATE FUNCTION cancel_parts(of_job text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    told text[];
BEGIN
    WITH cancelled AS (
        UPDATE jobs SET status = 'cancelled', finished_at = clock_timestamp(), engine_id = NULL
        WHERE ix_id = ANY (ARRAY(SELECT ix_id FROM parts WHERE parts.parent = of_job))
          AND status IN ('scheduled', 'pending', 'running')
        RETURNING ix_id
    )
    SELECT array_agg(pg_notify('ix_ended', ix_id)::text || pg_notify('ix_cancelled', ix_id)::text) INTO told
    FROM cancelled;
END $$;

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

DROP TRIGGER jobs_after_split_cancelled ON jobs;
DROP TRIGGER jobs_after_part_ended ON jobs;
DROP TRIGGER jobs_forget_passwords ON jobs;
DROP FUNCTION cancel_parts();
DROP TRIGGER jobs_after_status_change ON jobs;
CREATE TRIGGER jobs_after_status_change AFTER UPDATE OF status ON jobs FOR EACH ROW
    WHEN (num_nonnulls(NEW.engine_id, NEW.finished_at) = 0 OR num_nonnulls(NEW.callback_url, NEW.parent, NEW.parts) > 0
        OR OLD.queue <> '' OR OLD.has_passwords)
    EXECUTE FUNCTION propagate_status_change();

-- migrate:down
SET lock_timeout = '2s';
DROP TRIGGER jobs_after_status_change ON jobs;
CREATE OR REPLACE FUNCTION propagate_status_change() RETURNS trigger LANGUAGE plpgsql AS $$
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
DROP FUNCTION cancel_parts(text);
CREATE FUNCTION cancel_parts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    told text[];
BEGIN
    WITH cancelled AS (
        UPDATE jobs SET status = 'cancelled', finished_at = clock_timestamp(), engine_id = NULL
        WHERE ix_id = ANY (ARRAY(SELECT ix_id FROM parts WHERE parts.parent = NEW.ix_id))
          AND status IN ('scheduled', 'pending', 'running')
        RETURNING ix_id
    )
    SELECT array_agg(pg_notify('ix_ended', ix_id)::text || pg_notify('ix_cancelled', ix_id)::text) INTO told
    FROM cancelled;
    RETURN NULL;
END $$;
CREATE TRIGGER jobs_after_split_cancelled AFTER UPDATE OF status ON jobs FOR EACH ROW
    WHEN (OLD.status = 'split' AND NEW.status = 'cancelled')
    EXECUTE FUNCTION cancel_parts();
CREATE TRIGGER jobs_after_part_ended AFTER UPDATE OF status ON jobs FOR EACH ROW
    WHEN (NEW.parent IS NOT NULL AND NEW.finished_at IS NOT NULL AND OLD.finished_at IS NULL)
    EXECUTE FUNCTION tell_of_part();
CREATE TRIGGER jobs_forget_passwords AFTER UPDATE OF status ON jobs FOR EACH ROW
    WHEN (OLD.has_passwords AND NEW.finished_at IS NOT NULL)
    EXECUTE FUNCTION forget_passwords();
