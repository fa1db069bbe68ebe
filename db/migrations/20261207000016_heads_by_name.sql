-- migrate:up transaction:false
-- Ended jobs by the words of their documents' names. Written at once: a list of what is still to be written, which each
-- look would read, is dearer for few words.
CREATE INDEX CONCURRENTLY jobs_by_name ON jobs USING gin (name_index("left"(ix_id, 7), document_name))
    WITH (fastupdate = off) WHERE finished_at IS NOT NULL AND document_name IS NOT NULL;

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY jobs_by_name;
