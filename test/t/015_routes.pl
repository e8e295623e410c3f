# Routes: one that is inserted while records flow holds for the next of them; restart, dump, a table
# that stood.
use strict;
use warnings;
use KafkaCdcSink;
use PostgreSQL::Test::Utils;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new(items => 2, orders => 1, log => 1);
my $node = sink_node('routes', $kafka, topics => '^srv[.]app[.]');
my $routes = 'kafka_cdc_sink.routes';
sub item { my $id = shift; return $kafka->produce('items', $id % 2, change('items', 'c', { id => $id, name => "i$id", n => $id })) }
sub order { return $kafka->produce('orders', 0, change('orders', 'c', { id => $_[0], name => 'o', n => 1 })) }

item($_) foreach 1 .. 4;
order(1);
wait_applied($node, $kafka, [ 'items', 'orders' ], 'it runs');
my @before = workers($node);

# ---- the next record goes by the new route, each time
foreach my $round (1 .. 5)
{
	$node->safe_psql('postgres', "DELETE FROM $routes; INSERT INTO $routes (topic, target) VALUES ('^srv[.]app[.]it', 'app.items_$round')");
	item(10 * $round + $_) foreach 0 .. 1;
	wait_applied($node, $kafka, ['items'], "route $round");
	is($node->safe_psql('postgres', "SELECT string_agg(id::text, ',' ORDER BY id) FROM app.items_$round"), join(',', 10 * $round, 10 * $round + 1), 'both partitions go by it');
}
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.items'), 4, 'no record went elsewhere');
$node->safe_psql('postgres', "BEGIN; UPDATE $routes SET target = 'app.never'; ROLLBACK");
item(100);
order(2);
wait_applied($node, $kafka, [ 'items', 'orders' ], 'a change that was rolled back');
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.items_5'), 3, 'is none');
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.orders'), 2, 'other topics go by the settings');
is_deeply([ workers($node) ], \@before, 'no worker was replaced');

# ---- a table that stood goes on where its topic is routed elsewhere
$node->safe_psql('postgres', 'ALTER TABLE app.orders DROP CONSTRAINT orders_pkey');
order(3);
my $parked = q(SELECT state FROM kafka_cdc_sink.partitions WHERE topic = 'srv.app.orders');
wait_sql($node, $parked, 'parked', 'a table without its key parks');
$node->safe_psql('postgres', "INSERT INTO $routes (topic, target, history) VALUES ('srv.app.orders', 'app.orders_log', true)");
wait_applied($node, $kafka, ['orders'], 'a route takes its records elsewhere');
is($node->safe_psql('postgres', 'SELECT id, __op, __topic, __partition, __offset FROM app.orders_log'), '3|c|srv.app.orders|0|2', 'as a history');
wait_sql($node, q(SELECT count(*) FROM kafka_cdc_sink.tables WHERE state = 'parked'), 0, 'and nothing is parked');

# ---- read again from the beginning, a history has each event once
$node->safe_psql('postgres', "SELECT kafka_cdc_sink.seek('srv.app.orders', 0, 1, force => true)");
wait_sql($node, 'SELECT count(*), count(DISTINCT __offset) FROM app.orders_log', '2|2', 'a second reading adds what was not there only');

# ---- what cannot be read is a reason to wait, not to guess
$node->safe_psql('postgres', "BEGIN; SET LOCAL session_replication_role = replica; INSERT INTO $routes (topic) VALUES ('^('); COMMIT; UPDATE $routes SET priority = priority WHERE id = 1");
$node->restart;
order(4);
wait_sql($node, q(SELECT count(*) > 0 FROM kafka_cdc_sink.workers WHERE state = 'paused' AND reason LIKE '%invalid regular expression%'), 't', 'a row that is not sensible pauses the workers');
$node->safe_psql('postgres', "DELETE FROM $routes WHERE topic = '^('");
wait_applied($node, $kafka, ['orders'], 'until it is gone');
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.orders_log'), 3, 'routes survive a restart');

my ($dump) = run_command([ 'pg_dump', '-d', $node->connstr('postgres') ]);
like($dump, qr/COPY kafka_cdc_sink.routes .*\n.*srv.app.orders\tapp.orders_log/s, 'and are in a dump');
like($dump, qr/setval\('kafka_cdc_sink.routes_id_seq'/, 'with the next id');

$node->stop;
done_testing();
