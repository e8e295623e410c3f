# Targets that cannot take changes, for whatever reason: parked with it, while others flow; no record of them
# becomes a dead letter, and once they are put right they flow by themselves, with all that came meanwhile.
use strict;
use warnings;
use KafkaCdcSink;
use PostgreSQL::Test::Utils;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new(items => 1, orders => 1);
my $node = sink_node('targets', $kafka, topics => '^srv[.]app[.]', max_workers => 1);
sub sql { return $node->safe_psql('postgres', $_[0]) }
sql('CREATE ROLE owner; CREATE ROLE sink; CREATE SCHEMA app AUTHORIZATION owner; CREATE ROLE looker');
my ($clock, %name) = (0);
sub feed
{
	my ($table, @ids) = @_;
	return $kafka->produce_all(map { $clock++; $name{$table}{$_} = "row $clock"; [ $table, 0, change($table, 'u', { id => $_, name => "row $clock", n => $clock }) ] } @ids);
}
sub rows { my $of = $name{ $_[0] }; return join ',', map { "$_ $of->{$_}" } sort keys %$of }
my $shown = q(SELECT string_agg(id || ' ' || name, ',' ORDER BY id) FROM app.);

# What stands is the table, and all say why; once undone it flows. set, reset: settings to go with it.
sub parked
{
	my ($name, $do, $reason, $undo, %how) = @_;
	my $from = -s $node->logfile;
	sql($do) if $do;
	configure($node, %{ $how{set} }) if $how{set};
	feed('items', 1, 2);
	wait_sql($node, q(SELECT state FROM kafka_cdc_sink.partitions WHERE topic = 'srv.app.items'), 'parked', "$name: the partition stands");
	like(sql(q(SELECT state, reason, hint FROM kafka_cdc_sink.tables WHERE "table" = 'items')), qr/^parked\|.*$reason.*\|/, "$name: parked with the reason");
	like(sql(q(SELECT state, reason FROM kafka_cdc_sink.status)), qr/^degraded\|partition 0 of topic "srv.app.items": .*$reason/, "$name: the status tells");
	my $errors = sql('SELECT errors FROM kafka_cdc_sink.workers');
	feed('items', 2, 3);
	feed('orders', 1, 2);
	wait_applied($node, $kafka, ['orders'], "$name: others flow");
	wait_sql($node, "SELECT errors > $errors + 1 FROM kafka_cdc_sink.workers", 't', "$name: tried again");
	is(sql(q(SELECT state FROM kafka_cdc_sink.partitions WHERE topic = 'srv.app.items')), 'parked', "$name: standing while it is tried");
	sql($undo) if $undo;
	configure($node, %{ $how{reset} }) if $how{reset};
	wait_applied($node, $kafka, [ 'items', 'orders' ], "$name: put right, it flows by itself");
	is(sql("$shown$_"), rows($_), "$name: $_ as the events say") foreach 'items', 'orders';
	wait_sql($node, q(SELECT state, (SELECT count(*) FROM kafka_cdc_sink.tables WHERE state <> 'active') FROM kafka_cdc_sink.status), 'running|0', "$name: the sink runs");
	is(sql('SELECT count(*) FROM kafka_cdc_sink.dead_letters'), 0, "$name: no dead letters");
	calm_log($node, $from, 6, $name);
	return;
}

feed($_, 1, 2, 3) foreach 'items', 'orders';
wait_applied($node, $kafka, [ 'items', 'orders' ], 'at first');
is(sql(q(SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'app')), 'owner', 'made for the owner of the schema');

# ---- rights
parked('schema not to be used', 'ALTER SCHEMA app OWNER TO CURRENT_USER; REVOKE ALL ON SCHEMA app FROM owner; GRANT USAGE ON SCHEMA app TO looker; ALTER TABLE app.orders OWNER TO CURRENT_USER',
	'permission denied for schema app \(SQLSTATE 42501', 'ALTER SCHEMA app OWNER TO owner; ALTER TABLE app.orders OWNER TO owner');
parked('a role without rights', 'GRANT USAGE ON SCHEMA app TO sink; GRANT ALL ON app.orders TO sink', 'permission denied for table items \(SQLSTATE 42501', 'GRANT ALL ON app.items TO sink',
	set => { role => 'sink' });
parked('a role with some rights', 'REVOKE UPDATE ON app.items FROM sink', 'permission denied for table items \(SQLSTATE 42501', 'GRANT UPDATE ON app.items TO sink');
parked('a role under policies', 'ALTER TABLE app.items ENABLE ROW LEVEL SECURITY', 'row-level security of "app"."items" would apply \(SQLSTATE 42501', 'ALTER TABLE app.items DISABLE ROW LEVEL SECURITY',
	reset => { role => '' });
parked('an owner under policies', 'ALTER TABLE app.items ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', 'row-level security of "app"."items" would apply \(SQLSTATE 42501',
	'ALTER TABLE app.items DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY');

# ---- what it is
my $aside = 'ALTER TABLE app.items RENAME TO aside;';
my $back = 'ALTER TABLE app.aside RENAME TO items';
parked('a view', "$aside CREATE VIEW app.items AS TABLE app.aside", 'which is a view \(SQLSTATE 42809', "DROP VIEW app.items; $back");
parked('a materialized view', "$aside CREATE MATERIALIZED VIEW app.items AS TABLE app.aside", 'which is a materialized view \(SQLSTATE 42809', "DROP MATERIALIZED VIEW app.items; $back");
parked('an unlogged table', 'ALTER TABLE app.items SET UNLOGGED', 'a crash would empty app.items \(SQLSTATE 55000', 'ALTER TABLE app.items SET LOGGED');
parked('an unlogged partition', "$aside CREATE TABLE app.items (LIKE app.aside INCLUDING ALL) PARTITION BY RANGE (id); CREATE UNLOGGED TABLE app.part PARTITION OF app.items DEFAULT",
	'a crash would empty app.part \(SQLSTATE 55000', "DROP TABLE app.items; $back");
parked('a foreign table', "$aside CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE app.items (id int, name text, n bigint) SERVER s",
	'which is a foreign table \(SQLSTATE 42809', "DROP FOREIGN TABLE app.items; $back");
parked('a sequence', "$aside CREATE SEQUENCE app.items", 'which is a sequence \(SQLSTATE 42809', "DROP SEQUENCE app.items; $back");
parked('rules', 'CREATE RULE r AS ON INSERT TO app.items DO ALSO NOTHING; ALTER TABLE app.items ENABLE ALWAYS RULE r', 'which has rules \(SQLSTATE 0A000', 'DROP RULE r ON app.items');
parked('a key that can be deferred', 'ALTER TABLE app.items DROP CONSTRAINT items_pkey, ADD CONSTRAINT items_pkey PRIMARY KEY (id) DEFERRABLE', 'SQLSTATE 42',
	'ALTER TABLE app.items DROP CONSTRAINT items_pkey, ADD CONSTRAINT items_pkey PRIMARY KEY (id)');
parked('a key of some rows', 'ALTER TABLE app.items DROP CONSTRAINT items_pkey; CREATE UNIQUE INDEX i ON app.items (id) WHERE id > 0', 'SQLSTATE 42',
	'ALTER TABLE app.items ADD CONSTRAINT items_pkey PRIMARY KEY (id); DROP INDEX app.i');

parked('code that forbids to write', q(CREATE FUNCTION app.forbid() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN SET LOCAL transaction_read_only = on; INSERT INTO app.orders VALUES (0); END$$;
	CREATE TRIGGER forbid BEFORE INSERT OR UPDATE ON app.items FOR EACH ROW EXECUTE FUNCTION app.forbid(); ALTER TABLE app.items ENABLE ALWAYS TRIGGER forbid),
	'read-only transaction \(SQLSTATE 25006', 'DROP TRIGGER forbid ON app.items');

# ---- what is missing and may not be made
parked('a missing table', $aside, 'table "app"."items" does not exist \(SQLSTATE 42P01', $back, set => { auto_create_tables => 'off' }, reset => { auto_create_tables => 'on' });
parked('a missing column', 'ALTER TABLE app.items RENAME name TO title', 'has no column "name" \(SQLSTATE 42703, table .*column name', 'ALTER TABLE app.items RENAME title TO name',
	set => { schema_evolution => 'none' }, reset => { schema_evolution => 'add_columns' });

# ---- what cannot be made: never a data error, whatever says so
parked('no right to create', "$aside ALTER SCHEMA app OWNER TO CURRENT_USER; GRANT USAGE ON SCHEMA app TO sink; GRANT ALL ON app.orders TO sink", 'permission denied for schema app \(SQLSTATE 42501',
	"$back; ALTER SCHEMA app OWNER TO owner; GRANT ALL ON app.items TO sink", set => { role => 'sink' }, reset => { role => '' });
my $trigger = q(CREATE FUNCTION public.no() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN IF current_user = 'owner' THEN RAISE 'SECRET' USING ERRCODE = '22003'; END IF; END$$;
	CREATE EVENT TRIGGER no ON ddl_command_end EXECUTE FUNCTION public.no(); ALTER EVENT TRIGGER no ENABLE ALWAYS);
parked('an event trigger that refuses a table', "$aside $trigger", 'SQLSTATE 22003', $back);
parked('an event trigger that refuses a column', 'ALTER TABLE app.items RENAME name TO title', 'SQLSTATE 22003', 'DROP EVENT TRIGGER no; ALTER TABLE app.items RENAME title TO name');
unlike(slurp_file($node->logfile), qr/SECRET/, 'what it says is not in the log');
$node->stop;
done_testing();
