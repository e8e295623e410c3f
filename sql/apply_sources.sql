-- What the connectors for MySQL, MariaDB, SQL Server and Oracle send: their topics, source blocks and
-- messages beside rows (wire format 1.8, 2 and 5).
\set ECHO none
SET client_min_messages = warning;
CREATE SCHEMA t;
-- An envelope without schema.
CREATE FUNCTION t.event(topic text, key text, op text, before text, after text, source text, headers jsonb DEFAULT NULL, transaction text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT kafka_cdc_sink.apply_event(topic, key, format('{"before":%s,"after":%s,"source":%s,"transaction":%s,"op":"%s","ts_ms":1700000000001,"ts_us":1700000000001002,"ts_ns":1700000000001002003}',
        coalesce(before, 'null'), coalesce(after, 'null'), source, coalesce(transaction, 'null'), op), headers)
$$;
RESET client_min_messages;
\set ECHO all
\pset null '(null)'

-- MySQL: the database is the schema; whole former rows; truncates; a changed key.
\set mysql '{"version":"3.6.0.Final","connector":"mysql","name":"srv","ts_ms":1700000000000,"snapshot":"false","db":"inventory","sequence":null,"ts_us":1700000000000000,"ts_ns":1700000000000000000,"table":"customers","server_id":223344,"gtid":null,"file":"mysql-bin.000003","pos":2345,"row":0,"thread":7,"query":null}'
SELECT t.event('srv.inventory.customers', '{"id":1}', 'r', NULL, '{"id":1,"name":"ann","note":"long"}', :'mysql'),
       t.event('srv.inventory.customers', '{"id":2}', 'c', NULL, '{"id":2,"name":"bob","note":"longer"}', :'mysql', NULL, '{"id":"file=mysql-bin.000003,pos=2345","total_order":1,"data_collection_order":1}'),
       t.event('srv.inventory.customers', '{"id":1}', 'u', '{"id":1,"name":"ann","note":"long"}', '{"id":1,"name":"ann b.","note":"long"}', :'mysql');
SELECT * FROM inventory.customers ORDER BY id;
-- under binlog_row_image=NOBLOB
SELECT t.event('srv.inventory.customers', '{"id":2}', 'u', '{"id":2,"name":"bob","note":"__debezium_unavailable_value"}', '{"id":2,"name":"bob b.","note":"__debezium_unavailable_value"}', :'mysql');
SELECT t.event('srv.inventory.customers', '{"id":2}', 'd', '{"id":2,"name":"bob b.","note":"longer"}', NULL, :'mysql', '{"__debezium.newkey":{"id":3}}'),
       kafka_cdc_sink.apply_event('srv.inventory.customers', '{"id":2}', NULL, '{"__debezium.newkey":{"id":3}}'),
       t.event('srv.inventory.customers', '{"id":3}', 'c', NULL, '{"id":3,"name":"bob b.","note":"__debezium_unavailable_value"}', :'mysql', '{"__debezium.oldkey":{"id":2}}');
SELECT t.event('srv.inventory.customers', '{"id":1}', 'd', '{"id":1,"name":"ann b.","note":"long"}', NULL, :'mysql'), kafka_cdc_sink.apply_event('srv.inventory.customers', '{"id":1}', NULL);
SELECT * FROM inventory.customers;
SELECT t.event('srv.inventory.customers', NULL, 't', NULL, NULL, :'mysql');
SELECT * FROM inventory.customers;
-- a table without key: rows by their former image
SELECT t.event('srv.inventory.log', NULL, 'c', NULL, '{"a":1,"b":"x"}', replace(:'mysql', '"table":"customers"', '"table":"log"')) FROM generate_series(1, 2);
SELECT t.event('srv.inventory.log', NULL, 'u', '{"a":1,"b":"x"}', '{"a":2,"b":"y"}', replace(:'mysql', '"table":"customers"', '"table":"log"')),
       t.event('srv.inventory.log', NULL, 'd', '{"a":1,"b":"x"}', NULL, replace(:'mysql', '"table":"customers"', '"table":"log"'));
SELECT * FROM inventory.log;
-- schema changes, transactions, heartbeats, signals of a snapshot
SELECT kafka_cdc_sink.apply_event('srv', '{"databaseName":"inventory"}', '{"source":' || :'mysql' || ',"ts_ms":1700000000001,"databaseName":"inventory","schemaName":null,"ddl":"DROP TABLE customers","tableChanges":[{"type":"DROP","id":"\"inventory\".\"customers\"","table":null}]}'),
       kafka_cdc_sink.apply_event('srv.transaction', '{"id":"file=mysql-bin.000003,pos=2345"}', '{"status":"BEGIN","id":"file=mysql-bin.000003,pos=2345","event_count":null,"data_collections":null,"ts_ms":1700000000000}'),
       kafka_cdc_sink.apply_event('srv.transaction', '{"id":"file=mysql-bin.000003,pos=2345"}', '{"status":"END","id":"file=mysql-bin.000003,pos=2345","event_count":1,"data_collections":[{"data_collection":"inventory.customers","event_count":1}],"ts_ms":1700000000000}'),
       kafka_cdc_sink.apply_event('__debezium-heartbeat.srv', '{"serverName":"srv"}', '{"ts_ms":1700000000000}') \gx
SELECT to_regclass('inventory.customers') IS NOT NULL AS still_there;

-- MariaDB: the same, with a GTID of its own.
SELECT t.event('srv.shop.items', '{"id":1}', 'c', NULL, '{"id":1,"v":"x"}', '{"version":"3.6.0.Final","connector":"mariadb","name":"srv","ts_ms":1700000000000,"snapshot":"last","db":"shop","sequence":null,"table":"items","server_id":1,"gtid":"0-1-42","file":"mariadb-bin.000001","pos":4,"row":0,"thread":null,"query":"INSERT"}');
SELECT * FROM shop.items;

-- SQL Server: database and schema in the topic; former rows whole, large values perhaps missing.
\set mssql '{"version":"3.6.0.Final","connector":"sqlserver","name":"srv","ts_ms":1700000000000,"snapshot":"false","db":"testDB","sequence":null,"schema":"dbo","table":"customers","change_lsn":"00000027:00000758:0003","commit_lsn":"00000027:00000758:0005","event_serial_no":1}'
SELECT t.event('srv.testDB.dbo.customers', '{"id":1}', 'c', NULL, '{"id":1,"name":"ann","doc":"<a/>"}', :'mssql'),
       t.event('srv.testDB.dbo.customers', '{"id":1}', 'u', '{"id":1,"name":"ann","doc":"__debezium_unavailable_value"}', '{"id":1,"name":"ann b.","doc":"__debezium_unavailable_value"}', replace(:'mssql', '"event_serial_no":1', '"event_serial_no":2'), NULL, '{"id":"00000027:00000758:0005","total_order":1,"data_collection_order":1}');
SELECT * FROM dbo.customers;
SELECT t.event('srv.testDB.dbo.customers', '{"id":1}', 'd', '{"id":1,"name":"ann b.","doc":"__debezium_unavailable_value"}', NULL, :'mssql', '{"__debezium.newkey":{"id":2}}'),
       t.event('srv.testDB.dbo.customers', '{"id":2}', 'c', NULL, '{"id":2,"name":"ann b.","doc":"__debezium_unavailable_value"}', :'mssql', '{"__debezium.oldkey":{"id":1}}');
SELECT * FROM dbo.customers;
SELECT kafka_cdc_sink.apply_event('srv', '{"databaseName":"testDB"}', '{"source":' || :'mssql' || ',"ts_ms":1700000000001,"databaseName":"testDB","schemaName":"dbo","ddl":null,"tableChanges":[{"type":"CREATE","id":"\"testDB\".\"dbo\".\"customers\"","table":{"defaultCharsetName":null,"primaryKeyColumnNames":["id"],"columns":[],"comment":null}}]}'),
       kafka_cdc_sink.apply_event('srv.transaction', '{"id":"00000027:00000758:0005"}', '{"status":"END","id":"00000027:00000758:0005","event_count":1,"data_collections":[{"data_collection":"testDB.dbo.customers","event_count":1}],"ts_ms":1700000000000}') \gx

-- Oracle: names in capitals; large values may be missing from any operation, numbers are text in the source.
\set oracle '{"version":"3.6.0.Final","connector":"oracle","name":"srv","ts_ms":1700000000000,"snapshot":"false","db":"ORCLPDB1","sequence":null,"schema":"DEBEZIUM","table":"CUSTOMERS","txId":"06001000e2030000","scn":"18446744073709551617","commit_scn":"18446744073709551618:1:06001000e2030000","lcr_position":null,"rs_id":" 0x00003d.00000022.0010 ","ssn":0,"redo_thread":1,"user_name":"DEBEZIUM","redo_sql":null,"row_id":"AAAR3sAAEAAAACXAAA","commit_ts_ms":1700000000000,"start_scn":"2117","start_ts_ms":1700000000000,"txSeq":1}'
SELECT t.event('srv.DEBEZIUM.CUSTOMERS', '{"ID":1}', 'c', NULL, '{"ID":1,"NAME":"ann","NOTE":"__debezium_unavailable_value"}', :'oracle');
SELECT t.event('srv.DEBEZIUM.CUSTOMERS', '{"ID":1}', 'c', NULL, '{"ID":1,"NAME":"ann","NOTE":"long"}', :'oracle');
-- The redo of a large value is an event of its own: only `after` has it.
SELECT t.event('srv.DEBEZIUM.CUSTOMERS', '{"ID":1}', 'c', NULL, '{"ID":1,"NAME":"ann b.","NOTE":"__debezium_unavailable_value"}', :'oracle'),
       t.event('srv.DEBEZIUM.CUSTOMERS', '{"ID":1}', 'r', NULL, '{"ID":1,"NAME":"ann c.","NOTE":"__debezium_unavailable_value"}', replace(:'oracle', '"snapshot":"false"', '"snapshot":"incremental"'));
SELECT * FROM "DEBEZIUM"."CUSTOMERS";
SELECT t.event('srv.DEBEZIUM.CUSTOMERS', '{"ID":1}', 'u', NULL, '{"ID":1,"NAME":"ann c.","NOTE":"longer"}', :'oracle');
SELECT * FROM "DEBEZIUM"."CUSTOMERS";
SELECT t.event('srv.DEBEZIUM.CUSTOMERS', '{"ID":1}', 'd', '{"ID":1,"NAME":"ann c.","NOTE":"__debezium_unavailable_value"}', NULL, :'oracle'), kafka_cdc_sink.apply_event('srv.DEBEZIUM.CUSTOMERS', '{"ID":1}', NULL);
SELECT * FROM "DEBEZIUM"."CUSTOMERS";
SELECT t.event('srv.DEBEZIUM.CUSTOMERS', NULL, 't', NULL, NULL, :'oracle');
SELECT topic, sqlstate, message, detail FROM kafka_cdc_sink.dead_letters ORDER BY id;

\set ECHO none
SET client_min_messages = warning;
DROP SCHEMA t, inventory, shop, dbo, "DEBEZIUM" CASCADE;
TRUNCATE kafka_cdc_sink.dead_letters, kafka_cdc_sink.moves;
