-- Nothing for PUBLIC, the views for pg_monitor, dead letters for the owner only.

-- Whatever is added to the extension is looked at.
CREATE FUNCTION pg_temp.given(classid oid, objid oid) RETURNS SETOF aclitem LANGUAGE sql AS $$
    SELECT unnest(coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner)))
    FROM pg_class WHERE oid = objid AND classid = 'pg_class'::regclass
    UNION ALL SELECT unnest(attacl) FROM pg_attribute WHERE attrelid = objid AND classid = 'pg_class'::regclass
    UNION ALL SELECT unnest(coalesce(proacl, acldefault('f', proowner))) FROM pg_proc WHERE oid = objid AND classid = 'pg_proc'::regclass
    UNION ALL SELECT unnest(coalesce(nspacl, acldefault('n', nspowner))) FROM pg_namespace WHERE oid = objid AND classid = 'pg_namespace'::regclass
$$;
SELECT pg_describe_object(classid, objid, 0) AS object, a.privilege_type
FROM pg_depend d, pg_temp.given(classid, objid) g, aclexplode(ARRAY[g]) a
WHERE refclassid = 'pg_extension'::regclass AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'kafka_cdc_sink')
  AND deptype = 'e' AND a.grantee = 'pg_monitor'::regrole
ORDER BY 1, 2;
-- Of other kinds of objects there are none.
SELECT DISTINCT classid::regclass FROM pg_depend
WHERE refclassid = 'pg_extension'::regclass AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'kafka_cdc_sink')
  AND deptype = 'e' ORDER BY 1;
SELECT pg_describe_object(classid, objid, 0) AS "open to PUBLIC"
FROM pg_depend d
WHERE refclassid = 'pg_extension'::regclass
  AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'kafka_cdc_sink')
  AND deptype = 'e'
  AND EXISTS (SELECT FROM (
          SELECT coalesce(relacl, acldefault('r', relowner)) AS acl FROM pg_class
          WHERE oid = objid AND classid = 'pg_class'::regclass
          UNION ALL SELECT coalesce(proacl, acldefault('f', proowner)) FROM pg_proc
          WHERE oid = objid AND classid = 'pg_proc'::regclass
          UNION ALL SELECT coalesce(nspacl, acldefault('n', nspowner)) FROM pg_namespace
          WHERE oid = objid AND classid = 'pg_namespace'::regclass) o, aclexplode(acl) a
      WHERE a.grantee = 0);

CREATE ROLE regress_kcs_nobody;
CREATE ROLE regress_kcs_monitor IN ROLE pg_monitor;
CREATE ROLE regress_kcs_operator;

SET ROLE regress_kcs_nobody;
SELECT state FROM kafka_cdc_sink.status;
SELECT kafka_cdc_sink.pause();
RESET ROLE;
-- The schema alone opens nothing.
GRANT USAGE ON SCHEMA kafka_cdc_sink TO regress_kcs_nobody;
SET ROLE regress_kcs_nobody;
SELECT state FROM kafka_cdc_sink.status;
SELECT state FROM kafka_cdc_sink.get_status();
SELECT kafka_cdc_sink.pause();
SELECT kafka_cdc_sink.seek('t', 0, 0);
SELECT kafka_cdc_sink.wait_for('t', 0, 0);
SELECT kafka_cdc_sink.reset_stats();
SELECT kafka_cdc_sink.apply_event('t', '{"id":1}', NULL);
SELECT * FROM kafka_cdc_sink.explain_event('t', '{"id":1}', NULL);
SELECT * FROM kafka_cdc_sink.explain_event('t', '\x7b7d'::bytea, NULL);
SELECT * FROM kafka_cdc_sink.check();
SELECT * FROM kafka_cdc_sink.offsets;
RESET ROLE;

SET ROLE regress_kcs_monitor;
SELECT state FROM kafka_cdc_sink.status;
SELECT count(*) FROM kafka_cdc_sink.workers;
SELECT count(*) FROM kafka_cdc_sink.partitions;
SELECT count(*) FROM kafka_cdc_sink.tables;
SELECT count(*) FROM kafka_cdc_sink.dead_letters;
SELECT count(*) FROM kafka_cdc_sink.offsets;
SELECT kafka_cdc_sink.pause();
SELECT kafka_cdc_sink.reset_stats();
-- It takes a process and connects as the sink does.
SELECT * FROM kafka_cdc_sink.check();
RESET ROLE;

-- The right to call a function can be granted without a right to the tables.
GRANT USAGE ON SCHEMA kafka_cdc_sink TO regress_kcs_operator;
GRANT EXECUTE ON FUNCTION kafka_cdc_sink.pause(text), kafka_cdc_sink.resume(),
    kafka_cdc_sink.seek(text, integer, bigint, boolean) TO regress_kcs_operator;
SET ROLE regress_kcs_operator;
-- A search_path of the caller's leads nowhere.
CREATE TEMP TABLE control (x int);
SET search_path = pg_temp, kafka_cdc_sink;
SELECT kafka_cdc_sink.pause('by the operator');
SELECT kafka_cdc_sink.seek('t', 0, 5);
UPDATE kafka_cdc_sink.control SET paused = false;
RESET ROLE;
RESET search_path;
SELECT paused, reason FROM kafka_cdc_sink.control;
SELECT topic, next_offset FROM kafka_cdc_sink.offsets;
SELECT kafka_cdc_sink.resume();

-- An explanation converts values as the table's owner: for those who could become it.
CREATE ROLE regress_kcs_owner;
CREATE TABLE regress_kcs_held (id int PRIMARY KEY, n int);
ALTER TABLE regress_kcs_held OWNER TO regress_kcs_owner;
GRANT EXECUTE ON FUNCTION kafka_cdc_sink.explain_event(text, text, text, jsonb) TO regress_kcs_operator;
SET ROLE regress_kcs_operator;
SELECT part, name, incoming, conversion, result, error FROM kafka_cdc_sink.explain_event('s.public.regress_kcs_held', '{"id":1}', '{"id":1,"n":2}');
RESET ROLE;
GRANT regress_kcs_owner TO regress_kcs_operator;
SET ROLE regress_kcs_operator;
SELECT part, name, incoming, conversion, result, error FROM kafka_cdc_sink.explain_event('s.public.regress_kcs_held', '{"id":1}', '{"id":1,"n":2}');
RESET ROLE;
DROP TABLE regress_kcs_held;
DROP ROLE regress_kcs_owner;

DELETE FROM kafka_cdc_sink.offsets;
DROP TABLE pg_temp.control;
DROP OWNED BY regress_kcs_nobody, regress_kcs_operator;
DROP ROLE regress_kcs_nobody, regress_kcs_monitor, regress_kcs_operator;

-- Dropped, it leaves its schema, empty; a schema of somebody else's is not taken.
DROP EXTENSION kafka_cdc_sink;
SELECT count(*) FROM pg_depend
WHERE refclassid = 'pg_namespace'::regclass AND refobjid = 'kafka_cdc_sink'::regnamespace;
CREATE ROLE regress_kcs_squatter;
ALTER SCHEMA kafka_cdc_sink OWNER TO regress_kcs_squatter;
CREATE EXTENSION kafka_cdc_sink;
DROP SCHEMA kafka_cdc_sink;
-- Nor one with something in it that calls of ours would find.
CREATE SCHEMA kafka_cdc_sink;
GRANT ALL ON SCHEMA kafka_cdc_sink TO regress_kcs_squatter;
SET ROLE regress_kcs_squatter;
CREATE FUNCTION kafka_cdc_sink.apply_event(text, text, text) RETURNS text LANGUAGE sql AS $$ SELECT 'mine' $$;
RESET ROLE;
CREATE EXTENSION kafka_cdc_sink;
DROP SCHEMA kafka_cdc_sink CASCADE;
-- Default privileges give nothing away.
ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO regress_kcs_squatter;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO regress_kcs_squatter, PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO regress_kcs_squatter;
ALTER DEFAULT PRIVILEGES GRANT ALL ON FUNCTIONS TO regress_kcs_squatter;
CREATE EXTENSION kafka_cdc_sink;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON SCHEMAS FROM regress_kcs_squatter;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM regress_kcs_squatter, PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON SEQUENCES FROM regress_kcs_squatter;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM regress_kcs_squatter;
SELECT DISTINCT a.grantee::regrole FROM pg_class c, aclexplode(c.relacl) a
WHERE c.relnamespace = 'kafka_cdc_sink'::regnamespace AND a.grantee NOT IN (c.relowner, 'pg_monitor'::regrole);
SELECT has_function_privilege('regress_kcs_squatter', 'kafka_cdc_sink.seek(text, integer, bigint, boolean)', 'EXECUTE') AS seek,
    has_schema_privilege('regress_kcs_squatter', 'kafka_cdc_sink', 'USAGE') AS usage,
    has_table_privilege('pg_monitor', 'kafka_cdc_sink.status', 'SELECT') AS monitor;
DROP ROLE regress_kcs_squatter;
