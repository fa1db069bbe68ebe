-- migrate:up
SET lock_timeout = '2s';

-- A client's scheduled jobs are counted, as its pending ones are by jobs_pending_of_client.
CREATE INDEX jobs_scheduled_of_client ON jobs (client_id) WHERE status = 'scheduled';

-- migrate:down
SET lock_timeout = '2s';
DROP INDEX jobs_scheduled_of_client;
