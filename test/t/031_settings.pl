# What the database's, a role's or the server's settings say does not bend what is applied, keeps no
# worker from applying, and brings no row value into the log.
use strict;
use warnings;
use JSON::PP;
use KafkaCdcSink;
use PostgreSQL::Test::Utils;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new(typed => 1, items => 1, orders => 2);
my $node = sink_node('settings', $kafka, topics => '^srv[.]app[.]', enabled => 'off', conf => "log_statement = none\n");
my $me = $node->safe_psql('postgres', 'SELECT current_user');
mkdir $node->basedir . '/space' or die $!;
$node->safe_psql('postgres', "CREATE TABLESPACE elsewhere LOCATION '" . $node->basedir . "/space'");

# Names that a search_path could put before PostgreSQL's own.
$node->safe_psql('postgres', q(
	CREATE ROLE weak;
	CREATE SCHEMA evil;
	CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE sql AS $$SELECT 'infinity'::timestamptz$$;
	CREATE FUNCTION evil.never(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT false';
	CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.never);
	CREATE TABLE evil.offsets (LIKE kafka_cdc_sink.offsets);
	CREATE DOMAIN evil.int4 AS text;
	CREATE SCHEMA app;
	CREATE TABLE app.typed (id int PRIMARY KEY, d daterange, t tstzrange, i interval[], a text[], x xml, b bytea, f float8, m money, s text);
	CREATE TABLE app.items (id int PRIMARY KEY, name text CHECK (name <> 'refused'), n bigint)));

my %bend = (
	TimeZone => 'Asia/Kathmandu', DateStyle => 'SQL, DMY', IntervalStyle => 'sql_standard', lc_monetary => 'C', lc_messages => 'C',
	bytea_output => 'escape', extra_float_digits => '-15', array_nulls => 'off', xmloption => 'document',
	standard_conforming_strings => 'off', escape_string_warning => 'on', backslash_quote => 'off', quote_all_identifiers => 'on',
	transform_null_equals => 'on', client_encoding => 'SQL_ASCII', search_path => 'evil, pg_catalog, public',
	default_transaction_isolation => 'serializable', default_transaction_read_only => 'on', default_transaction_deferrable => 'on',
	statement_timeout => '1ms', lock_timeout => '1ms', idle_in_transaction_session_timeout => '1ms', idle_session_timeout => '1ms', exit_on_error => 'on',
	row_security => 'on', session_replication_role => 'origin', role => 'weak', default_tablespace => 'elsewhere', temp_tablespaces => 'elsewhere',
	default_table_access_method => 'heap', check_function_bodies => 'off', temp_buffers => '800kB', work_mem => '64kB', maintenance_work_mem => '1MB',
	jit => 'on', jit_above_cost => '0', jit_optimize_above_cost => '0', force_parallel_mode => 'on', parallel_setup_cost => '0', parallel_tuple_cost => '0',
	min_parallel_table_scan_size => '0', plan_cache_mode => 'force_custom_plan', cursor_tuple_fraction => '1', constraint_exclusion => 'on',
	enable_seqscan => 'off', enable_indexscan => 'off', enable_indexonlyscan => 'off', enable_bitmapscan => 'off', enable_nestloop => 'off',
	enable_sort => 'off', enable_hashagg => 'off', enable_material => 'off', enable_tidscan => 'off', geqo_threshold => '2', from_collapse_limit => '1',
	join_collapse_limit => '1', client_min_messages => 'debug5', log_min_messages => 'debug1', log_min_error_statement => 'debug5',
	log_error_verbosity => 'verbose', log_statement => 'all', log_min_duration_statement => '0', log_duration => 'on', log_lock_waits => 'on',
	log_parser_stats => 'on', debug_print_parse => 'on', debug_print_rewritten => 'on', debug_print_plan => 'on', debug_pretty_print => 'on',
	log_parameter_max_length => '-1', log_parameter_max_length_on_error => '-1', log_temp_files => '0', zero_damaged_pages => 'on', ignore_checksum_failure => 'on',
	track_activities => 'on', vacuum_cost_delay => '100ms', synchronous_commit => 'off', session_preload_libraries => 'nowhere_to_be_found', local_preload_libraries => 'nor_this');
my @sets = map { my $v = $_ eq 'search_path' ? $bend{$_} : "'$bend{$_}'"; [ $_, "$_ = $v" ] } sort keys %bend;

# ---- one row of values that are read with the settings, in records without schema

my $json = JSON::PP->new->canonical;
my $long = 'SECRET' x 400;
my $number = 0;
sub typed
{
	my ($id, %row) = @_;
	return [ 'typed', 0, $json->encode({ id => $id }), $json->encode({ op => 'c', ts_ms => 2, after => {
		id => $id, d => '[01-02-03,01-02-04)', t => '[2020-01-01 00:00:00,2020-01-02)', i => '{-1 02:03:04}', a => '{NULL,SECRET}', x => 'SECRET text', b => 'U0VDUkVU',
		f => 0.123456789012345, m => 1234.56, s => 'SECRET \\n $x$', %row },
		source => { connector => 'postgresql', db => 'd', schema => 'app', table => 'typed', ts_ms => 1 } }) ];
}
my $row = '("[2001-02-03,2001-02-04)","[""2020-01-01 00:00:00+00"",""2020-01-02 00:00:00+00"")",{P-1DT2H3M4S},"{NULL,SECRET}","SECRET text","\\\\x534543524554",0.123456789012345,"$1,234.56","SECRET \\\\n $x$")';
# Sessions of this test are as they were: what a client says goes before all of that.
$ENV{PGOPTIONS} = join ' ', map { "-c $_" } 'role=none', 'TimeZone=UTC', 'DateStyle=ISO', 'IntervalStyle=iso_8601', 'bytea_output=hex',
  'extra_float_digits=1', 'xmloption=content', 'client_encoding=UTF8', 'search_path=pg_catalog', 'default_transaction_isolation=read\\ committed',
  (map { "$_=0" } qw(default_transaction_read_only default_transaction_deferrable statement_timeout lock_timeout idle_in_transaction_session_timeout idle_session_timeout)),
  'session_preload_libraries=', 'local_preload_libraries=', 'client_min_messages=warning', 'standard_conforming_strings=on';
sub sql { return $node->safe_psql('postgres', $_[0]) }

# Everything that the workers do, and what must have come of it.
sub works
{
	my ($how) = @_;
	my $from = -s $node->logfile;
	my ($first, $last) = ($number + 1, $number += 300);
	$kafka->produce_all(
		(map { typed($_) } $first .. $last),
		(map { [ 'items', 0, change('items', 'c', { id => $_, name => $_ == $last ? 'refused' : 'SECRET', n => $_ }) ] } $first .. $last),
		(map { [ 'items', 0, change('items', 'u', { id => $_, name => $long, n => -$_ }) ] } $first .. $first + 9),
		(map { [ 'items', 0, change('items', 'd', { id => $_ }) ] } $first + 10 .. $first + 19),
		(map { [ 'orders', $_ % 2, change('orders', 'c', { id => $_, name => 'SECRET', n => $_ }) ] } $first .. $last));
	wait_applied($node, $kafka, [ 'typed', 'items', 'orders' ], "$how: everything is applied");
	is(sql("SELECT message, detail FROM kafka_cdc_sink.dead_letters WHERE topic = 'srv.app.typed' LIMIT 1"), '', "$how: no value is refused");
	is(sql("SELECT DISTINCT (d, t, i, a, x::text, b, f, m, s)::text FROM app.typed WHERE id >= $first"), $row, "$how: values as they are");
	is(sql("SELECT count(*), sum(n) FROM app.items WHERE id >= $first"), '289|' . ((map { my $s = 0; $s += $_ foreach $first + 20 .. $last - 1; $s } 1)[0] - (map { my $s = 0; $s += $_ foreach $first .. $first + 9; $s } 1)[0]), "$how: updated and deleted");
	is(sql("SELECT count(*) FROM app.orders WHERE id >= $first"), 300, "$how: a table of several partitions");
	is(sql(q(SELECT count(*), max(sqlstate) FROM kafka_cdc_sink.dead_letters WHERE topic <> 'nothing' AND "offset" >= 0)), (++our $letters) . '|23514', "$how: a refused row is a dead letter");
	is(sql('SELECT state FROM kafka_cdc_sink.status'), 'running', "$how: the sink runs");
	my $log = substr(slurp_file($node->logfile), $from);
	my @told = grep { /SECRET|83 69 67 82 69 84/ } split /\n/, join '', grep { !/client backend/ } $log =~ /^\d{4}-.*\n(?:(?!\d{4}-).*\n)*/mg;
	is(scalar @told, 0, "$how: no row value in the log") or diag(join "\n", map { substr $_, 0, 300 } @told[ 0 .. ($#told > 5 ? 5 : $#told) ]);
	return;
}

configure($node, enabled => 'on');
works('as it is');
sql(join '; ', map { "ALTER DATABASE postgres SET $_->[1]" } @sets);
$node->restart;
works('ALTER DATABASE');
sql("ALTER DATABASE postgres RESET ALL");
sql(join '; ', map { "ALTER ROLE $me SET $_->[1]" } @sets);
$node->restart;
works('ALTER ROLE');
sql("ALTER ROLE $me RESET ALL");
$node->stop;
done_testing();
