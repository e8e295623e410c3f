# check(): what it finds where all is well, and where something is wrong with topics, records, targets, rights
# and settings; no values of rows in what it says, and the sink goes on undisturbed.
use strict;
use warnings;
use KafkaCdcSink;
use PostgreSQL::Test::Utils;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new(items => 2, orders => 1, log => 1, _brokers => 2); # two replicas, too
my $node = sink_node('check', $kafka, topics => '^srv[.]app[.]', conf => 'fsync = on');
sub sql { return $node->safe_psql('postgres', $_[0]) }

# Rows that match, as "item|result|found|hint".
sub check
{
	my ($subject, $where, $timeout) = @_;
	$timeout //= '15 seconds';
	return sql("SELECT item, result, found, hint FROM kafka_cdc_sink.check('$timeout') WHERE subject ~ '$subject'" . ($where ? " AND $where" : ''));
}

sub put
{
	my ($table, $op, $row) = @_;
	return $kafka->produce($table, 0, change($table, $op, $row));
}

# ---- all is well --------------------------------------------------------------------------------------------
put('items', 'c', { id => 1, name => 'marmalade', n => 5 });
wait_applied($node, $kafka, ['items'], 'it runs');
wait_sql($node, 'SELECT state, workers FROM kafka_cdc_sink.status', 'running|2', 'with all its workers');
my @before = (workers($node), coordinator($node));
is(sql(q(SELECT count(*) FROM kafka_cdc_sink.check() WHERE result <> 'ok')), 0, 'all is well') or diag(sql(q(SELECT * FROM kafka_cdc_sink.check() WHERE result <> 'ok')));
is(sql(q(SELECT count(*) FROM kafka_cdc_sink.check() WHERE result = 'ok' AND hint IS NOT NULL)), 0, 'then there is nothing to do');
is(sql(q(SELECT string_agg(DISTINCT split_part(subject, ' ', 1), ' ' ORDER BY split_part(subject, ' ', 1)) FROM kafka_cdc_sink.check())),
	'brokers client server settings sink topic topics', 'everything is looked at');
like(check('items', q(item = 'record')), qr/^record\|ok\|change event with schema, insert: applied\|$/, 'the form of records');
like(check('items', q(item = 'target')), qr/"app"."items": exists, primary key "items_pkey", written as /, 'the target');
like(check('items', q(item = 'partitions')), qr/2, spanning 1 offsets; lag 0/, 'the partitions');
like(check('orders', q(item = 'record')), qr/ok\|there is none/, 'a topic without records');

is(check('^topics$', q(item = 'replication')), 'replication|ok|all replicas are in sync|', 'topics are replicated');

# ---- topics ---------------------------------------------------------------------------------------------------
configure($node, topics => '^srv[.]app[.],srv.app.missing,^nothing');
wait_sql($node, 'SHOW kafka_cdc_sink.topics', '^srv[.]app[.],srv.app.missing,^nothing', 'reloaded');
is(check('^topics$', q(result <> 'ok')), "srv.app.missing|warning|there is no topic of this name that the client sees|Create it, correct kafka_cdc_sink.topics, or allow the client to read it.\n"
	  . '^nothing|warning|no topic matches it|Create it, correct kafka_cdc_sink.topics, or allow the client to read it.', 'entries that match nothing');
configure($node, topics => 'srv.app.missing');
wait_sql($node, 'SHOW kafka_cdc_sink.topics', 'srv.app.missing', 'reloaded');
like(check('^topics$', q(item = 'matched')), qr/^matched\|error\|0 of 3 topics/, 'none at all');
configure($node, topics => '^srv[.]app[.]');
$kafka->command('topic-error srv.app.orders TOPIC_AUTHORIZATION_FAILED');
wait_sql($node, 'SHOW kafka_cdc_sink.topics', '^srv[.]app[.]', 'reloaded');
like(check('orders', q(result = 'error')), qr/^topic\|error\|Broker: Topic authorization failed\|Look at the brokers/, 'a topic that may not be read');
$kafka->command('topic-error srv.app.orders 0');

# ---- records that are not Debezium's, or in another form ------------------------------------------------------------
configure($node, enabled => 'off', topics => '^srv[.]app[.],^odd[.]');
wait_sql($node, q(SELECT count(*) FROM pg_stat_activity WHERE backend_type ~ '^kafka_cdc_sink (worker|coordinator)'), 0, 'off');
my %form = (
	'odd.app.avro' => [ "\0\0\0\0\1marmalade", qr/binary form of a schema registry/, qr/registry|Avro|JsonConverter/ ],
	'odd.app.text' => [ 'marmalade', qr/no JSON object: dead letter/, qr/./ ],
	'odd.app.json' => [ '[{"marmalade":1}]', qr/no JSON object: dead letter/, qr/Leave its topic out/ ],
	'odd.app.broken' => [ '{"id":1,"name":"marmalade', qr/dead letter/, qr/./ ]);
foreach my $topic (sort keys %form)
{
	$kafka->add_topic($topic, 1);
	$kafka->produce($topic, 0, undef, $form{$topic}[0]);
}
foreach my $topic (sort keys %form)
{
	my $found = check($topic, q(result = 'error'));
	like($found, $form{$topic}[1], "$topic: its form");
	like($found, $form{$topic}[2], "$topic: what to do");
}
like(check('^settings$', q(result <> 'ok')), qr/^enabled\|warning\|off/, 'enabled = off: told, and all else is looked at');
like(check('^sink$', q(item = 'state')), qr/^state\|warning\|idle: kafka_cdc_sink.enabled is off/, 'so is its state');

# ---- targets ----------------------------------------------------------------------------------------------------------
sql(q(CREATE ROLE writer; CREATE TABLE app.orders (id int PRIMARY KEY, name varchar(3) CHECK (name <> 'x'), n smallint NOT NULL, must text NOT NULL)));
put('orders', 'c', { id => 7, name => 'marmalade', n => 70000 });
my $orders = check('orders', q(result <> 'ok'));
like($orders, qr/^column n\|error\|int64 does not fit smallint: SQLSTATE 22003/m, 'a value that does not fit');
like($orders, qr/^column name\|error\|string does not fit character varying\(3\): SQLSTATE 22001/m, 'text that is too long');
like($orders, qr/^column must\|error\|SQLSTATE 23502/m, 'a column without default that the record lacks');
like($orders, qr/^record\|error\|change event with schema, insert: dead letter/m, 'so it would be a dead letter');
sql('DROP TABLE app.orders; CREATE TABLE app.orders (code int PRIMARY KEY, id int, name text, n bigint)');
like(check('orders', q(result = 'error')), qr/^problem\|error\|.*SQLSTATE 42P10.*parks the table/m, 'no index on the key');
sql('DROP TABLE app.orders; CREATE UNLOGGED TABLE app.orders (id int PRIMARY KEY, name text, n bigint)');
like(check('orders', q(result <> 'ok')), qr/^problem\|error\|.*a crash would empty app.orders.*parks the table\|.*ALTER TABLE app.orders SET LOGGED/m, 'a table that is not logged');
sql('DROP TABLE app.orders; CREATE VIEW app.orders AS SELECT 1 AS id');
like(check('orders', q(result = 'error')), qr/view/, 'a view');
sql('DROP VIEW app.orders; CREATE TABLE app.orders (id int PRIMARY KEY)');
like(check('orders', q(item = 'columns')), qr/^columns\|ok\|to be added: name text, n bigint/, 'columns that would be added');
configure($node, schema_evolution => 'none');
wait_sql($node, 'SHOW kafka_cdc_sink.schema_evolution', 'none', 'reloaded');
like(check('orders', q(item = 'columns')), qr/^columns\|warning\|not stored.*: name, n\|/, 'and that would not');
configure($node, schema_evolution => 'add_columns');
like(check('log', q(item = 'record')), qr/there is none/, 'no record');
put('log', 'c', { n => 1, said => 'marmalade' });
like(check('log', q(item = 'target')), qr/^target\|ok\|"app"."log": to be created, no key index: the record has no key, written as /, 'a table that would be made');

# ---- rights -----------------------------------------------------------------------------------------------------------
configure($node, role => 'writer');
wait_sql($node, 'SHOW kafka_cdc_sink.role', 'writer', 'reloaded');
is(check('orders', q(item = 'rights')), "rights|error|writer lacks USAGE on schema app|GRANT USAGE ON SCHEMA app TO \"writer\";\n"
	  . 'rights|error|writer lacks SELECT, INSERT, UPDATE, DELETE on "app"."orders"|GRANT SELECT, INSERT, UPDATE, DELETE ON "app"."orders" TO "writer";', 'rights on a table');
sql('GRANT USAGE ON SCHEMA app TO writer; GRANT SELECT (id), INSERT, UPDATE ON app.orders TO writer');
is(check('orders', q(item = 'rights')), 'rights|error|writer lacks DELETE on "app"."orders"|GRANT DELETE ON "app"."orders" TO "writer";', 'some are there');
like(check('log', q(item = 'rights')), qr/^rights\|error\|writer lacks CREATE on SCHEMA app\|GRANT CREATE ON SCHEMA app TO "writer"/, 'the right to make one');
configure($node, role => 'nobody_there');
wait_sql($node, 'SHOW kafka_cdc_sink.role', 'nobody_there', 'reloaded');
like(check('^settings$', q(item = 'role')), qr/^role\|error\|there is no role "nobody_there"/, 'no such role');
sql('CREATE ROLE nobody_there SUPERUSER');
like(check('^settings$', q(item = 'role')), qr/^role\|warning\|nobody_there is a superuser/, 'a superuser');
configure($node, role => '');
wait_sql($node, 'SHOW kafka_cdc_sink.role', '', 'reloaded');

# ---- whoever may call it sees what he may see ----------------------------------------------------------------------------
sql('CREATE ROLE doctor LOGIN; GRANT USAGE ON SCHEMA kafka_cdc_sink TO doctor; GRANT EXECUTE ON FUNCTION kafka_cdc_sink.check TO doctor');
like($node->safe_psql('postgres', q(SELECT item, found FROM kafka_cdc_sink.check() WHERE subject = 'topic srv.app.orders'), extra_params => [ '-U', 'doctor' ]),
	qr/^values\|not looked at: that takes the right to act as/m, 'a role without rights on the target');
is($node->safe_psql('postgres', q(SELECT count(*) FROM kafka_cdc_sink.check() WHERE subject IN ('server', 'settings', 'sink', 'brokers') AND result = 'error'), extra_params => [ '-U', 'doctor' ]), 0, 'all else it sees');

# ---- a lock is not waited for longer than a second, and a function not beyond the timeout ------------------------------------
my $other = session($node);
$other->sql('BEGIN; LOCK TABLE app.orders');
like(check('orders', q(result <> 'ok')), qr/SQLSTATE 55P03.*: waits/, 'a table that is locked');
$other->sql('ROLLBACK');
$other->end;
sql(q(CREATE FUNCTION app.slow(text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(100); RETURN true; END $$;
	CREATE DOMAIN app.lazy AS text CHECK (app.slow(VALUE)); ALTER TABLE app.orders ADD COLUMN name app.lazy));
my $user = session($node);
my $shown = q(SELECT current_setting('lock_timeout'), current_setting('TimeZone'), current_setting('search_path'), current_user);
$user->sql(q(SET lock_timeout = '7s'; SET TimeZone = 'Asia/Tokyo'; SET search_path = app));
my $was = $user->sql($shown);
my $slow = $user->sql(q(SELECT item, result, found, hint FROM kafka_cdc_sink.check('3 seconds') WHERE result <> 'ok'));
is($user->sql($shown), $was, 'settings are as they were');
$user->end;
like($slow, qr/^time\|warning\|not looked at, or not to the end/m, "a domain's function that does not end is ended");
is($node->safe_psql('postgres', q(DO $$ BEGIN PERFORM * FROM kafka_cdc_sink.check('1 second'); PERFORM pg_sleep(1.2); END $$; SELECT 1)), 1, 'nothing is cancelled afterwards');
like($node->safe_psql('postgres', q(SELECT item FROM kafka_cdc_sink.check('1000.999 milliseconds'))), qr/^time$/m, 'nor by a timeout that is no whole number of milliseconds');
my ($status, $out, $error) = $node->psql('postgres', q(SET statement_timeout = '500ms'; SELECT * FROM kafka_cdc_sink.check()));
like($error, qr/canceling statement due to statement timeout/, "the user's own timeout holds");

# One that catches the cancel is not called for the next value.
sql(q(CREATE OR REPLACE FUNCTION app.slow(text) RETURNS boolean LANGUAGE plpgsql AS $$
	BEGIN RAISE LOG 'slow begins'; PERFORM pg_sleep(5); PERFORM pg_sleep(5); RETURN true; EXCEPTION WHEN query_canceled THEN PERFORM pg_sleep(5); RETURN true; END $$;
	ALTER TABLE app.orders ALTER id TYPE int, ADD COLUMN a app.lazy));
$kafka->produce('orders', 0, undef, '{"id":1,"name":"x","a":"y"}');
my $from = -s $node->logfile;
like(check('orders', q(result <> 'ok'), '2 seconds'), qr/^time\|warning/m, 'a function that catches its cancel');
is(scalar(() = slurp_file($node->logfile, $from) =~ /slow begins/g), 1, 'is called no more');
sql('DROP TABLE app.orders; DROP DOMAIN app.lazy');

# ---- nothing is left in the session ------------------------------------------------------------------------------------------
put('log', 'c', { n => 2, said => 'x' x 300_000 });
$user = session($node);
my $kept = q(SELECT sum(used_bytes) FROM pg_backend_memory_contexts WHERE name = 'TopMemoryContext');
my $look = q(SELECT count(*) FROM kafka_cdc_sink.check() WHERE found ~ 'insert');
$user->sql($look) for 1, 2;
$was = $user->sql($kept);
$user->sql($look) for 1, 2;
cmp_ok($user->sql($kept) - $was, '<', 50_000, 'nor kept: what brokers answered');
$user->end;

# ---- our own tables are locked -------------------------------------------------------------------------------------------------
$other = session($node);
$other->sql('BEGIN; LOCK TABLE kafka_cdc_sink.offsets');
my $locked = sql('SELECT subject, item, result, found, hint FROM kafka_cdc_sink.check()');
like($locked, qr/^$_\|error\|cannot be looked at: 55P03: .*\|Another session holds a lock on a table of schema kafka_cdc_sink/m, "offsets are locked: $_") foreach 'sink\|check', 'topics\|lag';
like($locked, qr/^topic srv.app.items\|partitions\|ok\|2, spanning \d+ offsets\|$/m, 'topics are looked at, without their lag');
like($locked, qr/^topic srv.app.items\|record\|ok\|.*: applied/m, 'and records');
$other->sql('ROLLBACK');
$other->end;

# ---- settings ---------------------------------------------------------------------------------------------------------------
$node->append_conf('postgresql.conf', "kafka_cdc_sink.max_tracked_tables = 99\nkafka_cdc_sink.batch_size = 'marmalade'\nkafka_cdc_sink.no_such = 1");
$node->reload;
wait_sql($node, q(SELECT count(*) FROM pg_settings WHERE pending_restart), 1, 'reloaded');
my $settings = check('^settings$', q(result <> 'ok'));
like($settings, qr/^kafka_cdc_sink[.]max_tracked_tables\|warning\|changed since the server started\|Restart the server/m, 'a setting that waits for a restart');
like($settings, qr/^kafka_cdc_sink[.]batch_size\|error\|line \d+ of .*postgresql.conf/m, 'a value that was refused');
like($settings, qr/^kafka_cdc_sink[.]no_such\|error\|line \d+ of/m, 'a setting that is not there');
configure($node, client_properties => 'security.protocol=SASL_PLAINTEXT,sasl.mechanism=PLAIN');
wait_sql($node, 'SHOW kafka_cdc_sink.client_properties', 'security.protocol=SASL_PLAINTEXT,sasl.mechanism=PLAIN', 'reloaded');
like(check('^client$', q(result <> 'ok')), qr/password crosses the network in clear/, 'a password in clear');
configure($node, client_properties => 'no.such=marmalade');
wait_sql($node, 'SHOW kafka_cdc_sink.client_properties', 'no.such=marmalade', 'reloaded');
like(check('^client$', q(result <> 'ok')), qr/^properties\|error\|librdkafka does not know the client property "no.such"/, 'a property that is none');
configure($node, client_properties => '');

# ---- the exporter
my ($port) = $kafka->address =~ /:(\d+)/;
configure($node, metrics_listen_address => '127.0.0.1', metrics_port => $port, metrics_enabled => 'on');
wait_sql($node, 'SELECT exporter_hint IS NOT NULL FROM kafka_cdc_sink.status', 't', 'its port is in use');
like(check('^sink$', q(item = 'exporter')), qr/^exporter\|warning\|.*in use.*\|./, 'check() says so');
like(check('^server$', q(item = 'max_worker_processes')), qr/the sink takes 5 \(launcher, coordinator, 2 workers, exporter\)/, 'it takes a slot');
configure($node, metrics_enabled => 'off');

# ---- what is stored ----------------------------------------------------------------------------------------------------------
sql(q(INSERT INTO kafka_cdc_sink.offsets (group_id, topic, "partition", next_offset) VALUES ('kafka_cdc_sink', 'srv.app.log', 0, 50)
	ON CONFLICT (group_id, topic, "partition") DO UPDATE SET next_offset = 50));
like(check('log', q(result = 'error')), qr/^partition 0\|error\|next is offset 50, but it ends at 2: .*\|SELECT kafka_cdc_sink.seek\('srv.app.log', 0, 0\)/m, 'a topic that ends before');
configure($node, group_id => 'another');
wait_sql($node, 'SHOW kafka_cdc_sink.group_id', 'another', 'reloaded');
like(check('^sink$', q(item = 'offsets')), qr/^offsets\|warning\|none of group "another", but of "kafka_cdc_sink"/, 'another group');
configure($node, group_id => 'kafka_cdc_sink');
sql('ALTER TABLE kafka_cdc_sink.offsets SET UNLOGGED');
like(check('^sink$', q(result = 'error')), qr/^table offsets\|error\|is not logged.*\|ALTER TABLE kafka_cdc_sink.offsets SET LOGGED;/, 'offsets that are not logged');
sql('ALTER TABLE kafka_cdc_sink.offsets SET LOGGED');
sql(q(DELETE FROM kafka_cdc_sink.offsets WHERE topic = 'srv.app.log'));

# ---- another database --------------------------------------------------------------------------------------------------------
sql('CREATE DATABASE elsewhere');
$node->safe_psql('elsewhere', 'CREATE EXTENSION kafka_cdc_sink');
my $elsewhere = $node->safe_psql('elsewhere', q(SELECT subject, item, result, found FROM kafka_cdc_sink.check()));
like($elsewhere, qr/^settings\|database\|warning\|postgres, which is not this database/m, 'in another database it says so');
like($elsewhere, qr/^topic srv.app.items\|record\|ok\|change event with schema$/m, 'and looks at records only');
unlike($elsewhere, qr/\|target\|/, 'not at targets');
like($elsewhere, qr/^topic srv.app.items\|partitions\|ok\|2, spanning \d+ offsets$/m, 'nor tells it of lag: offsets are not there');

# ---- a sink that is paused --------------------------------------------------------------------------------------------------
configure($node, enabled => 'on');
sql(q(SELECT kafka_cdc_sink.pause('for a test')));
wait_sql($node, q(SELECT state FROM kafka_cdc_sink.status), 'paused', 'paused');
is(check('^sink$', q(item = 'state')), 'state|error|paused: for a test|Call kafka_cdc_sink.resume() to go on.', 'a pause');
sql(q(SELECT kafka_cdc_sink.resume()));
wait_sql($node, q(SELECT count(*) > 0 FROM kafka_cdc_sink.dead_letters), 't', 'odd records are dead letters');
like(check('^sink$', q(item = 'dead letters')), qr/^dead letters\|warning\|\d+ are open\|/, 'dead letters');

# ---- arguments ----------------------------------------------------------------------------------------------------------------
foreach my $bad ('NULL', q('0'), q('-1 second'), q('1 day'))
{
	($status, $out, $error) = $node->psql('postgres', "SELECT * FROM kafka_cdc_sink.check($bad)");
	like($error, qr/argument "timeout" must/, "a timeout of $bad is refused");
}

# ---- no values -----------------------------------------------------------------------------------------------------------------
unlike(join('', $orders, $slow, map { check($_) } 'odd', 'srv', '^sink'), qr/marmalade|70000/, 'no value of a row is told');
unlike($settings, qr/marmalade/, 'nor of a setting that was refused');
my $log = slurp_file($node->logfile);
unlike($log, qr/terminating background worker "kafka_cdc_sink check"|kafka_cdc_sink check.*exited/, 'nothing of it is in the log');
$node->stop;
done_testing();
