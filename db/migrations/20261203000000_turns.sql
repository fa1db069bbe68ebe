-- migrate:up
SET lock_timeout = '2s';

-- TURNS. A position is a ticket: whose turn it is. Which of a client's jobs runs with its ticket is another matter, and
-- the client's own.
-- Of no domain, unlike priority: a column of a domain that has a CHECK makes PostgreSQL rewrite the table.
ALTER TABLE jobs
    ADD COLUMN precedence smallint NOT NULL DEFAULT 0,
    ADD COLUMN ranked boolean NOT NULL DEFAULT false,
    ADD COLUMN arrival bigint;
COMMENT ON COLUMN jobs.precedence IS
    'before which other clients'' jobs it goes: its priority where whoever submitted it may do that, else 0';
COMMENT ON COLUMN jobs.ranked IS
    'whether it runs by its priority and arrival among its client''s jobs of the same precedence, not by its ticket';
COMMENT ON COLUMN jobs.arrival IS 'of a ranked job: the ticket that it drew first';

-- The next migration makes its successor, and a later one drops it.
ALTER INDEX jobs_pending_of_client RENAME TO jobs_pending_of_client_once;

-- Fairness between the clients of one queue and precedence, by start-time fair queueing (Goyal, Vin, Cheng 1996): each
-- client is a flow, each job has length 1, and its start tag is its position. So 100,000 jobs of one client let
-- another's single one in right behind the first, and a queue that waits for a slot holds up no other.
-- 1. A precedence has 2^40 positions of its own, the higher one the lower positions; with 201 of them they fit in a
--    bigint. No position is below the first of them.
-- 2. The virtual time is the start tag of the job that is served next: the lowest position among those pending. A
--    client that has been away starts there, with nothing saved up.
-- 3. A client's next job starts where its last pending one finishes: one position behind it, ranked or not.
--    `|| ''` leaves the planner no other index than the one of clients: it might read a queue to find one client in it.
-- 4. The highest of them it is. The pending jobs are all the state there is; nothing else is kept.
CREATE FUNCTION next_ticket(of_client text, at_precedence smallint, in_queue text)
RETURNS bigint LANGUAGE sql STABLE
RETURN greatest(
    -at_precedence::bigint << 40,
    (SELECT position FROM jobs
        WHERE status = 'pending' AND queue = in_queue
          AND position >= -at_precedence::bigint << 40 AND position < (1 - at_precedence)::bigint << 40
        ORDER BY position LIMIT 1),
    (SELECT position + 1 FROM jobs
        WHERE status || '' = 'pending' AND client_id = of_client AND queue = in_queue AND NOT ranked
          AND position < (1 - at_precedence)::bigint << 40
        ORDER BY position DESC LIMIT 1),
    (SELECT position + 1 FROM jobs
        WHERE status || '' = 'pending' AND client_id = of_client AND queue = in_queue AND ranked
          AND position < (1 - at_precedence)::bigint << 40
        ORDER BY position DESC LIMIT 1)
);
-- What an older ix calls: no job goes before other clients' any more because its submission says so.
CREATE OR REPLACE FUNCTION next_position(of_client text, at_priority smallint, in_queue text)
RETURNS bigint LANGUAGE sql STABLE
RETURN next_ticket(of_client, 0::smallint, in_queue);


-- QUARANTINE. One engine stands still for one job; each time that a client's job ends an engine in which it ran alone,
-- or keeps it standing for too long, the client's next turn is further away.
ALTER TABLE engines ADD COLUMN alone_until timestamptz;
COMMENT ON COLUMN engines.alone_until IS 'until then it claims nothing, so that a quarantined job can run alone in it';
CREATE TABLE quarantine_strikes (
    client_id text PRIMARY KEY,
    strikes integer NOT NULL DEFAULT 1,
    next_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON COLUMN quarantine_strikes.next_at IS
    'when the client''s next quarantined job may run; an hour later all is forgotten';

-- A job that is tried again, or goes back to wait, behind its client's last has a new ticket; what it drew before means
-- nothing any more. Those of an older ix are not ranked.
CREATE OR REPLACE FUNCTION reset_requeued_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE queues IN ACCESS SHARE MODE;
    NEW.queue := queue_of(NEW.use_case);
    IF OLD.finished_at IS NOT NULL THEN
        NEW.response := NULL;
        NEW.claim_token := NULL;
        NEW.started_at := NULL;
        NEW.last_error := NULL;
        NEW.quarantined := false;
        NEW.attempts := 0;
        NEW.ranked := NEW.priority <> NEW.precedence;
        NEW.arrival := CASE WHEN NEW.priority <> NEW.precedence THEN NEW.position END;
    END IF;
    RETURN NEW;
END $$;


-- CALLBACKS take turns by client and by host, and a job has one at a time.
ALTER TABLE deliveries
    ADD COLUMN client_id text,
    ADD COLUMN host text,
    ADD COLUMN again boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN deliveries.again IS 'ordered once more during the try under way: another one follows its end';
COMMENT ON COLUMN deliveries.host IS 'host and port of the url, as it names them';

CREATE FUNCTION host_of(url text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN left(lower(regexp_replace(url, '^[^:/]*://(?:[^/?#]*@)?([^/?#]*).*$', '\1')), 300);

-- Before a delivery is owed, whoever owes it: it gets its client and its host, and takes the place of an older one that
-- was not delivered yet. The job's row is locked first, so that two at once come one after the other. An engine's
-- account may end a delivery, web's may delete one, and neither may do both.
CREATE FUNCTION prepare_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT client_id INTO NEW.client_id FROM jobs WHERE ix_id = NEW.ix_id FOR NO KEY UPDATE;
    IF has_column_privilege('deliveries', 'outcome', 'UPDATE') THEN
        UPDATE deliveries SET status = 'failed', outcome = 'a newer one took its place', ended_at = clock_timestamp()
        WHERE ix_id = NEW.ix_id AND status = 'pending';
    ELSE
        DELETE FROM deliveries WHERE ix_id = NEW.ix_id AND status = 'pending';
    END IF;
    NEW.host := host_of(NEW.url);
    RETURN NEW;
END $$;
CREATE TRIGGER deliveries_before_insert BEFORE INSERT ON deliveries FOR EACH ROW
    WHEN (NEW.status = 'pending') EXECUTE FUNCTION prepare_delivery();

DELETE FROM deliveries AS older USING deliveries AS newer
WHERE older.status = 'pending' AND newer.status = 'pending' AND older.ix_id = newer.ix_id
  AND (older.created_at, older.delivery_id) < (newer.created_at, newer.delivery_id);
UPDATE deliveries SET client_id = jobs.client_id, host = host_of(url)
FROM jobs WHERE deliveries.status = 'pending' AND jobs.ix_id = deliveries.ix_id;
CREATE UNIQUE INDEX deliveries_pending_of_job ON deliveries (ix_id) WHERE status = 'pending';
CREATE INDEX deliveries_pending_of_client ON deliveries (client_id, host, due_at) WHERE status = 'pending';

-- migrate:down
SET lock_timeout = '2s';
DROP TRIGGER deliveries_before_insert ON deliveries;
DROP INDEX deliveries_pending_of_client, deliveries_pending_of_job;
DROP FUNCTION prepare_delivery(), host_of(text);
ALTER TABLE deliveries DROP COLUMN client_id, DROP COLUMN host, DROP COLUMN again;
DROP TABLE quarantine_strikes;
ALTER TABLE engines DROP COLUMN alone_until;
CREATE OR REPLACE FUNCTION reset_requeued_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE queues IN ACCESS SHARE MODE;
    NEW.queue := queue_of(NEW.use_case);
    IF OLD.finished_at IS NOT NULL THEN
        NEW.response := NULL;
        NEW.claim_token := NULL;
        NEW.started_at := NULL;
        NEW.last_error := NULL;
        NEW.quarantined := false;
        NEW.attempts := 0;
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION next_position(of_client text, at_priority smallint, in_queue text)
RETURNS bigint LANGUAGE sql STABLE
RETURN greatest(
    -at_priority::bigint << 40,
    (SELECT position FROM jobs
        WHERE status = 'pending' AND queue = in_queue
          AND position >= -at_priority::bigint << 40 AND position < (1 - at_priority)::bigint << 40
        ORDER BY position LIMIT 1),
    (SELECT position + 1 FROM jobs
        WHERE status = 'pending' AND client_id = of_client AND queue = in_queue AND priority = at_priority
        ORDER BY position DESC LIMIT 1)
);
DROP FUNCTION next_ticket(text, smallint, text);
ALTER INDEX jobs_pending_of_client_once RENAME TO jobs_pending_of_client;
ALTER TABLE jobs DROP COLUMN precedence, DROP COLUMN ranked, DROP COLUMN arrival;
