# check() where the brokers, the server or the caller give trouble: it answers in time, and its process ends
# with it, whatever that waits for.
use strict;
use warnings;
use KafkaCdcSink;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my $kafka = KafkaCdcSink::Broker->new(items => 2, log => 2);
my $node = sink_node('check', $kafka, topics => '^srv[.]app[.]', init => [ allows_streaming => 1 ], conf => "fsync = on\nmax_worker_processes = 8");
sub put { return $kafka->produce('items', 0, change('items', 'c', { id => $_[0], name => 'one', n => 5 })) }
put(1);
wait_applied($node, $kafka, ['items'], 'it runs');

# Processes of check() that this server has now.
sub checkers
{
	my $server = shift;
	my ($postmaster) = slurp_file($server->data_dir . '/postmaster.pid') =~ /^(\d+)/;
	return map { /^\s*(\d+)\s+$postmaster\s.*kafka_cdc_sink check/ ? $1 : () } split /\n/, `ps -ww axo pid,ppid,args`;
}

sub wait_checkers
{
	my ($server, $count, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
	sleep 0.02 until checkers($server) == $count || time > $deadline;
	return is(scalar checkers($server), $count, $name);
}

# What check() finds wrong, leaving no process. The bound is for hangs: a busy machine takes its time.
sub wrong
{
	my ($server, $timeout, $most, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $begun = time;
	my $found = $server->safe_psql('postgres', "SELECT subject, item, result, found, hint FROM kafka_cdc_sink.check('$timeout') WHERE result <> 'ok' AND item <> 'replication'");
	cmp_ok(time - $begun, '<', $most, "$name: in time");
	is(scalar checkers($server), 0, "$name: no process is left");
	return $found;
}

# ---- the sink is not disturbed --------------------------------------------------------------------------------
my @before = (workers($node), coordinator($node));
my $from = -s $node->logfile;
my @sessions = map { session($node) } 1 .. 3;
foreach (1 .. 5)
{
	$_->send('SELECT count(*) FROM kafka_cdc_sink.check()') foreach @sessions;
	$kafka->produce_all(map { [ 'log', $_ % 2, change('log', 'c', { n => $_, said => 'x' }) ] } 1 .. 200);
	my %count = map { $_->answer => 1 } @sessions;
	is_deeply([ grep { !/^\d+$/ } keys %count ], [], 'several at once, under load');
}
$_->end foreach @sessions;
wait_applied($node, $kafka, [ 'items', 'log' ], 'records flow meanwhile');
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.log'), 1000, 'each once');
is_deeply([ workers($node), coordinator($node) ], \@before, 'in the same processes');
calm_log($node, $from, 1, 'checks');
is(scalar checkers($node), 0, 'no process is left');

# ---- brokers that do not answer ---------------------------------------------------------------------------------
$kafka->freeze;
like(wrong($node, '3 seconds', 15, 'frozen'), qr/^brokers\|connection\|error\|no Kafka broker answered \(tried for \d s\)\|Check kafka_cdc_sink.bootstrap_servers/m, 'a broker that is frozen');
like(wrong($node, '200 milliseconds', 10, 'at once'), qr/^brokers\|/m, 'a short timeout');

# Canceled, and ended: the process goes.
my $user = session($node);
my $pid = $user->sql('SELECT pg_backend_pid()');
$user->send(q(SELECT * FROM kafka_cdc_sink.check('1 minute')));
wait_checkers($node, 1, 'a process asks');
$node->safe_psql('postgres', "SELECT pg_cancel_backend($pid)");
like($user->answer, qr/canceling statement due to user request/, 'canceled');
wait_checkers($node, 0, 'its process ends');
is($user->sql('SELECT 1'), 1, 'the session goes on');
$user->send(q(DO $$ BEGIN PERFORM * FROM kafka_cdc_sink.check('1 minute'); EXCEPTION WHEN query_canceled THEN RAISE NOTICE 'caught'; PERFORM pg_sleep(1000); END $$));
wait_checkers($node, 1, 'within a block that catches');
$node->safe_psql('postgres', "SELECT pg_cancel_backend($pid)");
wait_checkers($node, 0, 'its process ends there, too');
$node->safe_psql('postgres', "SELECT pg_cancel_backend($pid)");
$user->answer;
$user->send(q(SELECT * FROM kafka_cdc_sink.check('1 minute')));
wait_checkers($node, 1, 'once more');
$node->safe_psql('postgres', "SELECT pg_terminate_backend($pid)");
wait_checkers($node, 0, 'terminated: its process ends');
$user->end;

# Its process is ended under it.
$user = session($node);
$user->send(q(SELECT found FROM kafka_cdc_sink.check('1 minute') WHERE subject = 'brokers'));
wait_checkers($node, 1, 'a process asks');
kill 'TERM', checkers($node);
is($user->answer, 'the process that asks the brokers has ended', 'somebody ended it');

# The server stops as fast as ever.
$user->send(q(SELECT * FROM kafka_cdc_sink.check('1 minute')));
wait_checkers($node, 1, 'a process asks');
cmp_ok(stop_time($node, 'fast'), '<', 1, 'stop -m fast takes less than a second');
$user->end;
$kafka->thaw;
$node->start;
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'running', 'it runs again');

# The caller crashes, and with it all.
$kafka->freeze;
$user = session($node);
$pid = $user->sql('SELECT pg_backend_pid()');
$user->send(q(SELECT * FROM kafka_cdc_sink.check('1 minute')));
wait_checkers($node, 1, 'a process asks');
$from = -s $node->logfile;
kill 'KILL', $pid;
wait_checkers($node, 0, 'killed: its process ends');
$user->end;
$kafka->thaw;
wait_log($node, qr/database system is ready to accept connections/, $from, 'the server recovers');
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'running', 'and the sink');

$kafka->down;
like(wrong($node, '10 seconds', 20, 'refused'), qr/^brokers\|connection\|error\|no Kafka broker can be reached: .*Connection refused/m, 'a broker that is down');
$kafka->up;
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'running', 'it is back');
unlike(wrong($node, '10 seconds', 20, 'back'), qr/^(brokers|topic)/m, 'and answers');

# ---- records that do not come -----------------------------------------------------------------------------------------
$kafka->command('broker-error 1 1 0 4000 4'); # fetches
my $late = wrong($node, '4 seconds', 10, 'late');
like($late, qr/^topic srv[.]app[.](items|log)\|record\|warning\|none came in time|^brokers\|answers\|error\|they did not all come in time/m, 'records that come too late');
my $patience = time + $PostgreSQL::Test::Utils::timeout_default;
sleep 0.1 until $kafka->command('errors-left 1 1') == 0 || time > $patience;
wait_applied($node, $kafka, [ 'items', 'log' ], 'they come in the end');

# ---- one of two brokers -----------------------------------------------------------------------------------------------
my $pair = KafkaCdcSink::Broker->new(_brokers => 2, items => 2);
$pair->command("leader $_") foreach 'srv.app.items 0 1', 'srv.app.items 1 2';
$pair->produce('items', $_, change('items', 'c', { id => $_, name => 'x', n => 1 })) foreach 0, 1;
configure($node, enabled => 'off', bootstrap_servers => $pair->address);
wait_sql($node, 'SHOW kafka_cdc_sink.bootstrap_servers', $pair->address, 'reloaded');
$pair->command('broker-down 2');
my $half = wrong($node, '10 seconds', 20, 'half');
like($half, qr/^topic srv[.]app[.]items\|partition 1\|error\|its leader, broker 2 at \S+, (does not answer|says: )/m, 'a leader that is down');
unlike($half, qr/partition 0/, 'the other one is not');
configure($node, enabled => 'on', bootstrap_servers => $kafka->address);
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'running', 'it runs');

# ---- no free slot ------------------------------------------------------------------------------------------------------
configure($node, max_workers => 20);
wait_sql($node, q(SELECT reason FROM kafka_cdc_sink.status), 'there is no free background worker slot for an apply worker', 'no slot is free');
my $slots = wrong($node, '5 seconds', 15, 'no slot');
like($slots, qr/^server\|max_worker_processes\|error\|8, of which the sink takes 22 \(launcher, coordinator, 20 workers\)/m, 'too few slots for the sink');
like($slots, qr/^brokers\|connection\|error\|not asked: there is no free background worker slot for it\|Raise max_worker_processes/m, 'and none for a check');
like($slots, qr/^sink\|processes\|warning\|launcher, coordinator, \d of 20 workers/m, 'what is missing');
configure($node, max_workers => 2);
wait_sql($node, 'SELECT state, workers FROM kafka_cdc_sink.status', 'running|2', 'it runs');

# ---- secrets --------------------------------------------------------------------------------------------------------------
my $file = $node->basedir . '/kafka.properties';
append_to_file($file, "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.username=me\nsasl.password=hunter2\n");
chmod 0600, $file or die;
configure($node, client_properties => 'debug=all', client_properties_file => $file);
wait_sql($node, 'SHOW kafka_cdc_sink.client_properties_file', $file, 'reloaded');
my $login = wrong($node, '6 seconds', 20, 'login');
like($login, qr/^client\|security.protocol\|warning\|sasl_plaintext, mechanism PLAIN: the password crosses the network in clear/m, 'a password in clear');
like($login, qr/^brokers\|connection\|error\|/m, 'a broker that knows no SASL');
chmod 0644, $file or die;
my $open = wrong($node, '5 seconds', 15, 'open file');
like($open, qr/^client\|properties\|error\|client properties file ".*" has group or world access\|.*0600/m, 'a file that others can read');
unlike($login . $open . slurp_file($node->logfile), qr/hunter2/, 'the password is told nowhere');
configure($node, client_properties => '', client_properties_file => '');
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'running', 'it runs');

# ---- a standby --------------------------------------------------------------------------------------------------------------
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
wait_sql($standby, 'SELECT state FROM kafka_cdc_sink.status', 'standby', 'a standby');
is(wrong($standby, '10 seconds', 20, 'standby'), '', 'nothing is wrong there');
like($standby->safe_psql('postgres', q(SELECT subject, item, result, found FROM kafka_cdc_sink.check())), qr/^server\|recovery\|ok\|the server is a standby.*^topic srv.app.items\|record\|ok\|change event with schema, insert: /ms, 'it looks at everything');
$standby->stop;

# ---- not preloaded ------------------------------------------------------------------------------------------------------------
$node->adjust_conf('postgresql.conf', 'shared_preload_libraries', "''");
$node->restart;
my $plain = wrong($node, '10 seconds', 20, 'not preloaded');
like($plain, qr/^server\|shared_preload_libraries\|error\|kafka_cdc_sink is not in it: nothing runs\|Add kafka_cdc_sink/m, 'it says so');
unlike($plain, qr/^(brokers|topic|client)/m, 'and all else is looked at');
like($node->safe_psql('postgres', q(SELECT result, found FROM kafka_cdc_sink.check() WHERE item = 'replication')), qr/^warning\|2 of 2 topics have one replica, first srv.app.items: /, 'a lone broker');
like($node->safe_psql('postgres', q(BEGIN READ ONLY; SELECT item, result FROM kafka_cdc_sink.check() WHERE subject = 'topic srv.app.items'; COMMIT)), qr/^record\|ok\ntarget\|ok/m, 'in a read-only transaction, too');
$node->adjust_conf('postgresql.conf', 'shared_preload_libraries', "'kafka_cdc_sink'");

# ---- names that are not resolved ------------------------------------------------------------------------------------------------
$node->safe_psql('postgres', q(ALTER SYSTEM SET kafka_cdc_sink.bootstrap_servers = 'kafka.silent:9092'));
$node->stop;
my $asking = PostgreSQL::Test::Utils::tempdir() . '/asking';
{
	local $ENV{LD_PRELOAD} = "$ENV{KCS_TEST_DIR}/../build/slow_resolver.so";
	local $ENV{SLOW_RESOLVER_LOG} = $asking;
	$node->start;
}
like(wrong($node, '3 seconds', 15, 'silent'), qr/^brokers\|connection\|error\|no Kafka broker answered/m, 'a name server that is silent');
foreach my $how ('cancel', 'terminate')
{
	$user = session($node);
	$pid = $user->sql('SELECT pg_backend_pid()');
	$user->send(q(SELECT * FROM kafka_cdc_sink.check('2 minutes')));
	wait_checkers($node, 1, "silent, $how: a process asks");
	my $begun = time;
	$node->safe_psql('postgres', "SELECT pg_${how}_backend($pid)");
	wait_checkers($node, 0, "silent, $how: its process ends");
	cmp_ok(time - $begun, '<', 15, "silent, $how: soon");
	$user->end;
}
unlike(slurp_file($node->logfile), qr/WARNING:|kafka_cdc_sink check.*(FATAL|exited)/, 'the servers never complained');
configure($node, bootstrap_servers => 'no.such.host.invalid:9092');
$node->restart;
like(wrong($node, '15 seconds', 30, 'unknown'), qr/^brokers\|connection\|error\|could not resolve the name/m, 'a name that nobody knows');
$node->stop;
done_testing();
