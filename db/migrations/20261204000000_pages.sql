-- migrate:up
SET lock_timeout = '2s';

-- PAGES. What has been read of a job's documents, so that its next attempt reads only what is missing, and people can
-- see a page's words beside the fields. They belong to the job and go with it; the words of jobs that ended long ago go
-- before (IX_KEEP_WORDS).
CREATE TABLE pages (
    ix_id job_id NOT NULL REFERENCES jobs ON DELETE CASCADE,
    document integer NOT NULL CHECK (document >= 0),
    page integer NOT NULL CHECK (page > 0),
    sha256 digest NOT NULL,
    reader text NOT NULL,
    width double precision NOT NULL,
    height double precision NOT NULL,
    rotation smallint NOT NULL DEFAULT 0 CHECK (rotation IN (0, 90, 180, 270)),
    source text NOT NULL CHECK (source IN ('text', 'ocr')),
    warnings jsonb NOT NULL DEFAULT '[]',
    hidden integer NOT NULL DEFAULT 0,
    confidence real,
    words bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (ix_id, document, page)
);
-- They are compressed already.
ALTER TABLE pages ALTER COLUMN words SET STORAGE EXTERNAL;
CREATE INDEX pages_created ON pages (created_at);
COMMENT ON COLUMN pages.document IS '0-based within the job; `page` is 1-based within the document';
COMMENT ON COLUMN pages.sha256 IS 'of the document that was read: an address may give another one the next time';
COMMENT ON COLUMN pages.reader IS 'what read it, with the settings that matter: another one reads it anew';
COMMENT ON COLUMN pages.confidence IS 'mean confidence of OCR, longer words counting for more; null for a text layer';
COMMENT ON COLUMN pages.words IS 'zlib of JSON: [[text, x0, y0, x1, y1, confidence, hidden], …]';

-- migrate:down
SET lock_timeout = '2s';
DROP TABLE pages;
