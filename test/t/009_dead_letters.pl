# Records that cannot be applied are dead letters and stop nothing; a table that cannot take changes
# is parked and flows once it is mended.
use strict;
use warnings;
use KafkaCdcSink;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new(items => 1, orders => 1, 'junk.topic.things' => 1, 'srv.app.view' => 1, 'srv.app.nokey' => 1);
my $node = sink_node('letters', $kafka, topics => '^(srv|junk)[.]', batch_size => 1000);

# ---- junk: dead letters and no table
my @junk = ('{"some": "json"}', 'not json', '[1, 2]', '"text"', '42', "\xff\xfe\x00", '{"unfinished": ', '{"a":' x 100000);
$kafka->produce('junk.topic.things', 0, qq({"id":$_}), $junk[$_]) foreach 0 .. $#junk;
wait_sql($node, q(SELECT count(*) FROM kafka_cdc_sink.dead_letters WHERE topic = 'junk.topic.things'), scalar @junk, 'each junk record is a dead letter');
is($node->safe_psql('postgres', q(SELECT count(*) FROM pg_class WHERE relname = 'things')), 0, 'no table is made for junk');
is($node->safe_psql('postgres', q(SELECT count(*) FROM kafka_cdc_sink.dead_letters WHERE message = '' OR sqlstate = '' OR status <> 'pending')), 0, 'each with a message');
is($node->safe_psql('postgres', q(SELECT convert_from(value, 'UTF8') FROM kafka_cdc_sink.dead_letters WHERE "offset" = 1)), 'not json', 'and the whole record');

# ---- one bad among good
my @good = map { [ 'items', 0, change('items', 'c', { id => $_, name => "good $_", n => $_ }) ] } 1 .. 2000;
my @bad = (
	[ 'items', 0, change('items', 'c', { id => 1, name => "nul \x00 inside", n => 1 }) ],
	[ 'items', 0, change('items', 'c', { id => 99999999999, name => 'too large an id', n => 1 }) ],
	[ 'items', 0, (change('items', 'c', { id => 5, name => 'x', n => 5 }))[0], '{"op":"c"' ]);
splice @good, 700, 0, $bad[0];
splice @good, 1400, 0, $bad[1], $bad[2];
$kafka->produce_all(@good);
wait_applied($node, $kafka, ['items'], 'a stream with bad records goes on');
is($node->safe_psql('postgres', q(SELECT count(*) FROM app.items WHERE name LIKE 'good%')), 2000, 'all good ones are there');
is( $node->safe_psql('postgres', q(SELECT string_agg("offset"::text, ',' ORDER BY "offset") FROM kafka_cdc_sink.dead_letters WHERE topic = 'srv.app.items')),
	'700,1400,1401', 'exactly the bad ones are dead letters');
$node->safe_psql('postgres', 'ALTER TABLE app.items ADD CHECK (n < 10000)');
$kafka->produce_all(map { [ 'items', 0, change('items', 'c', { id => 3000 + $_, name => 'late', n => $_ == 50 ? 10001 : $_ }) ] } 1 .. 100);
wait_applied($node, $kafka, ['items'], 'a violated check');
is($node->safe_psql('postgres', q(SELECT count(*) FROM app.items WHERE name = 'late')), 99, 'only that record is left out');
is($node->safe_psql('postgres', q(SELECT sqlstate, target FROM kafka_cdc_sink.dead_letters ORDER BY id DESC LIMIT 1)), '23514|app.items', 'with its SQLSTATE and target');
unlike(PostgreSQL::Test::Utils::slurp_file($node->logfile), qr/10001/, 'the row is not in the log');

# ---- a table that cannot take changes: parked, others flow
$node->safe_psql('postgres', 'CREATE VIEW app.view AS SELECT 1 AS id, NULL::text AS name; CREATE TABLE app.nokey (id integer, name text, n bigint)');
$KafkaCdcSink::shape{view} = $KafkaCdcSink::shape{nokey} = $KafkaCdcSink::shape{items};
$kafka->produce("srv.app.$_", 0, change($_, 'c', { id => 1, name => 'one', n => 1 })) foreach qw(view nokey);
$kafka->produce("srv.app.$_", 0, change($_, 'c', { id => 2, name => 'two', n => 2 })) foreach qw(view nokey);
foreach my $table (qw(view nokey))
{
	wait_sql($node, qq(SELECT state, reason <> '' AND hint <> '' FROM kafka_cdc_sink.tables WHERE "table" = '$table'), 'parked|t', "$table is parked with reason and hint");
}
$kafka->produce('orders', 0, change('orders', 'c', { id => 1, name => 'one', n => 1 }));
wait_applied($node, $kafka, ['orders'], 'others flow');
is($node->safe_psql('postgres', 'SELECT state FROM kafka_cdc_sink.status'), 'degraded', 'the sink is degraded');
is($node->safe_psql('postgres', q(SELECT count(*) FROM kafka_cdc_sink.dead_letters WHERE topic ~ 'view|nokey')), 0, 'no dead letters of parked tables');
$kafka->produce('srv.app.nokey', 0, change('nokey', 'c', { id => 3, name => 'three', n => 3 }));
wait_sql($node, q(SELECT lag FROM kafka_cdc_sink.partitions WHERE topic = 'srv.app.nokey'), 3, 'the lag of a partition that stands grows');
$node->safe_psql('postgres', 'ALTER TABLE app.nokey ADD PRIMARY KEY (id); DROP VIEW app.view');
$node->safe_psql('postgres', 'SELECT kafka_cdc_sink.resume()');
wait_applied($node, $kafka, [ 'srv.app.view', 'srv.app.nokey' ], 'mended: they flow');
is($node->safe_psql('postgres', "SELECT (SELECT count(*) FROM app.nokey), (SELECT count(*) FROM app.view)"), '3|2', 'nothing is lost');
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'running', 'the sink runs');

# ---- mended without resume(): tried again by itself
$node->safe_psql('postgres', 'REVOKE ALL ON app.orders FROM CURRENT_USER; ALTER TABLE app.orders RENAME n TO m');
$node->safe_psql('postgres', q(ALTER SYSTEM SET kafka_cdc_sink.schema_evolution = 'none'));
$node->reload;
$node->safe_psql('postgres', 'ALTER TABLE app.orders RENAME id TO number');
$kafka->produce('orders', 0, change('orders', 'c', { id => 2, name => 'two', n => 2 }));
wait_sql($node, q(SELECT state FROM kafka_cdc_sink.tables WHERE "table" = 'orders'), 'parked', 'a renamed key column parks the table');
$node->safe_psql('postgres', 'ALTER TABLE app.orders RENAME number TO id; ALTER TABLE app.orders RENAME m TO n');
wait_applied($node, $kafka, ['orders'], 'mended: it flows by itself');
is($node->safe_psql('postgres', 'SELECT id, name, n FROM app.orders ORDER BY 1'), "1|one|1\n2|two|2", 'complete');

# ---- on_error = pause
configure($node, on_error => 'pause');
wait_sql($node, 'SHOW kafka_cdc_sink.on_error', 'pause', 'on_error = pause');
$kafka->produce('orders', 0, '{"id":3}', 'broken');
$kafka->produce('orders', 0, change('orders', 'c', { id => 4, name => 'four', n => 4 }));
wait_sql($node, q(SELECT state, reason <> '' FROM kafka_cdc_sink.status), 'paused|t', 'a bad record pauses');
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.orders'), 2, 'nothing after it is applied');
configure($node, on_error => 'dead_letter');
wait_sql($node, 'SHOW kafka_cdc_sink.on_error', 'dead_letter', 'on_error = dead_letter');
$node->safe_psql('postgres', 'SELECT kafka_cdc_sink.resume()');
wait_applied($node, $kafka, ['orders'], 'it goes on after resume()');
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.orders'), 3, 'with a dead letter in between');

# ---- too many
configure($node, max_dead_letters => 5);
wait_sql($node, 'SHOW kafka_cdc_sink.max_dead_letters', '5', 'max_dead_letters = 5');
$node->safe_psql('postgres', 'SELECT kafka_cdc_sink.resume()');
my $before = $node->safe_psql('postgres', 'SELECT count(*) FROM kafka_cdc_sink.dead_letters');
$kafka->produce_all(map { [ 'junk.topic.things', 0, '{"id":1}', "junk $_" ] } 1 .. 20);
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'paused', 'too many dead letters pause');
is($node->safe_psql('postgres', 'SELECT count(*) FROM kafka_cdc_sink.dead_letters') - $before, 5, 'at the allowed number');
configure($node, max_dead_letters => 1000);
wait_sql($node, 'SHOW kafka_cdc_sink.max_dead_letters', '1000', 'max_dead_letters = 1000');
$node->safe_psql('postgres', 'SELECT kafka_cdc_sink.resume()');
wait_applied($node, $kafka, ['junk.topic.things'], 'resume() gives a fresh allowance');

# ---- those that are too old
$node->safe_psql('postgres', q(UPDATE kafka_cdc_sink.dead_letters SET at = at - interval '2 hours' WHERE "offset" % 2 = 0));
my $young = $node->safe_psql('postgres', q(SELECT count(*) FROM kafka_cdc_sink.dead_letters WHERE "offset" % 2 <> 0));
configure($node, dead_letter_retention => '1h');
wait_sql($node, 'SELECT count(*) FROM kafka_cdc_sink.dead_letters', $young, 'old ones are deleted');
$node->stop;
done_testing();
