-- The accounts of ix in a PostgreSQL of your own, made once by an administrator, connected to the database of ix:
--
--   IX_SECRETS=/etc/ix/secrets psql -d ix -f roles.sql
--
-- owner    owns the tables: `ix migrate`, `ix keys` and the other commands for operators
-- web      `ix web`, and engine `ix engine`: what their groups may do, which every `ix migrate` says anew
--
-- Each has the password in the file that is called like it: owner_password, web_password, engine_password.
\set ON_ERROR_STOP on
\set owner `cat "${IX_SECRETS:-/run/secrets}/owner_password"`
\set web `cat "${IX_SECRETS:-/run/secrets}/web_password"`
\set engine `cat "${IX_SECRETS:-/run/secrets}/engine_password"`

-- ends here, by a division by zero, where one of them is missing
SELECT 1 / least(length(:'owner'), length(:'web'), length(:'engine')) AS passwords_are_there;

BEGIN;
CREATE ROLE ix_web NOLOGIN;
CREATE ROLE ix_engine NOLOGIN;
CREATE ROLE owner LOGIN PASSWORD :'owner';
CREATE ROLE web LOGIN PASSWORD :'web' IN ROLE ix_web;
CREATE ROLE engine LOGIN PASSWORD :'engine' IN ROLE ix_engine;

-- since PostgreSQL 15 whoever owns a database may make tables in its schema public, and nobody else may
SELECT current_database() AS database \gset
ALTER DATABASE :"database" OWNER TO owner;
REVOKE CONNECT, TEMPORARY ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO ix_web, ix_engine;
COMMIT;
