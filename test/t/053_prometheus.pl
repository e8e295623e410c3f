# What Prometheus makes of /metrics: its own checks, its scrapes, and what they cost.
use strict;
use warnings;
use Http;
use IPC::Run qw(run start);
use JSON::PP;
use KafkaCdcSink;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time sleep);

my $kafka = KafkaCdcSink::Broker->new(items => 2, orders => 3);
my $port = PostgreSQL::Test::Cluster::get_free_port();
my $node = sink_node('scraped', $kafka, topics => '^srv[.]app[.]', metrics_enabled => 'on', metrics_port => $port);
$kafka->produce('items', 0, change('items', 'c', { id => $_, name => "n$_", n => $_ })) foreach 1 .. 5;
$kafka->produce('items', 1, '{"id":1}', 'no JSON');
wait_applied($node, $kafka, ['items'], 'records are applied');
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'running', 'the sink runs');
$node->safe_psql('postgres', 'SELECT kafka_cdc_sink.pause()');
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'paused', 'and stands');
$kafka->produce('items', 0, change('items', 'u', { id => $_, name => "n$_", n => -$_ })) foreach 1 .. 3;
wait_sql($node, 'SELECT total_lag FROM kafka_cdc_sink.status', 3, 'with a lag of three');

# ---- promtool --------------------------------------------------------------------------------------------
my $text = get($port, '/metrics')->{body};
my $said = '';
ok(run([qw(promtool check metrics)], '<', \$text, '>&', \$said), 'promtool check metrics');
is($said, '', 'has nothing to say');
my $in_view = $node->safe_psql('postgres', 'SELECT DISTINCT name FROM kafka_cdc_sink.metrics ORDER BY 1');
my %family = map { $_ => 1 } $text =~ /^# TYPE (\S+)/mg;
my %of_view = map { s/_(bucket|sum|count)$//r => 1 } split /\n/, $in_view;
is_deeply([ sort keys %family ], [ sort keys %of_view ], 'the view has the same families');

# ---- a scrape ------------------------------------------------------------------------------------------------
my $web = PostgreSQL::Test::Cluster::get_free_port();
my $directory = PostgreSQL::Test::Utils::tempdir();
append_to_file("$directory/prometheus.yml", <<YML);
global:
  scrape_interval: 200ms
  scrape_timeout: 200ms
scrape_configs:
  - job_name: kafka_cdc_sink
    static_configs:
      - targets: ['localhost:$port']
YML
my $log = '';
my $prometheus = start([ 'prometheus', "--config.file=$directory/prometheus.yml", "--storage.tsdb.path=$directory/data",
		"--web.listen-address=127.0.0.1:$web", '--log.level=warn' ], '<', \undef, '>&', \$log);

# The result of a query, as topic/partition=value; waits until there is one that fits.
sub query
{
	my ($promql, $expected, $name) = @_;
	my ($found, $answer) = ('', '');
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
	my $escaped = $promql =~ s/([^\w])/sprintf '%%%02X', ord $1/ger;
	while ($found ne $expected && time < $deadline)
	{
		sleep 0.1;
		$answer = get($web, "/api/v1/query?query=$escaped", header => "Connection: close\r\n");
		next unless $answer->{status} == 200 && $answer->{body} =~ /(\{.*\})/s;
		my $result = decode_json($1)->{data}{result};
		$found = join ' ', sort map {
			my $m = $_->{metric};
			join('/', grep { defined } @$m{qw(topic partition)}) . "=$_->{value}[1]"
		} @$result;
	}
	is($found, $expected, $name) or diag("$answer->{status} $answer->{body}\n$log");
	return;
}
query('up{job="kafka_cdc_sink"}', '=1', 'Prometheus scrapes it');
query('kafka_cdc_sink_partition_lag_records{topic="srv.app.items"}', 'srv.app.items/0=3 srv.app.items/1=0', 'and answers a query for the lag');
$node->safe_psql('postgres', 'SELECT kafka_cdc_sink.resume()');
wait_applied($node, $kafka, ['items'], 'it goes on');
query('kafka_cdc_sink_partition_lag_records{topic="srv.app.items"}', 'srv.app.items/0=0 srv.app.items/1=0', 'the lag is gone');
query('sum(kafka_cdc_sink_error_handler_dead_letters_total)', '=1', 'sums');
query('sum(rate(kafka_cdc_sink_consumer_messages_received_total[1m])) > bool 0', '=1', 'and rates');
$prometheus->kill_kill(grace => 5);

# ---- what it costs: ten scrapes a second, a little partition map and a full one ------------------------------
sub cost
{
	my ($at, $pid) = @_;
	get($at, '/metrics') foreach 1 .. 3;
	my ($ticks, $from, $scrapes) = (cpu_ticks($pid), time, 0);
	while ((my $passed = time - $from) < 8) # the measurement itself, not a wait for something
	{
		my $due = $scrapes++ / 10;
		sleep $due - $passed if $due > $passed;
		return (100, 0) unless get($at, '/metrics')->{status} == 200;
	}
	return (100 * (cpu_ticks($pid) - $ticks) / 100 / (time - $from), $scrapes / (time - $from));
}
my ($pid) = slurp_file($node->logfile) =~ /\[(\d+)\] kafka_cdc_sink exporter LOG/;
my ($percent, $rate) = cost($port, $pid);
cmp_ok($rate, '>', 8, 'ten scrapes a second');
cmp_ok($percent, '<', 1, "cost less than a hundredth of a core ($percent %)");

# 1024 partitions, as many as there are slots.
$kafka->add_topic("wide$_", 100) foreach 0 .. 9;
$kafka->add_topic('wide10', 19);
wait_sql($node, 'SELECT partitions FROM kafka_cdc_sink.status', 1024, '1024 partitions');
wait_sql($node, q(SELECT count(*) FROM kafka_cdc_sink.partitions WHERE state <> 'running'), 0, 'all run');
my $begun = time;
my $wide = get($port, '/metrics')->{body};
note(sprintf '%d bytes in %.1f ms', length $wide, 1000 * (time - $begun));
$said = '';
ok(run([qw(promtool check metrics)], '<', \$wide, '>&', \$said) && $said eq '', 'promtool check metrics') or diag($said);
is(scalar(() = $wide =~ /^kafka_cdc_sink_partition_lag_records\{/mg), 1024, 'each has its lag');
($percent, $rate) = cost($port, $pid);
cmp_ok($percent, '<', 3, "ten scrapes a second of 1024 partitions cost little, too ($percent %)");
$node->stop;
done_testing();
