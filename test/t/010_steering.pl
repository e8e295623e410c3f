# pause(), resume(), seek(); an offset that the topic does not have; start_offset.
use strict;
use warnings;
use KafkaCdcSink;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new(items => 1, log => 1, orders => 1);
my $node = sink_node('steering', $kafka, topics => 'srv.app.items, srv.app.log');
$node->safe_psql('postgres', 'CREATE SCHEMA app; CREATE TABLE app.log (n bigint, said text)');
sub say_log { return $kafka->produce('log', 0, change('log', 'c', { n => $_[0], said => 'x' })) }
say_log($_) foreach 1 .. 3;
wait_applied($node, $kafka, ['log'], 'it runs');

$node->safe_psql('postgres', q(SELECT kafka_cdc_sink.pause('for a look')));
wait_sql($node, 'SELECT state, reason FROM kafka_cdc_sink.status', 'paused|for a look', 'paused, with the reason given');
my $lag = q(SELECT lag FROM kafka_cdc_sink.partitions WHERE topic = 'srv.app.log');
say_log(4);
wait_sql($node, $lag, 1, 'paused: the lag is seen');
$node->restart;
wait_sql($node, 'SELECT state, reason FROM kafka_cdc_sink.status', 'paused|for a look', 'still paused after a restart');
wait_sql($node, $lag, 1, 'and the lag');
is($node->safe_psql('postgres', q(SELECT kafka_cdc_sink.wait_for('srv.app.log', 0, 3, '100ms'))), 't', 'wait_for() what was applied before');
is($node->safe_psql('postgres', q(SELECT kafka_cdc_sink.wait_for('srv.app.log', 0, 4, '100ms'))), 'f', 'and what was not');
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.log'), 3, 'nothing is applied while paused');
$node->safe_psql('postgres', 'BEGIN; SELECT kafka_cdc_sink.resume(); ROLLBACK');
is($node->safe_psql('postgres', 'SELECT state FROM kafka_cdc_sink.status'), 'paused', 'a resume() that is rolled back is none');
$node->safe_psql('postgres', 'SELECT kafka_cdc_sink.resume()');
wait_applied($node, $kafka, ['log'], 'resume()');
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.log'), 4, 'it goes on where it was');
wait_sql($node, $lag, 0, 'without lag');

my ($status, $out, $error) = $node->psql('postgres', q(SELECT kafka_cdc_sink.seek('srv.app.log', 0, 1)));
isnt($status, 0, 'seek() refuses while running');
$node->safe_psql('postgres', q(SELECT kafka_cdc_sink.seek('srv.app.log', 0, 2, true)));
wait_sql($node, 'SELECT count(*) FROM app.log', 6, 'forced: two records are read again');
$node->safe_psql('postgres', q(SELECT kafka_cdc_sink.pause()));
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'paused', 'paused');
say_log(5);
$node->safe_psql('postgres', q(SELECT kafka_cdc_sink.seek('srv.app.log', 0, 4)));
$node->safe_psql('postgres', q(SELECT kafka_cdc_sink.resume()));
wait_applied($node, $kafka, ['log'], 'seek() while paused');
is($node->safe_psql('postgres', 'SELECT count(*), max(n) FROM app.log'), '7|5', 'and from there');

# An offset beyond the end: paused, never skipped.
$node->safe_psql('postgres', q(SELECT kafka_cdc_sink.seek('srv.app.log', 0, 1000, true)));
wait_sql($node, q(SELECT state, reason <> '' AND hint <> '' FROM kafka_cdc_sink.partitions WHERE topic = 'srv.app.log'), 'paused|t', 'an offset that the topic does not have pauses the partition');
$kafka->produce('items', 0, change('items', 'c', { id => 1, name => 'one', n => 1 }));
wait_applied($node, $kafka, ['items'], 'others flow');
is($node->safe_psql('postgres', 'SELECT state FROM kafka_cdc_sink.status'), 'degraded', 'degraded');
$node->safe_psql('postgres', q(SELECT kafka_cdc_sink.seek('srv.app.log', 0, 5)));
$node->safe_psql('postgres', q(SELECT kafka_cdc_sink.resume()));
say_log(6);
wait_applied($node, $kafka, ['log'], 'seek() and resume() mend it');

# latest is stored when the partition is first given out.
$kafka->produce('orders', 0, change('orders', 'c', { id => $_, name => 'before', n => $_ })) foreach 1 .. 3;
configure($node, start_offset => 'latest', topics => 'srv.app.orders');
wait_sql($node, q(SELECT next_offset FROM kafka_cdc_sink.offsets WHERE topic = 'srv.app.orders'), 3, 'latest is stored as a number');
$kafka->produce('orders', 0, change('orders', 'c', { id => 4, name => 'after', n => 4 }));
wait_applied($node, $kafka, ['orders'], 'and read from there');
is($node->safe_psql('postgres', 'SELECT name FROM app.orders'), 'after', 'only what came later');

$node->safe_psql('postgres', 'SELECT kafka_cdc_sink.reset_stats()');
is($node->safe_psql('postgres', 'SELECT coalesce(sum(inserts), 0) FROM kafka_cdc_sink.tables'), 0, 'reset_stats()');
$node->stop;
done_testing();
