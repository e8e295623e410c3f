# Somebody changes, locks, empties or takes away the extension's own tables: the sink stands with the reason,
# loses nothing, crashes nothing, fills no log, and goes on by itself once they are as they were.
use strict;
use warnings;
use KafkaCdcSink;
use PostgreSQL::Test::Utils;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new(items => 2, log => 2, junk => 1);
my $node = sink_node('own', $kafka, topics => '^srv[.]app[.]', max_workers => 1);
sub sql { return $node->safe_psql('postgres', $_[0]) }
sql('CREATE SCHEMA app; CREATE TABLE app.log (n bigint, said text)');

my ($said, $clock, $letters) = (0, 0, 0);
my %name;
sub feed
{
	my @records = map { $clock++; $name{$_} = "row $clock"; [ 'items', $_ % 2, change('items', 'u', { id => $_, name => "row $clock", n => $clock }) ] } 1 .. 5;
	push @records, map { $said++; [ 'log', $said % 2, change('log', 'c', { n => $said, said => 'x' }) ] } 1 .. 20;
	return $kafka->produce_all(@records);
}
sub exact
{
	my ($name) = @_;
	wait_applied($node, $kafka, [qw(items log junk)], "$name: it goes on by itself");
	is(sql('SELECT count(*), count(DISTINCT n), max(n) FROM app.log'), "$said|$said|$said", "$name: nothing lost, nothing twice");
	is(sql(q(SELECT string_agg(name, ',' ORDER BY id) FROM app.items)), join(',', map { $name{$_} } sort keys %name), "$name: as the events say");
	is(sql('SELECT count(*) FROM kafka_cdc_sink.dead_letters'), $letters, "$name: dead letters");
	wait_sql($node, q(SELECT state, reason FROM kafka_cdc_sink.status), 'running|', "$name: the sink runs");
	return;
}
feed();
exact('at first');

# Done to the tables, and undone; meanwhile the worker is paused for the reason. junk => 1: what is bad must
# come to meet it.
sub broken
{
	my ($name, $do, $reason, $undo, %how) = @_;
	my $from = -s $node->logfile;
	my @pids = (workers($node), coordinator($node));
	sql($do);
	feed();
	$kafka->produce('junk', 0, '{"id":1}', 'junk') if $how{junk};
	my $like = "reason ~ '$reason', hint <> ''";
	wait_sql($node, "SELECT state, $like FROM kafka_cdc_sink.workers", 'paused|t|t', "$name: the worker is paused and says why");
	wait_sql($node, "SELECT bool_and(reason ~ '$reason') FROM kafka_cdc_sink.partitions WHERE state = 'paused'", 't', "$name: the partitions, too");
	like(sql('SELECT state, hint FROM kafka_cdc_sink.status'), qr/^(paused|error)\|./, "$name: and the sink");
	my $errors = sql('SELECT errors FROM kafka_cdc_sink.workers');
	wait_sql($node, "SELECT errors > $errors + 2 FROM kafka_cdc_sink.workers", 't', "$name: tried again");
	sql($undo);
	$letters += $how{junk} // 0;
	exact($name);
	is(join(' ', workers($node), coordinator($node)), join(' ', @pids), "$name: no process has left");
	calm_log($node, $from, 12, $name);
	return;
}

broken('offsets renamed', 'ALTER TABLE kafka_cdc_sink.offsets RENAME TO away', 'relation "kafka_cdc_sink.offsets" does not exist \(SQLSTATE 42P01',
	'ALTER TABLE kafka_cdc_sink.away RENAME TO offsets');
broken('a column of offsets renamed', 'ALTER TABLE kafka_cdc_sink.offsets RENAME last_hash TO away', 'column "last_hash".* does not exist \(SQLSTATE 42703',
	'ALTER TABLE kafka_cdc_sink.offsets RENAME away TO last_hash');
broken('a column of offsets dropped', 'ALTER TABLE kafka_cdc_sink.offsets DROP COLUMN updated_at', 'column "updated_at".* does not exist \(SQLSTATE 42703',
	'ALTER TABLE kafka_cdc_sink.offsets ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now()');
broken('a check on offsets', 'ALTER TABLE kafka_cdc_sink.offsets ADD CONSTRAINT never CHECK (next_offset < 0) NOT VALID', 'violates check constraint "never" \(SQLSTATE 23514',
	'ALTER TABLE kafka_cdc_sink.offsets DROP CONSTRAINT never');
broken('offsets not to be written', 'CREATE ROLE weak; GRANT CREATE ON DATABASE postgres TO weak; ALTER SCHEMA kafka_cdc_sink OWNER TO weak', 'permission denied for table offsets \(SQLSTATE 42501',
	'ALTER SCHEMA kafka_cdc_sink OWNER TO CURRENT_USER');
broken('a trigger on offsets', q(CREATE FUNCTION app.no() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'SECRET'; END$$;
	CREATE TRIGGER no BEFORE UPDATE ON kafka_cdc_sink.offsets FOR EACH ROW EXECUTE FUNCTION app.no(); ALTER TABLE kafka_cdc_sink.offsets ENABLE ALWAYS TRIGGER no),
	'^SQLSTATE P0001', 'DROP TRIGGER no ON kafka_cdc_sink.offsets');
broken('dead_letters renamed', 'ALTER TABLE kafka_cdc_sink.dead_letters RENAME TO away', 'relation "kafka_cdc_sink.dead_letters" does not exist \(SQLSTATE 42P01',
	'ALTER TABLE kafka_cdc_sink.away RENAME TO dead_letters', junk => 1);
broken('a column of dead_letters dropped', 'ALTER TABLE kafka_cdc_sink.dead_letters DROP COLUMN headers', 'column "headers".* does not exist \(SQLSTATE 42703',
	'ALTER TABLE kafka_cdc_sink.dead_letters ADD COLUMN headers jsonb', junk => 1);
my $user = session($node);
foreach my $table (qw(offsets dead_letters))
{
	$user->sql("BEGIN; LOCK TABLE kafka_cdc_sink.$table");
	broken("$table locked", 'SELECT 1', 'lock timeout \(SQLSTATE 55P03', 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE \'%LOCK TABLE%\' AND pid <> pg_backend_pid()', junk => $table eq 'dead_letters');
	$user->end;
	$user = session($node);
}

# ---- rows of offsets that are gone: nobody guesses where to go on
my $from = -s $node->logfile;
my @next = map { $kafka->end('items', $_) } 0, 1;
sql(q(CREATE TABLE app.kept AS SELECT * FROM kafka_cdc_sink.offsets; TRUNCATE kafka_cdc_sink.offsets));
feed();
wait_sql($node, q(SELECT count(*) FROM kafka_cdc_sink.partitions WHERE topic ~ 'items|log' AND state = 'paused' AND reason ~ 'its row in kafka_cdc_sink.offsets, where the next offset was \d+, is gone'),
	4, 'offsets emptied: the partitions are paused and say why');
is(sql(q(SELECT hint FROM kafka_cdc_sink.partitions WHERE topic = 'srv.app.items' AND "partition" = 1)), "To go on there, run SELECT kafka_cdc_sink.seek('srv.app.items', 1, $next[1]).", 'and what to do');
wait_sql($node, q(SELECT state FROM kafka_cdc_sink.status), 'degraded', 'the sink says so');
# The coordinator looks around, also a new one, and so does a new worker.
my $old = coordinator($node);
sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type ~ 'kafka_cdc_sink (worker|coordinator)'");
wait_sql($node, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'kafka_cdc_sink coordinator' AND pid <> $old", 1, 'another coordinator');
wait_sql($node, q(SELECT count(*) FROM kafka_cdc_sink.partitions WHERE topic ~ 'items|log' AND state = 'paused' AND reason ~ 'its row in kafka_cdc_sink.offsets'), 4, 'which does not guess either');
is(sql(q(SELECT count(*) FROM kafka_cdc_sink.offsets)), 0, 'nothing was stored');
is(sql('SELECT count(*) FROM app.log'), $said - 20, 'nothing was applied');
sql(sql(q(SELECT regexp_replace(hint, '^.*(SELECT .*)[.]$', '\1') FROM kafka_cdc_sink.partitions WHERE topic = 'srv.app.items' AND "partition" = 1)));
wait_sql($node, q(SELECT state FROM kafka_cdc_sink.partitions WHERE topic = 'srv.app.items' AND "partition" = 1), 'running', 'seek() as the hint says: it flows');
sql(q(INSERT INTO kafka_cdc_sink.offsets SELECT * FROM app.kept ON CONFLICT DO NOTHING; SELECT kafka_cdc_sink.resume()));
exact('offsets restored');
calm_log($node, $from, 30, 'offsets emptied');

# ---- the table of routes, when it is read
$from = -s $node->logfile;
my @pids = (workers($node), coordinator($node));
sql(q(BEGIN; INSERT INTO kafka_cdc_sink.routes (topic, target) VALUES ('nothing', 'app.nothing'); ALTER TABLE kafka_cdc_sink.routes RENAME TO away; COMMIT));
feed();
wait_sql($node, q(SELECT state, reason ~ 'relation "kafka_cdc_sink.routes" does not exist', hint <> '' FROM kafka_cdc_sink.workers), 'paused|t|t', 'routes renamed: no record goes by others');
sql('ALTER TABLE kafka_cdc_sink.away RENAME TO routes');
exact('routes renamed');
is(join(' ', workers($node), coordinator($node)), join(' ', @pids), 'routes renamed: no process has left');
calm_log($node, $from, 8, 'routes renamed');

# ---- the table of the pause, when the server starts: nothing flows that may be paused
sql('ALTER TABLE kafka_cdc_sink.control RENAME TO away');
$from = -s $node->logfile;
$node->restart;
feed();
wait_sql($node, q(SELECT state, reason, hint <> '' FROM kafka_cdc_sink.status), 'error|relation "kafka_cdc_sink.control" does not exist|t', 'control renamed: the sink says so');
my $coordinator = coordinator($node);
is(sql('SELECT count(*) FROM kafka_cdc_sink.partitions WHERE worker IS NOT NULL'), 0, 'control renamed: nothing is given out');
sql('ALTER TABLE kafka_cdc_sink.away RENAME TO control');
exact('control renamed');
is(coordinator($node), $coordinator, 'control renamed: the coordinator stayed');
calm_log($node, $from, 15, 'control renamed');
unlike(slurp_file($node->logfile), qr/SECRET/, 'what a trigger says is not in the log');
$user->end;
$node->stop;
done_testing();
