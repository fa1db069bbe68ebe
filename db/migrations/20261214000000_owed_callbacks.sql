-- migrate:up
-- A job that runs again owes nobody the callback of its old end. The delivery stays, as one that failed, whoever has
-- the job run again, and however many: what was tried is part of its history. After the statement, since web of the
-- version before deletes it within; as the owner, since web may end no delivery.
CREATE FUNCTION end_owed_callback() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    UPDATE deliveries SET status = 'failed', outcome = 'the job runs again', ended_at = clock_timestamp()
    WHERE ix_id = NEW.ix_id AND status = 'pending';
    RETURN NULL;
END $$;
CREATE TRIGGER jobs_after_retry AFTER UPDATE OF status ON jobs FOR EACH ROW
    WHEN (OLD.finished_at IS NOT NULL AND NEW.finished_at IS NULL AND OLD.callback_url IS NOT NULL)
    EXECUTE FUNCTION end_owed_callback();

-- migrate:down
DROP TRIGGER jobs_after_retry ON jobs;
DROP FUNCTION end_owed_callback();
