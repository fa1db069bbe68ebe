-- migrate:up transaction:false
-- The parents that wait, for the look whether their parts have ended: nearly always empty. Built beside the work, which
-- goes on meanwhile; such an index has a file of its own, since it shares no transaction.
CREATE INDEX CONCURRENTLY jobs_split ON jobs (ix_id) WHERE status = 'split';

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY jobs_split;
