-- migrate:up
SET lock_timeout = '2s';

-- A client's ended jobs in the order in which they ended: what a stream reads when it was cut off for a while.
CREATE INDEX jobs_ended_of_client ON jobs (client_id, finished_at, ix_id) WHERE finished_at IS NOT NULL;

-- Whoever takes a job back to the queue, its engine, the sweep, the promoter or the client, tells the streams which one it is. No claim and
-- no finish fires it.
CREATE FUNCTION tell_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('ix_changed', NEW.ix_id);
    RETURN NULL;
END $$;
CREATE TRIGGER jobs_tell_change AFTER UPDATE OF status ON jobs FOR EACH ROW
    WHEN (NEW.status IN ('scheduled', 'pending') AND NEW.status <> OLD.status)
    EXECUTE FUNCTION tell_change();

-- migrate:down
SET lock_timeout = '2s';
DROP TRIGGER jobs_tell_change ON jobs;
DROP FUNCTION tell_change();
DROP INDEX jobs_ended_of_client;
