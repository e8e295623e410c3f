# Somebody locks a table, or a row, for longer than the sink waits for it: only that table's partitions
# stand, for all to see, and they go on by themselves.
use strict;
use warnings;
use KafkaCdcSink;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new(items => 2, orders => 1);
my $node = sink_node('locked', $kafka, topics => '^srv[.]app[.]', max_workers => 1);
my $clock = 0;
sub feed
{
	my ($table, @rows) = @_;
	return $kafka->produce_all(map { [ $table, $_ % $kafka->{topics}{$table}, change($table, 'u', { id => $_, name => 'row ' . ++$clock, n => $clock }) ] } @rows);
}
feed('items', 1 .. 6);
feed('orders', 1 .. 6);
wait_applied($node, $kafka, [ 'items', 'orders' ], 'at first');
my $user = session($node);
my $stands = q(SELECT string_agg(DISTINCT state || ', ' || reason, ' ') FROM kafka_cdc_sink.partitions WHERE topic = 'srv.app.items' AND state <> 'running');
my $errors = 'SELECT errors FROM kafka_cdc_sink.workers';

# A lock of the user's until the worker has run into it some times: then what the user had in mind.
sub locks
{
	my ($name, $sql, $partitions, $then) = @_;
	my $from = -s $node->logfile;
	my $before = $node->safe_psql('postgres', $errors);
	$user->sql("BEGIN; $sql");
	feed('items', 1 .. 6);
	my $said = 'locked, canceling statement due to lock timeout (SQLSTATE 55P03, table app.items)';
	wait_sql($node, $stands, $said, "$name: partitions stand");
	is($node->safe_psql('postgres', q(SELECT count(*) FROM kafka_cdc_sink.partitions WHERE state = 'locked')), $partitions, "$name: $partitions");
	like($node->safe_psql('postgres', q(SELECT state, reason, hint FROM kafka_cdc_sink.status)), qr/^degraded\|partition \d of topic "srv.app.items": canceling .*\|Another session holds a lock/, "$name: the status says so");
	like($node->safe_psql('postgres', q(SELECT state, reason, hint FROM kafka_cdc_sink.tables WHERE "table" = 'items')), qr/^parked\|canceling .*\|Another session/, "$name: and the table");
	foreach my $tried (1 .. 2)
	{
		feed('orders', 1 .. 6);
		wait_applied($node, $kafka, ['orders'], "$name: others flow");
		wait_sql($node, "SELECT ($errors) >= $before + $tried", 't', "$name: tried again");
		is($node->safe_psql('postgres', $stands), $said, "$name: they stand while they are tried");
	}
	is($user->sql($then // 'COMMIT'), '', "$name: the user is done");
	wait_applied($node, $kafka, [ 'items', 'orders' ], "$name: they go on by themselves");
	wait_sql($node, q(SELECT state, reason, (SELECT count(*) FROM kafka_cdc_sink.tables WHERE state <> 'active') FROM kafka_cdc_sink.status), 'running||0', "$name: the sink runs");
	is($node->safe_psql('postgres', q(SELECT string_agg(name, ',' ORDER BY id) FROM app.items)), join(',', map { 'row ' . $_ } ($clock - 5 - 12) .. ($clock - 12)), "$name: as the events say");
	calm_log($node, $from, 4, $name);
	return;
}

locks('LOCK TABLE', 'LOCK TABLE app.items', 2);
locks('ALTER TABLE', 'ALTER TABLE app.items ADD COLUMN extra int DEFAULT 5', 2);
locks('a row', q(UPDATE app.items SET name = 'mine' WHERE id = 1; DELETE FROM app.items WHERE id = 3), 2, 'ROLLBACK');

# The sink's own DDL waits behind a reader, and does not keep other readers waiting for long.
my $from = -s $node->logfile;
$user->sql('BEGIN; SELECT count(*) FROM app.items');
my ($key, $value) = change('items', 'u', { id => 1, name => 'wider', n => 1 });
$value =~ s/(\{"type":"int64","optional":true,"field":"n"\})/$1,{"type":"string","optional":true,"field":"note"}/g;
$value =~ s/"n":1\}/"n":1,"note":"new"}/;
$kafka->produce('items', 1, $key, $value);
wait_sql($node, q(SELECT state, reason LIKE '%55P03%' FROM kafka_cdc_sink.partitions WHERE topic = 'srv.app.items' AND "partition" = 1), 'locked|t', 'a column waits for a reader');
feed('items', 2, 4);
feed('orders', 1);
wait_applied($node, $kafka, ['orders'], 'others flow');
is($node->safe_psql('postgres', q(SET statement_timeout = '10s'; SELECT count(*) FROM app.items)), 6, 'others read');
is($user->sql('COMMIT'), '', 'the reader is done');
wait_applied($node, $kafka, ['items'], 'the column is there');
is($node->safe_psql('postgres', 'SELECT note FROM app.items WHERE id = 1'), 'new', 'with its value');
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'running', 'the sink runs');
calm_log($node, $from, 4, 'DDL');
is($node->safe_psql('postgres', 'SELECT count(*) FROM kafka_cdc_sink.dead_letters'), 0, 'no dead letters');
$user->end;
$node->stop;
done_testing();
