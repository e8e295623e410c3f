# Whoever owns a target, its types or its functions gets nothing from the sink but the right to write
# it: all code that applying a change runs is run as the owner, and leaves nothing behind.
use strict;
use warnings;
use JSON::PP;
use KafkaCdcSink;
use Test::More;

my $json = JSON::PP->new->canonical;

# Schema, columns and events of each place where code of the owner's can stand. The first column is the key.
my $columns = 'id int PRIMARY KEY, n int';
my %place = (
	before_trigger => "CREATE TABLE TABLE_ ($columns); CREATE TRIGGER t BEFORE INSERT OR UPDATE OR DELETE ON TABLE_ FOR EACH ROW EXECUTE FUNCTION evil.trigger(); ALTER TABLE TABLE_ ENABLE ALWAYS TRIGGER t",
	after_trigger => "CREATE TABLE TABLE_ ($columns); CREATE TRIGGER t AFTER INSERT OR UPDATE OR DELETE ON TABLE_ FOR EACH ROW EXECUTE FUNCTION evil.trigger(); ALTER TABLE TABLE_ ENABLE REPLICA TRIGGER t",
	statement_trigger => "CREATE TABLE TABLE_ ($columns); CREATE TRIGGER t AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON TABLE_ FOR EACH STATEMENT EXECUTE FUNCTION evil.trigger(); ALTER TABLE TABLE_ ENABLE ALWAYS TRIGGER t",
	deferred_trigger => "CREATE TABLE TABLE_ ($columns); CREATE CONSTRAINT TRIGGER t AFTER INSERT OR UPDATE OR DELETE ON TABLE_ DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION evil.trigger(); ALTER TABLE TABLE_ ENABLE ALWAYS TRIGGER t",
	column_default => 'CREATE TABLE TABLE_ (id int PRIMARY KEY, n int, d boolean DEFAULT evil.attack(\'column_default\'))',
	generated_column => 'CREATE TABLE TABLE_ (id int PRIMARY KEY, n int, g boolean GENERATED ALWAYS AS (evil.quiet(\'generated_column\')) STORED)',
	index_expression => "CREATE TABLE TABLE_ ($columns); CREATE INDEX ON TABLE_ ((evil.quiet('index_expression', n)))",
	partial_index => "CREATE TABLE TABLE_ ($columns); CREATE INDEX ON TABLE_ (n) WHERE evil.quiet('partial_index', n)",
	folded_index => "CREATE TABLE TABLE_ ($columns); CREATE INDEX ON TABLE_ (n) WHERE evil.quiet('folded_index')",
	exclusion => "CREATE TABLE TABLE_ ($columns, EXCLUDE USING btree ((evil.quiet('exclusion', n)) WITH =) WHERE (evil.quiet('exclusion', n) AND n > 1000))",
	check_function => "CREATE TABLE TABLE_ ($columns, CHECK (evil.attack('check_function')))",
	domain_check => 'CREATE DOMAIN evil.checked AS int CHECK (evil.attack(\'domain_check\')); CREATE TABLE TABLE_ (id int PRIMARY KEY, n evil.checked)',
	domain_key => 'CREATE DOMAIN evil.key AS int CHECK (evil.attack(\'domain_key\')); CREATE TABLE TABLE_ (id evil.key PRIMARY KEY, n int)',
	domain_default => 'CREATE DOMAIN evil.filled AS boolean DEFAULT evil.attack(\'domain_default\'); CREATE TABLE TABLE_ (id int PRIMARY KEY, n int, f evil.filled)',
	domain_array => 'CREATE DOMAIN evil.element AS int CHECK (evil.attack(\'domain_array\')); CREATE TABLE TABLE_ (id int PRIMARY KEY, n evil.element[])',
	composite => 'CREATE DOMAIN evil.part AS int CHECK (evil.attack(\'composite\')); CREATE TYPE evil.pair AS (x evil.part); CREATE TABLE TABLE_ (id int PRIMARY KEY, n evil.pair)',
	range => 'CREATE DOMAIN evil.bound AS int CHECK (evil.attack(\'range\')); CREATE TYPE evil.span AS RANGE (subtype = evil.bound); CREATE TABLE TABLE_ (id int PRIMARY KEY, n evil.span)',
	operator_class => 'CREATE TABLE TABLE_ (id evil.word PRIMARY KEY, n int)',
	type_coercion => 'CREATE TABLE TABLE_ (id int PRIMARY KEY, n evil.word(5))',
	partition => "CREATE TABLE TABLE_ ($columns) PARTITION BY RANGE (id); CREATE TABLE evil.part_of PARTITION OF TABLE_ (CHECK (evil.attack('partition'))) FOR VALUES FROM (0) TO (100)",
	statistics => "CREATE TABLE TABLE_ ($columns); CREATE INDEX ON TABLE_ ((evil.quiet('statistics', n))); CREATE STATISTICS evil.s ON (evil.quiet('statistics', n)), (n + 1) FROM TABLE_; ANALYZE TABLE_",
	rewritten => "CREATE TABLE TABLE_ (id int PRIMARY KEY, n smallint, CHECK (evil.attack('rewritten'))); CREATE INDEX ON TABLE_ ((evil.quiet('rewritten', n)))",
	read_only => "CREATE TABLE TABLE_ ($columns); CREATE TRIGGER t AFTER INSERT ON TABLE_ FOR EACH STATEMENT EXECUTE FUNCTION evil.close(); ALTER TABLE TABLE_ ENABLE ALWAYS TRIGGER t",
	cascade => "CREATE TABLE TABLE_ ($columns); CREATE TABLE evil.child (id int REFERENCES TABLE_ ON DELETE CASCADE ON UPDATE CASCADE); CREATE TRIGGER t BEFORE DELETE ON evil.child FOR EACH ROW EXECUTE FUNCTION evil.trigger(); INSERT INTO TABLE_ VALUES (2, 2); INSERT INTO evil.child VALUES (2)");
my %value = (domain_array => sub { [ $_[0] ] }, composite => sub { "($_[0])" }, range => sub { "[$_[0],$_[0]]" }, type_coercion => sub { "$_[0]" });
my %key = (operator_class => sub { "$_[0]" });

# Each of these would be a way out.
my @attacks = (
	'SET ROLE boss', 'RESET ROLE', 'SET LOCAL ROLE boss', 'SET SESSION AUTHORIZATION boss', 'RESET SESSION AUTHORIZATION',
	"SELECT set_config('role', 'boss', false)", "SELECT set_config('session_authorization', 'boss', false)", 'SET SESSION AUTHORIZATION DEFAULT', 'RESET ALL; SET ROLE boss',
	'ALTER ROLE evil SUPERUSER', 'CREATE ROLE worse SUPERUSER', 'GRANT boss TO evil', 'GRANT pg_write_server_files TO evil', 'ALTER DATABASE postgres OWNER TO evil',
	"COPY evil.loot (place) FROM PROGRAM 'echo x'", "COPY evil.loot TO '/tmp/kcs_loot'", "SELECT lo_import('/etc/passwd')", "SELECT pg_read_file('PG_VERSION')", "SELECT pg_ls_dir('.')",
	'SELECT rolpassword FROM pg_authid', 'SELECT x FROM public.secret', 'UPDATE public.secret SET x = 0', 'ALTER SYSTEM SET work_mem = 1', 'SELECT pg_reload_conf()', 'CHECKPOINT',
	'SET session_replication_role = origin', 'SET kafka_cdc_sink.delete_mode = soft', 'SET kafka_cdc_sink.log_level = debug', 'LOAD \'auto_explain\'',
	q(SELECT * FROM kafka_cdc_sink.offsets), q(UPDATE kafka_cdc_sink.offsets SET next_offset = 0), q(DELETE FROM kafka_cdc_sink.offsets),
	q(SELECT * FROM kafka_cdc_sink.dead_letters), q(INSERT INTO kafka_cdc_sink.dead_letters (group_id, topic, "partition", "offset", sqlstate, message) VALUES ('g', 't', 0, 0, 'x', 'x')),
	q(INSERT INTO kafka_cdc_sink.routes (topic, target) VALUES ('^.', 'public.secret')), 'DELETE FROM kafka_cdc_sink.ddl_log', 'DELETE FROM kafka_cdc_sink.moves',
	'INSERT INTO kafka_cdc_sink.control (paused) VALUES (true)', "SELECT nextval('kafka_cdc_sink.dead_letters_id_seq')", 'TRUNCATE kafka_cdc_sink.offsets',
	'CREATE TRIGGER t BEFORE UPDATE ON kafka_cdc_sink.offsets FOR EACH ROW EXECUTE FUNCTION evil.trigger()', 'ALTER TABLE kafka_cdc_sink.offsets DISABLE TRIGGER ALL',
	'CREATE TABLE kafka_cdc_sink.mine (x int)', 'CREATE FUNCTION kafka_cdc_sink.now() RETURNS int RETURN 1', 'DROP EXTENSION kafka_cdc_sink', 'ALTER SCHEMA kafka_cdc_sink RENAME TO gone',
	'SELECT kafka_cdc_sink.pause()', q(SELECT kafka_cdc_sink.seek('srv.evil.x', 0, 0, true)), 'SELECT * FROM kafka_cdc_sink.status', q(SELECT kafka_cdc_sink.apply_event('s.evil.loot', '{"place":"x"}', '{"place":"x"}')),
	q(SELECT 1 / (current_setting('kafka_cdc_sink.client_properties') <> '')::int), q(SELECT 1 / count(*) FROM pg_settings WHERE name LIKE 'kafka_cdc_sink.client_prop%'), 'SELECT * FROM pg_file_settings', 'SHOW kafka_cdc_sink.client_properties_file',
	q(SELECT 1 / count(*) FROM pg_stat_activity WHERE backend_type LIKE 'kafka%' AND query NOT LIKE '<insufficient%'),
	'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type LIKE \'kafka%coord%\'; SELECT 1/0',
	'LISTEN evil', 'UNLISTEN *', 'DECLARE c CURSOR WITH HOLD FOR SELECT evil.attack(\'cursor\')', 'PREPARE p AS SELECT evil.attack(\'prepared\')', 'CREATE TEMP TABLE t (x int) ON COMMIT DROP', 'DISCARD ALL', 'DEALLOCATE ALL', 'COMMIT', 'ROLLBACK', 'START TRANSACTION',
	'DO $x$ BEGIN SET CONSTRAINTS ALL DEFERRED; INSERT INTO evil.later VALUES (1); END $x$');
my @names = sort keys %place;
my $kafka = KafkaCdcSink::Broker->new('srv.evil.all' => 1);
my $node = sink_node('attacks', $kafka, topics => 'srv.evil.all', enabled => 'off', schema_evolution => 'widen', fire_triggers => $ENV{KCS_FIRE} // 'off');
my $boss = $node->safe_psql('postgres', 'SELECT current_user');
my $attacks = join ', ', map { s/\bboss\b/$boss/gr } map { "\$q\$$_\$q\$" } @attacks;

$node->safe_psql('postgres', <<"SQL");
CREATE ROLE evil LOGIN;
CREATE SCHEMA evil AUTHORIZATION evil;
GRANT ALL ON SCHEMA public TO PUBLIC;
CREATE TABLE public.secret (x int); INSERT INTO public.secret VALUES (1);
-- A type that a superuser made and gave away.
CREATE TYPE evil.word;
CREATE FUNCTION evil.word_in(cstring, oid, int) RETURNS evil.word LANGUAGE internal IMMUTABLE STRICT AS 'varcharin';
CREATE FUNCTION evil.word_out(evil.word) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'varcharout';
CREATE FUNCTION evil.word_typmod(cstring[]) RETURNS int LANGUAGE internal IMMUTABLE STRICT AS 'varchartypmodin';
CREATE TYPE evil.word (INPUT = evil.word_in, OUTPUT = evil.word_out, TYPMOD_IN = evil.word_typmod, LIKE = varchar);
CREATE CAST (evil.word AS text) WITHOUT FUNCTION;
ALTER TYPE evil.word OWNER TO evil;
SQL
$node->safe_psql('postgres', <<"SQL", extra_params => [ '-U', 'evil' ]);
CREATE TABLE evil.loot (place text, who name, session name, super boolean, won text);
CREATE FUNCTION evil.attack(which text) RETURNS boolean LANGUAGE plpgsql AS \$f\$
DECLARE s text; won text; evil_cursor refcursor := 'evil_cursor';
BEGIN
	IF (SELECT count(*) FROM evil.loot WHERE place = which) > 2 THEN RETURN true; END IF;
	INSERT INTO evil.loot VALUES (which, current_user, session_user, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user));
	FOREACH s IN ARRAY ARRAY[$attacks] LOOP
		BEGIN
			EXECUTE s;
			won := concat_ws(E'\\n', won, s);
		EXCEPTION WHEN OTHERS THEN NULL;
		END;
	END LOOP;
	IF won IS NOT NULL THEN INSERT INTO evil.loot VALUES (which, current_user, session_user, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user), won); END IF;
	-- left behind
	SET work_mem = '65kB'; SET DateStyle = 'SQL, DMY'; SET TimeZone = 'Asia/Tokyo'; SET application_name = 'evil'; SET search_path = evil; SET lock_timeout = 1;
	SET row_security = on; SET default_transaction_read_only = on; SET statement_timeout = 1; SET bytea_output = 'escape'; SET evil.setting = 'x';
	PERFORM pg_advisory_lock(666);
	IF NOT EXISTS (SELECT FROM pg_cursors WHERE name = 'evil_cursor') THEN OPEN evil_cursor FOR SELECT evil.attack('cursor'); END IF;
	RETURN true;
END \$f\$;
CREATE FUNCTION evil.quiet(place text, n bigint DEFAULT 0) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM evil.attack(place); RETURN true; END';
CREATE FUNCTION evil.trigger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM evil.attack(TG_TABLE_NAME); RETURN coalesce(NEW, OLD); END';
CREATE FUNCTION evil.close() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM evil.attack(TG_TABLE_NAME); SET transaction_read_only = on; SET CONSTRAINTS ALL DEFERRED; RETURN NULL; END';
CREATE TABLE evil.later (x int);
CREATE CONSTRAINT TRIGGER t AFTER INSERT ON evil.later DEFERRABLE FOR EACH ROW EXECUTE FUNCTION evil.trigger();
ALTER TABLE evil.later ENABLE ALWAYS TRIGGER t;
-- The type's own.
CREATE FUNCTION evil.fit(evil.word, int, boolean) RETURNS evil.word LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM evil.attack(''type_coercion''); RETURN \$1; END';
CREATE CAST (evil.word AS evil.word) WITH FUNCTION evil.fit(evil.word, int, boolean) AS IMPLICIT;
CREATE FUNCTION evil.compare(evil.word, evil.word) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM evil.attack(''operator_class''); RETURN bttextcmp(\$1::text, \$2::text); END';
CREATE FUNCTION evil.hash(evil.word) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM evil.attack(''operator_class''); RETURN hashtext(\$1::text); END';
CREATE FUNCTION evil.image(oid) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM evil.attack(''equal_image''); RETURN false; END';
CREATE FUNCTION evil.lt(evil.word, evil.word) RETURNS boolean LANGUAGE sql AS 'SELECT evil.compare(\$1, \$2) < 0';
CREATE FUNCTION evil.le(evil.word, evil.word) RETURNS boolean LANGUAGE sql AS 'SELECT evil.compare(\$1, \$2) <= 0';
CREATE FUNCTION evil.eq(evil.word, evil.word) RETURNS boolean LANGUAGE sql AS 'SELECT evil.compare(\$1, \$2) = 0';
CREATE FUNCTION evil.ge(evil.word, evil.word) RETURNS boolean LANGUAGE sql AS 'SELECT evil.compare(\$1, \$2) >= 0';
CREATE FUNCTION evil.gt(evil.word, evil.word) RETURNS boolean LANGUAGE sql AS 'SELECT evil.compare(\$1, \$2) > 0';
CREATE OPERATOR evil.< (FUNCTION = evil.lt, LEFTARG = evil.word, RIGHTARG = evil.word);
CREATE OPERATOR evil.<= (FUNCTION = evil.le, LEFTARG = evil.word, RIGHTARG = evil.word);
CREATE OPERATOR evil.= (FUNCTION = evil.eq, LEFTARG = evil.word, RIGHTARG = evil.word, HASHES);
CREATE OPERATOR evil.>= (FUNCTION = evil.ge, LEFTARG = evil.word, RIGHTARG = evil.word);
CREATE OPERATOR evil.> (FUNCTION = evil.gt, LEFTARG = evil.word, RIGHTARG = evil.word);
-- What names of ours could be taken for.
CREATE TABLE public.offsets (LIKE evil.loot); CREATE TABLE evil.dead_letters (LIKE evil.loot);
CREATE FUNCTION public.grab(text, text) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN PERFORM evil.attack(''operator''); RETURN true; END';
CREATE OPERATOR public.= (FUNCTION = public.grab, LEFTARG = text, RIGHTARG = text);
CREATE FUNCTION public.now() RETURNS timestamptz LANGUAGE plpgsql AS 'BEGIN PERFORM evil.attack(''now''); RETURN clock_timestamp(); END';
CREATE FUNCTION public.abs(bigint) RETURNS bigint LANGUAGE plpgsql AS 'BEGIN PERFORM evil.attack(''abs''); RETURN 1; END';
SQL
$node->safe_psql('postgres', <<"SQL");
CREATE OPERATOR CLASS evil.words DEFAULT FOR TYPE evil.word USING btree AS OPERATOR 1 evil.<, OPERATOR 2 evil.<=, OPERATOR 3 evil.=, OPERATOR 4 evil.>=, OPERATOR 5 evil.>,
	FUNCTION 1 evil.compare(evil.word, evil.word), FUNCTION 4 evil.image(oid);
CREATE OPERATOR CLASS evil.hashed DEFAULT FOR TYPE evil.word USING hash AS OPERATOR 1 evil.=, FUNCTION 1 evil.hash(evil.word);
ALTER DATABASE postgres SET search_path = evil, public;

-- Whose tables come before and behind: what they see of the session.
CREATE TABLE public.seen (place text, settings text);
CREATE FUNCTION public.look() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS \$f\$
BEGIN
	INSERT INTO public.seen SELECT TG_TABLE_NAME, string_agg(name || '=' || setting, E'\\n' ORDER BY name)
	FROM pg_settings WHERE name <> 'search_path' AND name NOT LIKE 'kafka%';
	RETURN NULL;
END \$f\$;
SQL
foreach my $table ('first', 'last')
{
	$node->safe_psql('postgres', "CREATE TABLE public.$table ($columns); CREATE CONSTRAINT TRIGGER t AFTER INSERT ON public.$table DEFERRABLE FOR EACH ROW EXECUTE FUNCTION public.look(); ALTER TABLE public.$table ENABLE ALWAYS TRIGGER t");
}
$node->safe_psql('postgres', $place{$_} =~ s/TABLE_/evil.$_/gr, extra_params => [ '-U', 'evil' ]) foreach @names;
is($node->safe_psql('postgres', 'SELECT count(*) FROM evil.loot WHERE super'), 0, 'nothing of it has run as a superuser yet');
$node->safe_psql('postgres', 'TRUNCATE evil.loot');

# ---- one batch of everything
my @records;
sub event
{
	my ($schema, $table, $op, $id, $n) = @_;
	$id = $key{$table}->($id) if $key{$table};
	my $row = { id => $id, defined $n ? (n => ($value{$table} // sub { $_[0] })->($n)) : () };
	push @records, [ 'srv.evil.all', 0, $op eq 't' ? undef : $json->encode({ id => $id }),
		$json->encode({ before => $op eq 'd' ? $row : undef, after => $op =~ /[dt]/ ? undef : $row, op => $op, ts_ms => 2,
			source => { connector => 'postgresql', db => 'd', schema => $schema, table => $table, ts_ms => 1, lsn => 1 + @records } }) ];
	return;
}
event('public', 'first', 'c', 1, 1);
foreach my $table (@names)
{
	event('evil', $table, 'c', $_, $_) foreach 1, 2;
	event('evil', $table, 'u', 1, 3);
	event('evil', $table, 'd', 2);
	event('evil', $table, 'c', 3, 4);
}
event('public', 'last', 'c', 1, 1);
$kafka->produce_all(@records);
configure($node, enabled => 'on');
wait_applied($node, $kafka, ['srv.evil.all'], 'a batch of attacks is applied');
$kafka->produce_all(@records[ 1 .. $#records ]); # and once more, in another transaction
{
	# A column that becomes wider rewrites its table.
	local $KafkaCdcSink::shape{rewritten} = [ [ id => 'int32', 1 ], [ n => 'int64', 0 ], [ new => 'string', 0 ] ];
	my ($key, $value) = change('rewritten', 'c', { id => 9, n => 9, new => 'x' });
	$value =~ s/"schema":"app"/"schema":"evil"/;
	$kafka->produce('srv.evil.all', 0, $key, $value);
}
@records = ();
event('evil', 'statement_trigger', 't');
event('public', 'last', 'c', 2, 1);
$kafka->produce_all(@records);
wait_applied($node, $kafka, ['srv.evil.all'], 'and another one');

is($node->safe_psql('postgres', 'SELECT target, sqlstate, message, detail FROM kafka_cdc_sink.dead_letters'), '', 'no record is refused');
is($node->safe_psql('postgres', "SELECT count(*) FROM evil.$_ WHERE id::text = '1'", extra_params => [ '-U', 'evil' ]), 1, "$_ is written") foreach grep { $_ ne 'statement_trigger' } @names;
is($node->safe_psql('postgres', "SELECT string_agg(format_type(atttypid, null), ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'evil.rewritten'::regclass AND attnum > 0"), 'integer,bigint,text', 'the table was rewritten');
my %ran = map { $_ => 1 } split /\n/, $node->safe_psql('postgres', 'SELECT DISTINCT place FROM evil.loot');
ok($ran{$_}, "code ran: $_") foreach 'equal_image', grep { $_ !~ /^(cascade|rule)$/ } @names;
is($node->safe_psql('postgres', "SELECT DISTINCT place, who, super, won FROM evil.loot WHERE who <> 'evil' OR super OR won IS NOT NULL"), '', 'none became somebody else, or did what it may not');
is($node->safe_psql('postgres', "SELECT rolsuper FROM pg_roles WHERE rolname = 'evil'"), 'f', 'nor for later');
is($node->safe_psql('postgres', 'SELECT count(DISTINCT settings), count(*) FROM public.seen'), '1|3', 'no setting is left behind')
  or diag($node->safe_psql('postgres', 'SELECT place, (SELECT string_agg(x, E\'\n\') FROM regexp_split_to_table(settings, E\'\n\') x WHERE NOT EXISTS (SELECT FROM public.seen o WHERE position(x IN o.settings) > 0 AND o.place = \'first\')) FROM public.seen'));
is($node->safe_psql('postgres', "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 666"), 0, 'no advisory lock');
is($node->safe_psql('postgres', 'SELECT count(*) FROM evil.dead_letters, public.offsets'), 0, 'tables named like ours are not ours');
done_testing();
