# Serialization failures, deadlocks with a user's session and cancels: the batch is retried, nothing is
# lost or done twice, and no process of the sink ends for it.
use strict;
use warnings;
use KafkaCdcSink;
use PostgreSQL::Test::Utils;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new(items => 1, orders => 1, log => 2);
my $node = sink_node('retry', $kafka, topics => '^srv[.]app[.]', max_workers => 1, enabled => 'off');
$node->safe_psql('postgres', q(
	CREATE SCHEMA app;
	CREATE TABLE app.items (id int PRIMARY KEY, name text, n bigint);
	CREATE TABLE app.orders (LIKE app.items INCLUDING ALL);
	CREATE TABLE app.log (n bigint, said text);
	CREATE TABLE app.mood (what text);
	CREATE FUNCTION app.mind() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		IF EXISTS (SELECT FROM app.mood WHERE what = 'fail') THEN
			PERFORM pg_cancel_backend(pg_backend_pid()), pg_sleep(60);
		END IF;
		-- somebody else waits first
		WHILE EXISTS (SELECT FROM app.mood WHERE what = 'wait') AND NOT EXISTS (SELECT FROM pg_locks WHERE NOT granted) LOOP
			PERFORM pg_sleep(0.01);
		END LOOP;
		RETURN NULL;
	END $$;
	CREATE TRIGGER mind AFTER INSERT OR UPDATE ON app.items FOR EACH ROW EXECUTE FUNCTION app.mind();
	ALTER TABLE app.items ENABLE ALWAYS TRIGGER mind));
configure($node, enabled => 'on');

my ($said, $clock) = (0, 0);
sub one { my ($table, $id) = @_; return [ $table, 0, change($table, 'u', { id => $id, name => "event $clock", n => ++$clock }) ] }
sub lines { return map { $said++; [ 'log', $said % 2, change('log', 'c', { n => $said, said => 'x' }) ] } 1 .. $_[0] }
# Read at once, from one partition: one batch.
sub together
{
	$node->safe_psql('postgres', 'SELECT kafka_cdc_sink.pause()');
	wait_sql($node, q(SELECT state FROM kafka_cdc_sink.workers), 'paused', 'paused');
	$kafka->produce_all(map { [ 'items', 0, @$_[ 2, 3 ] ] } @_);
	$node->safe_psql('postgres', 'SELECT kafka_cdc_sink.resume()');
	return;
}
sub exact
{
	my ($name) = @_;
	wait_applied($node, $kafka, [qw(items orders log)], "$name: applied");
	is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT n), coalesce(max(n), 0) FROM app.log'), "$said|$said|$said", "$name: nothing lost, nothing twice");
	wait_sql($node, q(SELECT state, reason FROM kafka_cdc_sink.status), 'running|', "$name: the sink runs");
	return;
}
$kafka->produce_all((map { one('items', $_) } 1 .. 5), (map { one('orders', $_) } 1 .. 5), lines(10));
exact('at first');
my @pids = (workers($node), coordinator($node));
my $from = -s $node->logfile;

# ---- A cancel of each try for as long as it lasts: seen, and nothing of the batch is there
$node->safe_psql('postgres', q(INSERT INTO app.mood VALUES ('fail')));
together(one('items', 1), one('orders', 1), lines(3));
wait_sql($node, q(SELECT state, reason FROM kafka_cdc_sink.status), 'degraded|retrying a batch: canceling statement due to user request (SQLSTATE 57014)', 'a retry that lasts is seen');
is($node->safe_psql('postgres', 'SELECT DISTINCT state, reason FROM kafka_cdc_sink.partitions'), 'retrying|retrying a batch: canceling statement due to user request (SQLSTATE 57014)', 'in the partitions, too');
is($node->safe_psql('postgres', q(SELECT (SELECT n FROM app.orders WHERE id = 1), (SELECT count(*) FROM app.log))), '6|10', 'meanwhile nothing of the batch is there');
wait_sql($node, 'SELECT retries > 12 FROM kafka_cdc_sink.workers', 't', 'it is tried again and again');
is($node->safe_psql('postgres', q(SELECT count(*) FROM generate_series(1, 200) WHERE (SELECT reason FROM kafka_cdc_sink.status WHERE generate_series > 0) IS NULL)), 0, 'and seen all the time');
$node->safe_psql('postgres', 'DELETE FROM app.mood');
exact('a retry that lasts');
is($node->safe_psql('postgres', 'SELECT count(*) FROM kafka_cdc_sink.dead_letters'), 0, 'no dead letters');
calm_log($node, $from, 6, 'a retry that lasts');

# ---- a user's serializable session that read and wrote the rows
$from = -s $node->logfile;
my $user = session($node);
$user->sql(q(BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT sum(n) FROM app.items; UPDATE app.orders SET name = 'mine' WHERE id = 2));
together(one('items', 2), one('orders', 2), lines(3));
wait_sql($node, 'SELECT count(*) > 0 FROM pg_locks WHERE NOT granted', 't', 'the worker waits for a row');
is($user->sql('COMMIT'), '', 'a serializable session commits');
exact('a serializable session');
is($node->safe_psql('postgres', 'SELECT n FROM app.orders WHERE id = 2'), $node->safe_psql('postgres', 'SELECT max(n) FROM app.orders'), 'the event came after it');

# ---- a deadlock that the worker finds: the user waits first, and long
$node->safe_psql('postgres', q(INSERT INTO app.mood VALUES ('wait')));
$user->sql(q(SET deadlock_timeout = '1min'; BEGIN; UPDATE app.orders SET name = 'mine' WHERE id = 3));
my $retries = $node->safe_psql('postgres', 'SELECT retries FROM kafka_cdc_sink.workers');
together(one('items', 3), one('orders', 3), lines(3));
wait_sql($node, q(SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'kafka_cdc_sink worker' AND wait_event = 'PgSleep'), 1, 'the worker has changed a row');
is($user->sql(q(UPDATE app.items SET name = 'mine' WHERE id = 3)), '', 'the worker gives way to the user');
$node->safe_psql('postgres', 'DELETE FROM app.mood');
is($user->sql('COMMIT'), '', 'who commits');
exact('a deadlock');
cmp_ok($node->safe_psql('postgres', 'SELECT retries FROM kafka_cdc_sink.workers'), '>', $retries, 'the batch was retried');
like(substr(slurp_file($node->logfile), $from), qr/retrying a batch: deadlock detected \(SQLSTATE 40P01/, 'as the log says');
unlike($node->safe_psql('postgres', q(SELECT name FROM app.items WHERE id = 3 UNION ALL SELECT name FROM app.orders WHERE id = 3)), qr/mine/, 'the events came after it');

# ---- a deadlock that the user finds
$user->sql(q(SET deadlock_timeout = '1ms'; BEGIN; UPDATE app.orders SET name = 'mine' WHERE id = 4));
together(one('items', 4), one('orders', 4), lines(3));
like($user->sql(q(DO $$BEGIN WHILE NOT EXISTS (SELECT FROM pg_locks WHERE NOT granted) LOOP PERFORM pg_sleep(0.01); END LOOP; UPDATE app.items SET name = 'mine' WHERE id = 4; END$$)),
	qr/deadlock detected/, 'the user gives way to the worker');
$user->sql('ROLLBACK');
exact('a deadlock that the user found');
unlike($node->safe_psql('postgres', q(SELECT name FROM app.items WHERE id = 4 UNION ALL SELECT name FROM app.orders WHERE id = 4)), qr/mine/, 'nothing of the user is left');
calm_log($node, $from, 12, 'deadlocks');

# ---- cancels, whatever each process is about
$from = -s $node->logfile;
$user->sql(q(BEGIN; UPDATE app.orders SET name = 'mine' WHERE id = 5));
$kafka->produce_all(one('items', 5), one('orders', 5), lines(3));
wait_sql($node, 'SELECT count(*) > 0 FROM pg_locks WHERE NOT granted', 't', 'the worker waits for a row');
$node->safe_psql('postgres', q(SELECT pg_cancel_backend(pid) FROM kafka_cdc_sink.workers));
$user->sql('COMMIT');
exact('a cancel of a wait');
my $clerk = session($node);
$clerk->send(q(DO $$BEGIN FOR i IN 1 .. 1500 LOOP
	PERFORM pg_stat_clear_snapshot(), pg_cancel_backend(pid) FROM pg_stat_activity WHERE backend_type LIKE 'kafka_cdc_sink%';
	PERFORM pg_sleep(0.002); END LOOP; END$$));
foreach my $round (1 .. 40)
{
	$kafka->produce_all((map { one($_ % 2 ? 'items' : 'orders', $_ % 9) } 1 .. 20), lines(40), [ 'items', 0, '{"id":1}', 'junk' ]);
	configure($node, log_level => $round % 2 ? 'debug' : 'info') if $round % 8 == 0;
}
is($clerk->answer, '', 'some thousand cancels');
exact('cancels');
is($node->safe_psql('postgres', 'SELECT count(*) FROM kafka_cdc_sink.dead_letters'), 40, 'what is junk is a dead letter, once');
is(join(' ', workers($node), coordinator($node)), join(' ', @pids), 'nobody has left');
calm_log($node, $from, 60, 'cancels');

# ---- the launcher is terminated: another one comes, and takes up what runs
$from = -s $node->logfile;
my $launcher = q(SELECT pid FROM pg_stat_activity WHERE backend_type = 'kafka_cdc_sink launcher');
my $before = $node->safe_psql('postgres', $launcher);
$node->safe_psql('postgres', "SELECT pg_terminate_backend($before)");
wait_sql($node, "SELECT count(*) FROM ($launcher) l WHERE pid <> $before", 1, 'another launcher');
$kafka->produce_all(one('items', 6), lines(3));
exact('another launcher');
is(join(' ', workers($node), coordinator($node)), join(' ', @pids), 'the others are as they were');
calm_log($node, $from, 6, 'another launcher');
$_->end foreach $user, $clerk;
$node->stop;
done_testing();
