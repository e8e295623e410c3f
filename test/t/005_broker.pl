# Brokers that freeze, are down at the start, or do not exist.
use strict;
use warnings;
use KafkaCdcSink;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time sleep);

my $kafka = KafkaCdcSink::Broker->new(items => 2);
$kafka->down;
my $node = sink_node('broker', $kafka, topics => 'srv.app.items');

wait_sql($node, "SELECT state IN ('starting', 'degraded', 'error') AND reason <> '' AND hint <> '' FROM kafka_cdc_sink.status", 't', 'a broker that is down is a status with reason and hint');
cmp_ok($node->safe_psql('postgres', 'SELECT 1'), '==', 1, 'the server works');
$kafka->up;
$kafka->produce('items', 0, change('items', 'c', { id => 1, name => 'one', n => 1 }));
wait_sql($node, "SELECT state FROM kafka_cdc_sink.status", 'running', 'it comes up: the sink goes on by itself');
wait_applied($node, $kafka, ['items'], 'and reads');

# Down and up while running.
$kafka->down;
$kafka->up;
$kafka->produce('items', 1, change('items', 'c', { id => 2, name => 'two', n => 2 }));
wait_applied($node, $kafka, ['items'], 'a broker that comes back is used again');

# Down while the sink starts over with partitions that it knows: the coordinator waits, it does not spin.
$kafka->down;
configure($node, enabled => 'off');
wait_sql($node, "SELECT count(*) FROM pg_stat_activity WHERE backend_type ~ 'kafka_cdc_sink (coordinator|worker)'", 0, 'off');
configure($node, enabled => 'on');
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'error', 'on again: the broker is still down');
my $coordinator = coordinator($node);
my $ticks = cpu_ticks($coordinator);
sleep 2; # the measurement itself, not a wait for something
cmp_ok(cpu_ticks($coordinator) - $ticks, '<', 50, 'the coordinator waits for it');
$kafka->up;

# Errors that pass.
$kafka->command('error-inject 1 NOT_LEADER_FOR_PARTITION 3');
$kafka->command('error-inject 3 LEADER_NOT_AVAILABLE 2');
$kafka->produce('items', 0, change('items', 'c', { id => 3, name => 'three', n => 3 }));
wait_applied($node, $kafka, ['items'], 'passing errors of the broker pass');
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.items'), 3, 'nothing is lost');

# Frozen.
$kafka->freeze;
my $begin = time;
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.items'), 3, 'a frozen broker disturbs nobody');
configure($node, max_workers => 1);
wait_sql($node, 'SELECT count(*) FROM kafka_cdc_sink.workers WHERE pid > 0', 1, 'a worker leaves a frozen broker');
cmp_ok(stop_time($node, 'fast'), '<', 1, 'stop -m fast with a frozen broker takes less than a second');
$node->start;
wait_sql($node, 'SELECT count(*) > 0 FROM kafka_cdc_sink.status', 't', 'starts with a frozen broker');
cmp_ok(stop_time($node, 'fast'), '<', 1, 'and stops');
$node->start;
$kafka->thaw;
$kafka->produce('items', 0, change('items', 'c', { id => 4, name => 'four', n => 4 }));
wait_applied($node, $kafka, ['items'], 'goes on after the thaw');

# Another broker, by reload.
configure($node, bootstrap_servers => '127.0.0.1:1');
wait_sql($node, "SELECT state IN ('starting', 'degraded', 'error') AND reason <> '' FROM kafka_cdc_sink.status", 't', 'an unreachable broker is a status');
my $log = -s $node->logfile;
cmp_ok(stop_time($node, 'fast'), '<', 1, 'stop -m fast without a broker takes less than a second');
my $other = KafkaCdcSink::Broker->new(items => 2);
$other->produce('items', 0, change('items', 'c', { id => 10 + $_, name => 'other', n => $_ })) foreach 1 .. 6;
$node->append_conf('postgresql.conf', "kafka_cdc_sink.group_id = 'other'");
$node->start;
configure($node, bootstrap_servers => $other->address);
wait_sql($node, "SELECT count(*) FROM app.items WHERE name = 'other'", 6, 'another broker is used after a reload');
$node->safe_psql('postgres', "ALTER SYSTEM SET kafka_cdc_sink.$_") foreach "bootstrap_servers = 'kafka.silent:9092'", 'max_workers = 2';
$node->stop;

# A name server that does not answer: nobody who leaves waits for it.
my $asking = PostgreSQL::Test::Utils::tempdir() . '/asking';
sub asks { my $pid = shift; return (-e $asking && slurp_file($asking) =~ /^$pid$/m) }
sub wait_until_asking
{
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
	sleep 0.05 until time > $deadline || !grep { !asks($_) } workers($node), coordinator($node);
	return ok(time < $deadline, 'workers and coordinator ask for an address');
}
{
	local $ENV{LD_PRELOAD} = "$ENV{KCS_TEST_DIR}/../build/slow_resolver.so";
	local $ENV{SLOW_RESOLVER_LOG} = $asking;
	$node->start;
}
wait_sql($node, 'SELECT count(*) FROM kafka_cdc_sink.workers WHERE pid > 0', 2, 'two workers');
wait_until_asking();
my ($worker) = workers($node);
my $asked = time;
$node->safe_psql('postgres', "SELECT pg_terminate_backend($worker)");
wait_sql($node, "SELECT count(*) FROM pg_stat_activity WHERE pid = $worker", 0, 'a worker is terminated');
cmp_ok(time - $asked, '<', 5, 'at once');
wait_sql($node, 'SELECT count(*) FROM kafka_cdc_sink.workers WHERE pid > 0', 2, 'there is another one');
wait_until_asking();
cmp_ok(stop_time($node, 'fast'), '<', 1, 'stop -m fast takes less than a second');

# One broker of two is away: the partitions that it leads wait and say why, the others flow.
my $pair = KafkaCdcSink::Broker->new(_brokers => 2, items => 2, orders => 1);
$pair->command("leader $_") foreach 'srv.app.items 0 1', 'srv.app.items 1 2', 'srv.app.orders 0 2';
$node = sink_node('pair', $pair, topics => '^srv[.]app[.]');
$pair->produce('items', $_, change('items', 'c', { id => $_, name => 'before', n => 1 })) foreach 0, 1;
$pair->produce('orders', 0, change('orders', 'c', { id => 1, name => 'before', n => 1 }));
wait_applied($node, $pair, [ 'items', 'orders' ], 'two brokers');
$node->stop;
$pair->produce('items', 0, change('items', 'c', { id => 10, name => 'far', n => 1 }));
$pair->produce('items', 1, change('items', 'c', { id => 11, name => 'near', n => 1 }));
$pair->produce('orders', 0, change('orders', 'c', { id => 12, name => 'near', n => 1 }));
$pair->command('broker-down 1');
$log = -s $node->logfile;
$node->start;
wait_sql($node, q(SELECT (SELECT count(*) FROM app.items WHERE name = 'near') + (SELECT count(*) FROM app.orders WHERE name = 'near')), 2, 'the partitions of the other broker flow');
wait_sql($node, q(SELECT state, reason LIKE '%broker 1 at %does not answer%' AND hint <> '' FROM kafka_cdc_sink.partitions WHERE topic = 'srv.app.items' AND "partition" = 0),
	'waiting|t', 'the others wait with a reason');
wait_sql($node, q(SELECT state, reason LIKE 'partition 0 of topic "srv.app.items"%' AND hint <> '' FROM kafka_cdc_sink.status), 'degraded|t', 'which the status tells');
$pair->command('broker-up 1');
wait_sql($node, q(SELECT name FROM app.items WHERE id = 10), 'far', 'and flow once it is back');
wait_sql($node, 'SELECT state, reason FROM kafka_cdc_sink.status', 'running|', 'then the sink runs');
my $told = substr(slurp_file($node->logfile), $log);
is(scalar(() = $told =~ /warning: partition 0 of topic/g), 1, 'told once');

# The same while everything runs.
configure($node, topic_refresh => '1s');
$pair->command('broker-down 1');
wait_sql($node, q(SELECT state, reason LIKE 'partition 0 of topic "srv.app.items"%broker 1 at %does not answer%' AND hint <> '' FROM kafka_cdc_sink.status),
	'degraded|t', 'a broker that goes away shows');
$pair->produce('items', 1, change('items', 'c', { id => 13, name => 'later', n => 1 }));
wait_sql($node, q(SELECT name FROM app.items WHERE id = 13), 'later', 'the other one goes on');
$pair->command('broker-up 1');
wait_sql($node, 'SELECT state, reason FROM kafka_cdc_sink.status', 'running|', 'until it is back');
$node->stop;
done_testing();
