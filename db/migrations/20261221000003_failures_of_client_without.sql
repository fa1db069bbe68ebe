-- migrate:up transaction:false
-- Its successor serves what it did.
DROP INDEX CONCURRENTLY jobs_failed_of_client;

-- migrate:down transaction:false
CREATE INDEX CONCURRENTLY jobs_failed_of_client ON jobs (client_id, error_code, ix_id)
    WHERE status IN ('error', 'cancelled');
