-- migrate:up
-- Reads all rows, which are written meanwhile, and changes those in error alone: nobody else changes them then.
UPDATE jobs SET error_code = response #>> '{error,code}' WHERE status = 'error' AND error_code IS NULL;

-- migrate:down
-- The column goes with the migration before.
SELECT;
