# Names and values from Kafka are names and values: they inject nothing, lead into no schema of the
# system's or of the extension's, and look like nothing else in the log. Row values are not in the log.
use strict;
use warnings;
use JSON::PP;
use KafkaCdcSink;
use PostgreSQL::Test::Utils;
use Test::More;

my $json = JSON::PP->new->canonical->ascii;
my $kafka = KafkaCdcSink::Broker->new('srv.x.all' => 1, 'srv.x.routed' => 1);
my $node = sink_node('names', $kafka, topics => '^srv[.]x[.]', log_level => 'debug', conf => "log_error_verbosity = verbose\nlog_min_error_statement = debug5");
my $lsn = 0;
sub event
{
	my ($schema, $table, %row) = @_;
	my $fields = [ map { { type => $_ eq 'id' ? 'int32' : 'string', optional => $_ eq 'id' ? JSON::PP::false : JSON::PP::true, field => $_, $_ eq 'id' ? () : (default => "d'; DROP TABLE app.canary; --\\") } } sort keys %row ];
	my $body = { type => 'struct', optional => JSON::PP::true, fields => $fields, field => 'after', name => 'v' };
	my @source = map { { type => 'string', optional => JSON::PP::false, field => $_ } } 'connector', 'db', 'schema', 'table';
	return ($json->encode({ schema => { type => 'struct', optional => JSON::PP::false, fields => [ grep { $_->{field} eq 'id' } @$fields ] }, payload => { id => $row{id} + 0 } }),
		$json->encode({ schema => { type => 'struct', name => "$table.Envelope", version => 2, optional => JSON::PP::false,
			fields => [ { %$body, field => 'before' }, $body, { type => 'struct', field => 'source', name => 'io.debezium.connector.postgresql.Source', fields => \@source }, { type => 'string', field => 'op' } ] },
			payload => { before => undef, after => { %row, id => $row{id} + 0 }, op => 'c', source => { connector => 'postgresql', db => 'd', schema => $schema, table => $table } } }));
}
$node->safe_psql('postgres', "CREATE SCHEMA app; CREATE TABLE app.canary (id int PRIMARY KEY, n text); INSERT INTO app.canary VALUES (0, 'alive')");
my $before = $node->safe_psql('postgres', "SELECT (SELECT count(*) FROM pg_authid), (SELECT count(*) FROM pg_class WHERE relnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'kafka_cdc_sink'::regnamespace))");

# ---- names that do what they say
my @names = ('x"; DROP TABLE app.canary; --', "x'; DROP TABLE app.canary; --", '%s%n%d%x', "two\nlines", "a\r\n2026-01-01 00:00:00.000 UTC [1] LOG:  forged", "bell\a and \e[31mred", '${schema}.${table}', '$1', '\\', 'a.b', '"', ';',
	'E\'\\\'', '/* x', 'x */', '--', "\x{202e}txt", "\x{ff50}\x{ff47}_catalog", 'PG_CATALOG', 'Kafka_Cdc_Sink', 'null', 'select', ' ', "tab\t", "\x{1f600}", 'ctid', 'x' x 63);
foreach my $name (@names)
{
	$kafka->produce('srv.x.all', 0, event($name, $name, id => 1, $name eq 'ctid' ? 'other' : $name => "value of $name"));
}
wait_applied($node, $kafka, ['srv.x.all'], 'odd names are applied');
is($node->safe_psql('postgres', 'SELECT target, message FROM kafka_cdc_sink.dead_letters'), '', 'each');
my $sql = join ' UNION ALL ', map { my $n = s/"/""/gr; qq(SELECT id FROM "$n"."$n" WHERE "@{[ $_ eq 'ctid' ? 'other' : $n ]}" LIKE 'value of %') } @names;
utf8::encode($sql);
is($node->safe_psql('postgres', "SELECT count(*) FROM ($sql) s"), scalar @names, 'in tables and columns of just these names');
is($node->safe_psql('postgres', 'SELECT n FROM app.canary'), 'alive', 'and nothing else happened');
is($node->safe_psql('postgres', q(SELECT DISTINCT pg_get_expr(adbin, adrelid) FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid WHERE c.relname = 'select')), q('d''; DROP TABLE app.canary; --\\'::text), 'defaults, too');

# ---- names of what no record may reach
my %refused = map { $_->[0] => $_ } [ 'pg_catalog', 'pg_authid' ], [ 'pg_toast', 'x' ], [ 'pg_temp', 'x' ], [ 'pg_temp_3', 'x' ], [ 'pg_anything', 'x' ], [ 'information_schema', 'sql_features' ], [ 'kafka_cdc_sink', 'offsets' ],
  [ "kafka_cdc_sink\0x", 'offsets' ], [ "pg_catalog\0", 'pg_class' ];
my @topics; # one for each: a parked table stops its partition
sub refuse
{
	my ($what, $topic, @event) = @_;
	push @topics, [ $what, $topic ];
	$kafka->add_topic($topic, 1);
	$kafka->produce($topic, 0, event(@event, id => 1, n => 'x'));
	return;
}
refuse($json->encode([$_]), 'srv.x.r' . unpack('H*', $_), @{ $refused{$_} }) foreach sort keys %refused;
# Whatever a route says, and whoever wrote it.
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE router LOGIN; GRANT USAGE ON SCHEMA kafka_cdc_sink TO router; GRANT ALL ON kafka_cdc_sink.routes TO router;
CREATE SEQUENCE app.sequence; CREATE VIEW app.catalog AS SELECT oid AS id, relname::text AS n FROM pg_class;
CREATE MATERIALIZED VIEW app.kept AS SELECT 1 AS id, 'x'::text AS n;
SQL
foreach my $target ('kafka_cdc_sink.${table}', 'kafka_cdc_sink.dead_letters', 'pg_catalog.pg_authid', 'app.sequence', 'app.catalog', 'app.kept', 'app.canary_pkey')
{
	my $topic = 'srv.x.t' . unpack('H*', $target);
	$node->safe_psql('postgres', "INSERT INTO kafka_cdc_sink.routes (topic, target) VALUES ('$topic', '$target')", extra_params => [ '-U', 'router' ]);
	refuse("a route to $target", $topic, 'app', 'routes');
}
foreach (@topics)
{
	wait_sql($node, "SELECT (SELECT count(*) FROM kafka_cdc_sink.partitions WHERE topic = '$_->[1]' AND state = 'parked') + (SELECT count(*) FROM kafka_cdc_sink.dead_letters WHERE topic = '$_->[1]')", 1, "refused: $_->[0]");
}
is($node->safe_psql('postgres', "SELECT (SELECT count(*) FROM pg_authid WHERE rolname <> 'router'), (SELECT count(*) FROM pg_class WHERE relnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'kafka_cdc_sink'::regnamespace))"), $before, 'nothing came or went');
is($node->safe_psql('postgres', q(SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'pg\_%' AND nspname !~ '^pg_(catalog|toast|temp_\d+|toast_temp_\d+)$')), 0, 'no schema of the system\'s kind was made');

# ---- row values: in dead_letters and nowhere else
$node->safe_psql('postgres', q(CREATE TABLE app.strict (id int PRIMARY KEY, n text CHECK (length(n) < 5), u text UNIQUE, k int);
CREATE FUNCTION app.raise() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no: %', NEW USING DETAIL = NEW.n, HINT = NEW.n; END $$;
CREATE TABLE app.raising (id int PRIMARY KEY, n text); CREATE TRIGGER t BEFORE INSERT ON app.raising FOR EACH ROW EXECUTE FUNCTION app.raise(); ALTER TABLE app.raising ENABLE ALWAYS TRIGGER t));
$kafka->produce('srv.x.all', 0, event('app', 'strict', @$_)) foreach [ id => 1, n => 'hunter2' ], [ id => 2, k => 'hunter2' ], [ id => 3, u => 'hunter2', n => 'x' ], [ id => 4, u => 'hunter2', n => 'x' ];
$kafka->produce('srv.x.all', 0, event('app', 'raising', id => 1, n => 'hunter2'));
$kafka->produce('srv.x.all', 0, '{"id":"hunter2"}', '{"hunter2');
wait_applied($node, $kafka, ['srv.x.all'], 'refused rows stop nothing');
is($node->safe_psql('postgres', q(SELECT count(*) FROM kafka_cdc_sink.dead_letters WHERE topic = 'srv.x.all' AND convert_from(value, 'UTF8') LIKE '%hunter2%')), 5, 'they are dead letters');
foreach my $view ('status', 'workers', 'partitions', 'tables')
{
	is($node->safe_psql('postgres', "SELECT count(*) FROM kafka_cdc_sink.$view v WHERE v::text LIKE '%hunter2%'"), 0, "no value is in $view");
}
is($node->safe_psql('postgres', q(SELECT count(*) FROM pg_stat_activity a WHERE a::text LIKE '%hunter2%' AND backend_type <> 'client backend')), 0, 'nor in pg_stat_activity');
unlike(`ps -ww ax -o args`, qr/postgres:.*hunter2/, 'nor in a title of a process');
my $log = slurp_file($node->logfile);
$log =~ s/^.*(STATEMENT|client backend).*\n(\t.*\n)*//mg; # of this test's own sessions
unlike($log, qr/hunter2/, 'nor in the log, on any level');
unlike($log, qr/[\x00-\x08\x0b-\x1f\x7f]/, 'and none steers a terminal');
unlike($log, qr/^\t(?!.*LOCATION)/m, 'or looks like another line');
$node->stop;
done_testing();
