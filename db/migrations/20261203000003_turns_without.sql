-- migrate:up
SET lock_timeout = '2s';
-- jobs_pending_by_client serves what this one did.
DROP INDEX jobs_pending_of_client;

-- migrate:down
SET lock_timeout = '2s';
CREATE INDEX jobs_pending_of_client ON jobs (client_id, queue, priority, position) WHERE status = 'pending';
