-- migrate:up
SET lock_timeout = '2s';

-- A job that is tried again forgets its last answer here and not in the statement that asks for it, so that web can do without the right to
-- write an answer or a claim. What each role may do is in ix/roles.py.
CREATE FUNCTION forget_answer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.response := NULL;
    NEW.token := NULL;
    NEW.started_at := NULL;
    NEW.cause := NULL;
    NEW.solo := false;
    NEW.attempts := 0;
    RETURN NEW;
END $$;
CREATE TRIGGER jobs_forget_answer BEFORE UPDATE OF finished_at ON jobs FOR EACH ROW
    WHEN (OLD.finished_at IS NOT NULL AND NEW.finished_at IS NULL)
    EXECUTE FUNCTION forget_answer();

-- migrate:down
SET lock_timeout = '2s';
DROP TRIGGER jobs_forget_answer ON jobs;
DROP FUNCTION forget_answer();
