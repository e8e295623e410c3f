-- Settings: what there is, what is refused, who may set what.
SELECT name, setting, unit, context, vartype, min_val, max_val, enumvals
FROM pg_settings WHERE name LIKE 'kafka\_cdc\_sink.%'
  AND name <> 'kafka_cdc_sink.database' ORDER BY name COLLATE "C";

-- Every setting says what it is for, and there are no others.
SELECT name FROM pg_settings WHERE name LIKE 'kafka\_cdc\_sink.%' AND short_desc = '';
SET kafka_cdc_sink.no_such_setting = 1;

-- Units.
SET kafka_cdc_sink.max_dead_letters = 3;
ALTER SYSTEM SET kafka_cdc_sink.batch_bytes = '32MB';
ALTER SYSTEM SET kafka_cdc_sink.queue_size = '3GB';
ALTER SYSTEM SET kafka_cdc_sink.batch_linger = '0';
ALTER SYSTEM SET kafka_cdc_sink.retry_backoff_max = '2min';
ALTER SYSTEM SET kafka_cdc_sink.max_workers = 0;
ALTER SYSTEM SET kafka_cdc_sink.max_workers = 65;
ALTER SYSTEM SET kafka_cdc_sink.max_tracked_tables = 0;
ALTER SYSTEM SET kafka_cdc_sink.database = '';
ALTER SYSTEM SET kafka_cdc_sink.group_id = ' ';

-- Brokers.
ALTER SYSTEM SET kafka_cdc_sink.bootstrap_servers = 'one:9092, two:9092,[::1]:9092,SSL://three,fe80::1';
ALTER SYSTEM SET kafka_cdc_sink.bootstrap_servers = 'one:9092,,two:9092';
ALTER SYSTEM SET kafka_cdc_sink.bootstrap_servers = 'one:0';
ALTER SYSTEM SET kafka_cdc_sink.bootstrap_servers = 'one:http';
ALTER SYSTEM SET kafka_cdc_sink.bootstrap_servers = ':9092';
ALTER SYSTEM SET kafka_cdc_sink.bootstrap_servers = '[::1:9092';
ALTER SYSTEM SET kafka_cdc_sink.bootstrap_servers = 'one:9092/path';

-- Addresses of the exporter: no names of hosts.
ALTER SYSTEM SET kafka_cdc_sink.metrics_listen_address = 'localhost, 10.0.0.1,::1 , fe80::1,*';
ALTER SYSTEM SET kafka_cdc_sink.metrics_listen_address = '';
ALTER SYSTEM SET kafka_cdc_sink.metrics_listen_address = '127.0.0.1,';
ALTER SYSTEM SET kafka_cdc_sink.metrics_listen_address = 'db1.example.com';
ALTER SYSTEM SET kafka_cdc_sink.metrics_listen_address = '127.1';
ALTER SYSTEM SET kafka_cdc_sink.metrics_listen_address = '127.0.0.1:8080';
ALTER SYSTEM SET kafka_cdc_sink.metrics_port = 0;

-- Topics: names and regular expressions, which keep their commas.
ALTER SYSTEM SET kafka_cdc_sink.topics = 'shop.public.orders, shop.public.items';
ALTER SYSTEM SET kafka_cdc_sink.topics = '^shop\.(a,b)\.[,x]{1,2}$,plain';
ALTER SYSTEM SET kafka_cdc_sink.topics = '^[[:alpha:],]+,^[]a,]+,^\(,b';
ALTER SYSTEM SET kafka_cdc_sink.topics = 'shop..orders,, x';
ALTER SYSTEM SET kafka_cdc_sink.topics = 'a,';
ALTER SYSTEM SET kafka_cdc_sink.topics = 'no spaces';
ALTER SYSTEM SET kafka_cdc_sink.topics = '..';
ALTER SYSTEM SET kafka_cdc_sink.topics = 'größe';
ALTER SYSTEM SET kafka_cdc_sink.topics = '^shop\.(orders';
ALTER SYSTEM SET kafka_cdc_sink.topics = '^a{2,1}';
ALTER SYSTEM SET kafka_cdc_sink.topics = '^[b-a]';
ALTER SYSTEM SET kafka_cdc_sink.topics = '^[a';
SELECT 'ALTER SYSTEM SET kafka_cdc_sink.topics = ' || quote_literal(repeat('x', 249)) AS statement \gset
:statement;
SELECT 'ALTER SYSTEM SET kafka_cdc_sink.topics = ' || quote_literal(repeat('x', 250)) AS statement \gset
\set VERBOSITY sqlstate
:statement;
\set VERBOSITY default

-- Properties of the client: syntax, what we own, what runs code, secrets; values are never shown.
ALTER SYSTEM SET kafka_cdc_sink.client_properties = 'security.protocol=SSL,ssl.cipher.suites=A,B,linger.ms=5';
ALTER SYSTEM SET kafka_cdc_sink.client_properties = 'just words hunter2';
ALTER SYSTEM SET kafka_cdc_sink.client_properties = '=hunter2';
ALTER SYSTEM SET kafka_cdc_sink.client_properties = 'group.id=hunter2';
ALTER SYSTEM SET kafka_cdc_sink.client_properties = 'enable.auto.commit=hunter2';
ALTER SYSTEM SET kafka_cdc_sink.client_properties = 'plugin.library.paths=hunter2';
ALTER SYSTEM SET kafka_cdc_sink.client_properties = 'sasl.kerberos.kinit.cmd=hunter2';
ALTER SYSTEM SET kafka_cdc_sink.client_properties = 'sasl.password=hunter2';
ALTER SYSTEM SET kafka_cdc_sink.client_properties = 'ssl.key.pem=hunter2';

-- What steers how events are applied can be set in a session, by a superuser.
SET kafka_cdc_sink.table_format = 'mirror.${schema}_${table}';
SET kafka_cdc_sink.table_format = '${topic}';
SET kafka_cdc_sink.table_format = '${db}.${2}_${3}';
SET kafka_cdc_sink.table_format = '';
SET kafka_cdc_sink.table_format = '${schema}.${tabel}';
SET kafka_cdc_sink.table_format = '${0}';
SET kafka_cdc_sink.table_format = '${schema';
SET kafka_cdc_sink.table_format = 'a.${schema}.${table}';
SET kafka_cdc_sink.table_format = '${schema}.';
SHOW kafka_cdc_sink.table_format;
SET kafka_cdc_sink.schemaless_decimal_columns = 'price:2, Total, ratio:0';
SET kafka_cdc_sink.schemaless_decimal_columns = '';
SET kafka_cdc_sink.schemaless_decimal_columns = 'price:two';
SET kafka_cdc_sink.schemaless_decimal_columns = 'price:16384';
SET kafka_cdc_sink.schemaless_decimal_columns = ':2';
SET kafka_cdc_sink.schemaless_decimal_columns = 'price,,amount';
SET kafka_cdc_sink.schemaless_timestamp_columns = '*_at,,*_ts';
SET kafka_cdc_sink.unavailable_value = '';
SET kafka_cdc_sink.log_level = 'WARNING';
SHOW kafka_cdc_sink.log_level;
SET kafka_cdc_sink.log_level = 'verbose';
SET kafka_cdc_sink.time_precision_mode = 'sundial';
SET kafka_cdc_sink.binary_handling_mode = 'base64-url-safe';
SET kafka_cdc_sink.schema_evolution = 'widen';
SET kafka_cdc_sink.topics = 'x';
SET kafka_cdc_sink.max_tracked_partitions = 5;

ALTER SYSTEM RESET ALL;

-- An ordinary user sees most settings and sets none.
CREATE ROLE regress_kcs_user;
SET ROLE regress_kcs_user;
\set VERBOSITY sqlstate
SET kafka_cdc_sink.table_format = '${table}';
SHOW kafka_cdc_sink.group_id;
SHOW kafka_cdc_sink.client_properties;
SHOW kafka_cdc_sink.client_properties_file;
\set VERBOSITY default
RESET ROLE;
DROP ROLE regress_kcs_user;
