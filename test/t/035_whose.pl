# Who a change is made as: the owner of the very table that was looked at, whatever its name means by
# the time the statement runs; or `role`. And row-level security that would apply to either.
use strict;
use warnings;
use JSON::PP;
use KafkaCdcSink;
use Test::More;

my $json = JSON::PP->new->canonical;
my $kafka = KafkaCdcSink::Broker->new('srv.x.all' => 1);
my $node = sink_node('whose', $kafka, topics => 'srv.x.all', schema_evolution => 'none');
my $lsn = 0;
sub event
{
	my ($name, $op, $id, %more) = @_;
	my ($schema, $table) = split /[.]/, $name;
	return [ 'srv.x.all', 0, $op eq 't' ? undef : $json->encode({ id => $id }),
		$json->encode({ after => $op =~ /[dt]/ ? undef : { id => $id, %more }, op => $op, ts_ms => 2,
			source => { connector => 'postgresql', db => 'd', schema => $schema, table => $table, ts_ms => 1, lsn => ++$lsn } }) ];
}
my $count = 'SELECT count(*) FROM';

# ---- a schema that changes places with another one between the look and the statement
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE alice; CREATE ROLE mallory LOGIN; GRANT CREATE ON DATABASE postgres TO mallory;
CREATE SCHEMA office AUTHORIZATION mallory; CREATE SCHEMA lair AUTHORIZATION mallory; GRANT ALL ON SCHEMA office TO alice;
SET ROLE alice;
CREATE TABLE office.orders (id int PRIMARY KEY, n int);
SET ROLE mallory;
CREATE TABLE lair.loot (who name, what text);
CREATE FUNCTION lair.note() RETURNS trigger LANGUAGE plpgsql SECURITY INVOKER AS $$ BEGIN INSERT INTO lair.loot VALUES (current_user, TG_OP); RETURN NULL; END $$;
CREATE FUNCTION lair.wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END $$;
GRANT ALL ON SCHEMA lair TO PUBLIC; GRANT ALL ON lair.loot TO PUBLIC;
CREATE TABLE lair.slow (id int PRIMARY KEY);
CREATE TRIGGER wait AFTER INSERT ON lair.slow FOR EACH STATEMENT EXECUTE FUNCTION lair.wait();
ALTER TABLE lair.slow ENABLE ALWAYS TRIGGER wait;
SQL
my $round = 0;
sub swap
{
	my ($what, @events) = @_;
	my $holder = $node->background_psql('postgres', on_error_stop => 1);
	$holder->query_safe('SELECT pg_advisory_lock(1)');
	$kafka->produce_all(event('lair.slow', 'c', ++$round), @events);
	ok($node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"), "$what: a batch has begun");
	my $loot = $node->safe_psql('postgres', "$count lair.loot");
	$node->safe_psql('postgres', <<"SQL", extra_params => [ '-U', 'mallory' ]);
ALTER SCHEMA office RENAME TO office$round;
CREATE SCHEMA office; GRANT ALL ON SCHEMA office TO PUBLIC;
CREATE TABLE office.orders (id int PRIMARY KEY, n int); GRANT ALL ON office.orders TO PUBLIC;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON office.orders FOR EACH STATEMENT EXECUTE FUNCTION lair.note();
ALTER TABLE office.orders ENABLE ALWAYS TRIGGER note;
SQL
	$holder->quit;
	wait_applied($node, $kafka, ['srv.x.all'], "$what: the batch goes on");
	is($node->safe_psql('postgres', "SELECT DISTINCT who FROM lair.loot OFFSET 0"), 'mallory', "$what: as the owner of the table that has the name then");
	cmp_ok($node->safe_psql('postgres', "$count lair.loot"), '>', $loot, "$what: whose trigger fired");
	# Back to alice's, under the name that the events have.
	$node->safe_psql('postgres', "ALTER SCHEMA office RENAME TO gone$round; ALTER SCHEMA office$round RENAME TO office");
	return;
}
swap('insert', event('office.orders', 'c', 1, n => 1));
is($node->safe_psql('postgres', "$count gone1.orders"), 1, 'the row is there');
swap('truncate', event('office.orders', 't'));
$kafka->produce_all(event('office.orders', 'c', 5, n => 1));
wait_sql($node, "$count office.orders WHERE id = 5", 1, 'and what has the name now is written');

# ---- role
$node->safe_psql('postgres', <<'SQL');
CREATE SCHEMA app; CREATE ROLE writer; CREATE ROLE bystander;
GRANT USAGE ON SCHEMA app TO writer, bystander;
CREATE TABLE app.open (id int PRIMARY KEY, n int, who name DEFAULT current_user); GRANT ALL ON app.open TO writer;
CREATE TABLE app.shut (id int PRIMARY KEY, n int); GRANT SELECT ON app.shut TO writer;
ALTER TABLE app.open OWNER TO bystander;
SQL
configure($node, role => 'writer');
$kafka->produce_all(event('app.open', 'c', 1, n => 1), event('app.shut', 'c', 1, n => 1));
wait_sql($node, 'SELECT who FROM app.open', 'writer', 'a role that cannot log in and is nobody\'s member writes what it may');
wait_sql($node, q{SELECT count(*) FROM kafka_cdc_sink.tables WHERE "table" = 'shut' AND state = 'parked' AND reason LIKE 'permission denied for table shut (SQLSTATE 42501%'}, 1, 'and what it may not is parked');
$node->safe_psql('postgres', 'GRANT ALL ON app.shut TO writer');
wait_sql($node, "$count app.shut", 1, 'until it may');
configure($node, role => 'nobody_at_all');
$kafka->produce_all(event('app.open', 'c', 2, n => 1));
wait_sql($node, q(SELECT count(*) FROM kafka_cdc_sink.workers WHERE reason LIKE '%role "nobody_at_all" does not exist%'), 1, 'a role that is not there is a reason to wait');
is($node->safe_psql('postgres', "$count app.open WHERE id = 2"), 0, 'nothing is written as anybody else');
$node->safe_psql('postgres', 'CREATE ROLE nobody_at_all SUPERUSER');
wait_sql($node, "$count app.open WHERE id = 2", 1, 'until it is');
configure($node, role => 'writer');
$node->poll_query_until('postgres', 'SELECT kafka_cdc_sink.resume() IS NULL', 'f');
is($node->safe_psql('postgres', "$count kafka_cdc_sink.dead_letters"), 0, 'and no record was refused');

# ---- row-level security
$node->safe_psql('postgres', 'ALTER TABLE app.shut OWNER TO bystander; ALTER TABLE app.shut ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON app.shut USING (n < 5)');
$kafka->produce_all(event('app.shut', 'c', 2, n => 2), event('app.shut', 'c', 3, n => 7));
my $parked = q(SELECT count(*) FROM kafka_cdc_sink.tables WHERE "table" = 'shut' AND state = 'parked' AND reason LIKE 'row-level security of "app"."shut" would apply%');
wait_sql($node, $parked, 1, 'a table whose row-level security would apply to the role is parked');
is($node->safe_psql('postgres', "$count app.shut"), 1, 'and has none of the rows, also not those that the policy lets pass');
$node->safe_psql('postgres', 'ALTER ROLE writer BYPASSRLS');
wait_sql($node, "$count app.shut", 3, 'a role that bypasses it writes all of them');
configure($node, role => '');
$kafka->produce_all(event('app.shut', 'c', 4, n => 8));
wait_sql($node, "$count app.shut", 4, 'so does the owner');
$node->safe_psql('postgres', 'ALTER TABLE app.shut FORCE ROW LEVEL SECURITY');
$kafka->produce_all(event('app.shut', 'u', 1, n => 9));
wait_sql($node, $parked, 1, 'to whom it applies where it is forced: parked in mid-stream');
is($node->safe_psql('postgres', "$count app.shut WHERE n = 9"), 0, 'before the first statement');
$node->safe_psql('postgres', 'ALTER TABLE app.shut NO FORCE ROW LEVEL SECURITY; ALTER TABLE app.shut OWNER TO nobody_at_all');
wait_sql($node, "$count app.shut WHERE n = 9", 1, 'and goes on when it is not');
is($node->safe_psql('postgres', "$count kafka_cdc_sink.dead_letters"), 0, 'without a dead letter');

# ---- a schema that a target's own code renames, each time a change is applied
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE carol; GRANT CREATE ON DATABASE postgres TO carol; CREATE SCHEMA own AUTHORIZATION carol;
SET ROLE carol;
CREATE TABLE own.first (id int PRIMARY KEY, n int);
CREATE TABLE own.second (LIKE own.first INCLUDING ALL);
CREATE FUNCTION own.swap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ALTER SCHEMA own RENAME TO former; CREATE SCHEMA own; RETURN NULL; END $$;
CREATE TRIGGER t AFTER INSERT ON own.first EXECUTE FUNCTION own.swap();
ALTER TABLE own.first ENABLE ALWAYS TRIGGER t;
SQL
my $mark = -s $node->logfile;
$kafka->produce_all(event('own.first', 'c', 1, n => 1), event('own.second', 'c', 1, n => 1));
ok($node->wait_for_log(qr/table "own"."second" cannot take changes: schema "own" was renamed/, $mark), 'a schema renamed by code of a target stops a table');
wait_sql($node, 'SELECT count(*) FROM pg_namespace WHERE nspname = $$former$$', 1, 'no others');
# (At once: what is sent for the second table makes a schema and a table anew.)
$node->safe_psql('postgres', 'BEGIN; DROP SCHEMA own CASCADE; ALTER SCHEMA former RENAME TO own; DROP TRIGGER t ON own.first; COMMIT');
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'running', 'and that until it is not');

# ---- code of a target that would end its worker
my @before = workers($node);
$node->safe_psql('postgres', <<'SQL');
SET ROLE carol;
CREATE FUNCTION own.bend(how text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	BEGIN EXECUTE how; EXCEPTION WHEN OTHERS THEN NULL; END;
	RAISE 'not this one';
END $$;
CREATE FUNCTION own.bent() RETURNS boolean LANGUAGE plpgsql SET exit_on_error = on AS $$ BEGIN RAISE 'nor this'; END $$;
CREATE TABLE own.third (id int PRIMARY KEY, n int, CHECK (n > 1 OR own.bend('SET exit_on_error = on')),
	CHECK (n > 2 OR own.bend($x$SELECT set_config('exit_on_error', 'on', true)$x$)), CHECK (n > 3 OR own.bend('SELECT own.bent()')));
SQL
my $letters = $node->safe_psql('postgres', "$count kafka_cdc_sink.dead_letters");
$kafka->produce_all(map { event('own.third', 'c', $_, n => $_) } 1 .. 4);
wait_sql($node, 'SELECT n FROM own.third', 4, 'is passed');
is($node->safe_psql('postgres', "$count kafka_cdc_sink.dead_letters") - $letters, 3, 'as a dead letter each');
is(join(' ', workers($node)), "@before", 'and ends none');
done_testing();
