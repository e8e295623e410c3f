# What the views say stays true when what it was about is passed, given up or another one; and what code
# of a table says does not show in them.
use strict;
use warnings;
use KafkaCdcSink;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new(items => 1, orders => 1, log => 1);
my $node = sink_node('truth', $kafka, topics => '^srv[.]app[.]', max_workers => 1);
sub sql { return $node->safe_psql('postgres', $_[0]) }
sub table_state { return qq(SELECT state, reason IS NULL FROM kafka_cdc_sink.tables WHERE "table" = '$_[0]') }

$kafka->produce('items', 0, change('items', 'c', { id => 1, name => 'x', n => 1 }));
wait_applied($node, $kafka, ['items'], 'it runs');

# ---- a parked table whose record is passed, or whose topic is left
sql('CREATE VIEW app.log AS SELECT 1 AS n');
foreach my $way ('seek', 'topics')
{
	$kafka->produce('log', 0, change('log', 'c', { n => 1, said => 'x' }));
	wait_sql($node, table_state('log'), 'parked|f', "$way: parked");
	if ($way eq 'seek') { sql(q(SELECT kafka_cdc_sink.seek('srv.app.log', 0, 1, true); SELECT kafka_cdc_sink.resume())) }
	else { configure($node, topics => 'srv.app.items,srv.app.orders') }
	wait_sql($node, table_state('log'), 'active|t', "$way: not any more");
	is(sql(q(SELECT value FROM kafka_cdc_sink.metrics WHERE name ~ 'table_parked' AND labels->>'table' = 'log')), 0, "$way: nor in the metrics");
}
configure($node, topics => '^srv[.]app[.]');
wait_sql($node, table_state('log'), 'parked|f', 'it is parked again when its record is read again');
sql('SELECT pg_terminate_backend(pid) FROM kafka_cdc_sink.workers; DROP VIEW app.log');
wait_applied($node, $kafka, ['log'], 'another worker goes on');
is(sql(table_state('log')), 'active|t', 'and it is parked no more');

# ---- dead letters of records that could not be decoded count for their table, too
$kafka->produce('items', 0, (change('items', 'c', { id => 2, name => 'x', n => 1 }))[0], '{"op":"c","source":{"connector":"postgresql","db":"d","schema":"app","table":"items"},"after":{"id":2,"n":"many"}}');
$kafka->produce('items', 0, change('items', 'c', { id => 99999999999, name => 'too large', n => 1 }));
wait_applied($node, $kafka, ['items'], 'bad records');
is(sql(q(SELECT (SELECT dead_letters FROM kafka_cdc_sink.tables WHERE "table" = 'items') = (SELECT count(*) FROM kafka_cdc_sink.dead_letters WHERE target = 'app.items'))), 't', 'a table has as many dead letters as its view says');

# ---- what code of a table raises may name values
sql(q(CREATE FUNCTION app.tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.name = 'told' THEN
	RAISE 'SECRET' USING ERRCODE = '22023', DETAIL = 'SECRET', HINT = 'SECRET', COLUMN = 'SECRET', CONSTRAINT = 'SECRET', TABLE = 'SECRET', SCHEMA = 'SECRET'; END IF; RETURN NEW; END $$;
	CREATE TRIGGER tell BEFORE INSERT OR UPDATE ON app.items FOR EACH ROW EXECUTE FUNCTION app.tell(); ALTER TABLE app.items ENABLE ALWAYS TRIGGER tell));
$kafka->produce('items', 0, change('items', 'c', { id => 3, name => 'told', n => 1 }));
wait_applied($node, $kafka, ['items'], 'a trigger that raises');
is(sql(q(SELECT count(*) FROM kafka_cdc_sink.dead_letters WHERE message = 'SECRET')), 1, 'a dead letter');
unlike(sql("SELECT s, r FROM kafka_cdc_sink.status s, kafka_cdc_sink.recent_errors r"), qr/SECRET/, 'what it names is not in the views');
like(sql(q(SELECT message FROM kafka_cdc_sink.recent_errors WHERE sqlstate = '22023')), qr/^dead letter: SQLSTATE 22023, table app.items$/, 'but the error is');

# ---- a pause by the first bad record: its class, and the way out
configure($node, on_error => 'pause');
$kafka->produce('items', 0, (change('items', 'c', { id => 4, name => 'x', n => 1 }))[0], '{"op":"c"');
wait_sql($node, q(SELECT state, hint ~ 'seek.*on_error' FROM kafka_cdc_sink.status), 'paused|t', 'the hint tells the ways out');
is(sql(q(SELECT class, topic, "offset" FROM kafka_cdc_sink.recent_errors LIMIT 1)), 'data|srv.app.items|' . ($kafka->end('items', 0) - 1), "it is the record's fault");
configure($node, on_error => 'dead_letter');
sql('SELECT kafka_cdc_sink.resume()');
wait_applied($node, $kafka, ['items'], 'it goes on');

# ---- a right that is missing is not taken for what a trigger says
sql(q(CREATE ROLE sink; GRANT ALL ON app.items TO sink));
configure($node, role => 'sink');
$kafka->produce('items', 0, change('items', 'c', { id => 5, name => 'x', n => 1 }));
wait_sql($node, table_state('items'), 'parked|f', 'a role without USAGE on the schema');
like(sql(q(SELECT reason FROM kafka_cdc_sink.tables WHERE "table" = 'items')), qr/permission denied for schema app/, 'the reason says it');
unlike(sql(q(SELECT coalesce(hint, '') FROM kafka_cdc_sink.tables WHERE "table" = 'items')), qr/raised in code/, 'and no trigger is blamed');
sql('GRANT USAGE ON SCHEMA app TO sink; SELECT kafka_cdc_sink.resume()');
wait_applied($node, $kafka, ['items'], 'granted: it flows');

# ---- another database: its tables are others
sql('CREATE DATABASE other');
$node->safe_psql('other', 'CREATE EXTENSION kafka_cdc_sink; CREATE ROLE tmp; DROP ROLE tmp');
configure($node, database => 'other', role => '');
wait_sql($node, caught_up($kafka, 'orders', 'items'), 't', 'it writes to the other one', 'other');
is($node->safe_psql('other', q(SELECT inserts FROM kafka_cdc_sink.tables WHERE "table" = 'items')), $node->safe_psql('other', 'SELECT count(*) FROM app.items'), 'what was counted for the first is not added');
$node->stop;
done_testing();
