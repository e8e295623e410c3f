# What is wrong with the server and not with a record (disk full, memory, locks, a damaged page):
# the worker pauses with the reason, for all to see, and goes on by itself once it is put right. No record
# becomes a dead letter for it, none is lost, none is applied twice.
use strict;
use warnings;
use KafkaCdcSink;
use PostgreSQL::Test::Utils;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new(items => 1, log => 2, junk => 1);
# A small lock table.
my $node = sink_node('environment', $kafka, topics => '^srv[.]app[.]', max_workers => 1, enabled => 'off', init => ['--no-data-checksums'],
	conf => "max_connections = 20\nmax_locks_per_transaction = 10\nautovacuum = off\n");
sub sql { return $node->safe_psql('postgres', $_[0]) }
sql(q(
	CREATE SCHEMA app;
	CREATE TABLE app.items (id int PRIMARY KEY, name text, n bigint);
	CREATE TABLE app.log (n bigint, said text);
	CREATE TABLE app.mood (what text);
	CREATE FUNCTION app.mind() RETURNS trigger LANGUAGE plpgsql AS $$
	DECLARE
		w text;
	BEGIN
		FOR w IN SELECT what FROM app.mood LOOP
			EXECUTE w;
		END LOOP;
		RETURN NEW;
	END $$;
	CREATE TRIGGER mind BEFORE INSERT OR UPDATE ON app.items FOR EACH ROW EXECUTE FUNCTION app.mind();
	ALTER TABLE app.items ENABLE ALWAYS TRIGGER mind));
configure($node, enabled => 'on');

my ($said, $clock) = (0, 0);
my %name;
sub feed
{
	my ($size) = @_;
	my @records = map { $clock++; $name{$_} = "row $clock"; [ 'items', 0, change('items', 'u', { id => $_, name => "row $clock", n => $clock }) ] } 1 .. 5;
	push @records, map { $said++; [ 'log', $said % 2, change('log', 'c', { n => $said, said => 'x' x ($size // 1) }) ] } 1 .. 200;
	return $kafka->produce_all(@records);
}
sub exact
{
	my ($name) = @_;
	wait_applied($node, $kafka, [qw(items log junk)], "$name: it goes on by itself");
	is(sql('SELECT count(*), count(DISTINCT n), max(n) FROM app.log'), "$said|$said|$said", "$name: nothing lost, nothing twice");
	is(sql(q(SELECT string_agg(name, ',' ORDER BY id) FROM app.items)), join(',', map { $name{$_} } sort keys %name), "$name: as the events say");
	wait_sql($node, q(SELECT state, reason FROM kafka_cdc_sink.status), 'running|', "$name: the sink runs");
	return;
}

# A session that is there before the server has troubles of its own.
my $look;
sub wait_look
{
	my ($sql, $expected, $name) = @_;
	my ($deadline, $found) = (time + $PostgreSQL::Test::Utils::timeout_default);
	select undef, undef, undef, 0.05 until ($found = $look->sql($sql)) eq $expected || time > $deadline;
	return is($found, $expected, $name);
}

# The worker stands for this reason, whoever looks wherever, and tries again and again.
sub stands
{
	my ($name, $reason, $hint) = @_;
	my $like = "reason ~ '$reason' AND " . ($hint ? "hint ~ '$hint'" : 'hint IS NULL');
	wait_look("SELECT state, $like FROM kafka_cdc_sink.status", 'paused|t', "$name: the sink is paused and says why");
	is($look->sql("SELECT state, $like FROM kafka_cdc_sink.workers"), 'paused|t', "$name: and the worker");
	is($look->sql("SELECT DISTINCT state, $like FROM kafka_cdc_sink.partitions WHERE worker IS NOT NULL"), 'paused|t', "$name: and the partitions");
	my $errors = $look->sql('SELECT errors FROM kafka_cdc_sink.workers');
	wait_look("SELECT errors > $errors + 1 FROM kafka_cdc_sink.workers", 't', "$name: tried again");
	is($look->sql("SELECT state, $like FROM kafka_cdc_sink.status"), 'paused|t', "$name: paused while it is tried");
	return;
}

# What goes wrong when this is done to the server, until that is done.
sub case
{
	my ($name, $do, $reason, $hint, $undo, $size) = @_;
	my $from = -s $node->logfile;
	my @pids = $node->{_pid} ? (workers($node), coordinator($node)) : ();
	$look = session($node) if $node->{_pid};
	$do->();
	$look //= session($node);
	feed($size);
	stands($name, $reason, $hint);
	$undo->();
	$look->end;
	undef $look;
	exact($name);
	is(sql(q(SELECT count(*) FROM kafka_cdc_sink.dead_letters WHERE topic <> 'srv.app.junk')), 0, "$name: no dead letters");
	is(join(' ', workers($node), coordinator($node)), join(' ', @pids), "$name: no process has left") if @pids;
	calm_log($node, $from, 8, $name);
	return;
}
feed();
exact('at first');

# ---- what the table's own code runs into is the table's trouble
sub in_trigger
{
	my ($name, $code, $reason, $do, $undo) = @_;
	$do->() if $do;
	sql("INSERT INTO app.mood VALUES (\$mood\$$code\$mood\$)");
	feed();
	wait_sql($node, "SELECT state, reason ~ '$reason' FROM kafka_cdc_sink.tables WHERE \"table\" = 'items'", 'parked|t', "$name: the table is parked");
	wait_applied($node, $kafka, ['log'], "$name: others flow");
	sql('DELETE FROM app.mood');
	$undo->() if $undo;
	exact($name);
	is(sql('SELECT count(*) FROM kafka_cdc_sink.dead_letters'), 0, "$name: no dead letters");
	return;
}
in_trigger('a file', q(COPY app.mood FROM '/nowhere/to/be/found'), '^SQLSTATE 58P01');
in_trigger('a library', q(LOAD '$libdir/plugins/nowhere'), '^SQLSTATE 58P01');
in_trigger('locks', 'SELECT pg_advisory_xact_lock(i) FROM generate_series(1, 100000) i', 'out of shared memory .*SQLSTATE 53200');
# A function that a change of the table calls.
sql(q(
	CREATE FUNCTION app.doubt(bigint) RETURNS boolean LANGUAGE plpgsql AS $$
	BEGIN
		EXECUTE (SELECT what FROM app.mood);
		RETURN true;
	END $$;
	CREATE TABLE app.narrow (id int PRIMARY KEY, n smallint CHECK (app.doubt(n)));
	INSERT INTO app.mood VALUES ('SELECT 1');
	INSERT INTO app.narrow VALUES (0, 0);
	UPDATE app.mood SET what = $$LOAD '$libdir/plugins/nowhere'$$));
configure($node, schema_evolution => 'widen');
wait_sql($node, 'SHOW kafka_cdc_sink.schema_evolution', 'widen', 'schema_evolution = widen');
$kafka->add_topic('narrow', 1);
{
	local $KafkaCdcSink::shape{narrow} = [ [ id => 'int32', 1 ], [ n => 'int64', 0 ] ];
	$kafka->produce('narrow', 0, change('narrow', 'c', { id => 1, n => 100000 }));
}
wait_sql($node, q(SELECT state, reason ~ 'SQLSTATE 58P01' FROM kafka_cdc_sink.tables WHERE "table" = 'narrow'), 'parked|t', 'a table that is rewritten: it is parked');
sql(q(UPDATE app.mood SET what = 'DO $do$ BEGIN RAISE serialization_failure; END $do$'));
wait_sql($node, q(SELECT state, reason ~ 'SQLSTATE 40001' FROM kafka_cdc_sink.tables WHERE "table" = 'narrow'), 'parked|t', 'nor does the batch wait for what its code raises');
sql('DELETE FROM app.mood; ALTER TABLE app.narrow DROP CONSTRAINT narrow_n_check');
wait_applied($node, $kafka, ['narrow'], 'and it flows by itself');

# ---- memory: the worker may have a little more than it has
my $worker = (workers($node))[0];
sub limit { my $bytes = shift; system('prlimit', "--pid=$worker", "--as=$bytes:") == 0 or die 'prlimit'; return }
SKIP:
{
	skip 'prlimit is not there', 1 if system('prlimit --version >/dev/null 2>&1') != 0;
	my $size = (slurp_file("/proc/$worker/status") =~ /VmSize:\s+(\d+)/)[0];
	in_trigger('memory', q(SELECT length(repeat(repeat('x', 1000000), 100))), 'out of memory .*SQLSTATE 53200',
		sub { limit($size * 1024 + 60_000_000) }, sub { limit('unlimited') });
}

# ---- the lock table is full: a session holds as many locks as there are
my $user = session($node);
case('out of shared memory', sub { like($user->sql('SELECT pg_advisory_lock(i) FROM generate_series(1, 100000) i'), qr/out of shared memory/, 'a full lock table') },
	'out of shared memory \(SQLSTATE 53200', 'max_locks_per_transaction', sub { $user->sql('SELECT pg_advisory_unlock_all()') });
$user->end;

# ---- disk full
SKIP:
{
	my $disk = $ENV{KCS_SMALL_DISK};
	skip 'no small disk can be mounted here: that takes root or sudo', 1 unless $disk;
	mkdir "$disk/space" or die $!;
	my $fill = sub {
		open my $file, '>', "$disk/full" or die $!;
		while (syswrite $file, 'x' x 8192) { }
		close $file;
	};
	my $empty = sub { unlink "$disk/full" or die $! };
	sql("CREATE TABLESPACE small LOCATION '$disk/space'");
	sql('ALTER TABLE app.log SET TABLESPACE small');
	case('disk full', $fill, 'No space left on device \(SQLSTATE 53100', 'free disk space', $empty, 200);

	# The same for the extension's own tables. Dead letters are more than the rest of a page.
	sql('ALTER TABLE app.log SET TABLESPACE pg_default; ALTER TABLE kafka_cdc_sink.dead_letters SET TABLESPACE small');
	$look = session($node);
	$fill->();
	my $from = -s $node->logfile;
	$kafka->produce('junk', 0, '{"id":1}', join '', 'junk', map { chr(97 + rand 26) } 1 .. 50_000);
	feed();
	stands('disk full of dead letters', 'No space left on device \(SQLSTATE 53100', 'free disk space');
	is(sql('SELECT count(*) FROM kafka_cdc_sink.dead_letters'), 0, 'no dead letter was written');
	$empty->();
	$look->end;
	undef $look;
	exact('disk full of dead letters');
	is(sql('SELECT count(*), max(length(value)) FROM kafka_cdc_sink.dead_letters'), '1|50004', 'the record is a dead letter now');
	calm_log($node, $from, 8, 'disk full of dead letters');
	sql('ALTER TABLE kafka_cdc_sink.dead_letters SET TABLESPACE pg_default; DROP TABLESPACE small');
}

# ---- damaged pages: of the table, and of its key's index
sub damaged
{
	my ($name, $relation, $block, $bytes, $reason, $hint, $undo) = @_;
	my $file = $node->data_dir . '/' . sql("CHECKPOINT; SELECT pg_relation_filepath('$relation')");
	$node->stop;
	open my $pages, '+<:raw', $file or die $!;
	my $write = sub { my $page = shift; seek $pages, $block * 8192, 0; print $pages $page; $pages->flush };
	seek $pages, $block * 8192, 0;
	read($pages, my $page, 8192) == 8192 or die "no page $block in $relation";
	case($name, sub { $write->($bytes x 8192); $node->start }, $reason, $hint, $undo // sub { $write->($page) });
	close $pages;
	return;
}
damaged('a page', 'app.items', 0, '#', 'invalid page in block 0 of relation .* \(SQLSTATE XX001');
damaged('a page of an index', 'app.items_pkey', 1, "\0", 'index "items_pkey" contains unexpected zero page at block 1 \(SQLSTATE XX002', 'REINDEX', sub { sql('REINDEX TABLE app.items') });
$node->stop;
done_testing();
