-- migrate:up
SET lock_timeout = '2s';

-- The lock comes first, in a statement of its own: a job that goes back to wait while limits change would otherwise wait for the change and
-- then read, under its older snapshot, the lanes as they were, and run past its new limit.
CREATE OR REPLACE FUNCTION choose_lane() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE lanes IN ACCESS SHARE MODE;
    NEW.lane := lane_of(NEW.use_case);
    RETURN NEW;
END $$;

-- migrate:down
SET lock_timeout = '2s';

CREATE OR REPLACE FUNCTION choose_lane() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.lane := lane_of(NEW.use_case);
    RETURN NEW;
END $$;
