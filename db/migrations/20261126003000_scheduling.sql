-- migrate:up
SET lock_timeout = '2s';

-- Jobs that are not due yet have a state of their own, outside the claim's index, and are promoted when their time comes.
ALTER TABLE jobs
    ADD COLUMN run_at timestamptz,
    ADD COLUMN priority smallint NOT NULL DEFAULT 0 CHECK (priority BETWEEN -100 AND 100),
    ADD COLUMN place bigint NOT NULL DEFAULT 0,
    DROP CONSTRAINT jobs_status,
    ADD CONSTRAINT jobs_status CHECK (status IN ('scheduled', 'pending', 'running', 'done', 'error', 'cancelled')),
    DROP CONSTRAINT jobs_unclaimed,
    ADD CONSTRAINT jobs_unclaimed CHECK (status NOT IN ('scheduled', 'pending') OR (token IS NULL AND started_at IS NULL)),
    ADD CONSTRAINT jobs_scheduled CHECK (status <> 'scheduled' OR run_at IS NOT NULL);
COMMENT ON COLUMN jobs.place IS 'where it stands in the queue, lowest first: its client''s turn, less 2^40 for each point of priority';

DROP INDEX jobs_pending;
DROP INDEX jobs_pending_solo;
CREATE INDEX jobs_pending ON jobs (place, ix_id) WHERE status = 'pending';
CREATE INDEX jobs_pending_solo ON jobs (place, ix_id) WHERE status = 'pending' AND solo;
CREATE INDEX jobs_pending_of_client ON jobs (client_id, priority, place) WHERE status = 'pending';
CREATE INDEX jobs_scheduled ON jobs (run_at) WHERE status = 'scheduled';

-- Fairness between clients: the queue is in turns, and each client has one job a turn (start-time fair queueing, Goyal et al. 1996, with the
-- turn being served as virtual time). A client's next job stands one turn behind its last pending one, but never before the turn that is
-- being served; so 100,000 jobs of one client leave room for another's single one right behind the first. No state beside the queue itself.
CREATE FUNCTION next_place(of_client text, at_priority smallint) RETURNS bigint LANGUAGE sql STABLE
RETURN greatest(
    -at_priority::bigint << 40,
    (SELECT place FROM jobs WHERE status = 'pending' AND place >= -at_priority::bigint << 40 AND place < (1 - at_priority)::bigint << 40
        ORDER BY place LIMIT 1),
    (SELECT place + 1 FROM jobs WHERE status = 'pending' AND client_id = of_client AND priority = at_priority ORDER BY place DESC LIMIT 1)
);

-- migrate:down
SET lock_timeout = '2s';
UPDATE jobs SET status = 'pending' WHERE status = 'scheduled';
DROP FUNCTION next_place(text, smallint);
DROP INDEX jobs_scheduled;
DROP INDEX jobs_pending_of_client;
DROP INDEX jobs_pending_solo;
DROP INDEX jobs_pending;
CREATE INDEX jobs_pending ON jobs (ix_id) WHERE status = 'pending';
CREATE INDEX jobs_pending_solo ON jobs (ix_id) WHERE status = 'pending' AND solo;
ALTER TABLE jobs
    DROP CONSTRAINT jobs_scheduled,
    DROP CONSTRAINT jobs_unclaimed,
    ADD CONSTRAINT jobs_unclaimed CHECK (status <> 'pending' OR (token IS NULL AND started_at IS NULL)),
    DROP CONSTRAINT jobs_status,
    ADD CONSTRAINT jobs_status CHECK (status IN ('pending', 'running', 'done', 'error', 'cancelled')),
    DROP COLUMN place,
    DROP COLUMN priority,
    DROP COLUMN run_at;
