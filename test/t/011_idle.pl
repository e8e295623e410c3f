# An idle worker uses no measurable CPU, writes nothing, and still answers at once. Launcher,
# coordinator and exporter use next to none.
use strict;
use warnings;
use KafkaCdcSink;
use Test::More;
use Time::HiRes qw(time sleep);

my $kafka = KafkaCdcSink::Broker->new(items => 4);
my $node = sink_node('idle', $kafka, topics => 'srv.app.items', client_properties => '', topic_refresh => '10s', metrics_enabled => 'on',
	metrics_port => PostgreSQL::Test::Cluster::get_free_port());
$kafka->produce('items', $_, change('items', 'c', { id => $_, name => 'x', n => 1 })) foreach 0 .. 3;
wait_applied($node, $kafka, ['items'], 'something is applied');

wait_sql($node, q(SELECT count(*) FROM kafka_cdc_sink.workers WHERE state <> 'idle' AND pid > 0), 0, 'the workers are idle');
my @workers = workers($node);
my @others = split /\n/, $node->safe_psql('postgres', q(SELECT pid FROM pg_stat_activity WHERE backend_type ~ 'kafka_cdc_sink (coordinator|launcher)'));
is(scalar @others, 2, 'launcher and coordinator');
push @others, PostgreSQL::Test::Utils::slurp_file($node->logfile) =~ /\[(\d+)\] kafka_cdc_sink exporter LOG/; # it shows nowhere else
is(scalar @others, 3, 'and the exporter');
my $lsn = $node->safe_psql('postgres', 'SELECT pg_current_wal_insert_lsn()');
my %before = map { $_ => cpu_ticks($_) } @workers, @others;
my $span = 10; # the measurement itself, not a wait for something
sleep $span;
cmp_ok(cpu_ticks($_) - $before{$_}, '<=', 5, "worker $_: at most 5 ms of CPU a second") foreach @workers;
cmp_ok(cpu_ticks($_) - $before{$_}, '<=', 5, "process $_: likewise") foreach @others;
is($node->safe_psql('postgres', "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '$lsn') < 10000"), 't', 'and writes no WAL to speak of');
is_deeply([ workers($node) ], \@workers, 'the same workers');
$kafka->produce('items', 0, change('items', 'c', { id => 9, name => 'nine', n => 9 }));
wait_applied($node, $kafka, ['items'], 'a lone record is applied');
$node->stop;
done_testing();
