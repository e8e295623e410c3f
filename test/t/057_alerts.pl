# The alerts of docker/prometheus and the dashboard's expressions in a real Prometheus that scrapes a real
# exporter: what promtool tests with made-up series. The alerts' waiting times are left out.
use strict;
use warnings;
use Http;
use IPC::Run qw(start);
use JSON::PP;
use KafkaCdcSink;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time sleep);

my $kafka = KafkaCdcSink::Broker->new(items => 2, orders => 1);
my $port = PostgreSQL::Test::Cluster::get_free_port();
my $node = sink_node('alerting', $kafka, topics => '^srv[.]app[.]', metrics_enabled => 'on', metrics_port => $port,
	metrics_listen_address => '127.0.0.1');
$kafka->produce('items', 0, change('items', 'c', { id => 1, name => 'one', n => 1 }));
wait_applied($node, $kafka, ['items'], 'records are applied');
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'running', 'the sink runs');

my $docker = "$ENV{KCS_TEST_DIR}/../docker";
my $web = PostgreSQL::Test::Cluster::get_free_port();
my $directory = PostgreSQL::Test::Utils::tempdir();
my $config = slurp_file("$docker/prometheus/prometheus.yml");
$config =~ s/_interval: 15s/_interval: 200ms/g;
$config =~ s/pg1:8080/127.0.0.1:$port/;
append_to_file("$directory/prometheus.yml", $config);
append_to_file("$directory/alerts.yml", slurp_file("$docker/prometheus/alerts.yml") =~ s/^ +for: .*\n//mgr);
my $log = '';
my $prometheus = start([ 'prometheus', "--config.file=$directory/prometheus.yml", "--storage.tsdb.path=$directory/data",
		"--web.listen-address=127.0.0.1:$web", '--log.level=warn' ], '<', \undef, '>&', \$log);

# What Prometheus answers to a query; undef: it does not.
sub result
{
	my $promql = shift;
	my $escaped = $promql =~ s/([^\w])/sprintf '%%%02X', ord $1/ger;
	my $answer = get($web, "/api/v1/query?query=$escaped", header => "Connection: close\r\n");
	return unless $answer->{status} == 200 && $answer->{body} =~ /(\{.*\})/s;
	return decode_json($1)->{data}{result};
}

# Waits until exactly these alerts fire.
sub firing
{
	my ($expected, $name) = @_;
	my $found = 'no answer';
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
	while ($found ne $expected && time < $deadline)
	{
		sleep 0.1;
		my $result = result('group by (alertname) (ALERTS{alertstate="firing"})') or next;
		$found = join ' ', sort map { $_->{metric}{alertname} =~ s/^KafkaCdcSink//r } @$result;
	}
	is($found, $expected, $name) or diag($log);
	return;
}

# Waits until a query has a result.
sub comes
{
	my $promql = shift;
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
	sleep 0.1 until @{ result($promql) // [] } || time > $deadline;
	return;
}

comes('up{job="kafka_cdc_sink"} == 1');
comes('count_over_time(kafka_cdc_sink_error_handler_dead_letters_total[1m]) > 1'); # that the first is seen as one more
firing('', 'no alert while all is well');

$node->safe_psql('postgres', 'CREATE VIEW app.orders AS SELECT 1 AS id; ALTER TABLE app.items ADD CHECK (n < 100)');
$kafka->produce('orders', 0, change('orders', 'c', { id => 1, name => 'one', n => 1 }));
$kafka->produce('items', 1, change('items', 'c', { id => 2, name => 'two', n => 200 }));
firing('DeadLetters DeadLettersOpen Degraded PartitionsStopped TableParked', 'a parked table and a dead letter');

# ---- the dashboard ---------------------------------------------------------------------------------------------
my $dashboard = decode_json(slurp_file("$docker/grafana/kafka_cdc_sink.json"));
comes('kafka_cdc_sink_client_brokers'); # librdkafka tells each 10 s
comes('rate(kafka_cdc_sink_writer_ddl_total[1m])');
my (@failed, %empty);
foreach my $panel (grep { $_->{type} ne 'row' } @{ $dashboard->{panels} })
{
	foreach my $target (@{ $panel->{targets} })
	{
		my $promql = $target->{expr} =~ s/\$__rate_interval/1m/gr =~ s/\$(instance|topic)/.*/gr;
		my $result = result($promql);
		push @failed, "$panel->{title}: $promql" unless $result;
		$empty{ $panel->{title} } = 1 unless $result && @$result;
	}
}
is_deeply(\@failed, [], 'Prometheus answers every query of the dashboard');
is_deeply(
	[ sort keys %empty ],
	[ 'Snapshots and catch-ups: records a second', 'Snapshots and catch-ups: time left', 'Time since the last commit (ten longest)' ],
	'with numbers, but where there are none: nothing catches up');

$node->safe_psql('postgres', 'DROP VIEW app.orders; SELECT kafka_cdc_sink.resume(); SELECT kafka_cdc_sink.discard_dead_letters()');
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'running', 'all is put right');
firing('DeadLetters', 'only the new dead letter is still told');
$node->safe_psql('postgres', 'SELECT kafka_cdc_sink.pause()');
firing('DeadLetters Paused', 'a pause');
$node->stop;
firing('DeadLetters ExporterDown', 'the server is gone');

$prometheus->kill_kill(grace => 5);
done_testing();
