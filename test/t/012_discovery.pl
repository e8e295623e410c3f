# New topics are seen; topics that do not exist or are refused are shown; too few worker slots and a
# missing preload are said, not looped over.
use strict;
use warnings;
use KafkaCdcSink;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new(items => 1, 'other.app.items' => 1);
my $node = sink_node('discovery', $kafka, topics => '^srv[.]app[.][a-z]{2,20}$, srv.app.missing', topic_refresh => '1s');
$kafka->produce('items', 0, change('items', 'c', { id => 1, name => 'one', n => 1 }));
wait_applied($node, $kafka, ['items'], 'a topic by regular expression, with a comma in it');
wait_sql($node, q(SELECT reason LIKE '%srv.app.missing%' FROM kafka_cdc_sink.status), 't', 'a topic that does not exist is shown');

$kafka->add_topic('orders', 3);
$kafka->produce('orders', $_, change('orders', 'c', { id => $_, name => "$_", n => $_ })) foreach 0 .. 2;
wait_applied($node, $kafka, ['orders'], 'a new topic is seen');
$kafka->add_topic('missing', 1);
$KafkaCdcSink::shape{missing} = $KafkaCdcSink::shape{items};
$kafka->produce('missing', 0, change('missing', 'c', { id => 1, name => 'found', n => 1 }));
wait_applied($node, $kafka, ['missing'], 'a missing topic that comes is read');
wait_sql($node, q(SELECT state FROM kafka_cdc_sink.status), 'running', 'and the status is mended');
is($node->safe_psql('postgres', q(SELECT count(*) FROM kafka_cdc_sink.partitions WHERE topic LIKE 'other%')), 0, 'topics that do not match are left alone');
foreach (1 .. 2)
{
	configure($node, topics => 'srv.app.items, srv.app.absent');
	wait_sql($node, q(SELECT state FROM kafka_cdc_sink.status), 'degraded', 'a state that changes');
	configure($node, topics => 'srv.app.items');
	wait_sql($node, q(SELECT state FROM kafka_cdc_sink.status), 'running', 'and back');
}
is(scalar(() = slurp_file($node->logfile) =~ /kafka_cdc_sink: running/g), 1, 'does not fill the log');
$node->stop;

# Not preloaded: SQL says so.
my $bare = PostgreSQL::Test::Cluster->new('bare');
$bare->init;
$bare->start;
$bare->safe_psql('postgres', 'CREATE EXTENSION kafka_cdc_sink');
my ($status, $out, $error) = $bare->psql('postgres', 'SELECT state, reason, hint FROM kafka_cdc_sink.status');
like("$out$error", qr/shared_preload_libraries/, 'not preloaded: a clear message');
$bare->stop;

# Too few worker slots.
my $few = sink_node('few', $kafka, topics => '^srv[.]', max_workers => 8, conf => 'max_worker_processes = 4');
wait_sql($few, q(SELECT hint LIKE '%max_worker_processes%' FROM kafka_cdc_sink.status), 't', 'too few worker slots: a status with a hint');
wait_applied($few, $kafka, [ 'items', 'orders' ], 'those that start do the work');
my $lines = () = slurp_file($few->logfile) =~ /max_worker_processes/g;
cmp_ok($lines, '<', 10, 'it is said, not in a loop');
$few->stop;
done_testing();
