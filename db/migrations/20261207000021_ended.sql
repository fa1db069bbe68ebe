-- migrate:up transaction:false
-- The jobs of the last minutes. A summary of pages (BRIN) was meant to do, but a row of few bytes goes wherever a page
-- has room for it: of 3,000,000 jobs a quarter of all pages had one of the last ten minutes.
-- For those alone that ask for it, by saying that there is no attempt below zero: who asks for the ends of one client
-- is to go by that client's index, and not through the ends of all.
CREATE INDEX CONCURRENTLY jobs_ended ON jobs (finished_at) WHERE finished_at IS NOT NULL AND attempts >= 0;

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY jobs_ended;
