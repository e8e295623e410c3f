# The exporter: paths, methods, who is answered, and what becomes of its port.
use strict;
use warnings;
use Http;
use IO::Socket::INET;
use JSON::PP;
use KafkaCdcSink;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new(items => 2);
our $port = PostgreSQL::Test::Cluster::get_free_port();
my $node = sink_node('exporter', $kafka, topics => 'srv.app.items', metrics_enabled => 'on', metrics_port => $port,
	metrics_listen_address => '127.0.0.1');

# It shows nowhere but in the log, and among the server's children.
sub exporter_pid
{
	my %child = map { $_ => 1 } split ' ', slurp_file('/proc/' . $node->{_pid} . '/task/' . $node->{_pid} . '/children');
	my %seen = map { $_ => 1 } slurp_file($node->logfile) =~ /\[(\d+)\] kafka_cdc_sink exporter LOG/g;
	return join ' ', grep { $child{$_} } keys %seen;
}

my $exporter = q(SELECT exporter, exporter_hint IS NULL FROM kafka_cdc_sink.status);
wait_sql($node, $exporter, "127.0.0.1:$port|t", 'it tells where it listens');
my $pid = exporter_pid();
like($pid, qr/^\d+$/, 'it is one process');

$kafka->produce('items', 0, change('items', 'c', { id => 1, name => 'one', n => 1 }));
wait_applied($node, $kafka, ['items'], 'something is applied');
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'running', 'the sink runs');
wait_sql($node, q(SELECT string_agg(concat_ws(' ', "partition", next_offset, lag), ',' ORDER BY "partition") FROM kafka_cdc_sink.partitions),
	'0 1 0,1 0 0', 'and shows it');

# ---- paths -------------------------------------------------------------------------------------------
my %type = (
	'/' => 'text/html; charset=utf-8',
	'/health' => 'application/json',
	'/metrics' => 'text/plain; version=0.0.4; charset=utf-8',
	'/status' => 'application/json');
foreach my $path (sort keys %type)
{
	my $answer = get($port, $path);
	is($answer->{status}, 200, $path);
	my $header = $answer->{header};
	is($header->{'content-type'}, $type{$path}, "$path: its type");
	is("$header->{connection} $header->{'cache-control'} $header->{'x-content-type-options'}", 'close no-store nosniff', "$path: headers");
	is(length $answer->{body}, $header->{'content-length'}, "$path: its whole length");
	my $head = get($port, $path, method => 'HEAD');
	is("$head->{status} $head->{header}{'content-type'} '$head->{body}'", "200 $type{$path} ''", "HEAD $path");
	is(get($port, "$path?a=b")->{status}, 200, "$path with a query");
}
like(get($port, '/')->{header}{'content-security-policy'}, qr/^default-src 'none';/, 'the page has a strict policy');
is(get($port, $_)->{status}, 404, "$_ is not there") foreach qw(/metrics/ /x /status.json /../etc/passwd /%00 /%2e%2e/);
is(get($port, '/health', method => $_)->{status}, 405, "$_ is refused") foreach qw(POST PUT DELETE OPTIONS PATCH TRACE);
is(get($port, '/x', method => 'POST')->{header}{allow}, 'GET, HEAD', 'and it says what is not');

# ---- what they say -------------------------------------------------------------------------------------
my $health = decode_json(wait_get($port, '/health', qr/"status":"healthy"/)->{body});
like(delete $health->{timestamp}, qr/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[.]\d{3}Z$/, 'health: when');
is_deeply(
	$health,
	{   status => 'healthy',
		components => {
			consumer => { status => 'healthy', topics => 1, partitions => 2, lag => 0 },
			writer => { status => 'healthy', database => 'postgres', connection => 'in process', pool_size => 2 } } },
	'health');
my $status = decode_json(wait_get($port, '/status', qr/"next_offset":1,[^}]*"lag":0,[^}]*}[^}]*"lag":0,/)->{body});
is($status->{status}{state}, 'running', 'status: the sink');
is(join(',', map { "$_->{topic} $_->{partition} $_->{next_offset} $_->{lag}" } @{ $status->{partitions} }),
	'srv.app.items 0 1 0,srv.app.items 1 0 0', 'status: partitions');
is("$status->{tables}[0]{schema}.$status->{tables}[0]{table} $status->{tables}[0]{inserts}", 'app.items 1', 'status: tables');
is($status->{workers}[0]{slot}, 0, 'status: workers');
is($status->{history}{interval_seconds}, 10, 'status: history');
my $metrics = wait_get($port, '/metrics', qr/_inserts_total\{.*\} 1$/m)->{body};
like($metrics, qr/^kafka_cdc_sink_partition_lag_records\{topic="srv[.]app[.]items",partition="0"\} 0$/m, 'metrics');
like($metrics, qr/^kafka_cdc_sink_writer_inserts_total\{[^}]*table="items"[^}]*\} 1$/m, 'metrics of tables');

# A pause that somebody asked for is no alarm; one by on_error is.
sub wait_health
{
	my ($expected, $name) = @_;
	my ($word) = split / /, $expected;
	my $answer = wait_get($port, '/health', qr/^\{"status":"$word"/);
	is(($answer->{body} =~ /^\{"status":"(\w+)"/)[0] . " $answer->{status}", $expected, $name);
	return;
}
$node->safe_psql('postgres', 'SELECT kafka_cdc_sink.pause()');
wait_health('degraded 200', 'pause(): degraded');
$node->safe_psql('postgres', 'SELECT kafka_cdc_sink.resume()');
wait_health('healthy 200', 'resume(): healthy');
configure($node, on_error => 'pause');
$kafka->produce('items', 0, '{"id":1}', 'no JSON');
wait_health('unhealthy 503', 'paused by on_error: unhealthy');
configure($node, on_error => 'dead_letter');
$node->safe_psql('postgres', 'SELECT kafka_cdc_sink.resume()');
wait_health('healthy 200', 'resume(): healthy again');

# ---- reload ------------------------------------------------------------------------------------------------
my $second = PostgreSQL::Test::Cluster::get_free_port();
configure($node, metrics_port => $second);
wait_sql($node, $exporter, "127.0.0.1:$second|t", 'another port');
is(get($second, '/health')->{status}, 200, 'it answers there');
is(get($port, '/health')->{status}, 0, 'and no longer at the first one');
configure($node, metrics_listen_address => 'localhost');
wait_sql($node, q(SELECT exporter LIKE '127.0.0.1:%' FROM kafka_cdc_sink.status), 't', 'localhost');
is(get($second, '/health', name => 'localhost')->{status}, 200, 'it answers to localhost');
is(get($second, '/health', name => 'db1.example')->{status}, 421, 'but not to a name that somebody made mean it');
SKIP:
{
	skip 'no IPv6 here', 2 unless IO::Socket::IP->new(Listen => 1, LocalHost => '::1');
	is($node->safe_psql('postgres', $exporter), "127.0.0.1:$second, [::1]:$second|t", 'both families');
	is(get($second, '/health', host => '::1', name => "[::1]:$second")->{status}, 200, 'IPv6 answers');
}
configure($node, metrics_listen_address => '*');
wait_sql($node, q(SELECT exporter LIKE '0.0.0.0:%' FROM kafka_cdc_sink.status), 't', 'all addresses');
is(get($second, '/health', name => 'db1.example')->{status}, 200, 'where it can be reached by name, it is');
is(exporter_pid(), $pid, 'all that in the same process');

# ---- a port in use ------------------------------------------------------------------------------------------
my $from = -s $node->logfile;
my $squatter = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', ReuseAddr => 1) or die $!;
my $taken = $squatter->sockport;
configure($node, metrics_port => $taken, metrics_listen_address => '127.0.0.1');
wait_sql($node, $exporter, "could not listen on 127.0.0.1:$taken: Address already in use|f", 'a port in use is told');
like($node->safe_psql('postgres', 'SELECT exporter_hint FROM kafka_cdc_sink.status'), qr/metrics_port/, 'with a hint');
wait_log($node, qr/could not listen on 127[.]0[.]0[.]1:$taken.*\n.*HINT:/, $from, 'and logged');
is($node->safe_psql('postgres', 'SELECT state FROM kafka_cdc_sink.status'), 'running', 'the sink runs all the same');
close $squatter;
wait_sql($node, $exporter, "127.0.0.1:$taken|t", 'it takes the port when it is free');
wait_log($node, qr/exporter: listening on 127[.]0[.]0[.]1:$taken/, $from, 'and says so');
my $lines = () = substr(slurp_file($node->logfile), $from) =~ /could not listen/g;
is($lines, 1, 'it was logged once');
is(get($taken, '/health')->{status}, 200, 'it answers');
configure($node, metrics_listen_address => '192.0.2.1');
wait_sql($node, $exporter, "could not listen on 192.0.2.1:$taken: Cannot assign requested address|f", 'an address of another machine');
configure($node, metrics_listen_address => '192.0.2.1, 127.0.0.1');
wait_sql($node, $exporter, "could not listen on 192.0.2.1:$taken: Cannot assign requested address; listening on 127.0.0.1:$taken|f", 'one of two');
is(get($taken, '/health')->{status}, 200, 'the other one answers');
configure($node, metrics_listen_address => '127.0.0.1');
wait_sql($node, $exporter, "127.0.0.1:$taken|t", 'as it was');

# ---- off, idle, killed, without a slot -------------------------------------------------------------------------
configure($node, metrics_enabled => 'off');
wait_sql($node, 'SELECT exporter IS NULL AND exporter_hint IS NULL FROM kafka_cdc_sink.status', 't', 'off: nothing to say');
is(get($taken, '/health')->{status}, 0, 'and nobody listens');
foreach (1 .. 100)
{
	last if exporter_pid() eq '';
	select undef, undef, undef, 0.1;
}
is(exporter_pid(), '', 'the process is gone');
configure($node, metrics_enabled => 'on', enabled => 'off');
wait_sql($node, $exporter, "127.0.0.1:$taken|t", 'it runs for an idle sink, too');
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'idle', 'the sink is idle');
wait_health_at($taken, 'idle', 'health: idle');

sub wait_health_at
{
	my ($at, $expected, $name) = @_;
	local $port = $at;
	return wait_health("$expected 200", $name);
}
configure($node, enabled => 'on', database => 'nowhere');
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'error', 'a database that is not there');
like(wait_get($taken, '/status', qr/does not exist/)->{body}, qr/"reason":"database \\"nowhere\\" does not exist"/, 'is told over HTTP');
is(wait_get($taken, '/health', 503)->{status}, 503, 'and unhealthy');
my $same = exporter_pid();
my ($launcher) = $node->safe_psql('postgres', q(SELECT pid FROM pg_stat_activity WHERE backend_type = 'kafka_cdc_sink launcher'));
$node->safe_psql('postgres', "SELECT pg_terminate_backend($launcher)");
wait_sql($node, qq(SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'kafka_cdc_sink launcher' AND pid <> $launcher), 1, 'another launcher');
is(exporter_pid(), $same, 'keeps the exporter that it finds');
configure($node, metrics_enabled => 'off');
wait_sql($node, 'SELECT exporter IS NULL FROM kafka_cdc_sink.status', 't', 'and sees it off');
configure($node, metrics_enabled => 'on');
wait_sql($node, $exporter, "127.0.0.1:$taken|t", 'and starts one');
$from = -s $node->logfile;
kill 'TERM', exporter_pid();
wait_log($node, qr/exporter: the exporter has ended/, $from, 'an end that nobody asked for is logged');
wait_sql($node, $exporter, "127.0.0.1:$taken|t", 'and a new one started');
isnt(exporter_pid(), $same, 'which is another process');
is(get($taken, '/metrics')->{status}, 200, 'it answers');
cmp_ok(stop_time($node, 'fast'), '<', 1, 'stop -m fast takes less than a second');

$node->append_conf('postgresql.conf', "max_worker_processes = 2\n");
$node->start;
wait_sql($node, $exporter, 'there is no free background worker slot|f', 'no free slot: said');

# One slot for coordinator and exporter.
configure($node, database => 'postgres');
$node->stop;
$node->append_conf('postgresql.conf', "max_worker_processes = 3\n");
$node->start;
wait_sql($node, $exporter, 'there is no free background worker slot|f', 'one slot: not the exporter has it');
wait_sql($node, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'kafka_cdc_sink coordinator'", 1, 'but the coordinator');
$node->stop;
done_testing();
