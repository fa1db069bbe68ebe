-- migrate:up
SET lock_timeout = '2s';
-- The new index of pending jobs by client serves what the first of these did, and that of jobs apart the second.
DROP INDEX jobs_pending_of_client_once, jobs_pending_quarantined;

-- migrate:down
SET lock_timeout = '2s';
CREATE INDEX jobs_pending_of_client_once ON jobs (client_id, queue, priority, position) WHERE status = 'pending';
CREATE INDEX jobs_pending_quarantined ON jobs (position, ix_id) WHERE status = 'pending' AND quarantined;
