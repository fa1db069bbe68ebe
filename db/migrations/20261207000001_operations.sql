-- migrate:up
SET lock_timeout = '2s';

-- HOW BUSY AN ENGINE IS, written with its heartbeat. Null of an engine of the version before.
ALTER TABLE engines ADD COLUMN slots integer, ADD COLUMN running integer;
COMMENT ON COLUMN engines.running IS 'jobs that it ran when it last gave a sign of life';


-- PAUSES. A paused use case has a queue without slots, so that no claim looks at its jobs, however many wait: neither
-- an insert nor a claim asks whether anything is paused. When it goes on, its jobs draw new tickets, or all that have
-- waited would stand before everybody else's.
CREATE TABLE pauses (
    use_case text PRIMARY KEY CHECK (use_case <> ''),
    queue text COLLATE "C" NOT NULL,
    lasts boolean NOT NULL DEFAULT true,
    settled boolean NOT NULL DEFAULT false,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    key_id text NOT NULL DEFAULT '',
    seen_position bigint,
    seen_ix_id text COLLATE "C"
);
COMMENT ON COLUMN pauses.queue IS 'the one that the use case has when it is not paused';
COMMENT ON COLUMN pauses.lasts IS 'false: it goes on, and its jobs are on their way back to that queue';
COMMENT ON COLUMN pauses.settled IS 'whether all of its jobs that wait are where they belong';
COMMENT ON COLUMN pauses.seen_position IS 'with seen_ix_id, how far that queue was looked through for its jobs';

CREATE FUNCTION paused_queue(use_case text) RETURNS text LANGUAGE sql IMMUTABLE
RETURN 'paused:' || use_case;

-- Limits are written anew whenever an engine starts, of this version or of the one before. What they say of a paused
-- use case is kept for the time when it goes on; its queue stays the one without slots.
CREATE FUNCTION keep_paused() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        UPDATE pauses SET queue = '' WHERE use_case = OLD.use_case AND lasts;
        RETURN CASE WHEN FOUND THEN NULL ELSE OLD END;
    END IF;
    UPDATE pauses SET queue = NEW.queue WHERE use_case = NEW.use_case AND lasts;
    RETURN CASE WHEN FOUND THEN NULL ELSE NEW END;
END $$;
CREATE TRIGGER queues_before_change BEFORE INSERT OR DELETE ON queues FOR EACH ROW EXECUTE FUNCTION keep_paused();

-- Pauses a use case: insertions on their way are waited for, those that come choose the queue without slots. What waits
-- already follows in small statements of others. With the rights of its owner: web may not change a queue by itself.
CREATE FUNCTION pause_use_case(name text, by_key text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '2s' AS $$
DECLARE
    before text;
BEGIN
    IF EXISTS (SELECT FROM pauses WHERE use_case = name AND lasts) THEN
        RETURN;
    END IF;
    LOCK TABLE queues IN ACCESS EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM pauses WHERE use_case = name AND lasts) THEN
        RETURN;
    END IF;
    before := queue_of(name);
    UPDATE queues SET queue = paused_queue(name) WHERE use_case = name;
    IF NOT FOUND THEN
        INSERT INTO queues (use_case, queue) VALUES (name, paused_queue(name));
    END IF;
    -- last: from now on the trigger keeps the queue as it is
    INSERT INTO pauses (use_case, queue, key_id) VALUES (name, before, by_key)
    ON CONFLICT (use_case) DO UPDATE SET queue = excluded.queue, lasts = true, settled = false,
        since = excluded.since, key_id = excluded.key_id, seen_position = NULL, seen_ix_id = NULL;
    PERFORM pg_notify('ix_operations', '');
END $$;

-- Lets a use case go on: its next jobs choose its own queue again; engines bring those back that wait.
CREATE FUNCTION resume_use_case(name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '2s' AS $$
DECLARE
    own text;
BEGIN
    IF NOT EXISTS (SELECT FROM pauses WHERE use_case = name AND lasts) THEN
        RETURN;
    END IF;
    LOCK TABLE queues IN ACCESS EXCLUSIVE MODE;
    UPDATE pauses SET lasts = false, settled = false WHERE use_case = name AND lasts RETURNING queue INTO own;
    IF own = '' THEN
        DELETE FROM queues WHERE use_case = name;
    ELSIF own IS NOT NULL THEN
        UPDATE queues SET queue = own WHERE use_case = name;
    END IF;
    PERFORM pg_notify('ix_operations', '');
END $$;
DO $$ BEGIN
    EXECUTE format('ALTER FUNCTION pause_use_case SET search_path = %I, pg_temp', current_schema());
    EXECUTE format('ALTER FUNCTION resume_use_case SET search_path = %I, pg_temp', current_schema());
END $$;
REVOKE ALL ON FUNCTION pause_use_case, resume_use_case FROM PUBLIC;


-- ACTIONS on many jobs: on those of a list, or on all that match what a list of jobs may be asked for. Engines take
-- them in turns, a batch at a time, newest job first; `before_id` is the last job that was seen to, written with what
-- was done to its batch, so that nothing is done twice and nothing is left out, whoever dies meanwhile.
CREATE TABLE actions (
    id text COLLATE "C" PRIMARY KEY DEFAULT 'act_' || replace(gen_random_uuid()::text, '-', ''),
    action text NOT NULL CHECK (action IN ('retry', 'cancel', 'erase')),
    client_id text,
    use_cases text[],
    key_id text NOT NULL DEFAULT '',
    ix_ids text[],
    filters jsonb,
    discard_review boolean NOT NULL DEFAULT false,
    max_pending integer NOT NULL DEFAULT 0,
    before_id text COLLATE "C" NOT NULL,
    total integer NOT NULL,
    done integer NOT NULL DEFAULT 0,
    failed integer NOT NULL DEFAULT 0,
    reasons jsonb NOT NULL DEFAULT '{}',
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'running', 'done')),
    token uuid,
    looks integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    moved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (num_nonnulls(ix_ids, filters) = 1)
);
CREATE INDEX actions_due ON actions (due_at) WHERE state <> 'done';
CREATE INDEX actions_moved ON actions (moved_at) WHERE state = 'done';
COMMENT ON COLUMN actions.client_id IS 'whose jobs alone it may touch; null is everybody''s';
COMMENT ON COLUMN actions.use_cases IS 'jobs of which use cases alone; null is all';
COMMENT ON COLUMN actions.max_pending IS 'how many jobs a client may have waiting, as web has it (IX_MAX_PENDING)';
COMMENT ON COLUMN actions.total IS 'how many jobs it was asked for; of more than a count sees, at least so many';
COMMENT ON COLUMN actions.reasons IS 'why jobs were left as they were, and how many for each reason';
COMMENT ON COLUMN actions.looks IS 'how often engines have taken it since it last came further: each has twice as long';
COMMENT ON COLUMN actions.due_at IS 'until then the engine with the token is at it';

-- migrate:down
SET lock_timeout = '2s';
-- Nothing is paused any more: what waited for it goes back to where an ix without pauses looks for it.
DROP TRIGGER queues_before_change ON queues;
DELETE FROM queues USING pauses WHERE queues.use_case = pauses.use_case AND lasts AND pauses.queue = '';
UPDATE queues SET queue = pauses.queue FROM pauses WHERE queues.use_case = pauses.use_case AND lasts;
UPDATE jobs SET queue = queue_of(use_case) WHERE status = 'pending' AND queue LIKE 'paused:%';
DROP TABLE actions, pauses;
DROP FUNCTION pause_use_case, resume_use_case, keep_paused, paused_queue;
ALTER TABLE engines DROP COLUMN slots, DROP COLUMN running;
