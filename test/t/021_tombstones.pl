# A tombstone that is the first record after a restart: what it belongs to, the record before it tells.
use strict;
use warnings;
use KafkaCdcSink;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new('orders' => 1, 'order_1' => 1, 'flat' => 1);
my $node = sink_node('tombstones', $kafka, topics => '^srv[.]app[.]');

sub key
{
	my ($topic, $id) = @_;
	return qq({"id":$id}) if $topic ne 'order_1';
	return qq({"schema":{"type":"struct","name":"srv.app.$topic.Key","fields":[{"field":"id","type":"int32","optional":false}]},"payload":{"id":$id}});
}
sub event
{
	my ($topic, $table, $op, $id) = @_;
	my $row = qq({"id":$id});
	my ($before, $after) = $op eq 'd' ? ($row, 'null') : ('null', $row);
	return [ $topic, 0, key($topic, $id), qq({"before":$before,"after":$after,"source":{"connector":"postgresql","db":"d","schema":"app","table":"$table","ts_ms":1},"op":"$op","ts_ms":1}) ];
}
sub tombstone
{
	my ($topic, $id, @headers) = @_;
	return [ $topic, 0, key($topic, $id), undef, @headers ];
}

# Tables that are merged into a topic called like one of them; tables whose names differ in what a topic
# cannot say; and rows without envelopes.
$kafka->produce_all(
	event('orders', 'orders', 'c', 1), event('orders', 'shard1', 'c', 1), event('orders', 'shard1', 'd', 1),
	event('order_1', 'order_1', 'c', 1), event('order_1', 'order$1', 'c', 1), event('order_1', 'order$1', 'd', 1),
	[ 'flat', 0, '{"id":1}', '{"id":1,"__op":"c"}' ]);
wait_applied($node, $kafka, [qw(orders order_1 flat)], 'deletes, and a row');
$node->restart;
$kafka->produce_all(tombstone('orders', 1), tombstone('order_1', 1, '__debezium.newkey={"id":2}'), tombstone('flat', 1));
wait_applied($node, $kafka, [qw(orders order_1 flat)], 'tombstones after a restart');
is($node->safe_psql('postgres', 'SELECT (SELECT array_agg(id) FROM app.orders), (SELECT array_agg(id) FROM app.order_1), (SELECT array_agg(id) FROM app.flat)'),
	'{1}|{1}|', 'rows of other tables stay, those without envelopes go');
is($node->safe_psql('postgres', 'SELECT count(*) FROM kafka_cdc_sink.dead_letters'), 0, 'no dead letters');
$node->stop;
done_testing();
