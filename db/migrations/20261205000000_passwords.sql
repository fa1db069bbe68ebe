-- migrate:up
SET lock_timeout = '2s';

-- PASSWORDS of documents, for as long as their job is on its way: the statement that ends or erases the job deletes
-- them, whichever it is. Without a foreign key, whose check would cost every job that is erased.
CREATE TABLE job_passwords (
    ix_id job_id NOT NULL,
    document integer NOT NULL,
    password text NOT NULL,
    PRIMARY KEY (ix_id, document)
);
COMMENT ON TABLE job_passwords IS 'only the engine reads it';
COMMENT ON COLUMN job_passwords.document IS '0-based within the job';

-- By this the triggers know at once that there is nothing to delete. It stays when the job has ended, so that its retry
-- asks for the passwords again.
ALTER TABLE jobs ADD COLUMN has_passwords boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN jobs.has_passwords IS 'passwords came with its documents: see job_passwords';

-- With this key the passwords go into the fingerprint, so that nobody who has only the jobs can try passwords on it.
CREATE TABLE password_key (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    key bytea NOT NULL CHECK (octet_length(key) = 32)
);
INSERT INTO password_key (key)
VALUES (decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));

CREATE FUNCTION forget_passwords() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM job_passwords WHERE ix_id = OLD.ix_id;
    RETURN NULL;
END $$;

CREATE TRIGGER jobs_forget_passwords AFTER UPDATE OF status ON jobs FOR EACH ROW
    WHEN (OLD.has_passwords AND NEW.finished_at IS NOT NULL)
    EXECUTE FUNCTION forget_passwords();
CREATE TRIGGER jobs_forget_passwords_of_erased AFTER DELETE ON jobs FOR EACH ROW
    WHEN (OLD.has_passwords)
    EXECUTE FUNCTION forget_passwords();

-- migrate:down
SET lock_timeout = '2s';
DROP TRIGGER jobs_forget_passwords_of_erased ON jobs;
DROP TRIGGER jobs_forget_passwords ON jobs;
DROP FUNCTION forget_passwords();
DROP TABLE password_key;
ALTER TABLE jobs DROP COLUMN has_passwords;
DROP TABLE job_passwords;
