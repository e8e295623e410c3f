\echo Use "CREATE EXTENSION kafka_cdc_sink" to load this file. \quit

-- Who owns the schema could drop what is in it, whoever owns that.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) n.nspowner
               WHERE n.nspname OPERATOR(pg_catalog.=) '@extschema@' AND NOT r.rolsuper) THEN
        RAISE EXCEPTION 'schema "@extschema@" belongs to a role that is no superuser'
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'Drop the schema, or give it to the owner of the extension.';
    END IF;
    -- A function that calls of ours would find, say.
    IF EXISTS (SELECT FROM pg_catalog.pg_depend d
               JOIN pg_catalog.pg_shdepend s ON s.classid OPERATOR(pg_catalog.=) d.classid
                   AND s.objid OPERATOR(pg_catalog.=) d.objid AND s.deptype OPERATOR(pg_catalog.=) 'o'
               JOIN pg_catalog.pg_database b ON b.oid OPERATOR(pg_catalog.=) s.dbid
                   AND b.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
               JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) s.refobjid
               WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass
                   AND d.refobjid OPERATOR(pg_catalog.=) '@extschema@'::pg_catalog.regnamespace
                   AND NOT r.rolsuper) THEN
        RAISE EXCEPTION 'schema "@extschema@" has objects that belong to a role that is no superuser'
            USING ERRCODE = 'insufficient_privilege', HINT = 'Drop the objects, or the schema.';
    END IF;
END $$;

-- Nothing here is for PUBLIC.
REVOKE ALL ON SCHEMA @extschema@ FROM PUBLIC;
COMMENT ON SCHEMA @extschema@ IS 'change events from Kafka, applied exactly once: state, progress and controls';

-- ---- the truth about progress ---------------------------------------------------------------

CREATE TABLE offsets (
    group_id       text NOT NULL,
    topic          text NOT NULL,
    "partition"    integer NOT NULL,
    next_offset    bigint NOT NULL,
    last_offset    bigint,
    last_timestamp timestamptz,
    last_hash      bigint,
    updated_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (group_id, topic, "partition")
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
        autovacuum_vacuum_cost_delay = 0);
COMMENT ON TABLE offsets IS 'next Kafka offset to apply, per consumer group name, topic and partition; written in the transaction that writes the rows';

CREATE TABLE dead_letters (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT now(),
    group_id    text NOT NULL,
    topic       text NOT NULL,
    "partition" integer NOT NULL,
    "offset"    bigint NOT NULL,
    key         bytea,
    value       bytea,
    headers     jsonb,
    target      text,
    sqlstate    text NOT NULL,
    message     text NOT NULL,
    detail      text,
    status      text NOT NULL DEFAULT 'pending'
                CHECK (status IN ('pending', 'fenced', 'replayed', 'superseded', 'discarded')),
    resolved_at timestamptz,
    row_key     uuid
);
COMMENT ON TABLE dead_letters IS 'records that could not be applied, whole, with their error; written in the transaction that moves past them';
CREATE UNIQUE INDEX dead_letters_pending ON dead_letters (group_id, topic, "partition", "offset")
    WHERE status IN ('pending', 'fenced');
COMMENT ON INDEX dead_letters_pending IS 'at most one open dead letter per record';
CREATE INDEX dead_letters_row ON dead_letters (group_id, topic, "partition", row_key)
    WHERE status IN ('pending', 'fenced');
COMMENT ON INDEX dead_letters_row IS 'open dead letters of a row: later records of it supersede them or are fenced';
CREATE INDEX dead_letters_at ON dead_letters (at);
COMMENT ON INDEX dead_letters_at IS 'finds dead letters by age';

CREATE TABLE routes (
    id                integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    priority          integer NOT NULL DEFAULT 0,
    topic             text NOT NULL,
    target            text,
    key_columns       text[],
    excluded_columns  text[],
    format            text NOT NULL DEFAULT 'auto',
    delete_mode       text,
    history           boolean NOT NULL DEFAULT false,
    time_precision_mode          text,
    decimal_handling_mode        text,
    binary_handling_mode         text,
    interval_handling_mode       text,
    schemaless_decimal_columns   text,
    schemaless_timestamp_columns text,
    unavailable_value            text
);
COMMENT ON TABLE routes IS 'what differs from the settings for some topics; of several routes for one topic the one with the highest priority is taken, then one with its exact name before a regular expression, then the one with the lowest id; read anew when a change of it commits';
COMMENT ON COLUMN routes.topic IS 'name of a topic, or a regular expression that begins with ^';
COMMENT ON COLUMN routes.target IS 'name of the target table, with the variables of kafka_cdc_sink.table_format; null: as that setting says';
COMMENT ON COLUMN routes.key_columns IS 'columns of the row that identify it in the target, in place of those of the record key';
COMMENT ON COLUMN routes.excluded_columns IS 'columns that are neither created nor written';
COMMENT ON COLUMN routes.format IS 'auto: as each record looks; envelope or flattened: what all records are, however they look';
COMMENT ON COLUMN routes.delete_mode IS 'as kafka_cdc_sink.delete_mode, which holds where it is null; so for the columns named like other settings';
COMMENT ON COLUMN routes.history IS 'each change becomes a row of its own, with operation, source time and position, topic, partition and offset';

-- Halves of key changes. `change` is what both halves call it; where their records do not tell their
-- place in the source (flattened ones), several changes may be called the same, and `id` tells them
-- apart. The keys are for people, and for halves that do not tell each other's.
CREATE TABLE moves (
    group_id text NOT NULL,
    id       uuid NOT NULL,
    change   uuid NOT NULL,
    "offset" bigint NOT NULL,
    at       timestamptz NOT NULL DEFAULT now(),
    target   text NOT NULL,
    old_key  text[] NOT NULL,
    new_key  text[] NOT NULL,
    state    "char" NOT NULL,
    columns  text[],
    "values" text[],
    PRIMARY KEY (group_id, id)
);
COMMENT ON TABLE moves IS 'key changes of which one half was applied (state p: the deleted row waits for its new key; l: there was none to delete, or it was deleted before; c: the new row came first), or both (d: values that the second half lacks are kept for a second reading); x: a row whose key another one took, and which leaves it with a later record of its transaction; all but p go after a week';
CREATE INDEX moves_at ON moves (at);
COMMENT ON INDEX moves_at IS 'finds what is too old';
CREATE INDEX moves_change ON moves (group_id, change);
COMMENT ON INDEX moves_change IS 'finds changes that are called the same';

CREATE TABLE ddl_log (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at            timestamptz NOT NULL DEFAULT now(),
    group_id      text NOT NULL,
    topic         text NOT NULL,
    "partition"   integer NOT NULL,
    "offset"      bigint NOT NULL,
    target_schema text NOT NULL,
    target_table  text NOT NULL,
    kind          text NOT NULL
                  CHECK (kind IN ('create_schema', 'create_table', 'add_columns', 'widen', 'drop_not_null')),
    command       text NOT NULL,
    role          text NOT NULL
);
COMMENT ON TABLE ddl_log IS 'what the sink changed about schemas and tables: the statement, the role it ran as, and the record that asked for it; written in the transaction that ran it';

-- At most one row: what pause() and resume() said last. It comes with the first of them, so that a
-- dump of the table restores into a fresh extension.
CREATE TABLE control (
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    paused     boolean NOT NULL DEFAULT false,
    reason     text,
    since      timestamptz,
    resumed_at timestamptz
);
COMMENT ON TABLE control IS 'whether pause() holds, and since when; no row before the first pause() or resume()';

-- Progress, rejected records, halves of key changes and the pause are data, not part of the extension: dumps hold them.
SELECT pg_catalog.pg_extension_config_dump('offsets', '');
SELECT pg_catalog.pg_extension_config_dump('dead_letters', '');
SELECT pg_catalog.pg_extension_config_dump('dead_letters_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('ddl_log', '');
SELECT pg_catalog.pg_extension_config_dump('ddl_log_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('moves', '');
SELECT pg_catalog.pg_extension_config_dump('control', '');
SELECT pg_catalog.pg_extension_config_dump('routes', '');
SELECT pg_catalog.pg_extension_config_dump('routes_id_seq', '');

-- ---- routes ---------------------------------------------------------------------------------

CREATE FUNCTION check_route() RETURNS trigger
AS 'MODULE_PATHNAME', 'kafka_cdc_sink_check_route'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION check_route() IS 'trigger of the table kafka_cdc_sink.routes: refuses what cannot be a route';

CREATE FUNCTION routes_changed() RETURNS trigger
AS 'MODULE_PATHNAME', 'kafka_cdc_sink_routes_changed'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION routes_changed() IS 'trigger of the table kafka_cdc_sink.routes: the workers read it anew when the transaction commits';

CREATE TRIGGER check_route BEFORE INSERT OR UPDATE ON routes
    FOR EACH ROW EXECUTE FUNCTION check_route();
COMMENT ON TRIGGER check_route ON routes IS 'refuses what cannot be a route';
CREATE TRIGGER routes_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON routes
    FOR EACH STATEMENT EXECUTE FUNCTION routes_changed();
COMMENT ON TRIGGER routes_changed ON routes IS 'tells the workers';

-- ---- seeing ---------------------------------------------------------------------------------

CREATE FUNCTION get_status(
    OUT state text, OUT reason text, OUT hint text, OUT since timestamptz,
    OUT workers integer, OUT topics integer, OUT partitions integer,
    OUT total_lag bigint, OUT delay interval,
    OUT last_error text, OUT last_error_at timestamptz, OUT stats_reset timestamptz,
    OUT exporter text, OUT exporter_hint text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'kafka_cdc_sink_status'
LANGUAGE C VOLATILE PARALLEL RESTRICTED ROWS 1;
COMMENT ON FUNCTION get_status() IS 'row of the view kafka_cdc_sink.status';

CREATE VIEW status AS SELECT * FROM get_status();
COMMENT ON VIEW status IS 'the sink as a whole: state (idle, starting, running, degraded, paused, error, standby) with its reason and a hint, records not yet applied, delay from source to commit of the last event; where the exporter listens, or why it does not';

CREATE FUNCTION get_workers(
    OUT slot integer, OUT pid integer, OUT state text, OUT activity text, OUT partitions integer,
    OUT started_at timestamptz,
    OUT messages bigint, OUT message_bytes bigint, OUT skipped bigint, OUT transactions bigint,
    OUT dead_letters bigint, OUT retries bigint, OUT errors bigint,
    OUT decode_time interval, OUT fold_time interval, OUT apply_time interval,
    OUT commit_time interval, OUT wait_time interval,
    OUT last_batch_records bigint, OUT last_batch_duration interval,
    OUT last_commit_at timestamptz,
    OUT queue_messages bigint, OUT queue_bytes bigint, OUT memory_bytes bigint,
    OUT reason text, OUT hint text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'kafka_cdc_sink_workers'
LANGUAGE C VOLATILE PARALLEL RESTRICTED ROWS 4;
COMMENT ON FUNCTION get_workers() IS 'rows of the view kafka_cdc_sink.workers';

CREATE VIEW workers AS SELECT * FROM get_workers();
COMMENT ON VIEW workers IS 'apply workers: what each holds and does, its counters since stats_reset, its queue and memory, and why it is paused';

CREATE FUNCTION get_partitions(
    OUT topic text, OUT "partition" integer, OUT worker integer, OUT state text,
    OUT next_offset bigint, OUT "position" bigint,
    OUT low_watermark bigint, OUT high_watermark bigint, OUT lag bigint,
    OUT phase text, OUT done bigint, OUT rate double precision, OUT time_left interval,
    OUT last_event_at timestamptz, OUT last_commit_at timestamptz, OUT delay interval,
    OUT messages bigint, OUT reason text, OUT hint text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'kafka_cdc_sink_partitions'
LANGUAGE C VOLATILE PARALLEL RESTRICTED ROWS 100;
COMMENT ON FUNCTION get_partitions() IS 'rows of the view kafka_cdc_sink.partitions';

CREATE VIEW partitions AS SELECT * FROM get_partitions();
COMMENT ON VIEW partitions IS 'Kafka partitions: slot of the worker that holds each, committed next_offset, position (everything before it is applied or does not exist), lag, and why it stands; in a snapshot or a long catch-up (phase) the offsets done in it, offsets a second and the estimated time left';

CREATE FUNCTION get_tables(
    OUT schema text, OUT "table" text, OUT state text,
    OUT inserts bigint, OUT updates bigint, OUT deletes bigint, OUT truncates bigint,
    OUT toast_kept bigint, OUT folded bigint, OUT dead_letters bigint, OUT last_change_at timestamptz,
    OUT reason text, OUT hint text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'kafka_cdc_sink_tables'
LANGUAGE C VOLATILE PARALLEL RESTRICTED ROWS 100;
COMMENT ON FUNCTION get_tables() IS 'rows of the view kafka_cdc_sink.tables';

CREATE VIEW tables AS SELECT * FROM get_tables();
COMMENT ON VIEW tables IS 'target tables: events by kind since stats_reset, values kept because the source did not send them, and why a table is parked; without schema, the row "other" counts tables that found no slot';

CREATE FUNCTION get_metrics(
    OUT name text, OUT labels jsonb, OUT value double precision, OUT type text, OUT help text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'kafka_cdc_sink_metrics'
LANGUAGE C VOLATILE PARALLEL RESTRICTED ROWS 300;
COMMENT ON FUNCTION get_metrics() IS 'rows of the view kafka_cdc_sink.metrics';

CREATE VIEW metrics AS SELECT * FROM get_metrics();
COMMENT ON VIEW metrics IS 'what the exporter''s /metrics prints, a row a line';

CREATE FUNCTION get_recent_errors(
    OUT last_at timestamptz, OUT first_at timestamptz, OUT count bigint,
    OUT class text, OUT sqlstate text, OUT source text, OUT message text, OUT hint text,
    OUT topic text, OUT "partition" integer, OUT "offset" bigint)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'kafka_cdc_sink_recent_errors'
LANGUAGE C VOLATILE PARALLEL RESTRICTED ROWS 10;
COMMENT ON FUNCTION get_recent_errors() IS 'rows of the view kafka_cdc_sink.recent_errors';

CREATE VIEW recent_errors AS SELECT * FROM get_recent_errors();
COMMENT ON VIEW recent_errors IS 'the last hundred errors since the server started, latest first, equal ones counted; topic, partition and offset are those of the last one';

-- ---- steering -------------------------------------------------------------------------------
-- They write tables that only the owner may write, so that the right to call them can be granted.

CREATE FUNCTION pause(reason text DEFAULT NULL)
RETURNS void
AS 'MODULE_PATHNAME', 'kafka_cdc_sink_pause'
LANGUAGE C VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION pause(text) IS 'stops applying when the transaction commits, until resume(); survives a restart';

CREATE FUNCTION resume()
RETURNS void
AS 'MODULE_PATHNAME', 'kafka_cdc_sink_resume'
LANGUAGE C VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION resume() IS 'ends a pause and tries at once whatever is parked, locked, paused or backing off; gives a fresh allowance of max_dead_letters';

CREATE FUNCTION seek(topic text, "partition" integer, "offset" bigint, force boolean DEFAULT false)
RETURNS void
AS 'MODULE_PATHNAME', 'kafka_cdc_sink_seek'
LANGUAGE C VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION seek(text, integer, bigint, boolean) IS 'sets the next offset to apply; refused while the partition is being applied, unless forced';

-- The caller's own rights decide about the targets, as with apply_event.
CREATE FUNCTION replay_dead_letters(topic text DEFAULT NULL, ids bigint[] DEFAULT NULL,
                                    max_letters bigint DEFAULT NULL,
    OUT id bigint, OUT letter_topic text, OUT letter_partition integer, OUT letter_offset bigint,
    OUT result text, OUT message text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'kafka_cdc_sink_replay_dead_letters'
LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 100;
COMMENT ON FUNCTION replay_dead_letters(text, bigint[], bigint) IS 'applies open dead letters (all, of a topic, or these) in the order of their offsets, each or not at all; result: replayed, superseded by a later record, pending or fenced still with the message, or skipped';

CREATE FUNCTION replay_dead_letter(id bigint, value text, key text DEFAULT NULL,
    OUT letter bigint, OUT letter_topic text, OUT letter_partition integer,
    OUT letter_offset bigint, OUT result text, OUT message text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'kafka_cdc_sink_replay_dead_letter'
LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 1;
COMMENT ON FUNCTION replay_dead_letter(bigint, text, text) IS 'applies one open dead letter with this value, and key, in place of those that were recorded (null: as recorded); the letter itself keeps what was recorded';

CREATE FUNCTION replay_dead_letter(id bigint, value bytea, key bytea DEFAULT NULL,
    OUT letter bigint, OUT letter_topic text, OUT letter_partition integer,
    OUT letter_offset bigint, OUT result text, OUT message text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'kafka_cdc_sink_replay_dead_letter'
LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 1;
COMMENT ON FUNCTION replay_dead_letter(bigint, bytea, bytea) IS 'the same for a value and a key that are no valid text';

CREATE FUNCTION discard_dead_letters(topic text DEFAULT NULL, ids bigint[] DEFAULT NULL)
RETURNS bigint
LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    WITH gone AS (
        UPDATE @extschema@.dead_letters d SET status = 'discarded', resolved_at = clock_timestamp()
        WHERE d.group_id = current_setting('kafka_cdc_sink.group_id')
          AND d.status IN ('pending', 'fenced')
          AND (discard_dead_letters.topic IS NULL OR d.topic = discard_dead_letters.topic)
          AND (discard_dead_letters.ids IS NULL OR d.id = ANY (discard_dead_letters.ids))
        RETURNING 1)
    SELECT count(*) FROM gone
$$;
COMMENT ON FUNCTION discard_dead_letters(text, bigint[]) IS 'gives up open dead letters (all, of a topic, or these) and returns how many; they stay in the table';

CREATE FUNCTION wait_for(topic text, "partition" integer, "offset" bigint,
                         timeout interval DEFAULT '30 seconds')
RETURNS boolean
AS 'MODULE_PATHNAME', 'kafka_cdc_sink_wait_for'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION wait_for(text, integer, bigint, interval) IS 'waits until everything before the offset is applied: true; false when the timeout is over first; the rows are visible to the next statement';

CREATE FUNCTION reset_stats()
RETURNS void
AS 'MODULE_PATHNAME', 'kafka_cdc_sink_reset_stats'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION reset_stats() IS 'sets the counters of workers and tables to zero';

-- ---- trying out ------------------------------------------------------------------------------
-- One record through the workers' own path, in the caller's transaction. Two of each, because Kafka
-- carries bytes: text is what one types, bytea is exact.

CREATE FUNCTION apply_event(topic text, key text, value text, headers jsonb DEFAULT NULL,
                            "partition" integer DEFAULT 0, "offset" bigint DEFAULT NULL)
RETURNS text
AS 'MODULE_PATHNAME', 'kafka_cdc_sink_apply_event'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION apply_event(text, text, text, jsonb, integer, bigint) IS 'decodes one record and applies it in the calling transaction; returns "applied", "skipped: " with the kind of message, or "dead letter: " with the error';

CREATE FUNCTION apply_event(topic text, key bytea, value bytea, headers jsonb DEFAULT NULL,
                            "partition" integer DEFAULT 0, "offset" bigint DEFAULT NULL)
RETURNS text
AS 'MODULE_PATHNAME', 'kafka_cdc_sink_apply_event'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION apply_event(text, bytea, bytea, jsonb, integer, bigint) IS 'the same for a key and a value that are no valid text';

CREATE FUNCTION explain_event(topic text, key text, value text, headers jsonb DEFAULT NULL,
    OUT part text, OUT name text, OUT incoming_type text, OUT incoming text,
    OUT target_type text, OUT conversion text, OUT result text, OUT error text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'kafka_cdc_sink_explain_event'
LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 20;
COMMENT ON FUNCTION explain_event(text, text, text, jsonb) IS 'what would become of one record, as the first of its topic, without doing it: target, operation, key, and for each column the incoming value, its conversion, and the result or the error';

CREATE FUNCTION explain_event(topic text, key bytea, value bytea, headers jsonb DEFAULT NULL,
    OUT part text, OUT name text, OUT incoming_type text, OUT incoming text,
    OUT target_type text, OUT conversion text, OUT result text, OUT error text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'kafka_cdc_sink_explain_event'
LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 20;
COMMENT ON FUNCTION explain_event(text, bytea, bytea, jsonb) IS 'the same for a key and a value that are no valid text, as dead_letters has them';

-- ---- the doctor ------------------------------------------------------------------------------
-- Each call takes a background worker slot and connects to the brokers as the sink does: so it is not
-- for pg_monitor, unless granted. What it says holds no values of rows.

CREATE FUNCTION "check"(timeout interval DEFAULT '15 seconds',
    OUT subject text, OUT item text, OUT result text, OUT found text, OUT hint text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'kafka_cdc_sink_check'
LANGUAGE C VOLATILE PARALLEL UNSAFE ROWS 50;
COMMENT ON FUNCTION "check"(interval) IS 'looks at everything that the sink depends on, as far as it gets within the timeout: settings, server, processes, brokers, topics, the form of their records, and the targets; each row is ok, warning or error, with what was found and what to do';

-- ---- privileges -----------------------------------------------------------------------------

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA @extschema@ FROM PUBLIC;

-- And what default privileges may have given away, to whomever.
DO $$
DECLARE
    given record;
BEGIN
    FOR given IN
        SELECT pg_catalog.format('ALL ON SCHEMA %I', n.nspname) AS what, a.grantee
        FROM pg_catalog.pg_namespace n, pg_catalog.aclexplode(n.nspacl) a
        WHERE n.nspname = '@extschema@' AND a.grantee <> n.nspowner
        UNION
        SELECT pg_catalog.format('ALL ON %s %s', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
                      c.oid::pg_catalog.regclass), a.grantee
        FROM pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) a
        WHERE c.relnamespace = '@extschema@'::pg_catalog.regnamespace AND a.grantee <> c.relowner
        UNION
        SELECT pg_catalog.format('ALL ON FUNCTION %s', p.oid::pg_catalog.regprocedure), a.grantee
        FROM pg_catalog.pg_proc p, pg_catalog.aclexplode(p.proacl) a
        WHERE p.pronamespace = '@extschema@'::pg_catalog.regnamespace AND a.grantee <> p.proowner
    LOOP
        EXECUTE pg_catalog.format('REVOKE %s FROM %s', given.what, CASE given.grantee WHEN 0 THEN 'PUBLIC'
            ELSE pg_catalog.format('%I', pg_catalog.pg_get_userbyid(given.grantee)) END);
    END LOOP;
END $$;

GRANT USAGE ON SCHEMA @extschema@ TO pg_monitor;
GRANT SELECT ON status, workers, partitions, tables, metrics, recent_errors TO pg_monitor;
GRANT EXECUTE ON FUNCTION get_status(), get_workers(), get_partitions(), get_tables(),
    get_metrics(), get_recent_errors() TO pg_monitor;
