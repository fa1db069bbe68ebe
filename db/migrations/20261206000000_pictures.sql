-- migrate:up
SET lock_timeout = '2s';

-- PICTURES. Pages as people see them, drawn by an engine when somebody asks, and kept as long as there is room
-- (IX_PICTURES) and the document is. A row without a picture is an order; an engine that takes it has until `due_at`.
CREATE TABLE pictures (
    sha256 bytea NOT NULL REFERENCES documents ON DELETE CASCADE,
    page integer NOT NULL CHECK (page > 0),
    rotation smallint NOT NULL CHECK (rotation IN (0, 90, 180, 270)),
    width integer NOT NULL CHECK (width BETWEEN 1 AND 10000),
    longest integer NOT NULL CHECK (longest BETWEEN 1 AND 16383),
    ordered_by text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    picture bytea,
    problem text,
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (sha256, page, rotation, width),
    CHECK (num_nonnulls(picture, problem) < 2)
);
-- They are compressed already.
ALTER TABLE pictures ALTER COLUMN picture SET STORAGE EXTERNAL;
CREATE INDEX pictures_ordered ON pictures (ordered_by, due_at) WHERE picture IS NULL AND problem IS NULL;
CREATE INDEX pictures_seen ON pictures (seen_at) WHERE picture IS NOT NULL;
COMMENT ON COLUMN pictures.ordered_by IS 'the client whose turn it takes';
COMMENT ON COLUMN pictures.longest IS 'longest side that the picture may have, pixels';
COMMENT ON COLUMN pictures.problem IS 'why it cannot be drawn';

ALTER TABLE pages DROP CONSTRAINT pages_source_check;
ALTER TABLE pages ADD CONSTRAINT pages_source_check CHECK (source IN ('text', 'ocr', 'both')) NOT VALID;

-- migrate:down
SET lock_timeout = '2s';
UPDATE pages SET source = 'ocr' WHERE source = 'both';
ALTER TABLE pages DROP CONSTRAINT pages_source_check;
ALTER TABLE pages ADD CONSTRAINT pages_source_check CHECK (source IN ('text', 'ocr'));
DROP TABLE pictures;
