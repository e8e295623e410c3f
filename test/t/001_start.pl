# With brokers and topics set, an empty database becomes a replica.
use strict;
use warnings;
use KafkaCdcSink;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new(items => 2, orders => 1);
my $node = sink_node('start', $kafka, topics => 'srv.app.items, srv.app.orders');

$kafka->produce('items', 0, change('items', 'r', { id => 1, name => 'one', n => 1 }));
$kafka->produce('items', 1, change('items', 'c', { id => 2, name => 'two', n => 2 }));
wait_applied($node, $kafka, ['items'], 'the first rows arrive');
is($node->safe_psql('postgres', 'SELECT * FROM app.items ORDER BY id'), "1|one|1\n2|two|2", 'schema, table and rows are made');
is( $node->safe_psql('postgres',
		"SELECT string_agg(format('%s %s', attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attnum)
		 FROM pg_attribute WHERE attrelid = 'app.items'::regclass AND attnum > 0"),
	'id integer, name text, n bigint', 'with the types of the records');
is( $node->safe_psql('postgres', "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'app.items'::regclass AND contype = 'p'"),
	'PRIMARY KEY (id)', 'and their key');

$kafka->produce('items', 0, change('items', 'u', { id => 1, name => 'uno', n => undef }));
my ($key) = change('items', 'd', { id => 2 });
$kafka->produce('items', 1, change('items', 'd', { id => 2 }));
$kafka->produce('items', 1, $key, undef);
$kafka->produce('orders', 0, change('orders', 'c', { id => 7, name => "l'ordre \"7\" \\ \t", n => -9223372036854775808 }));
wait_applied($node, $kafka, [ 'items', 'orders' ], 'changes arrive');
is($node->safe_psql('postgres', 'SELECT * FROM app.items'), '1|uno|', 'updated and deleted');
is($node->safe_psql('postgres', 'SELECT * FROM app.orders'), "7|l'ordre \"7\" \\ \t|-9223372036854775808", 'text and numbers are exact');
is($node->safe_psql('postgres', "SELECT kafka_cdc_sink.wait_for('srv.app.orders', 0, 1)"), 't', 'wait_for() a position that is applied');
is($node->safe_psql('postgres', "SELECT kafka_cdc_sink.wait_for('srv.app.orders', 0, 2, '100ms')"), 'f', 'and one that is not');

is($node->safe_psql('postgres', 'SELECT state, topics, partitions, total_lag FROM kafka_cdc_sink.status'), 'running|2|3|0', 'status');
is( $node->safe_psql('postgres', 'SELECT schema, "table", inserts, updates, deletes FROM kafka_cdc_sink.tables WHERE schema IS NOT NULL ORDER BY 2'),
	"app|items|2|1|1\napp|orders|1|0|0", 'events by kind');
is( $node->safe_psql('postgres', 'SELECT topic, "partition", state, next_offset, lag FROM kafka_cdc_sink.partitions ORDER BY 1, 2'),
	"srv.app.items|0|running|2|0\nsrv.app.items|1|running|3|0\nsrv.app.orders|0|running|1|0", 'partitions');
is(scalar workers($node), 2, 'two workers');
cmp_ok($node->safe_psql('postgres', "SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE '%kafka_cdc_sink%'"),
	'>=', 4, 'launcher, coordinator and workers show in pg_stat_activity');

# Every codec that librdkafka has.
my @codecs = qw(none gzip snappy lz4 zstd);
foreach my $i (0 .. $#codecs)
{
	$kafka->command("compression $codecs[$i]");
	$kafka->produce('items', $i % 2, change('items', 'c', { id => 100 + $i, name => $codecs[$i] x 100, n => $i }));
}
wait_applied($node, $kafka, ['items'], 'compressed records arrive');
is($node->safe_psql('postgres', 'SELECT string_agg(left(name, 4), \' \' ORDER BY id) FROM app.items WHERE id >= 100'), 'none gzip snap lz4l zstd', 'whatever the codec');

# A restart goes on where it was.
$node->restart;
$kafka->produce('orders', 0, change('orders', 'c', { id => 8, name => 'eight', n => 8 }));
wait_applied($node, $kafka, ['orders'], 'after a restart');
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.orders'), 2, 'nothing twice');
is($node->safe_psql('postgres', 'SELECT count(*) FROM kafka_cdc_sink.dead_letters'), 0, 'no dead letters');

cmp_ok(stop_time($node, 'fast'), '<', 1, 'stop -m fast takes less than a second');
done_testing();
