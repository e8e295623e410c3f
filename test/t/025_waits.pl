# A record that misses one of another partition (a unique value that is taken, a row of a foreign key
# that is not there) waits for it while others flow; after a wait in vain it is a dead letter, and the
# partition's later ones of that constraint are so at once.
use strict;
use warnings;
use KafkaCdcSink;
use PostgreSQL::Test::Utils;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new(items => 2, orders => 1, log => 1);
my $node = sink_node('waits', $kafka, topics => '^srv[.]app[.]', fire_triggers => 'on', constraint_retry => '60s', max_workers => 3);
$node->safe_psql('postgres', q(
	CREATE SCHEMA app;
	CREATE TABLE app.items (id int PRIMARY KEY, name text, n bigint CONSTRAINT once UNIQUE CHECK (n <> 666));
	CREATE TABLE app.orders (id int PRIMARY KEY, name text, n bigint CONSTRAINT of_item REFERENCES app.items (id) DEFERRABLE INITIALLY DEFERRED)));
sub item { my ($op, $id, $n) = @_; return [ 'items', $id % 2, change('items', $op, { id => $id, name => "item $id", n => $n }) ] }
sub order { my ($id, $n) = @_; return [ 'orders', 0, change('orders', 'c', { id => $id, name => "order $id", n => $n }) ] }
sub waits
{
	my ($topic, $partition, $what, $name) = @_;
	return wait_sql($node, qq(SELECT state, reason LIKE '%$what%' FROM kafka_cdc_sink.partitions WHERE topic = 'srv.app.$topic' AND "partition" = $partition), 'retrying|t', $name);
}
sub letters { return $node->safe_psql('postgres', q(SELECT topic, "partition", "offset", sqlstate FROM kafka_cdc_sink.dead_letters ORDER BY 1, 2, 3)) }

# ---- they wait, and find what they need
$kafka->produce_all(item('c', 1, 10), item('c', 2, 20));
wait_applied($node, $kafka, ['items'], 'two rows');
$kafka->produce_all(item('u', 2, 10), item('c', 4, 40));
waits('items', 0, 'constraint once', 'a unique value that another partition has');
$kafka->produce_all(order(1, 3), order(2, 1));
waits('orders', 0, 'constraint of_item', 'a foreign key to a row that has not come');
$kafka->produce('log', 0, change('log', 'c', { n => 1, said => 'hello' }));
wait_applied($node, $kafka, ['log'], 'others flow');
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.items WHERE id = 4'), 0, 'what is behind it waits, too');
$kafka->produce_all(item('c', 3, 30), item('u', 1, 11));
wait_applied($node, $kafka, [ 'items', 'orders' ], 'both find it');
is($node->safe_psql('postgres', 'SELECT id, n FROM app.items ORDER BY 1'), "1|11\n2|10\n3|30\n4|40", 'the items');
is($node->safe_psql('postgres', 'SELECT id, n FROM app.orders ORDER BY 1'), "1|3\n2|1", 'the orders');
$kafka->produce_all(item('d', 3));
waits('items', 1, 'constraint of_item', 'a row that is referenced waits for its references to go');
$kafka->produce('orders', 0, change('orders', 'd', { id => 1 }));
wait_applied($node, $kafka, [ 'items', 'orders' ], 'and goes after them');
is(letters(), '', 'no dead letters');

# ---- in vain
configure($node, constraint_retry => '3s');
wait_sql($node, 'SHOW kafka_cdc_sink.constraint_retry', '3s', 'constraint_retry = 3s');
my %at = map { $_ => $kafka->end('items', $_) } 0, 1;
$kafka->produce_all(map { item('c', 1000 + 2 * $_, 11) } 1 .. 200);
$kafka->produce_all(item('c', 6, 60));
waits('items', 0, 'once', 'one waits');
wait_applied($node, $kafka, ['items'], 'then they are dead letters, one wait for all');
is($node->safe_psql('postgres', q(SELECT count(*), count(*) FILTER (WHERE detail LIKE '%The row with the key (id)=(1) has it.%'), min("offset") FROM kafka_cdc_sink.dead_letters WHERE sqlstate = '23505')), "200|200|$at{0}", 'each');
$kafka->produce_all(map { order(1000 + $_, 77) } 1 .. 50);
$kafka->produce_all(order(6, 6));
waits('orders', 0, 'of_item', 'another constraint, another wait');
wait_applied($node, $kafka, ['orders'], 'in vain');
is($node->safe_psql('postgres', q(SELECT count(*) FROM kafka_cdc_sink.dead_letters WHERE sqlstate = '23503')), 50, 'each');
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.orders WHERE id = 6'), 1, 'what is right is applied');
# After resume() they have their time again.
configure($node, constraint_retry => '60s');
wait_sql($node, 'SHOW kafka_cdc_sink.constraint_retry', '1min', 'constraint_retry = 1min');
$node->safe_psql('postgres', 'SELECT kafka_cdc_sink.resume()');
$kafka->produce_all(order(7, 7));
waits('orders', 0, 'of_item', 'a fresh wait');
$kafka->produce_all(item('c', 7, 70));
wait_applied($node, $kafka, [ 'items', 'orders' ], 'that is worth it');

# ---- a value that the row itself has left since: nothing to wait for
$kafka->produce_all(item('c', 8, 80), item('c', 9, 90));
wait_applied($node, $kafka, ['items'], 'two more');
$node->safe_psql('postgres', 'TRUNCATE kafka_cdc_sink.dead_letters');
# At the source: 8 has 90 after 9 left it, then 8 moves on and 9 takes it again.
$kafka->produce_all(item('u', 8, 90), item("c", 10, 666), item('u', 8, 81));
wait_applied($node, $kafka, ['items'], 'overtaken by its own later state');
is($node->safe_psql('postgres', 'SELECT n FROM app.items WHERE id IN (8, 9) ORDER BY id'), "81\n90", 'which it has');
is($node->safe_psql('postgres', q(SELECT count(*) FROM kafka_cdc_sink.dead_letters WHERE convert_from(key, 'UTF8') LIKE '%"id":8}%')), 0, 'without a dead letter');
unlike(slurp_file($node->logfile), qr/already exists|is not present|still referenced/, 'no text of PostgreSQL in the log');
$node->stop;
done_testing();
