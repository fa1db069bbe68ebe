-- migrate:up
SET lock_timeout = '2s';

-- A limit over all engines is a lane: a queue of its own, with as many slots as its jobs may run at once. A claim takes a free slot under its
-- row lock, so the limit holds whatever runs beside; jobs whose lane is full cost other claims nothing. Jobs without a limit are in lane ''.
CREATE TABLE lanes (
    use_case text PRIMARY KEY,
    lane text NOT NULL CHECK (lane <> '')
);
CREATE TABLE lane_slots (
    lane text NOT NULL CHECK (lane <> ''),
    slot integer NOT NULL CHECK (slot > 0),
    ix_id text COLLATE "C" UNIQUE,
    PRIMARY KEY (lane, slot)
);
COMMENT ON COLUMN lane_slots.ix_id IS 'the running job that holds it';
-- Updated twice a job, never grown: pruned as it is read.
ALTER TABLE lane_slots SET (fillfactor = 10);

ALTER TABLE jobs ADD COLUMN lane text COLLATE "C" NOT NULL DEFAULT '';

DROP INDEX jobs_pending;
DROP INDEX jobs_pending_of_client;
CREATE INDEX jobs_pending ON jobs (lane, place, ix_id) WHERE status = 'pending';
CREATE INDEX jobs_pending_of_client ON jobs (client_id, lane, priority, place) WHERE status = 'pending';

-- Clients take turns within each lane: one whose head waits for a slot must not hold up the turns of the others.
DROP FUNCTION next_place(text, smallint);
CREATE FUNCTION next_place(of_client text, at_priority smallint, in_lane text) RETURNS bigint LANGUAGE sql STABLE
RETURN greatest(
    -at_priority::bigint << 40,
    (SELECT place FROM jobs WHERE status = 'pending' AND lane = in_lane AND place >= -at_priority::bigint << 40
        AND place < (1 - at_priority)::bigint << 40 ORDER BY place LIMIT 1),
    (SELECT place + 1 FROM jobs WHERE status = 'pending' AND client_id = of_client AND lane = in_lane AND priority = at_priority
        ORDER BY place DESC LIMIT 1)
);

CREATE FUNCTION lane_of(use_case text) RETURNS text LANGUAGE sql STABLE
RETURN coalesce((SELECT lane FROM lanes WHERE lanes.use_case = lane_of.use_case), '');

-- A job that waits again does so in the lane of today.
CREATE FUNCTION choose_lane() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.lane := lane_of(NEW.use_case);
    RETURN NEW;
END $$;
CREATE TRIGGER jobs_choose_lane BEFORE UPDATE OF status ON jobs FOR EACH ROW
    WHEN (OLD.status NOT IN ('pending', 'scheduled') AND NEW.status IN ('pending', 'scheduled'))
    EXECUTE FUNCTION choose_lane();

-- Whatever ends a run frees its slot in the same commit, and tells engines that wait for one.
CREATE FUNCTION free_slot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE lane_slots SET ix_id = NULL WHERE ix_id = OLD.ix_id;
    PERFORM pg_notify('ix_jobs', '');
    RETURN NULL;
END $$;
CREATE TRIGGER jobs_free_slot AFTER UPDATE OF status ON jobs FOR EACH ROW
    WHEN (OLD.lane <> '' AND OLD.status = 'running' AND NEW.status <> 'running')
    EXECUTE FUNCTION free_slot();
CREATE TRIGGER jobs_free_slot_of_erased AFTER DELETE ON jobs FOR EACH ROW
    WHEN (OLD.lane <> '' AND OLD.status = 'running')
    EXECUTE FUNCTION free_slot();

-- migrate:down
SET lock_timeout = '2s';
DROP TRIGGER jobs_free_slot_of_erased ON jobs;
DROP TRIGGER jobs_free_slot ON jobs;
DROP TRIGGER jobs_choose_lane ON jobs;
DROP FUNCTION free_slot();
DROP FUNCTION choose_lane();
DROP FUNCTION lane_of(text);
DROP FUNCTION next_place(text, smallint, text);
CREATE FUNCTION next_place(of_client text, at_priority smallint) RETURNS bigint LANGUAGE sql STABLE
RETURN greatest(
    -at_priority::bigint << 40,
    (SELECT place FROM jobs WHERE status = 'pending' AND place >= -at_priority::bigint << 40 AND place < (1 - at_priority)::bigint << 40
        ORDER BY place LIMIT 1),
    (SELECT place + 1 FROM jobs WHERE status = 'pending' AND client_id = of_client AND priority = at_priority ORDER BY place DESC LIMIT 1)
);
DROP INDEX jobs_pending_of_client;
DROP INDEX jobs_pending;
CREATE INDEX jobs_pending ON jobs (place, ix_id) WHERE status = 'pending';
CREATE INDEX jobs_pending_of_client ON jobs (client_id, priority, place) WHERE status = 'pending';
ALTER TABLE jobs DROP COLUMN lane;
DROP TABLE lane_slots;
DROP TABLE lanes;
