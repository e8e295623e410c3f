# Workers terminated and killed, the server stopped at once, all in mid-stream: each record takes
# effect exactly once.
use strict;
use warnings;
use KafkaCdcSink;
use PostgreSQL::Test::Utils;
use Test::More;

my $parts = 4;
my $kafka = KafkaCdcSink::Broker->new(items => $parts, log => $parts);
my $node = sink_node('killed', $kafka, topics => '^srv[.]app[.]', batch_size => 200, max_workers => 2);
$node->safe_psql('postgres', 'CREATE SCHEMA app; CREATE TABLE app.log (n bigint, said text)');

my $rows = 0;
sub load
{
	my $count = shift;
	my @records;
	foreach (1 .. $count)
	{
		$rows++;
		push @records, [ 'log', $rows % $parts, change('log', 'c', { n => $rows, said => 'x' }) ];
		push @records, [ 'items', $rows % $parts, change('items', $rows % 7 ? 'u' : 'c', { id => $rows % 1000, name => "$rows", n => $rows }) ];
		push @records, [ 'items', ($rows + 1) % $parts, change('items', 'd', { id => ($rows + 1) % 1000 }) ] if $rows % 50 == 0;
	}
	return $kafka->produce_all(@records);
}

sub exact
{
	my $what = shift;
	wait_applied($node, $kafka, [ 'log', 'items' ], "$what: all is applied");
	return is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT n), max(n) FROM app.log'), "$rows|$rows|$rows", "$what: exactly once");
}

# Waits until the stream flows, far from its end.
sub mid_stream
{
	my $before = $node->safe_psql('postgres', 'SELECT count(*) FROM app.log');
	my $produced = load(12000);
	return $node->poll_query_until('postgres', "SELECT count(*) > $before FROM app.log");
}

load(1000);
exact('a first load');

ok(mid_stream(), 'it flows');
my @workers = workers($node);
is(scalar @workers, 2, 'two workers');
$node->safe_psql('postgres', "SELECT pg_terminate_backend($workers[0])");
wait_sql($node, 'SELECT count(*) FROM kafka_cdc_sink.partitions WHERE worker IS NULL', 0, 'the partitions of a terminated worker go on with others');
exact('worker terminated');
$node->safe_psql('postgres', "SELECT pg_terminate_backend(pid) FROM kafka_cdc_sink.workers WHERE pid > 0");
load(2000);
exact('all workers terminated');
wait_sql($node, 'SELECT count(*) FROM kafka_cdc_sink.workers WHERE pid > 0', 2, 'two workers again');
my $gone = coordinator($node);
$node->safe_psql('postgres', "SELECT pg_terminate_backend($gone)");
load(2000);
exact('coordinator terminated');

wait_sql($node, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'kafka_cdc_sink coordinator' AND pid <> $gone", 1, 'a coordinator again');
my $coordinator = coordinator($node);
my $launcher = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'kafka_cdc_sink launcher'";
my $first = $node->safe_psql('postgres', $launcher);
$node->safe_psql('postgres', "SELECT pg_terminate_backend($first)");
wait_sql($node, "SELECT count(*) FROM ($launcher AND pid <> $first) l", 1, 'launcher terminated: it comes again');
is(coordinator($node), $coordinator, 'the coordinator goes on');
$node->safe_psql('postgres', "SELECT pg_terminate_backend($coordinator)");
wait_sql($node, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'kafka_cdc_sink coordinator' AND pid <> $coordinator", 1,
	'then the coordinator: the new launcher notices');
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'running', 'it runs');

ok(mid_stream(), 'it flows');
(my $victim) = workers($node);
my $log = -s $node->logfile;
ok(kill('KILL', $victim), 'a worker is killed');
wait_log($node, qr/terminated by signal 9/, $log, 'the server notices');
wait_log($node, qr/database system is ready to accept connections/, $log, 'and recovers');
exact('worker killed');

foreach my $round (1 .. 2)
{
	ok(mid_stream(), 'it flows');
	$node->stop('immediate');
	$node->start;
	exact("stop -m immediate $round");
}
is( $node->safe_psql('postgres', 'SELECT count(*) FROM app.items i WHERE n <> (SELECT max(l.n) FROM app.log l WHERE l.n % 1000 = i.id)'),
	0, 'the last change of each key stands');
is($node->safe_psql('postgres', 'SELECT count(*) FROM kafka_cdc_sink.dead_letters'), 0, 'no dead letters');
my @crashes = slurp_file($node->logfile) =~ /(terminated by signal .*)/g;
is("@crashes", 'terminated by signal 9: Killed', 'nothing else crashed');
$node->stop;
done_testing();
