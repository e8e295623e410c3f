# A clone with the same settings is a mirror of its own: neither disturbs the other.
use strict;
use warnings;
use KafkaCdcSink;
use PostgreSQL::Test::Cluster;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new(log => 2);
my $first = sink_node('first', $kafka, topics => 'srv.app.log', init => [ allows_streaming => 1 ]);
$first->safe_psql('postgres', 'CREATE SCHEMA app; CREATE TABLE app.log (n bigint, said text)');

my $rows = 0;
sub load
{
	my $from = $rows + 1;
	$rows += shift;
	return $kafka->produce_all(map { [ 'log', $_ % 2, change('log', 'c', { n => $_, said => 'x' }) ] } $from .. $rows);
}
load(15000);
$first->poll_query_until('postgres', 'SELECT count(*) > 0 FROM app.log');
$first->backup('clone'); # taken in mid-stream
my $clone = PostgreSQL::Test::Cluster->new('clone');
$clone->init_from_backup($first, 'clone');
$clone->start;
load(5000);
foreach my $node ($first, $clone)
{
	wait_applied($node, $kafka, ['log'], $node->name . ' has caught up');
	is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT n), max(n) FROM app.log'), "$rows|$rows|$rows", $node->name . ': exactly once');
}
load(1000);
foreach my $node ($clone, $first)
{
	wait_applied($node, $kafka, ['log'], $node->name . ' goes on');
	is($node->safe_psql('postgres', 'SELECT count(*) FROM app.log'), $rows, $node->name . ': exactly once');
	is($node->safe_psql('postgres', 'SELECT state FROM kafka_cdc_sink.status'), 'running', $node->name . ' runs');
}
$clone->stop;
$first->stop;
done_testing();
