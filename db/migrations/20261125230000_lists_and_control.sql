-- migrate:up
SET lock_timeout = '2s';

-- How many jobs name the document: at zero its bytes may go.
ALTER TABLE documents ADD COLUMN uses integer NOT NULL DEFAULT 1;
CREATE INDEX documents_unused ON documents (sha256) WHERE uses <= 0;

-- A client's jobs, newest first.
CREATE INDEX jobs_of_client ON jobs (client_id, ix_id);

-- migrate:down
SET lock_timeout = '2s';
DROP INDEX jobs_of_client;
DROP INDEX documents_unused;
ALTER TABLE documents DROP COLUMN uses;
