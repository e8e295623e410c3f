# The exporter's own page in a browser, with texts from Kafka that would do something if they were read as
# more than text; and the SQL that the page and the alerts name.
use strict;
use warnings;
use Http;
use JSON::PP;
use KafkaCdcSink;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $topic = 'srv.app.<img/src=x/onerror=window.pwned=1>';
my $table = '</script><script>window.pwned=2</script>';
my $kafka = KafkaCdcSink::Broker->new($topic => 1, 'srv.app.items' => 2);
my $port = PostgreSQL::Test::Cluster::get_free_port();
my $node = sink_node('page', $kafka, topics => '^srv[.]', metrics_enabled => 'on', metrics_port => $port,
	metrics_listen_address => '127.0.0.1');

sub page
{
	my $expression = shift;
	my ($out, $err) = run_command([ '/usr/bin/python3', '-B', "$ENV{KCS_TEST_DIR}/page/live.py", "http://127.0.0.1:$port/", $expression ]);
	note $err if $err ne '';
	return decode_json($out || '{}');
}

foreach my $id (1 .. 3)
{
	my ($key, $value) = change('items', 'c', { id => $id, name => "<b>$id</b>", n => $id });
	$value =~ s/"table":"items"/"table":"$table"/;
	$kafka->produce($topic, 0, $key, $value);
}
$kafka->produce($topic, 0, '{"id":9}', '<img src=x onerror=window.pwned=3>');
wait_sql($node, "SELECT sum(lag), sum(messages) FROM kafka_cdc_sink.partitions WHERE topic = '$topic'", '0|4', 'records are applied');
wait_sql($node, q(SELECT count(*) FROM kafka_cdc_sink.dead_letters WHERE status = 'pending'), 1, 'but for one, which is a dead letter');
wait_get($port, '/status', qr/"pending_dead_letters":1,/);

my $page = page(q(/1 open dead letter$/.test(document.getElementById('attention')?.querySelector('h3')?.textContent)));
is_deeply($page->{word}, ['Running'], 'the page: the state');
is_deeply($page->{attention}, ["rejected \x{2013} 1 open dead letter"], 'the dead letter');
is((sort @{ $page->{partitions} })[0], "$topic \x{b7} 0", 'a topic, as it is named');
is(scalar @{ $page->{partitions} }, 3, 'and the other partitions');
is($page->{tables}[0], "app.$table", 'a table, as it is named');
is(join(' ', map { s/running/idle/r } @{ $page->{workers} }), 'idle idle', 'workers');
is($page->{facts}[0], '1', 'the number of dead letters');
like($page->{about}[0], qr/^kafka_cdc_sink 1\.\d+, PostgreSQL \d+.*, librdkafka \d+/, 'versions');
my @sql = @{ $page->{sql} };

$node->safe_psql('postgres', q(SELECT kafka_cdc_sink.pause('<script>window.pwned=4</script> & "more"')));
wait_get($port, '/status', qr/"state":"paused"/);
my $paused = page(q(document.getElementById('word')?.textContent === 'Paused'));
is_deeply($paused->{word}, ['Paused'], 'a pause');
is($paused->{banner}[1], '<script>window.pwned=4</script> & "more"', 'and its reason, as it was given');
is($paused->{sql}[0], 'SELECT kafka_cdc_sink.resume();', 'with the SQL that ends it');
push @sql, @{ $paused->{sql} };

foreach ([ 'running', $page ], [ 'paused', $paused ])
{
	my ($name, $seen) = @$_;
	is($seen->{pwned}, undef, "$name: nothing was executed");
	is_deeply($seen->{elements}, [ 0, 0, 0, 1 ], "$name: nothing was made of the texts");
	is_deeply($seen->{complaints}, [], "$name: the browser has no complaints");
	is_deeply($seen->{requests}, [ '', 'status' ], "$name: and has asked for nothing else");
}

# ---- the SQL that the page and the alerts name -------------------------------------------------------------
my $alerts = slurp_file("$ENV{KCS_TEST_DIR}/../docker/prometheus/alerts.yml");
while ($alerts =~ /^ +sql: >-\n((?: {12}.*\n)+)/mg)
{
	my $statement = $1;
	$statement =~ s/^\s+|\s+$//g;
	$statement =~ s/\s+/ /g;
	$statement =~ s/\{\{.*?\}\}/parked/g;
	push @sql, $statement;
}
push @sql, 'SELECT * FROM kafka_cdc_sink.check();';
my %once = map { $_ => 1 } @sql;
cmp_ok(scalar keys %once, '>', 10, 'there is SQL to run');
foreach my $statement (sort keys %once)
{
	my ($status, $out, $err) = $node->psql('postgres', $statement);
	is("$status $err", '0 ', $statement);
}
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'running', 'the sink is resumed by what the page said');

$node->stop;
done_testing();
