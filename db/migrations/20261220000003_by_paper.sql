-- migrate:up transaction:false
-- The earliest invoice with the same seller, number and total; empty where nobody asks for it.
CREATE INDEX CONCURRENTLY jobs_by_paper ON jobs (paper, ix_id) WHERE paper IS NOT NULL;

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY jobs_by_paper;
