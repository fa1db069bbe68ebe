SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: attempt_count; Type: DOMAIN; Schema: public; Owner: -
--

CREATE DOMAIN public.attempt_count AS smallint
	CONSTRAINT attempt_count_check CHECK ((VALUE >= 0));


--
-- Name: attempt_limit; Type: DOMAIN; Schema: public; Owner: -
--

CREATE DOMAIN public.attempt_limit AS smallint
	CONSTRAINT attempt_limit_check CHECK ((VALUE > 0));


--
-- Name: delivery_status; Type: DOMAIN; Schema: public; Owner: -
--

CREATE DOMAIN public.delivery_status AS text
	CONSTRAINT delivery_status_check CHECK ((VALUE = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text])));


--
-- Name: digest; Type: DOMAIN; Schema: public; Owner: -
--

CREATE DOMAIN public.digest AS bytea
	CONSTRAINT digest_check CHECK ((octet_length(VALUE) = 32));


--
-- Name: job_id; Type: DOMAIN; Schema: public; Owner: -
--

CREATE DOMAIN public.job_id AS text COLLATE pg_catalog."C"
	CONSTRAINT job_id_check CHECK ((VALUE ~ '^[0-9a-f]{16}$'::text));


--
-- Name: job_key; Type: DOMAIN; Schema: public; Owner: -
--

CREATE DOMAIN public.job_key AS text
	CONSTRAINT job_key_check CHECK ((VALUE <> ''::text));


--
-- Name: job_priority; Type: DOMAIN; Schema: public; Owner: -
--

CREATE DOMAIN public.job_priority AS smallint
	CONSTRAINT job_priority_check CHECK (((VALUE >= '-100'::integer) AND (VALUE <= 100)));


--
-- Name: traceparent; Type: DOMAIN; Schema: public; Owner: -
--

CREATE DOMAIN public.traceparent AS text
	CONSTRAINT traceparent_check CHECK ((VALUE ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}( |$)'::text));


--
-- Name: await_result(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.await_result() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.results_erased := NULL;
    RETURN NEW;
END $$;


--
-- Name: cancel_parts(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.cancel_parts(of_job text) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    told text[];
BEGIN
    WITH cancelled AS (
        UPDATE jobs SET status = 'cancelled', finished_at = clock_timestamp(), engine_id = NULL
        WHERE ix_id = ANY (ARRAY(SELECT ix_id FROM parts WHERE parts.parent = of_job))
          AND status IN ('scheduled', 'pending', 'running')
        RETURNING ix_id
    )
    SELECT array_agg(pg_notify('ix_ended', ix_id)::text || pg_notify('ix_cancelled', ix_id)::text) INTO told
    FROM cancelled;
END $$;


--
-- Name: configure_parts(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.configure_parts() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE jobs SET configuration = parent.configuration
    FROM made JOIN jobs AS parent ON parent.ix_id = made.parent
    WHERE jobs.ix_id = made.ix_id AND parent.configuration IS NOT NULL;
    RETURN NULL;
END $$;


--
-- Name: day_of_counts(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.day_of_counts() RETURNS date
    LANGUAGE sql STABLE
    RETURN ((now() AT TIME ZONE 'UTC'::text))::date;


--
-- Name: end_owed_callback(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.end_owed_callback() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    AS $$
BEGIN
    UPDATE deliveries SET status = 'failed', outcome = 'the job runs again', ended_at = clock_timestamp()
    WHERE ix_id = NEW.ix_id AND status = 'pending';
    RETURN NULL;
END $$;


--
-- Name: enter_tags_and_batch(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.enter_tags_and_batch() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF NEW.batch_id IS NOT NULL THEN
        PERFORM FROM batches WHERE client_id = NEW.client_id AND batch_id = NEW.batch_id AND closed_at IS NULL
        FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the batch takes no jobs' USING ERRCODE = 'IX002';
        END IF;
    END IF;
    INSERT INTO job_tags (client_id, key, value, ix_id)
    SELECT NEW.client_id, tag.key, tag.value, NEW.ix_id FROM jsonb_each_text(NEW.tags) AS tag;
    RETURN NULL;
END $$;


--
-- Name: erase_audit(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.erase_audit() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    erased int;
BEGIN
    DELETE FROM audit WHERE number = ANY (ARRAY(
        SELECT number FROM (SELECT number, at FROM audit ORDER BY number LIMIT 500) AS oldest
        WHERE at < clock_timestamp() - (SELECT days FROM audit_term) * interval '1 day'));
    GET DIAGNOSTICS erased = ROW_COUNT;
    RETURN erased;
END $$;


--
-- Name: erase_documents(text[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.erase_documents(of_jobs text[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $_$
DECLARE
    erased int;
BEGIN
    WITH locked AS MATERIALIZED (
        SELECT ix_id, request FROM jobs WHERE ix_id = ANY (of_jobs) AND finished_at IS NOT NULL
            AND documents_erased IS NULL AND jsonb_typeof(request -> 'documents') = 'array'
        ORDER BY ix_id FOR UPDATE
    ), marked AS (
        UPDATE jobs SET documents_erased = clock_timestamp(), request = jsonb_set(jobs.request, '{documents}', (
            SELECT coalesce(jsonb_agg(document || '{"sha256": null}' ORDER BY number), '[]')
            FROM jsonb_array_elements(locked.request -> 'documents') WITH ORDINALITY AS given (document, number)))
        FROM locked WHERE jobs.ix_id = locked.ix_id RETURNING jobs.ix_id
    ), freed AS (
        SELECT decode(named #>> '{}', 'hex') AS sha256, count(DISTINCT ix_id)::int AS jobs
        FROM locked, jsonb_path_query(request, '$.documents[*].sha256 ? (@ like_regex "^[0-9a-f]{64}$")') AS named
        GROUP BY 1
    ), held AS MATERIALIZED (
        -- in the order in which submissions lock them, too
        SELECT sha256 FROM documents WHERE sha256 = ANY (ARRAY(SELECT sha256 FROM freed)) ORDER BY sha256 FOR UPDATE
    ), lowered AS (
        UPDATE documents SET uses = uses - freed.jobs FROM held JOIN freed USING (sha256)
        WHERE documents.sha256 = held.sha256
    ), unread AS (
        DELETE FROM pages WHERE ix_id = ANY (ARRAY(SELECT ix_id FROM locked))
    ), unbound AS (
        DELETE FROM pdfs WHERE ix_id = ANY (ARRAY(SELECT ix_id FROM locked))
    )
    SELECT count(*) INTO erased FROM marked;
    -- pictures of pages go with the documents (ON DELETE CASCADE)
    DELETE FROM documents WHERE uses <= 0;
    RETURN erased;
END $_$;


--
-- Name: erase_parts(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.erase_parts(of_job text) RETURNS void
    LANGUAGE plpgsql
    AS $_$
DECLARE
    told text[];
BEGIN
    WITH gone AS (
        DELETE FROM jobs WHERE ix_id = ANY (ARRAY(SELECT ix_id FROM parts WHERE parts.parent = of_job))
        RETURNING ix_id, request
    ), forgotten AS (
        DELETE FROM parts WHERE parts.parent = of_job
    ), freed AS (
        SELECT decode(named #>> '{}', 'hex') AS sha256, count(DISTINCT ix_id)::int AS jobs
        FROM gone, jsonb_path_query(request, '$.documents[*].sha256 ? (@ like_regex "^[0-9a-f]{64}$")') AS named
        GROUP BY 1
    ), locked AS MATERIALIZED (
        SELECT sha256 FROM documents WHERE sha256 = ANY (ARRAY(SELECT sha256 FROM freed))
        ORDER BY sha256 FOR UPDATE
    ), lowered AS (
        UPDATE documents SET uses = uses - freed.jobs FROM locked JOIN freed USING (sha256)
        WHERE documents.sha256 = locked.sha256
    )
    SELECT array_agg(pg_notify('ix_ended', ix_id)::text || pg_notify('ix_cancelled', ix_id)::text) INTO told FROM gone;
END $_$;


--
-- Name: erase_parts_of_erased(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.erase_parts_of_erased() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM erase_parts(OLD.ix_id);
    RETURN NULL;
END $$;


--
-- Name: erase_results(text[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.erase_results(of_jobs text[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    erased text[];
BEGIN
    WITH marked AS (
        UPDATE jobs SET results_erased = clock_timestamp(), headline = NULL, review = NULL, points = NULL,
            response = CASE WHEN response IS NOT NULL THEN jsonb_build_object('result', NULL, 'evidence', NULL,
                'error', response -> 'error', 'timings', '{}'::jsonb, 'usage', '{}'::jsonb,
                'warnings', jsonb_build_array(jsonb_build_object('code', 'result_erased', 'path', '',
                    'message', 'the result was erased, as retention has it')))
            END
        WHERE ix_id = ANY (ARRAY(
            SELECT ix_id FROM jobs WHERE ix_id = ANY (of_jobs) AND finished_at IS NOT NULL AND results_erased IS NULL
                AND callback_status IS DISTINCT FROM 'pending'
            ORDER BY ix_id FOR UPDATE))
        RETURNING ix_id
    )
    SELECT array_agg(ix_id) INTO erased FROM marked;
    DELETE FROM pages WHERE ix_id = ANY (erased);
    DELETE FROM pdfs WHERE ix_id = ANY (erased);
    -- corrections with them (ON DELETE CASCADE)
    DELETE FROM reviews WHERE ix_id = ANY (erased);
    UPDATE deliveries SET approval = NULL WHERE ix_id = ANY (erased) AND approval IS NOT NULL;
    UPDATE parts SET reason = '' WHERE parent = ANY (erased);
    RETURN coalesce(cardinality(erased), 0);
END $$;


--
-- Name: forget_corrections(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.forget_corrections() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF EXISTS (SELECT FROM jobs WHERE jobs.ix_id = NEW.ix_id AND finished_at IS NOT NULL) THEN
        RAISE EXCEPTION 'a review is forgotten with its answer' USING ERRCODE = 'check_violation';
    END IF;
    DELETE FROM corrections WHERE corrections.ix_id = NEW.ix_id;
    RETURN NULL;
END $$;


--
-- Name: forget_passwords(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.forget_passwords() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    DELETE FROM job_passwords WHERE ix_id = OLD.ix_id;
    RETURN NULL;
END $$;


--
-- Name: free_slot_of_erased_job(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.free_slot_of_erased_job() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE queue_slots SET ix_id = NULL WHERE ix_id = OLD.ix_id;
    PERFORM pg_notify('ix_jobs', '');
    RETURN NULL;
END $$;


--
-- Name: hold_object(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.hold_object() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    DELETE FROM loose_objects WHERE key = NEW.object AND attempts = 0;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the bytes of a document are not stored' USING ERRCODE = 'IX001';
    END IF;
    RETURN NULL;
END $$;


--
-- Name: host_of(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.host_of(url text) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN "left"(lower(regexp_replace(url, '^[^:/]*://(?:[^/?#]*@)?([^/?#]*).*$'::text, '\1'::text)), 300);


--
-- Name: keep_paused(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.keep_paused() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        UPDATE pauses SET queue = '' WHERE use_case = OLD.use_case AND lasts;
        RETURN CASE WHEN FOUND THEN NULL ELSE OLD END;
    END IF;
    UPDATE pauses SET queue = NEW.queue WHERE use_case = NEW.use_case AND lasts;
    RETURN CASE WHEN FOUND THEN NULL ELSE NEW END;
END $$;


--
-- Name: job_numbers; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.job_numbers
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: new_ix_id(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.new_ix_id() RETURNS text
    LANGUAGE sql
    RETURN (lpad(to_hex(nextval('public.job_numbers'::regclass)), 10, '0'::text) || "left"(replace((gen_random_uuid())::text, '-'::text, ''::text), 6));


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: jobs; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.jobs (
    ix_id public.job_id DEFAULT public.new_ix_id() NOT NULL,
    client_id public.job_key NOT NULL,
    request_id public.job_key NOT NULL,
    use_case text NOT NULL,
    request jsonb NOT NULL,
    fingerprint public.digest NOT NULL,
    callback_url text,
    trace public.traceparent,
    priority public.job_priority DEFAULT 0 NOT NULL,
    run_at timestamp with time zone,
    queue text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    "position" bigint DEFAULT 0 NOT NULL,
    quarantined boolean DEFAULT false NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    attempts public.attempt_count DEFAULT 0 NOT NULL,
    max_attempts public.attempt_limit NOT NULL,
    last_error text,
    engine_id uuid,
    claim_token uuid,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    response jsonb,
    callback_status public.delivery_status,
    precedence smallint DEFAULT 0 NOT NULL,
    ranked boolean DEFAULT false NOT NULL,
    arrival bigint,
    has_passwords boolean DEFAULT false NOT NULL,
    parent text COLLATE pg_catalog."C",
    parts smallint,
    document_name text,
    document_count smallint,
    page_count integer,
    headline text,
    error_code text,
    review text,
    points integer,
    lost_attempts jsonb,
    documents_erased timestamp with time zone,
    tags jsonb,
    batch_id text,
    results_erased timestamp with time zone,
    configuration jsonb,
    content uuid,
    paper uuid,
    CONSTRAINT jobs_called_back CHECK (((callback_status IS NULL) OR (num_nulls(callback_url, finished_at) = 0))),
    CONSTRAINT jobs_life CHECK (
CASE status
    WHEN 'scheduled'::text THEN ((num_nonnulls(engine_id, claim_token, started_at, finished_at, response) = 0) AND (run_at IS NOT NULL))
    WHEN 'pending'::text THEN (num_nonnulls(engine_id, claim_token, started_at, finished_at, response) = 0)
    WHEN 'running'::text THEN ((num_nulls(engine_id, claim_token, started_at) = 0) AND (num_nonnulls(finished_at, response) = 0))
    WHEN 'split'::text THEN ((num_nulls(claim_token, started_at, parts) = 0) AND (num_nonnulls(engine_id, finished_at, response) = 0))
    WHEN 'done'::text THEN ((engine_id IS NULL) AND (finished_at IS NOT NULL) AND COALESCE(((response -> 'error'::text) = 'null'::jsonb), false))
    WHEN 'error'::text THEN ((engine_id IS NULL) AND (finished_at IS NOT NULL) AND COALESCE(((response -> 'error'::text) <> 'null'::jsonb), false))
    WHEN 'cancelled'::text THEN ((engine_id IS NULL) AND (finished_at IS NOT NULL) AND (response IS NULL))
    ELSE false
END)
)
WITH (fillfactor='85', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_insert_scale_factor='0.05');


--
-- Name: COLUMN jobs."position"; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.jobs."position" IS 'where it stands in the queue, lowest first: see next_position()';


--
-- Name: COLUMN jobs.quarantined; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.jobs.quarantined IS 'was running when an engine died: runs alone the next time';


--
-- Name: COLUMN jobs.attempts; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.jobs.attempts IS 'attempts that have ended: finished, or lost with their engine';


--
-- Name: COLUMN jobs.last_error; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.jobs.last_error IS 'why the last attempt was lost';


--
-- Name: COLUMN jobs.claim_token; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.jobs.claim_token IS 'the fence: unique to one claim, kept after the finish so that a repeated finish is recognised';


--
-- Name: COLUMN jobs.precedence; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.jobs.precedence IS 'before which other clients'' jobs it goes: its priority where whoever submitted it may do that, else 0';


--
-- Name: COLUMN jobs.ranked; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.jobs.ranked IS 'whether it runs by its priority and arrival among its client''s jobs of the same precedence, not by its ticket';


--
-- Name: COLUMN jobs.arrival; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.jobs.arrival IS 'of a ranked job: the ticket that it drew first';


--
-- Name: COLUMN jobs.has_passwords; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.jobs.has_passwords IS 'passwords came with its documents: see job_passwords';


--
-- Name: COLUMN jobs.parent; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.jobs.parent IS 'of a part: the job whose documents it is a part of';


--
-- Name: COLUMN jobs.parts; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.jobs.parts IS 'of a job that was split: into how many';


--
-- Name: COLUMN jobs.document_name; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.jobs.document_name IS 'name of the first document, cut';


--
-- Name: COLUMN jobs.document_count; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.jobs.document_count IS 'how many documents it came with';


--
-- Name: COLUMN jobs.page_count; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.jobs.page_count IS 'pages that were read';


--
-- Name: COLUMN jobs.headline; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.jobs.headline IS 'the result in one line, for people';


--
-- Name: COLUMN jobs.error_code; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.jobs.error_code IS 'of a job in error: the code of its error';


--
-- Name: COLUMN jobs.review; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.jobs.review IS 'whether people have looked at the result, or have to: straight, needed, leased, approved, rejected';


--
-- Name: COLUMN jobs.points; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.jobs.points IS 'how many points of the result need eyes';


--
-- Name: COLUMN jobs.lost_attempts; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.jobs.lost_attempts IS 'attempts that ended without an answer: [{"n", "engine", "started_at", "ended_at", "outcome", "cause"}]';


--
-- Name: COLUMN jobs.documents_erased; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.jobs.documents_erased IS 'when the bytes of its documents, and what was read on their pages, were erased before the job';


--
-- Name: COLUMN jobs.tags; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.jobs.tags IS 'what the client calls it by: {"key": "value"}';


--
-- Name: COLUMN jobs.batch_id; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.jobs.batch_id IS 'the batch of its client that it belongs to';


--
-- Name: COLUMN jobs.results_erased; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.jobs.results_erased IS 'when its result, and all that was made of it, was erased before the job';


--
-- Name: COLUMN jobs.configuration; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.jobs.configuration IS 'the saved configuration that its submission named, as it was resolved: {"name", "version", "shared"}';


--
-- Name: COLUMN jobs.content; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.jobs.content IS 'of a job that is done: a digest of its client, its use case and its documents with their pages';


--
-- Name: COLUMN jobs.paper; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.jobs.paper IS 'of an invoice that was read, where that is asked for: a digest of its client, seller, number and total';


--
-- Name: label_parts(public.jobs); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.label_parts(job public.jobs) RETURNS void
    LANGUAGE sql
    AS $$
    UPDATE jobs SET tags = job.tags, batch_id = job.batch_id
    WHERE ix_id = ANY (ARRAY(SELECT parts.ix_id FROM parts WHERE parts.parent = job.ix_id));
    INSERT INTO job_tags (client_id, key, value, ix_id)
    SELECT job.client_id, tag.key, tag.value, parts.ix_id
    FROM parts CROSS JOIN jsonb_each_text(job.tags) AS tag WHERE parts.parent = job.ix_id;
$$;


--
-- Name: leave_tags_and_batch(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.leave_tags_and_batch() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    DELETE FROM job_tags USING jsonb_each_text(OLD.tags) AS tag
    WHERE client_id = OLD.client_id AND job_tags.key = tag.key AND job_tags.value = tag.value AND ix_id = OLD.ix_id;
    IF OLD.batch_id IS NOT NULL AND OLD.finished_at IS NULL THEN
        PERFORM pg_notify('ix_batches', '');
    END IF;
    RETURN NULL;
END $$;


--
-- Name: words_of_name(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.words_of_name(bucket text, name text) RETURNS text[]
    LANGUAGE sql IMMUTABLE
    RETURN ARRAY(SELECT DISTINCT (words_of_name.bucket || word.word) FROM unnest(string_to_array(regexp_replace(lower(words_of_name.name), '[\s!-/:-@[-`{-~]+'::text, ' '::text, 'g'::text), ' '::text)) word(word) WHERE (word.word <> ''::text));


--
-- Name: name_index(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.name_index(bucket text, name text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE
    RETURN array_to_tsvector(public.words_of_name(bucket, name));


--
-- Name: name_query(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.name_query(bucket text, asked text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE
    RETURN ((SELECT string_agg(((''''::text || word.word) || ''':*'::text), ' & '::text) AS string_agg FROM unnest(public.words_of_name(name_query.bucket, name_query.asked)) word(word)))::tsquery;


--
-- Name: next_ticket(text, smallint, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.next_ticket(of_client text, at_precedence smallint, in_queue text) RETURNS bigint
    LANGUAGE sql STABLE
    RETURN GREATEST(((- (at_precedence)::bigint) << 40), (SELECT jobs."position" FROM public.jobs WHERE ((jobs.status = 'pending'::text) AND (jobs.queue = next_ticket.in_queue) AND (jobs."position" >= ((- (next_ticket.at_precedence)::bigint) << 40)) AND (jobs."position" < (((1 - next_ticket.at_precedence))::bigint << 40))) ORDER BY jobs."position" LIMIT 1), (SELECT (jobs."position" + 1) FROM public.jobs WHERE (((jobs.status || ''::text) = 'pending'::text) AND ((jobs.client_id)::text = next_ticket.of_client) AND (jobs.queue = next_ticket.in_queue) AND (NOT jobs.ranked) AND (jobs."position" < (((1 - next_ticket.at_precedence))::bigint << 40))) ORDER BY jobs."position" DESC LIMIT 1), (SELECT (jobs."position" + 1) FROM public.jobs WHERE (((jobs.status || ''::text) = 'pending'::text) AND ((jobs.client_id)::text = next_ticket.of_client) AND (jobs.queue = next_ticket.in_queue) AND jobs.ranked AND (jobs."position" < (((1 - next_ticket.at_precedence))::bigint << 40))) ORDER BY jobs."position" DESC LIMIT 1));


--
-- Name: next_position(text, smallint, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.next_position(of_client text, at_priority smallint, in_queue text) RETURNS bigint
    LANGUAGE sql STABLE
    RETURN public.next_ticket(of_client, (0)::smallint, in_queue);


--
-- Name: note_audit(jsonb, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.note_audit(entry jsonb, about text) RETURNS void
    LANGUAGE sql
    AS $$
    INSERT INTO audit (who, key_id, client_id, what, ix_id, detail, request)
    SELECT entry ->> 'who', entry ->> 'key_id', entry ->> 'client_id', entry ->> 'what', about, entry -> 'detail',
        entry ->> 'request'
    WHERE entry IS NOT NULL
$$;


--
-- Name: pause_use_case(text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.pause_use_case(name text, by_key text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET lock_timeout TO '2s'
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    before text;
BEGIN
    IF EXISTS (SELECT FROM pauses WHERE use_case = name AND lasts) THEN
        RETURN;
    END IF;
    LOCK TABLE queues IN ACCESS EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM pauses WHERE use_case = name AND lasts) THEN
        RETURN;
    END IF;
    before := queue_of(name);
    UPDATE queues SET queue = paused_queue(name) WHERE use_case = name;
    IF NOT FOUND THEN
        INSERT INTO queues (use_case, queue) VALUES (name, paused_queue(name));
    END IF;
    -- last: from now on the trigger keeps the queue as it is
    INSERT INTO pauses (use_case, queue, key_id) VALUES (name, before, by_key)
    ON CONFLICT (use_case) DO UPDATE SET queue = excluded.queue, lasts = true, settled = false,
        since = excluded.since, key_id = excluded.key_id, seen_position = NULL, seen_ix_id = NULL;
    PERFORM pg_notify('ix_operations', '');
END $$;


--
-- Name: paused_queue(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.paused_queue(use_case text) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN ('paused:'::text || use_case);


--
-- Name: prepare_delivery(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.prepare_delivery() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    SELECT client_id INTO NEW.client_id FROM jobs WHERE ix_id = NEW.ix_id FOR NO KEY UPDATE;
    IF has_column_privilege('deliveries', 'outcome', 'UPDATE') THEN
        UPDATE deliveries SET status = 'failed', outcome = 'a newer one took its place', ended_at = clock_timestamp()
        WHERE ix_id = NEW.ix_id AND status = 'pending';
    ELSE
        DELETE FROM deliveries WHERE ix_id = NEW.ix_id AND status = 'pending';
    END IF;
    NEW.host := host_of(NEW.url);
    RETURN NEW;
END $$;


--
-- Name: propagate_status_change(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.propagate_status_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF num_nonnulls(NEW.engine_id, NEW.finished_at) = 0 AND NEW.status <> OLD.status THEN
        PERFORM pg_notify('ix_changed', NEW.ix_id);
        IF OLD.finished_at IS NOT NULL THEN
            UPDATE reviews SET state = 'forgotten', version = version + 1, leased_by = NULL, lease_holder = NULL,
                leased_until = NULL, decided_by = NULL, decided_at = NULL, note = NULL, readings = NULL
            WHERE ix_id = NEW.ix_id;
        END IF;
        IF NEW.status = 'split' AND num_nonnulls(NEW.tags, NEW.batch_id) > 0 THEN
            PERFORM label_parts(NEW);
        END IF;
    END IF;
    IF OLD.queue <> '' AND OLD.status = 'running' AND NEW.status <> 'running' THEN
        UPDATE queue_slots SET ix_id = NULL WHERE ix_id = OLD.ix_id;
        PERFORM pg_notify('ix_jobs', '');
    END IF;
    IF OLD.has_passwords AND NEW.finished_at IS NOT NULL THEN
        DELETE FROM job_passwords WHERE ix_id = OLD.ix_id;
    END IF;
    IF OLD.status = 'split' AND NEW.status = 'cancelled' THEN
        PERFORM cancel_parts(NEW.ix_id);
    END IF;
    IF NEW.finished_at IS NOT NULL AND OLD.finished_at IS NULL THEN
        IF NEW.parent IS NOT NULL THEN
            PERFORM pg_notify('ix_scheduled', '');
        END IF;
        IF NEW.callback_url IS NOT NULL THEN
            INSERT INTO deliveries (ix_id, url) VALUES (NEW.ix_id, NEW.callback_url);
            PERFORM pg_notify('ix_deliveries', '');
        END IF;
        IF NEW.batch_id IS NOT NULL THEN
            PERFORM pg_notify('ix_batches', '');
        END IF;
    END IF;
    RETURN NULL;
END $$;


--
-- Name: queues; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.queues (
    use_case text NOT NULL,
    queue text NOT NULL,
    CONSTRAINT queues_queue_check CHECK ((queue <> ''::text))
);


--
-- Name: queue_of(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.queue_of(use_case text) RETURNS text
    LANGUAGE sql STABLE
    RETURN COALESCE((SELECT queues.queue FROM public.queues WHERE (queues.use_case = queue_of.use_case)), ''::text);


--
-- Name: release_object(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.release_object() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO loose_objects (key, due_at) VALUES (OLD.object, clock_timestamp());
    RETURN NULL;
END $$;


--
-- Name: reset_requeued_job(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.reset_requeued_job() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    LOCK TABLE queues IN ACCESS SHARE MODE;
    NEW.queue := queue_of(NEW.use_case);
    IF OLD.finished_at IS NOT NULL THEN
        NEW.response := NULL;
        NEW.claim_token := NULL;
        NEW.started_at := NULL;
        NEW.last_error := NULL;
        NEW.quarantined := false;
        NEW.attempts := 0;
        NEW.page_count := NULL;
        NEW.headline := NULL;
        NEW.error_code := NULL;
        NEW.review := NULL;
        NEW.points := NULL;
        NEW.lost_attempts := NULL;
        NEW.ranked := NEW.priority <> NEW.precedence;
        NEW.arrival := CASE WHEN NEW.priority <> NEW.precedence THEN NEW.position END;
        IF OLD.parts IS NOT NULL THEN
            PERFORM erase_parts(OLD.ix_id);
            NEW.parts := NULL;
        END IF;
    END IF;
    RETURN NEW;
END $$;


--
-- Name: resume_use_case(text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.resume_use_case(name text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET lock_timeout TO '2s'
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    own text;
BEGIN
    IF NOT EXISTS (SELECT FROM pauses WHERE use_case = name AND lasts) THEN
        RETURN;
    END IF;
    LOCK TABLE queues IN ACCESS EXCLUSIVE MODE;
    UPDATE pauses SET lasts = false, settled = false WHERE use_case = name AND lasts RETURNING queue INTO own;
    IF own = '' THEN
        DELETE FROM queues WHERE use_case = name;
    ELSIF own IS NOT NULL THEN
        UPDATE queues SET queue = own WHERE use_case = name;
    END IF;
    PERFORM pg_notify('ix_operations', '');
END $$;


--
-- Name: split_job(text, uuid, jsonb, bytea[], bytea[]); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.split_job(of_job text, of_token uuid, given jsonb, digests bytea[], blobs bytea[]) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    job jobs%ROWTYPE;
    in_queue text;
    first bigint;
    taken boolean;
    named bytea[];
    more int[];
BEGIN
    LOCK TABLE queues IN ACCESS SHARE MODE;
    SELECT * INTO job FROM jobs WHERE jobs.ix_id = of_job AND claim_token = of_token FOR UPDATE;
    IF NOT FOUND OR job.parent IS NOT NULL THEN
        RETURN 'stale';
    ELSIF job.status <> 'running' THEN
        RETURN CASE WHEN job.parts IS NULL THEN 'stale' ELSE 'repeated' END;
    END IF;
    in_queue := queue_of(job.use_case);
    first := next_ticket(job.client_id, job.precedence, in_queue);
    taken := EXISTS (SELECT FROM jobs WHERE client_id = job.client_id
        AND request_id = ANY (ARRAY(SELECT part ->> 'request_id' FROM jsonb_array_elements(given) AS part)));

    WITH listed AS MATERIALIZED (
        SELECT number, part, part ->> CASE WHEN taken THEN 'else_request_id' ELSE 'request_id' END AS request_id
        FROM jsonb_array_elements(given) WITH ORDINALITY AS given (part, number)
    ), inserted AS (
        INSERT INTO jobs (client_id, request_id, use_case, fingerprint, max_attempts, request, priority, precedence,
            queue, trace, position, ranked, arrival, parent)
        SELECT job.client_id, request_id, job.use_case, decode(part ->> 'fingerprint', 'hex'), job.max_attempts,
            part -> 'request', job.priority, job.precedence, in_queue, job.trace, first + number - 1,
            job.priority <> job.precedence, CASE WHEN job.priority <> job.precedence THEN first + number - 1 END,
            job.ix_id
        FROM listed ORDER BY number
        RETURNING jobs.ix_id, jobs.request_id
    )
    INSERT INTO parts (parent, number, ix_id, request_id, documents, reason)
    SELECT job.ix_id, number, inserted.ix_id, request_id, part -> 'documents', part ->> 'reason'
    FROM inserted JOIN listed USING (request_id);

    INSERT INTO pages (ix_id, document, page, sha256, reader, width, height, rotation, source, warnings, hidden,
        confidence, words)
    SELECT parts.ix_id, place - 1, pages.page, sha256, reader, width, height, rotation, source, warnings, hidden,
        confidence, words
    FROM parts CROSS JOIN jsonb_array_elements(documents) WITH ORDINALITY AS taken_from (document, place)
        JOIN pages ON pages.ix_id = parts.parent AND pages.document = (taken_from.document -> 'document')::int
            AND taken_from.document -> 'pages' @> to_jsonb(pages.page)
    WHERE parts.parent = job.ix_id;

    INSERT INTO job_passwords (ix_id, document, password)
    SELECT parts.ix_id, place - 1, password
    FROM parts CROSS JOIN jsonb_array_elements(documents) WITH ORDINALITY AS taken_from (document, place)
        JOIN job_passwords AS given ON given.ix_id = parts.parent
            AND given.document = (taken_from.document -> 'document')::int
    WHERE parts.parent = job.ix_id;
    UPDATE jobs SET has_passwords = true WHERE jobs.ix_id IN (
        SELECT parts.ix_id FROM parts JOIN job_passwords USING (ix_id) WHERE parts.parent = job.ix_id);
    DELETE FROM job_passwords WHERE job_passwords.ix_id = job.ix_id;

    SELECT array_agg(sha256), array_agg(uses) INTO named, more FROM (
        SELECT decode(ref ->> 'sha256', 'hex') AS sha256, count(DISTINCT number)::int AS uses
        FROM jsonb_array_elements(given) WITH ORDINALITY AS given (part, number),
            jsonb_array_elements(part -> 'request' -> 'documents') AS ref
        WHERE ref ->> 'sha256' IS NOT NULL GROUP BY 1) AS counted;
    INSERT INTO documents (sha256, bytes, uses)
    SELECT sha256, bytes, uses
    FROM unnest(digests, blobs) AS fetched (sha256, bytes) JOIN unnest(named, more) AS counted (sha256, uses)
        USING (sha256)
    ORDER BY sha256
    ON CONFLICT (sha256) DO UPDATE SET uses = documents.uses + excluded.uses;
    -- in the order in which submissions lock them, too
    PERFORM FROM documents WHERE sha256 = ANY (named) AND sha256 <> ALL (digests) ORDER BY sha256 FOR UPDATE;
    UPDATE documents SET uses = documents.uses + counted.uses FROM unnest(named, more) AS counted (sha256, uses)
    WHERE documents.sha256 = counted.sha256 AND documents.sha256 <> ALL (digests);

    UPDATE jobs SET status = 'split', engine_id = NULL, attempts = attempts + 1, parts = jsonb_array_length(given)
    WHERE jobs.ix_id = job.ix_id;
    PERFORM pg_notify('ix_jobs', '');
    PERFORM pg_notify('ix_changed', parts.ix_id) FROM parts WHERE parts.parent = job.ix_id;
    RETURN 'split';
END $$;


--
-- Name: tell_of_part(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.tell_of_part() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_notify('ix_scheduled', '');
    RETURN NULL;
END $$;


--
-- Name: engines; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.engines (
    engine_id uuid NOT NULL,
    lock_key integer,
    name text NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    heartbeat_at timestamp with time zone DEFAULT now() NOT NULL,
    missing_since timestamp with time zone,
    health jsonb DEFAULT '{}'::jsonb NOT NULL,
    alone_until timestamp with time zone,
    slots integer,
    running integer,
    waits jsonb
);


--
-- Name: COLUMN engines.lock_key; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.engines.lock_key IS 'session advisory lock (IX, lock_key) that the engine''s listener connection holds; null where it can hold none';


--
-- Name: COLUMN engines.missing_since; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.engines.missing_since IS 'first look at which that lock was not held; the heartbeat clears it';


--
-- Name: COLUMN engines.alone_until; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.engines.alone_until IS 'until then it claims nothing, so that a quarantined job can run alone in it';


--
-- Name: COLUMN engines.running; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.engines.running IS 'jobs that it ran when it last gave a sign of life';


--
-- Name: COLUMN engines.waits; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.engines.waits IS 'what waited in it for OCR and for the model when it last gave a sign of life';


--
-- Name: with_lost_attempt(public.jobs, text, text); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.with_lost_attempt(job public.jobs, what text, why text) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN (COALESCE((job).lost_attempts, '[]'::jsonb) || jsonb_build_array(jsonb_build_object('n', (((job).attempts)::smallint + 1), 'engine', (SELECT engines.name FROM public.engines WHERE (engines.engine_id = (with_lost_attempt.job).engine_id)), 'started_at', (job).started_at, 'ended_at', clock_timestamp(), 'outcome', what, 'cause', why)));


--
-- Name: actions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.actions (
    id text DEFAULT ('act_'::text || replace((gen_random_uuid())::text, '-'::text, ''::text)) NOT NULL COLLATE pg_catalog."C",
    action text NOT NULL,
    client_id text,
    use_cases text[],
    key_id text DEFAULT ''::text NOT NULL,
    ix_ids text[],
    filters jsonb,
    discard_review boolean DEFAULT false NOT NULL,
    max_pending integer DEFAULT 0 NOT NULL,
    before_id text NOT NULL COLLATE pg_catalog."C",
    total integer NOT NULL,
    done integer DEFAULT 0 NOT NULL,
    failed integer DEFAULT 0 NOT NULL,
    reasons jsonb DEFAULT '{}'::jsonb NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL,
    token uuid,
    looks integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    moved_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT actions_action_check CHECK ((action = ANY (ARRAY['retry'::text, 'cancel'::text, 'erase'::text]))),
    CONSTRAINT actions_check CHECK ((num_nonnulls(ix_ids, filters) = 1)),
    CONSTRAINT actions_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'running'::text, 'done'::text])))
);


--
-- Name: COLUMN actions.client_id; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.actions.client_id IS 'whose jobs alone it may touch; null is everybody''s';


--
-- Name: COLUMN actions.use_cases; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.actions.use_cases IS 'jobs of which use cases alone; null is all';


--
-- Name: COLUMN actions.max_pending; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.actions.max_pending IS 'how many jobs a client may have waiting, as web has it (IX_MAX_PENDING)';


--
-- Name: COLUMN actions.total; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.actions.total IS 'how many jobs it was asked for; of more than a count sees, at least so many';


--
-- Name: COLUMN actions.reasons; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.actions.reasons IS 'why jobs were left as they were, and how many for each reason';


--
-- Name: COLUMN actions.looks; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.actions.looks IS 'how often engines have taken it since it last came further: each has twice as long';


--
-- Name: COLUMN actions.due_at; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.actions.due_at IS 'until then the engine with the token is at it';


--
-- Name: api_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.api_keys (
    key_id text NOT NULL COLLATE pg_catalog."C",
    client_id text,
    sha256 bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    revoked_at timestamp with time zone,
    name text DEFAULT ''::text NOT NULL,
    may text[],
    use_cases text[],
    expires_at timestamp with time zone,
    used_at timestamp with time zone,
    CONSTRAINT api_keys_administer_check CHECK (((client_id IS NULL) OR (NOT ('administer'::text = ANY (may))))),
    CONSTRAINT api_keys_client_id_check CHECK (((length(client_id) >= 1) AND (length(client_id) <= 200))),
    CONSTRAINT api_keys_key_id_check CHECK ((key_id ~ '^[0-9a-f]{12}$'::text)),
    CONSTRAINT api_keys_may_check CHECK (((cardinality(may) > 0) AND (may <@ ARRAY['submit'::text, 'view'::text, 'review'::text, 'operate'::text, 'export'::text, 'administer'::text]))),
    CONSTRAINT api_keys_name_check CHECK ((length(name) <= 200)),
    CONSTRAINT api_keys_sha256_check CHECK ((octet_length(sha256) = 32)),
    CONSTRAINT api_keys_use_cases_check CHECK (((cardinality(use_cases) > 0) AND (cardinality(use_cases) <= 1000) AND (array_position(use_cases, NULL::text) IS NULL)))
);


--
-- Name: COLUMN api_keys.client_id; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.api_keys.client_id IS 'whose jobs the key may see and make; null is everybody''s: an admin key';


--
-- Name: COLUMN api_keys.sha256; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.api_keys.sha256 IS 'of the whole key; a key is 256 random bits, which no slower hash would protect better';


--
-- Name: COLUMN api_keys.name; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.api_keys.name IS 'for people: where the key is used, or by whom';


--
-- Name: COLUMN api_keys.may; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.api_keys.may IS 'its rights; null is those of its kind: submit, view, review and export for a client''s key, all for an admin''s';


--
-- Name: COLUMN api_keys.use_cases; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.api_keys.use_cases IS 'the use cases that it may ask for, and whose jobs it sees; null is all';


--
-- Name: COLUMN api_keys.used_at; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.api_keys.used_at IS 'when a request last came with it, to about a minute';


--
-- Name: audit; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit (
    number bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    who text NOT NULL,
    key_id text,
    client_id text,
    what text NOT NULL,
    ix_id public.job_id,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL,
    request text,
    CONSTRAINT audit_detail_check CHECK ((jsonb_typeof(detail) = 'object'::text)),
    CONSTRAINT audit_what_check CHECK (((length(what) >= 1) AND (length(what) <= 60))),
    CONSTRAINT audit_who_check CHECK (((length(who) >= 1) AND (length(who) <= 300)))
);


--
-- Name: COLUMN audit.who; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.audit.who IS 'the name of the key or the person, as it was then';


--
-- Name: COLUMN audit.key_id; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.audit.key_id IS 'null for whoever had none: by OpenID Connect, by command, at an open service';


--
-- Name: COLUMN audit.client_id; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.audit.client_id IS 'whose jobs there were for the caller; null is everybody''s';


--
-- Name: COLUMN audit.request; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.audit.request IS 'the X-Request-Id under which it was asked';


--
-- Name: audit_number_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.audit ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: audit_term; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_term (
    days double precision NOT NULL,
    CONSTRAINT audit_term_days_check CHECK (((days >= (1)::double precision) AND (days <= (36500)::double precision)))
);


--
-- Name: batches; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.batches (
    client_id public.job_key NOT NULL,
    batch_id text NOT NULL,
    callback_url text,
    callback_status public.delivery_status,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    closed_at timestamp with time zone,
    ended_at timestamp with time zone,
    counts jsonb,
    CONSTRAINT batches_batch_id_check CHECK ((batch_id ~ '^[A-Za-z0-9][A-Za-z0-9._~-]{0,99}$'::text)),
    CONSTRAINT batches_check CHECK (((ended_at IS NULL) OR (closed_at IS NOT NULL))),
    CONSTRAINT batches_check1 CHECK (((callback_status IS NULL) OR (num_nulls(callback_url, ended_at) = 0)))
);


--
-- Name: COLUMN batches.closed_at; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.batches.closed_at IS 'from then on no job comes to it';


--
-- Name: COLUMN batches.ended_at; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.batches.ended_at IS 'when it was found that all of its jobs had ended; set once';


--
-- Name: COLUMN batches.counts; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.batches.counts IS 'how many jobs it had by status when it ended';


--
-- Name: callback_secrets; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.callback_secrets (
    client_id text NOT NULL,
    secret bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone,
    CONSTRAINT callback_secrets_secret_check CHECK (((octet_length(secret) >= 24) AND (octet_length(secret) <= 64)))
);


--
-- Name: caps; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.caps (
    client_id public.job_key NOT NULL,
    jobs bigint,
    pages bigint,
    set_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT caps_jobs_check CHECK ((jobs >= 0)),
    CONSTRAINT caps_pages_check CHECK ((pages >= 0))
);


--
-- Name: COLUMN caps.jobs; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.caps.jobs IS 'most new jobs of a day; 0 is no cap, null the one of the settings';


--
-- Name: COLUMN caps.pages; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.caps.pages IS 'most pages read in a day; 0 is no cap, null the one of the settings';


--
-- Name: configurations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.configurations (
    client_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    version integer NOT NULL,
    body jsonb,
    made_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    made_by text NOT NULL,
    CONSTRAINT configurations_version_check CHECK ((version > 0))
);


--
-- Name: COLUMN configurations.client_id; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.configurations.client_id IS 'whose it is; empty for one that is everybody''s';


--
-- Name: COLUMN configurations.body; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.configurations.body IS 'what it says; null where it was deleted: the row stays, so that no version is ever given twice';


--
-- Name: corrections; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.corrections (
    number bigint NOT NULL,
    ix_id public.job_id NOT NULL,
    version integer NOT NULL,
    path text NOT NULL,
    op text NOT NULL,
    row_at integer,
    row_to integer,
    value jsonb,
    was jsonb,
    evidence jsonb,
    made_by text NOT NULL,
    made_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT corrections_op_check CHECK ((op = ANY (ARRAY['set'::text, 'reset'::text, 'insert'::text, 'remove'::text, 'move'::text, 'confirm'::text, 'unconfirm'::text])))
);


--
-- Name: COLUMN corrections.value; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.corrections.value IS 'of a confirmation: the codes of the points that it settles';


--
-- Name: corrections_number_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.corrections ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.corrections_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: day_counts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.day_counts (
    day date NOT NULL,
    client_id public.job_key NOT NULL,
    shard integer NOT NULL,
    jobs bigint DEFAULT 0 NOT NULL,
    pages bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0.02');


--
-- Name: COLUMN day_counts.shard; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.day_counts.shard IS 'process id of the connection that counts; 0 once the day is over';


--
-- Name: COLUMN day_counts.jobs; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.day_counts.jobs IS 'new jobs of a client that has a cap; none is counted of others';


--
-- Name: deliveries; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.deliveries (
    delivery_id text DEFAULT ('msg_'::text || replace((gen_random_uuid())::text, '-'::text, ''::text)) NOT NULL COLLATE pg_catalog."C",
    ix_id text,
    url text NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    attempts smallint DEFAULT 0 NOT NULL,
    outcome text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    due_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ended_at timestamp with time zone,
    client_id text,
    host text,
    again boolean DEFAULT false NOT NULL,
    approval jsonb,
    batch_id text,
    CONSTRAINT deliveries_ended CHECK (((status = 'pending'::text) = (ended_at IS NULL))),
    CONSTRAINT deliveries_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text])))
);


--
-- Name: COLUMN deliveries.outcome; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.deliveries.outcome IS 'what the last try came to, without the receiver''s words';


--
-- Name: COLUMN deliveries.host; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.deliveries.host IS 'host and port of the url, as it names them';


--
-- Name: COLUMN deliveries.again; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.deliveries.again IS 'ordered once more during the try under way: another one follows its end';


--
-- Name: COLUMN deliveries.approval; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.deliveries.approval IS 'of a callback job.approved: {"state", "by", "at", "note", "result"}';


--
-- Name: documents; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.documents (
    sha256 bytea NOT NULL,
    bytes bytea,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    uses integer DEFAULT 1 NOT NULL,
    object text,
    size bigint,
    CONSTRAINT documents_sha256_check CHECK ((octet_length(sha256) = 32))
);
ALTER TABLE ONLY public.documents ALTER COLUMN bytes SET STORAGE EXTERNAL;


--
-- Name: COLUMN documents.object; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.documents.object IS 'key of the object that holds the bytes, where they do not stand here';


--
-- Name: COLUMN documents.size; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.documents.size IS 'of an object: its bytes';


--
-- Name: expiries; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.expiries (
    ix_id text NOT NULL,
    erase_at timestamp with time zone NOT NULL
);


--
-- Name: job_passwords; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.job_passwords (
    ix_id public.job_id NOT NULL,
    document integer NOT NULL,
    password text NOT NULL
);


--
-- Name: TABLE job_passwords; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.job_passwords IS 'only the engine reads it';


--
-- Name: COLUMN job_passwords.document; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.job_passwords.document IS '0-based within the job';


--
-- Name: job_tags; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.job_tags (
    client_id text NOT NULL,
    key text NOT NULL,
    value text NOT NULL,
    ix_id text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: loose_objects; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.loose_objects (
    key text NOT NULL,
    due_at timestamp with time zone NOT NULL,
    attempts integer DEFAULT 0 NOT NULL
);


--
-- Name: COLUMN loose_objects.attempts; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.loose_objects.attempts IS 'how often its deletion was begun; from the first on no document may name it';


--
-- Name: pages; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.pages (
    ix_id public.job_id NOT NULL,
    document integer NOT NULL,
    page integer NOT NULL,
    sha256 public.digest NOT NULL,
    reader text NOT NULL,
    width double precision NOT NULL,
    height double precision NOT NULL,
    rotation smallint DEFAULT 0 NOT NULL,
    source text NOT NULL,
    warnings jsonb DEFAULT '[]'::jsonb NOT NULL,
    hidden integer DEFAULT 0 NOT NULL,
    confidence real,
    words bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pages_document_check CHECK ((document >= 0)),
    CONSTRAINT pages_page_check CHECK ((page > 0)),
    CONSTRAINT pages_rotation_check CHECK ((rotation = ANY (ARRAY[0, 90, 180, 270])))
);
ALTER TABLE ONLY public.pages ALTER COLUMN words SET STORAGE EXTERNAL;


--
-- Name: COLUMN pages.document; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.pages.document IS '0-based within the job; `page` is 1-based within the document';


--
-- Name: COLUMN pages.sha256; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.pages.sha256 IS 'of the document that was read: an address may give another one the next time';


--
-- Name: COLUMN pages.reader; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.pages.reader IS 'what read it, with the settings that matter: another one reads it anew';


--
-- Name: COLUMN pages.confidence; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.pages.confidence IS 'mean confidence of OCR, longer words counting for more; null for a text layer';


--
-- Name: COLUMN pages.words; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.pages.words IS 'zlib of JSON: [[text, x0, y0, x1, y1, confidence, hidden], …]';


--
-- Name: parts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.parts (
    parent public.job_id NOT NULL,
    number smallint NOT NULL,
    ix_id public.job_id NOT NULL,
    request_id public.job_key NOT NULL,
    documents jsonb NOT NULL,
    reason text NOT NULL,
    CONSTRAINT parts_number_check CHECK ((number > 0))
);


--
-- Name: COLUMN parts.documents; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.parts.documents IS 'which pages of the parent''s documents it is: [{"document": 0, "pages": [3, 4]}], counted as in `pages`';


--
-- Name: COLUMN parts.reason; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.parts.reason IS 'why it begins where it does';


--
-- Name: password_key; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.password_key (
    single boolean DEFAULT true NOT NULL,
    key bytea NOT NULL,
    CONSTRAINT password_key_key_check CHECK ((octet_length(key) = 32)),
    CONSTRAINT password_key_single_check CHECK (single)
);


--
-- Name: pauses; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.pauses (
    use_case text NOT NULL,
    queue text NOT NULL COLLATE pg_catalog."C",
    lasts boolean DEFAULT true NOT NULL,
    settled boolean DEFAULT false NOT NULL,
    since timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    key_id text DEFAULT ''::text NOT NULL,
    seen_position bigint,
    seen_ix_id text COLLATE pg_catalog."C",
    CONSTRAINT pauses_use_case_check CHECK ((use_case <> ''::text))
);


--
-- Name: COLUMN pauses.queue; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.pauses.queue IS 'the one that the use case has when it is not paused';


--
-- Name: COLUMN pauses.lasts; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.pauses.lasts IS 'false: it goes on, and its jobs are on their way back to that queue';


--
-- Name: COLUMN pauses.settled; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.pauses.settled IS 'whether all of its jobs that wait are where they belong';


--
-- Name: COLUMN pauses.seen_position; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.pauses.seen_position IS 'with seen_ix_id, how far that queue was looked through for its jobs';


--
-- Name: pdfs; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.pdfs (
    ix_id public.job_id NOT NULL,
    kind text NOT NULL,
    version text NOT NULL,
    ordered_by text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    answer bytea,
    file bytea,
    problem text,
    seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pdfs_check CHECK ((num_nonnulls(file, problem) < 2)),
    CONSTRAINT pdfs_kind_check CHECK ((kind = ANY (ARRAY['annotated'::text, 'searchable'::text])))
);
ALTER TABLE ONLY public.pdfs ALTER COLUMN file SET STORAGE EXTERNAL;


--
-- Name: COLUMN pdfs.ordered_by; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.pdfs.ordered_by IS 'the client whose turn it takes';


--
-- Name: COLUMN pdfs.answer; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.pdfs.answer IS 'JSON: of an annotated one what is marked, as people have put it right by then';


--
-- Name: COLUMN pdfs.problem; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.pdfs.problem IS 'why it cannot be made';


--
-- Name: pictures; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.pictures (
    sha256 bytea NOT NULL,
    page integer NOT NULL,
    rotation smallint NOT NULL,
    width integer NOT NULL,
    longest integer NOT NULL,
    ordered_by text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    picture bytea,
    problem text,
    seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pictures_check CHECK ((num_nonnulls(picture, problem) < 2)),
    CONSTRAINT pictures_longest_check CHECK (((longest >= 1) AND (longest <= 16383))),
    CONSTRAINT pictures_page_check CHECK ((page > 0)),
    CONSTRAINT pictures_rotation_check CHECK ((rotation = ANY (ARRAY[0, 90, 180, 270]))),
    CONSTRAINT pictures_width_check CHECK (((width >= 1) AND (width <= 10000)))
);
ALTER TABLE ONLY public.pictures ALTER COLUMN picture SET STORAGE EXTERNAL;


--
-- Name: COLUMN pictures.longest; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.pictures.longest IS 'longest side that the picture may have, pixels';


--
-- Name: COLUMN pictures.ordered_by; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.pictures.ordered_by IS 'the client whose turn it takes';


--
-- Name: COLUMN pictures.problem; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.pictures.problem IS 'why it cannot be drawn';


--
-- Name: quarantine_strikes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.quarantine_strikes (
    client_id text NOT NULL,
    strikes integer DEFAULT 1 NOT NULL,
    next_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);


--
-- Name: COLUMN quarantine_strikes.next_at; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.quarantine_strikes.next_at IS 'when the client''s next quarantined job may run; an hour later all is forgotten';


--
-- Name: queue_slots; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.queue_slots (
    queue text NOT NULL,
    slot integer NOT NULL,
    ix_id text COLLATE pg_catalog."C",
    CONSTRAINT queue_slots_queue_check CHECK ((queue <> ''::text)),
    CONSTRAINT queue_slots_slot_check CHECK ((slot > 0))
)
WITH (fillfactor='10');


--
-- Name: COLUMN queue_slots.ix_id; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.queue_slots.ix_id IS 'the running job that holds it';


--
-- Name: retained; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.retained (
    rule text NOT NULL,
    until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    named text[] DEFAULT '{}'::text[] NOT NULL
);


--
-- Name: retained_later; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.retained_later (
    ix_id public.job_id NOT NULL,
    kind text NOT NULL,
    due_at timestamp with time zone NOT NULL
);


--
-- Name: retention; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.retention (
    use_case text NOT NULL,
    documents double precision,
    results double precision,
    jobs double precision,
    set_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT retention_documents_check CHECK (((documents >= (0)::double precision) AND (documents <= (36500)::double precision))),
    CONSTRAINT retention_jobs_check CHECK (((jobs >= (0)::double precision) AND (jobs <= (36500)::double precision))),
    CONSTRAINT retention_results_check CHECK (((results >= (0)::double precision) AND (results <= (36500)::double precision))),
    CONSTRAINT retention_use_case_check CHECK (((length(use_case) >= 1) AND (length(use_case) <= 200)))
);


--
-- Name: COLUMN retention.documents; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.retention.documents IS 'days; 0 keeps them, null leaves it to the settings or to ''*''';


--
-- Name: reviews; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.reviews (
    ix_id public.job_id NOT NULL,
    client_id public.job_key NOT NULL,
    use_case text NOT NULL,
    version integer DEFAULT 0 NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    leased_by text,
    lease_holder text,
    leased_until timestamp with time zone,
    decided_by text,
    decided_at timestamp with time zone,
    note text,
    readings jsonb,
    CONSTRAINT reviews_check CHECK ((num_nonnulls(leased_by, lease_holder, leased_until) = ANY (ARRAY[0, 3]))),
    CONSTRAINT reviews_check1 CHECK (((state = ANY (ARRAY['approved'::text, 'rejected'::text])) = (num_nulls(decided_by, decided_at) = 0))),
    CONSTRAINT reviews_state_check CHECK ((state = ANY (ARRAY['open'::text, 'approved'::text, 'rejected'::text, 'forgotten'::text]))),
    CONSTRAINT reviews_version_check CHECK ((version >= 0))
);


--
-- Name: COLUMN reviews.version; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.reviews.version IS 'counts what people did: whoever changes it names the one that was seen';


--
-- Name: COLUMN reviews.state; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.reviews.state IS 'forgotten: the job was run again, and what was made of its old answer is gone';


--
-- Name: COLUMN reviews.leased_by; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.reviews.leased_by IS 'who looks at it now, in words; lease_holder tells people of one name apart';


--
-- Name: COLUMN reviews.readings; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.reviews.readings IS 'of an approved answer, for each value that was read: [[field, confidence, whether a person gave another], ...]';


--
-- Name: schema_migrations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.schema_migrations (
    version character varying NOT NULL
);


--
-- Name: sessions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sessions (
    sha256 public.digest NOT NULL,
    key_id text,
    issuer text,
    subject text,
    name text DEFAULT ''::text NOT NULL,
    roles text[],
    client_id text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT sessions_check CHECK (((key_id IS NULL) = (subject IS NOT NULL))),
    CONSTRAINT sessions_check1 CHECK ((((subject IS NULL) = (issuer IS NULL)) AND ((subject IS NULL) = (roles IS NULL)))),
    CONSTRAINT sessions_name_check CHECK ((length(name) <= 200))
);


--
-- Name: COLUMN sessions.client_id; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.sessions.client_id IS 'whose jobs there are for the person; null is everybody''s';


--
-- Name: tallied; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.tallied (
    since timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL
);


--
-- Name: COLUMN tallied.since; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.tallied.since IS 'where the last stretch that was counted began';


--
-- Name: tallies; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.tallies (
    minute timestamp with time zone NOT NULL,
    use_case text NOT NULL,
    status text NOT NULL,
    error_code text NOT NULL,
    bucket smallint NOT NULL,
    jobs bigint NOT NULL,
    attempts bigint NOT NULL,
    pages bigint NOT NULL,
    seconds double precision NOT NULL
);


--
-- Name: COLUMN tallies.error_code; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.tallies.error_code IS 'of jobs in error: their code; else empty';


--
-- Name: COLUMN tallies.bucket; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.tallies.bucket IS 'of how many bounds of ix.database.tallies they took at least as long; -1 where none was measured';


--
-- Name: COLUMN tallies.seconds; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON COLUMN public.tallies.seconds IS 'from start to end, of those that were measured';


--
-- Name: actions actions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.actions
    ADD CONSTRAINT actions_pkey PRIMARY KEY (id);


--
-- Name: api_keys api_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (key_id);


--
-- Name: audit audit_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (number);


--
-- Name: batches batches_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.batches
    ADD CONSTRAINT batches_pkey PRIMARY KEY (client_id, batch_id);


--
-- Name: callback_secrets callback_secrets_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.callback_secrets
    ADD CONSTRAINT callback_secrets_pkey PRIMARY KEY (client_id, created_at);


--
-- Name: caps caps_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.caps
    ADD CONSTRAINT caps_pkey PRIMARY KEY (client_id);


--
-- Name: configurations configurations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.configurations
    ADD CONSTRAINT configurations_pkey PRIMARY KEY (client_id, name, version);


--
-- Name: corrections corrections_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.corrections
    ADD CONSTRAINT corrections_pkey PRIMARY KEY (number);


--
-- Name: day_counts day_counts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.day_counts
    ADD CONSTRAINT day_counts_pkey PRIMARY KEY (day, client_id, shard);


--
-- Name: deliveries deliveries_of_one; Type: CHECK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE public.deliveries
    ADD CONSTRAINT deliveries_of_one CHECK ((num_nonnulls(ix_id, batch_id) = 1)) NOT VALID;


--
-- Name: deliveries deliveries_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (delivery_id);


--
-- Name: documents documents_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_pkey PRIMARY KEY (sha256);


--
-- Name: engines engines_lock_key_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.engines
    ADD CONSTRAINT engines_lock_key_key UNIQUE (lock_key);


--
-- Name: engines engines_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.engines
    ADD CONSTRAINT engines_pkey PRIMARY KEY (engine_id);


--
-- Name: expiries expiries_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.expiries
    ADD CONSTRAINT expiries_pkey PRIMARY KEY (ix_id);


--
-- Name: job_passwords job_passwords_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.job_passwords
    ADD CONSTRAINT job_passwords_pkey PRIMARY KEY (ix_id, document);


--
-- Name: job_tags job_tags_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.job_tags
    ADD CONSTRAINT job_tags_pkey PRIMARY KEY (client_id, key, value, ix_id);


--
-- Name: jobs jobs_correlation; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_correlation UNIQUE (client_id, request_id);


--
-- Name: jobs jobs_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (ix_id);


--
-- Name: loose_objects loose_objects_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.loose_objects
    ADD CONSTRAINT loose_objects_pkey PRIMARY KEY (key);


--
-- Name: pages pages_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pages
    ADD CONSTRAINT pages_pkey PRIMARY KEY (ix_id, document, page);


--
-- Name: pages pages_source_check; Type: CHECK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE public.pages
    ADD CONSTRAINT pages_source_check CHECK ((source = ANY (ARRAY['text'::text, 'ocr'::text, 'both'::text]))) NOT VALID;


--
-- Name: parts parts_ix_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.parts
    ADD CONSTRAINT parts_ix_id_key UNIQUE (ix_id);


--
-- Name: parts parts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.parts
    ADD CONSTRAINT parts_pkey PRIMARY KEY (parent, number);


--
-- Name: password_key password_key_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.password_key
    ADD CONSTRAINT password_key_pkey PRIMARY KEY (single);


--
-- Name: pauses pauses_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pauses
    ADD CONSTRAINT pauses_pkey PRIMARY KEY (use_case);


--
-- Name: pdfs pdfs_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pdfs
    ADD CONSTRAINT pdfs_pkey PRIMARY KEY (ix_id, kind, version);


--
-- Name: pictures pictures_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pictures
    ADD CONSTRAINT pictures_pkey PRIMARY KEY (sha256, page, rotation, width);


--
-- Name: quarantine_strikes quarantine_strikes_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.quarantine_strikes
    ADD CONSTRAINT quarantine_strikes_pkey PRIMARY KEY (client_id);


--
-- Name: queue_slots queue_slots_ix_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.queue_slots
    ADD CONSTRAINT queue_slots_ix_id_key UNIQUE (ix_id);


--
-- Name: queue_slots queue_slots_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.queue_slots
    ADD CONSTRAINT queue_slots_pkey PRIMARY KEY (queue, slot);


--
-- Name: queues queues_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.queues
    ADD CONSTRAINT queues_pkey PRIMARY KEY (use_case);


--
-- Name: retained_later retained_later_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.retained_later
    ADD CONSTRAINT retained_later_pkey PRIMARY KEY (ix_id, kind);


--
-- Name: retained retained_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.retained
    ADD CONSTRAINT retained_pkey PRIMARY KEY (rule);


--
-- Name: retention retention_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.retention
    ADD CONSTRAINT retention_pkey PRIMARY KEY (use_case);


--
-- Name: reviews reviews_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reviews
    ADD CONSTRAINT reviews_pkey PRIMARY KEY (ix_id);


--
-- Name: schema_migrations schema_migrations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);


--
-- Name: sessions sessions_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (sha256);


--
-- Name: tallies tallies_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tallies
    ADD CONSTRAINT tallies_pkey PRIMARY KEY (minute, use_case, status, error_code, bucket);


--
-- Name: actions_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX actions_due ON public.actions USING btree (due_at) WHERE (state <> 'done'::text);


--
-- Name: actions_moved; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX actions_moved ON public.actions USING btree (moved_at) WHERE (state = 'done'::text);


--
-- Name: audit_job; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_job ON public.audit USING btree (ix_id, number) WHERE (ix_id IS NOT NULL);


--
-- Name: audit_term_once; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX audit_term_once ON public.audit_term USING btree ((true));


--
-- Name: audit_what; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_what ON public.audit USING btree (what, number);


--
-- Name: audit_who; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX audit_who ON public.audit USING btree (who, number);


--
-- Name: batches_closed; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX batches_closed ON public.batches USING btree (closed_at) WHERE ((closed_at IS NOT NULL) AND (ended_at IS NULL));


--
-- Name: batches_created; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX batches_created ON public.batches USING btree (created_at);


--
-- Name: corrections_of_job; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX corrections_of_job ON public.corrections USING btree (ix_id, number);


--
-- Name: day_counts_to_add_up; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX day_counts_to_add_up ON public.day_counts USING btree (day) WHERE (shard <> 0);


--
-- Name: deliveries_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX deliveries_due ON public.deliveries USING btree (due_at) WHERE (status = 'pending'::text);


--
-- Name: deliveries_of_batch; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX deliveries_of_batch ON public.deliveries USING btree (client_id, batch_id) WHERE (batch_id IS NOT NULL);


--
-- Name: deliveries_of_job; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX deliveries_of_job ON public.deliveries USING btree (ix_id, created_at);


--
-- Name: deliveries_pending_of_client; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX deliveries_pending_of_client ON public.deliveries USING btree (client_id, host, due_at) WHERE (status = 'pending'::text);


--
-- Name: deliveries_pending_of_job; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX deliveries_pending_of_job ON public.deliveries USING btree (ix_id) WHERE (status = 'pending'::text);


--
-- Name: documents_unused; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX documents_unused ON public.documents USING btree (sha256) WHERE (uses <= 0);


--
-- Name: expiries_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX expiries_due ON public.expiries USING btree (erase_at);


--
-- Name: jobs_by_content; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_by_content ON public.jobs USING btree (content, ix_id) WHERE (content IS NOT NULL);


--
-- Name: jobs_by_engine; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_by_engine ON public.jobs USING btree (engine_id) WHERE (status = 'running'::text);


--
-- Name: jobs_by_name; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_by_name ON public.jobs USING gin (public.name_index("left"((ix_id)::text, 7), document_name)) WITH (fastupdate=off) WHERE ((finished_at IS NOT NULL) AND (document_name IS NOT NULL));


--
-- Name: jobs_by_paper; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_by_paper ON public.jobs USING btree (paper, ix_id) WHERE (paper IS NOT NULL);


--
-- Name: jobs_by_request; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_by_request ON public.jobs USING btree ("left"((ix_id)::text, 7), request_id COLLATE "C") WHERE (finished_at IS NOT NULL);


--
-- Name: jobs_ended; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_ended ON public.jobs USING btree (finished_at) WHERE ((finished_at IS NOT NULL) AND ((attempts)::smallint >= 0));


--
-- Name: jobs_ended_of_client; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_ended_of_client ON public.jobs USING btree (client_id, finished_at, ix_id) WHERE (finished_at IS NOT NULL);


--
-- Name: jobs_ended_of_use_case; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_ended_of_use_case ON public.jobs USING btree (use_case, ix_id) WHERE (finished_at IS NOT NULL);


--
-- Name: jobs_failures; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_failures ON public.jobs USING btree (error_code, ix_id) INCLUDE (status) WHERE (status = ANY (ARRAY['error'::text, 'cancelled'::text]));


--
-- Name: jobs_failures_of_client; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_failures_of_client ON public.jobs USING btree (client_id, error_code, ix_id) INCLUDE (status) WHERE (status = ANY (ARRAY['error'::text, 'cancelled'::text]));


--
-- Name: jobs_in_review; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_in_review ON public.jobs USING btree (review, ix_id) WHERE (review IS NOT NULL);


--
-- Name: jobs_in_review_of_client; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_in_review_of_client ON public.jobs USING btree (client_id, review, ix_id) WHERE (review IS NOT NULL);


--
-- Name: jobs_of_batch; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_of_batch ON public.jobs USING btree (client_id, batch_id, ix_id) WHERE (batch_id IS NOT NULL);


--
-- Name: jobs_pending; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_pending ON public.jobs USING btree (queue, "position", ix_id) WHERE (status = 'pending'::text);


--
-- Name: jobs_pending_apart; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_pending_apart ON public.jobs USING btree (quarantined, client_id, queue, priority DESC, arrival) WHERE ((status = 'pending'::text) AND (quarantined OR ranked));


--
-- Name: jobs_pending_of_client; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_pending_of_client ON public.jobs USING btree (client_id, queue, ranked, "position") WHERE ((status || ''::text) = 'pending'::text);


--
-- Name: jobs_resting_of_client; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_resting_of_client ON public.jobs USING btree (client_id, ix_id) WHERE (status <> 'running'::text);


--
-- Name: jobs_scheduled; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_scheduled ON public.jobs USING btree (run_at) WHERE (status = 'scheduled'::text);


--
-- Name: jobs_scheduled_of_client; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_scheduled_of_client ON public.jobs USING btree (client_id) WHERE (status = 'scheduled'::text);


--
-- Name: jobs_split; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_split ON public.jobs USING btree (ix_id) WHERE (status = 'split'::text);


--
-- Name: jobs_unended_of_batch; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_unended_of_batch ON public.jobs USING btree (client_id, ((batch_id || ''::text))) WHERE ((batch_id IS NOT NULL) AND (finished_at IS NULL));


--
-- Name: loose_objects_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX loose_objects_due ON public.loose_objects USING btree (due_at);


--
-- Name: pages_created; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX pages_created ON public.pages USING btree (created_at);


--
-- Name: pdfs_ordered; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX pdfs_ordered ON public.pdfs USING btree (ordered_by, due_at) WHERE ((file IS NULL) AND (problem IS NULL));


--
-- Name: pictures_ordered; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX pictures_ordered ON public.pictures USING btree (ordered_by, due_at) WHERE ((picture IS NULL) AND (problem IS NULL));


--
-- Name: pictures_seen; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX pictures_seen ON public.pictures USING btree (seen_at) WHERE (picture IS NOT NULL);


--
-- Name: retained_later_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX retained_later_due ON public.retained_later USING btree (kind, due_at);


--
-- Name: reviews_approved; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX reviews_approved ON public.reviews USING btree (use_case, decided_at) WHERE (state = 'approved'::text);


--
-- Name: sessions_key; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX sessions_key ON public.sessions USING btree (key_id);


--
-- Name: tallied_once; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX tallied_once ON public.tallied USING btree ((true));


--
-- Name: deliveries deliveries_before_insert; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER deliveries_before_insert BEFORE INSERT ON public.deliveries FOR EACH ROW WHEN (((new.status = 'pending'::text) AND (new.ix_id IS NOT NULL))) EXECUTE FUNCTION public.prepare_delivery();


--
-- Name: documents documents_after_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER documents_after_delete AFTER DELETE ON public.documents FOR EACH ROW WHEN ((old.object IS NOT NULL)) EXECUTE FUNCTION public.release_object();


--
-- Name: documents documents_after_insert; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER documents_after_insert AFTER INSERT ON public.documents FOR EACH ROW WHEN ((new.bytes IS NULL)) EXECUTE FUNCTION public.hold_object();


--
-- Name: jobs jobs_after_delete; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER jobs_after_delete AFTER DELETE ON public.jobs FOR EACH ROW WHEN (((old.queue <> ''::text) AND (old.status = 'running'::text))) EXECUTE FUNCTION public.free_slot_of_erased_job();


--
-- Name: jobs jobs_after_insert; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER jobs_after_insert AFTER INSERT ON public.jobs FOR EACH ROW WHEN ((num_nonnulls(new.tags, new.batch_id) > 0)) EXECUTE FUNCTION public.enter_tags_and_batch();


--
-- Name: jobs jobs_after_labelled_gone; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER jobs_after_labelled_gone AFTER DELETE ON public.jobs FOR EACH ROW WHEN ((num_nonnulls(old.tags, old.batch_id) > 0)) EXECUTE FUNCTION public.leave_tags_and_batch();


--
-- Name: jobs jobs_after_parent_gone; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER jobs_after_parent_gone AFTER DELETE ON public.jobs FOR EACH ROW WHEN ((old.parts IS NOT NULL)) EXECUTE FUNCTION public.erase_parts_of_erased();


--
-- Name: jobs jobs_after_part_gone; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER jobs_after_part_gone AFTER DELETE ON public.jobs FOR EACH ROW WHEN (((old.parent IS NOT NULL) AND (old.finished_at IS NULL))) EXECUTE FUNCTION public.tell_of_part();


--
-- Name: jobs jobs_after_retry; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER jobs_after_retry AFTER UPDATE OF status ON public.jobs FOR EACH ROW WHEN (((old.finished_at IS NOT NULL) AND (new.finished_at IS NULL) AND (old.callback_url IS NOT NULL))) EXECUTE FUNCTION public.end_owed_callback();


--
-- Name: jobs jobs_after_status_change; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER jobs_after_status_change AFTER UPDATE OF status ON public.jobs FOR EACH ROW WHEN (((num_nonnulls(new.engine_id, new.finished_at) = 0) OR (num_nonnulls(new.callback_url, new.parent, new.parts, new.batch_id) > 0) OR (old.queue <> ''::text) OR old.has_passwords)) EXECUTE FUNCTION public.propagate_status_change();


--
-- Name: jobs jobs_before_requeue; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER jobs_before_requeue BEFORE UPDATE OF status ON public.jobs FOR EACH ROW WHEN (((num_nonnulls(new.engine_id, new.finished_at) = 0) AND (num_nonnulls(old.engine_id, old.finished_at) > 0))) EXECUTE FUNCTION public.reset_requeued_job();


--
-- Name: jobs jobs_before_result; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER jobs_before_result BEFORE UPDATE OF status ON public.jobs FOR EACH ROW WHEN (((old.results_erased IS NOT NULL) AND (new.finished_at IS NULL))) EXECUTE FUNCTION public.await_result();


--
-- Name: jobs jobs_forget_passwords_of_erased; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER jobs_forget_passwords_of_erased AFTER DELETE ON public.jobs FOR EACH ROW WHEN (old.has_passwords) EXECUTE FUNCTION public.forget_passwords();


--
-- Name: parts parts_after_insert; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER parts_after_insert AFTER INSERT ON public.parts REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION public.configure_parts();


--
-- Name: queues queues_before_change; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER queues_before_change BEFORE INSERT OR DELETE ON public.queues FOR EACH ROW EXECUTE FUNCTION public.keep_paused();


--
-- Name: reviews reviews_forgotten; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER reviews_forgotten AFTER UPDATE OF state ON public.reviews FOR EACH ROW WHEN ((new.state = 'forgotten'::text)) EXECUTE FUNCTION public.forget_corrections();


--
-- Name: corrections corrections_ix_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.corrections
    ADD CONSTRAINT corrections_ix_id_fkey FOREIGN KEY (ix_id) REFERENCES public.reviews(ix_id) ON DELETE CASCADE;


--
-- Name: deliveries deliveries_batch_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_batch_fkey FOREIGN KEY (client_id, batch_id) REFERENCES public.batches(client_id, batch_id) ON DELETE CASCADE NOT VALID;


--
-- Name: deliveries deliveries_ix_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_ix_id_fkey FOREIGN KEY (ix_id) REFERENCES public.jobs(ix_id) ON DELETE CASCADE;


--
-- Name: expiries expiries_ix_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.expiries
    ADD CONSTRAINT expiries_ix_id_fkey FOREIGN KEY (ix_id) REFERENCES public.jobs(ix_id) ON DELETE CASCADE;


--
-- Name: pages pages_ix_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pages
    ADD CONSTRAINT pages_ix_id_fkey FOREIGN KEY (ix_id) REFERENCES public.jobs(ix_id) ON DELETE CASCADE;


--
-- Name: pdfs pdfs_ix_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pdfs
    ADD CONSTRAINT pdfs_ix_id_fkey FOREIGN KEY (ix_id) REFERENCES public.jobs(ix_id) ON DELETE CASCADE;


--
-- Name: pictures pictures_sha256_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pictures
    ADD CONSTRAINT pictures_sha256_fkey FOREIGN KEY (sha256) REFERENCES public.documents(sha256) ON DELETE CASCADE;


--
-- Name: retained_later retained_later_ix_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.retained_later
    ADD CONSTRAINT retained_later_ix_id_fkey FOREIGN KEY (ix_id) REFERENCES public.jobs(ix_id) ON DELETE CASCADE;


--
-- Name: reviews reviews_ix_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reviews
    ADD CONSTRAINT reviews_ix_id_fkey FOREIGN KEY (ix_id) REFERENCES public.jobs(ix_id) ON DELETE CASCADE;


--
-- Name: sessions sessions_key_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_key_id_fkey FOREIGN KEY (key_id) REFERENCES public.api_keys(key_id) ON DELETE CASCADE;


--
-- PostgreSQL database dump complete
--



--
-- Dbmate schema migrations
--

INSERT INTO public.schema_migrations (version) VALUES
    ('20261201000000'),
    ('20261202000000'),
    ('20261203000000'),
    ('20261203000001'),
    ('20261203000002'),
    ('20261203000003'),
    ('20261204000000'),
    ('20261205000000'),
    ('20261205000001'),
    ('20261205000011'),
    ('20261205000012'),
    ('20261206000000'),
    ('20261206000001'),
    ('20261207000000'),
    ('20261207000001'),
    ('20261207000002'),
    ('20261207000003'),
    ('20261207000004'),
    ('20261207000005'),
    ('20261207000010'),
    ('20261207000011'),
    ('20261207000012'),
    ('20261207000013'),
    ('20261207000014'),
    ('20261207000015'),
    ('20261207000016'),
    ('20261207000017'),
    ('20261207000021'),
    ('20261207000022'),
    ('20261213000000'),
    ('20261213000001'),
    ('20261214000000'),
    ('20261216000000'),
    ('20261216000001'),
    ('20261217000000'),
    ('20261218000000'),
    ('20261218000001'),
    ('20261218000002'),
    ('20261218000003'),
    ('20261219000000'),
    ('20261219000001'),
    ('20261220000000'),
    ('20261220000001'),
    ('20261220000002'),
    ('20261220000003'),
    ('20261221000000'),
    ('20261221000001'),
    ('20261221000002'),
    ('20261221000003');
