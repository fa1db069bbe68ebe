-- migrate:up
SET lock_timeout = '2s';

-- OBJECTS. Bytes of a document stand in its row, or as an object in a store (IX_S3_BUCKET). Each upload has a key of
-- its own, which is never used again: to delete what one document had cannot touch another's, nor a later one's.
ALTER TABLE documents
    ALTER COLUMN bytes DROP NOT NULL,
    ADD COLUMN object text,
    ADD COLUMN size bigint;
COMMENT ON COLUMN documents.object IS 'key of the object that holds the bytes, where they do not stand here';
COMMENT ON COLUMN documents.size IS 'of an object: its bytes';

-- An object is named by a document or stands here: while it is uploaded and its document is not committed, and from the
-- moment on in which that is gone. What is due is deleted by engines, and forgotten once the store has confirmed it.
CREATE TABLE loose_objects (
    key text PRIMARY KEY,
    due_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0
);
CREATE INDEX loose_objects_due ON loose_objects (due_at);
COMMENT ON COLUMN loose_objects.attempts IS
    'how often its deletion was begun; from the first on no document may name it';

-- In the transaction of whatever makes and deletes documents, so that none of them forgets it. A key that is taken up
-- for deletion in this moment is waited for, and then refused.
CREATE FUNCTION hold_object() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM loose_objects WHERE key = NEW.object AND attempts = 0;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the bytes of a document are not stored' USING ERRCODE = 'IX001';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER documents_after_insert AFTER INSERT ON documents FOR EACH ROW
    WHEN (NEW.bytes IS NULL) EXECUTE FUNCTION hold_object();

CREATE FUNCTION release_object() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO loose_objects (key, due_at) VALUES (OLD.object, clock_timestamp());
    RETURN NULL;
END $$;
CREATE TRIGGER documents_after_delete AFTER DELETE ON documents FOR EACH ROW
    WHEN (OLD.object IS NOT NULL) EXECUTE FUNCTION release_object();

-- migrate:down
SET lock_timeout = '2s';
-- Fails where documents stand in a store: an ix of before could not read them. `retry` once those jobs are erased.
ALTER TABLE documents ALTER COLUMN bytes SET NOT NULL;
DROP TRIGGER documents_after_delete ON documents;
DROP TRIGGER documents_after_insert ON documents;
DROP FUNCTION release_object(), hold_object();
DROP TABLE loose_objects;
ALTER TABLE documents DROP COLUMN object, DROP COLUMN size;
