# The exporter answers while the database is locked and every worker stuck, and on a standby before and
# after its promotion.
use strict;
use warnings;
use Http;
use JSON::PP;
use KafkaCdcSink;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $kafka = KafkaCdcSink::Broker->new(items => 2);
my $port = PostgreSQL::Test::Cluster::get_free_port();
my $primary = sink_node('primary', $kafka, topics => 'srv.app.items', metrics_enabled => 'on', metrics_port => $port,
	metrics_listen_address => '127.0.0.1', init => [ allows_streaming => 1 ]);
$kafka->produce('items', $_, change('items', 'c', { id => $_, name => 'x', n => 1 })) foreach 0 .. 1;
wait_applied($primary, $kafka, ['items'], 'the primary applies');

# The standby listens elsewhere.
$primary->backup('base');
my $second = PostgreSQL::Test::Cluster::get_free_port();
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->append_conf('postgresql.conf', "kafka_cdc_sink.metrics_port = $second");
$standby->start;

sub state_at
{
	my $answer = get(shift, '/status');
	return $answer->{status} == 200 ? decode_json($answer->{body})->{status} : { state => 'none' };
}

# Passes when /status there tells the state.
sub wait_state
{
	my ($at, $state, $name) = @_;
	like(wait_get($at, '/status', qr/^\{"status":\{"state":"$state"/)->{body}, qr/^\{"status":\{"state":"$state"/, $name);
	return;
}

# ---- locked, stuck --------------------------------------------------------------------------------------
my $session = session($primary);
$session->sql('BEGIN; LOCK TABLE kafka_cdc_sink.offsets, kafka_cdc_sink.dead_letters, kafka_cdc_sink.control, app.items IN ACCESS EXCLUSIVE MODE');
$session->sql('LOCK TABLE pg_catalog.pg_class, pg_catalog.pg_proc, pg_catalog.pg_authid, pg_catalog.pg_database IN ACCESS EXCLUSIVE MODE');
$kafka->produce('items', $_, change('items', 'u', { id => $_, name => 'y', n => 2 })) foreach 0 .. 1;
is(wait_get($port, '/health', 503)->{status}, 503, 'locked: unhealthy when all workers stand');
like(wait_get($port, '/status', qr/lock timeout/)->{body}, qr/"reason":"[^"]*lock timeout/, 'with the reason');
like(wait_get($port, '/status', qr/"total_lag":2/)->{body}, qr/"total_lag":2/, 'and the lag');
my @workers = map { $_->{pid} } @{ decode_json(get($port, '/status')->{body})->{workers} };
is(scalar @workers, 2, 'there are two workers');
my ($coordinator) = state_at($port)->{coordinator_pid};
kill 'STOP', @workers, $coordinator;
foreach my $path (qw(/ /metrics /health /status))
{
	my $begun = time;
	is(get($port, $path)->{status}, $path eq '/health' ? 503 : 200, "locked and stuck: $path");
	cmp_ok(time - $begun, '<', 1, 'at once');
}
like(get($port, '/metrics')->{body}, qr/^kafka_cdc_sink_partition_lag_records\{[^}]*\} 1$/m, 'it tells the lag');
is(decode_json(get($port, '/health')->{body})->{components}{writer}{status}, 'unhealthy', 'health: the writer');
my $from = -s $primary->logfile;
kill 'HUP', $primary->{_pid};
wait_log($primary, qr/received SIGHUP/, $from, 'a reload meanwhile');
is(get($port, '/metrics')->{status}, 200, 'does not hurt');
kill 'CONT', @workers, $coordinator;
$session->sql('ROLLBACK');
$session->end;
wait_applied($primary, $kafka, ['items'], 'it goes on');
wait_state($port, 'running', 'and says so');

# ---- a standby -------------------------------------------------------------------------------------------
wait_state($second, 'standby', 'the standby answers');
my $health = get($second, '/health');
is("$health->{status} " . decode_json($health->{body})->{status}, '200 standby', 'health: standby');
like(get($second, '/metrics')->{body}, qr/^kafka_cdc_sink_state\{state="standby"\} 1$/m, 'metrics: standby');
is($standby->safe_psql('postgres', 'SELECT state, exporter FROM kafka_cdc_sink.status'), "standby|127.0.0.1:$second", 'the view says where');
is($standby->safe_psql('postgres', "SELECT count(*) FROM pg_stat_activity WHERE backend_type ~ 'kafka_cdc_sink (worker|coordinator)'"), 0, 'nothing consumes');
is(cpu_ticks($standby->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE backend_type = 'kafka_cdc_sink launcher'")) < 20, 1, 'its launcher waits');
my $exporter = qr/\[(\d+)\] kafka_cdc_sink exporter LOG/;
my ($pid) = slurp_file($standby->logfile) =~ $exporter;
configure($primary, metrics_enabled => 'off'); # which is not replicated
is(get($second, '/health')->{status}, 200, 'it has settings of its own');
$primary->stop('fast');
is(get($second, '/health')->{status}, 200, 'it does not need the primary');

$standby->promote;
wait_state($second, 'running', 'promoted: it runs');
$health = wait_get($second, '/health', qr/"status":"healthy"/);
is("$health->{status} " . decode_json($health->{body})->{status}, '200 healthy', 'and is healthy');
$kafka->produce('items', 0, change('items', 'c', { id => 7, name => 'z', n => 7 }));
wait_applied($standby, $kafka, ['items'], 'it applies');
is_deeply([ slurp_file($standby->logfile) =~ /$exporter/g ], [$pid], 'the exporter is the one from before');
cmp_ok(stop_time($standby, 'fast'), '<', 1, 'stop -m fast takes less than a second');
done_testing();
