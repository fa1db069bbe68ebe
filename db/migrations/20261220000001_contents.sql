-- migrate:up
SET lock_timeout = '2s';

-- DUPLICATES. An engine that ends a job writes down what its documents are, so that a later job of the same client and
-- use case with the same documents can say so. It stands at jobs that are done, and in no row before: whoever submits
-- or claims pays nothing for it.
ALTER TABLE jobs ADD COLUMN content uuid;
COMMENT ON COLUMN jobs.content IS
    'of a job that is done: a digest of its client, its use case and its documents with their pages';
ALTER TABLE jobs ADD COLUMN paper uuid;
COMMENT ON COLUMN jobs.paper IS
    'of an invoice that was read, where that is asked for: a digest of its client, seller, number and total';

-- migrate:down
SET lock_timeout = '2s';
ALTER TABLE jobs DROP COLUMN content;
ALTER TABLE jobs DROP COLUMN paper;
