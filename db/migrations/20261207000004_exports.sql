-- migrate:up
SET lock_timeout = '2s';

-- PDFS. The pages of a job as one file, with what was read or found on them, made by an engine when somebody asks, and
-- kept for as long as there is room (IX_PDF_BYTES) and somebody wants it. A row without a file is an order; an engine
-- that takes it has until `due_at`. What one shows is of a version of the answer; nobody asks for an earlier one again.
CREATE TABLE pdfs (
    ix_id job_id NOT NULL REFERENCES jobs ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('annotated', 'searchable')),
    version text NOT NULL,
    ordered_by text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    answer bytea,
    file bytea,
    problem text,
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (ix_id, kind, version),
    CHECK (num_nonnulls(file, problem) < 2)
);
-- They are compressed already, and read in slices.
ALTER TABLE pdfs ALTER COLUMN file SET STORAGE EXTERNAL;
CREATE INDEX pdfs_ordered ON pdfs (ordered_by, due_at) WHERE file IS NULL AND problem IS NULL;
COMMENT ON COLUMN pdfs.ordered_by IS 'the client whose turn it takes';
COMMENT ON COLUMN pdfs.answer IS 'JSON: of an annotated one what is marked, as people have put it right by then';
COMMENT ON COLUMN pdfs.problem IS 'why it cannot be made';

-- migrate:down
SET lock_timeout = '2s';
DROP TABLE pdfs;
