# A standby does not consume; promoted, it goes on from the replicated offsets.
use strict;
use warnings;
use KafkaCdcSink;
use PostgreSQL::Test::Cluster;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new(log => 2, items => 1);
my $primary = sink_node('primary', $kafka, topics => '^srv[.]app[.]', init => [ allows_streaming => 1 ]);
$primary->safe_psql('postgres', 'CREATE SCHEMA app; CREATE TABLE app.log (n bigint, said text)');
$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;

my $rows = 0;
sub load
{
	my $from = $rows + 1;
	$rows += shift;
	return $kafka->produce_all(map { [ 'log', $_ % 2, change('log', 'c', { n => $_, said => 'x' }) ] } $from .. $rows);
}
load(3000);
wait_applied($primary, $kafka, ['log'], 'the primary applies');
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));
wait_sql($standby, 'SELECT state FROM kafka_cdc_sink.status', 'standby', 'the standby says so');
is(scalar workers($standby), 0, 'and has no workers');
is($standby->safe_psql('postgres', 'SELECT count(*) FROM app.log'), 3000, 'it has the rows by replication');

my $explained = q{SELECT name, result FROM kafka_cdc_sink.explain_event('srv.app.log', NULL, '%s') WHERE name IN ('outcome', 'n')};
is($standby->safe_psql('postgres', sprintf($explained, (change('log', 'c', { n => 1, said => 'x' }))[1])), "outcome|applied\nn|1", 'and explains records');

load(20000);
$primary->poll_query_until('postgres', 'SELECT count(*) > 4000 FROM app.log');
$primary->stop('immediate');
$standby->promote;
wait_sql($standby, 'SELECT count(*) > 0 FROM kafka_cdc_sink.workers WHERE pid > 0', 't', 'promoted: workers start');
load(500);
wait_applied($standby, $kafka, ['log'], 'and go on');
is($standby->safe_psql('postgres', 'SELECT count(*), count(DISTINCT n), max(n) FROM app.log'), "$rows|$rows|$rows", 'exactly once over the promotion');
$kafka->produce('items', 0, change('items', 'c', { id => 1, name => 'one', n => 1 }));
wait_applied($standby, $kafka, ['items'], 'it makes tables');
is($standby->safe_psql('postgres', 'SELECT state FROM kafka_cdc_sink.status'), 'running', 'it runs');

# ---- a synchronous standby that never comes
$ENV{PGOPTIONS} = '-c synchronous_commit=off';
$standby->append_conf('postgresql.conf', "kafka_cdc_sink.synchronous_commit = on\nsynchronous_standby_names = 'nobody'");
$standby->reload;
wait_sql($standby, 'SHOW synchronous_standby_names', 'nobody', 'a synchronous standby is asked for');
$kafka->produce('items', 0, change('items', 'c', { id => 2, name => 'two', n => 2 }));
wait_sql($standby, q(SELECT state, regexp_replace(reason, '\d+', 'N'), hint ~ (SELECT 'process ' || pid || '[.]' FROM pg_stat_activity WHERE wait_event = 'SyncRep') FROM kafka_cdc_sink.status),
	q(degraded|a worker's transaction has lasted N s|t), 'what a worker waits for is told');
$standby->append_conf('postgresql.conf', "synchronous_standby_names = ''");
$standby->reload;
wait_applied($standby, $kafka, ['items'], 'it goes on');
wait_sql($standby, 'SELECT state, reason FROM kafka_cdc_sink.status', 'running|', 'and runs');
$standby->stop;
done_testing();
