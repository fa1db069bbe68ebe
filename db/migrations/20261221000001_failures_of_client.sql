-- migrate:up transaction:false
-- The same of one client.
CREATE INDEX CONCURRENTLY jobs_failures_of_client ON jobs (client_id, error_code, ix_id) INCLUDE (status)
    WHERE status IN ('error', 'cancelled');

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY jobs_failures_of_client;
