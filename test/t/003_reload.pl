# Settings take effect on reload: topics, workers under load, group, enabled.
use strict;
use warnings;
use KafkaCdcSink;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new(items => 4, orders => 1, log => 4);
my $node = sink_node('reload', $kafka, topics => '', max_workers => 1);
my $started = $node->safe_psql('postgres', 'SELECT pg_postmaster_start_time()');

wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'idle', 'idle without topics');
is(scalar workers($node), 0, 'no worker');
$node->safe_psql('postgres', 'CREATE SCHEMA app; CREATE TABLE app.log (n bigint, said text)');

# ---- topics
$kafka->produce('orders', 0, change('orders', 'c', { id => 1, name => 'one', n => 1 }));
configure($node, topics => 'srv.app.orders');
wait_sql($node, "SELECT count(*) FROM pg_class WHERE relname = 'orders'", 1, 'a topic is added by reload');
wait_applied($node, $kafka, ['orders'], 'and read');

# ---- more and fewer workers while rows come; each row of "log" must come once
my ($rows, $rounds) = (0, 0);
sub load
{
	my @records;
	foreach my $i (1 .. 4000)
	{
		$rows++;
		push @records, [ 'log', $rows % 4, change('log', 'c', { n => $rows, said => "row $rows" }) ];
		push @records, [ 'items', $rows % 4, change('items', 'u', { id => $rows % 400, name => "round $rounds", n => $rows }) ];
	}
	$rounds++;
	return $kafka->produce_all(@records);
}
load();
configure($node, topics => '^srv[.]app[.]');
foreach my $number (3, 1, 4, 2)
{
	load();
	configure($node, max_workers => $number);
	load();
	wait_sql($node, "SELECT count(*) = $number FROM kafka_cdc_sink.workers WHERE pid > 0", 't', "$number workers");
}
wait_sql($node, 'SELECT max(n) - min(n) <= 1 FROM (SELECT count(p.topic) n FROM kafka_cdc_sink.workers w
	LEFT JOIN kafka_cdc_sink.partitions p ON p.worker = w.slot WHERE w.pid > 0 GROUP BY w.slot) s', 't', 'partitions are given out evenly');
wait_applied($node, $kafka, [ 'log', 'items', 'orders' ], 'all is applied');
is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT n), max(n) FROM app.log'), "$rows|$rows|$rows", 'each row exactly once');
is($node->safe_psql('postgres', 'SELECT count(*), min(n), max(n) FROM app.items'), '400|' . ($rows - 399) . "|$rows", 'in order');

# ---- off and on
configure($node, enabled => 'off');
wait_sql($node, "SELECT count(*) FROM pg_stat_activity WHERE datname = 'postgres' AND backend_type LIKE '%kafka_cdc_sink%'", 0,
	'enabled = off: nothing is connected to the database');
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'idle', 'idle');
load();
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.log') < $rows, 1, 'nothing is applied');
configure($node, enabled => 'on');
wait_applied($node, $kafka, [ 'log', 'items' ], 'enabled = on: it goes on');
is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT n) FROM app.log'), "$rows|$rows", 'exactly once');

# ---- topics empty: everything stops; and goes on
configure($node, topics => '');
wait_sql($node, 'SELECT count(*) FROM kafka_cdc_sink.workers WHERE pid > 0', 0, 'no topics: the workers leave');
configure($node, topics => 'srv.app.log');
wait_sql($node, 'SELECT count(*) > 0 FROM kafka_cdc_sink.workers WHERE pid > 0', 't', 'and come back');

# ---- another group is another mirror: it starts at its own offsets
configure($node, group_id => 'second', topics => 'srv.app.orders');
wait_sql($node, "SELECT next_offset FROM kafka_cdc_sink.offsets WHERE group_id = 'second' AND topic = 'srv.app.orders'", 1, 'another group reads from the start');
is($node->safe_psql('postgres', 'SELECT * FROM app.orders'), '1|one|1', 'upserts absorb what was there');

# ---- settings of the database hold from the workers' start
$node->safe_psql('postgres', q(ALTER DATABASE postgres SET kafka_cdc_sink.table_format = 'other.${table}'));
configure($node, enabled => 'off');
wait_sql($node, "SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'kafka_cdc_sink worker%'", 0, 'off');
$kafka->produce('orders', 0, change('orders', 'c', { id => 2, name => 'two', n => 2 }));
configure($node, enabled => 'on');
wait_applied($node, $kafka, ['orders'], 'on');
is($node->safe_psql('postgres', 'SELECT id FROM other.orders'), '2', 'ALTER DATABASE ... SET holds');

# ---- what is refused
foreach my $bad ([ topics => '^srv[.](app' ], [ max_workers => '0' ], [ client_properties => 'enable.auto.commit=true' ],
	[ client_properties => 'sasl.password=hunter2' ], [ client_properties => 'nothing' ], [ table_format => '${nonsense}' ],
	[ max_workers => 'many' ], [ log_level => 'loud' ], [ start_offset => 'middle' ], [ time_precision_mode => 'vague' ])
{
	my ($status, $out, $error) = $node->psql('postgres', "ALTER SYSTEM SET kafka_cdc_sink.$bad->[0] = '$bad->[1]'");
	isnt($status, 0, "refused: $bad->[0] = $bad->[1]");
	unlike($error, qr/hunter2/, 'a secret is not shown') if $bad->[1] =~ /hunter2/;
}
is($node->safe_psql('postgres', 'SELECT pg_postmaster_start_time()'), $started, 'all that without a restart');
$node->stop;
done_testing();
