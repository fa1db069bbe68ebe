-- migrate:up
SET lock_timeout = '2s';
-- Reads all rows, which writers may go on with meanwhile (SHARE UPDATE EXCLUSIVE).
ALTER TABLE jobs VALIDATE CONSTRAINT jobs_life;

-- migrate:down
-- What was found to hold needs no undoing.
SELECT;
