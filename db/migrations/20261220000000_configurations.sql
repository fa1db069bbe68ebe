-- migrate:up
SET lock_timeout = '2s';

-- SAVED CONFIGURATIONS. What a client would otherwise send with each submission, under a name. A change is a further
-- version and touches no earlier one; a job has what it was given of one, and names it.
CREATE TABLE configurations (
    client_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    body jsonb,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    made_by text NOT NULL,
    PRIMARY KEY (client_id, name, version)
);
COMMENT ON COLUMN configurations.client_id IS 'whose it is; empty for one that is everybody''s';
COMMENT ON COLUMN configurations.body IS
    'what it says; null where it was deleted: the row stays, so that no version is ever given twice';

ALTER TABLE jobs ADD COLUMN configuration jsonb;
COMMENT ON COLUMN jobs.configuration IS
    'the saved configuration that its submission named, as it was resolved: {"name", "version", "shared"}';

-- A part is asked what its parent was asked. At the table of parts, so that no other insert pays for it.
CREATE FUNCTION configure_parts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE jobs SET configuration = parent.configuration
    FROM made JOIN jobs AS parent ON parent.ix_id = made.parent
    WHERE jobs.ix_id = made.ix_id AND parent.configuration IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER parts_after_insert AFTER INSERT ON parts REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION configure_parts();

-- migrate:down
SET lock_timeout = '2s';
DROP TRIGGER parts_after_insert ON parts;
DROP FUNCTION configure_parts();
ALTER TABLE jobs DROP COLUMN configuration;
DROP TABLE configurations;
