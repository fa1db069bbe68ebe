-- migrate:up
SET lock_timeout = '2s';
-- The new index of pending jobs by client serves what this one did.
DROP INDEX jobs_pending_of_client_once;

-- migrate:down
SET lock_timeout = '2s';
CREATE INDEX jobs_pending_of_client_once ON jobs (client_id, queue, priority, position) WHERE status = 'pending';
