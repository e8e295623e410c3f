# Users change the target while events flow: nothing crashes, nothing is lost or done twice, and what
# cannot be applied meanwhile waits for the table to be put right.
use strict;
use warnings;
use KafkaCdcSink;
use PostgreSQL::Test::Utils;
use Test::More;

my $parts = 2;
my $kafka = KafkaCdcSink::Broker->new(items => $parts, log => $parts);
my $node = sink_node('user_ddl', $kafka, topics => '^srv[.]app[.]', batch_size => 25, max_workers => 2);
$node->safe_psql('postgres', 'CREATE ROLE stranger; CREATE SCHEMA app; CREATE TABLE app.log (n bigint, said text)');

# ---- the source ------------------------------------------------------------------------------------

my $clock = 0;
my (%row, $said);

sub upsert
{
	my $id = shift;
	$row{$id} = [ 'row ' . ++$clock, $clock ];
	return [ 'items', $id % $parts, change('items', $clock % 3 ? 'u' : 'c', { id => $id, name => $row{$id}[0], n => $clock }) ];
}

# Changes of random-looking rows, and as many lines of the table without key.
sub load
{
	my $count = shift;
	my @records;
	foreach (1 .. $count)
	{
		my $id = ($clock * 37) % 211;
		if ($clock % 11 == 5 && delete $row{$id})
		{
			$clock++;
			push @records, [ 'items', $id % $parts, change('items', 'd', { id => $id }) ];
		}
		else
		{
			push @records, upsert($id);
		}
		$said++;
		push @records, [ 'log', $said % $parts, change('log', 'c', { n => $said, said => "line $said" }) ];
	}
	$kafka->produce_all(@records);
	return;
}

# What tables that were made anew, or columns, have lost by the user's will.
sub refresh
{
	$kafka->produce_all(map { upsert($_) } sort { $a <=> $b } keys %row);
	return;
}

# ---- the user --------------------------------------------------------------------------------------

sub same
{
	my $what = shift;
	wait_applied($node, $kafka, [ 'items', 'log' ], "$what: all is applied");
	my $expected = join "\n", map { "$_|$row{$_}[0]|$row{$_}[1]" } sort { $a <=> $b } keys %row;
	is($node->safe_psql('postgres', 'SELECT id, name, n FROM app.items ORDER BY id'), $expected, "$what: the table is what the events say");
	is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT n), max(n::int) FROM app.log'), "$said|$said|$said", "$what: each line once");
	return;
}

# DDL in the middle of a stream. parks => SQL that puts right what makes the table wait; loses => 1
# where values go with what is dropped; until => a query that must become true before the rest.
sub step
{
	my ($what, $sql, %how) = @_;
	load(400);
	$node->safe_psql('postgres', $_) foreach ref $sql ? @$sql : $sql;
	load(100);
	if ($how{parks})
	{
		wait_sql($node, q(SELECT state FROM kafka_cdc_sink.tables WHERE schema = 'app' AND "table" = 'items'), 'parked', "$what: the table waits");
		$node->safe_psql('postgres', $how{parks});
	}
	wait_sql($node, $how{until}, 't', "$what: done") if $how{until};
	$node->safe_psql('postgres', $how{then}) if $how{then};
	refresh() if $how{loses};
	return same($what);
}

load(200);
same('a first load');

step('columns added and dropped', [ 'ALTER TABLE app.items ADD COLUMN extra int DEFAULT 5 NOT NULL', 'ALTER TABLE app.items DROP COLUMN extra' ]);
my $has = q(SELECT count(*) = 1 FROM pg_attribute WHERE attrelid = 'app.items'::regclass AND NOT attisdropped AND attname =);
step('a column of the source dropped', 'ALTER TABLE app.items DROP COLUMN n', until => "$has 'n'", loses => 1);
step('a column renamed', 'ALTER TABLE app.items RENAME COLUMN name TO title', until => "$has 'name'", then => 'ALTER TABLE app.items DROP COLUMN title', loses => 1);
step('types changed', [ 'ALTER TABLE app.items ALTER n TYPE numeric(20,2)', 'ALTER TABLE app.items ALTER n TYPE text', 'ALTER TABLE app.items ALTER n TYPE bigint USING n::numeric' ]);
step('the key and a line made narrower', [ 'ALTER TABLE app.items ALTER id TYPE smallint', 'ALTER TABLE app.log ALTER n TYPE int' ]);
step('a type that values do not have', "ALTER TABLE app.items ALTER name TYPE varchar(40)", then => 'ALTER TABLE app.items ALTER name TYPE text');
step('indexes', [ 'CREATE UNIQUE INDEX by_n ON app.items (n)', 'CREATE INDEX CONCURRENTLY by_name ON app.items (name)', 'REINDEX TABLE CONCURRENTLY app.items', 'DROP INDEX app.by_n, app.by_name', 'REINDEX TABLE app.items' ]);
step('the key made anew', 'ALTER TABLE app.items DROP CONSTRAINT items_pkey, ADD PRIMARY KEY (id)');
step('no key', 'ALTER TABLE app.items DROP CONSTRAINT items_pkey', parks => 'CREATE UNIQUE INDEX items_key ON app.items (id)', then => 'ALTER TABLE app.items ADD CONSTRAINT items_pkey PRIMARY KEY USING INDEX items_key');
step('rewritten', [ 'VACUUM FULL app.items', 'CLUSTER app.items USING items_pkey', 'VACUUM FULL app.log' ]);
step('NOT NULL', [ 'ALTER TABLE app.items ALTER name SET NOT NULL, ALTER n SET NOT NULL', 'ALTER TABLE app.items ALTER name DROP NOT NULL' ]);
step('a trigger', q(CREATE FUNCTION app.spoil() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.name := ''spoilt''; RETURN NEW; END';
	CREATE TRIGGER spoil BEFORE INSERT OR UPDATE ON app.items FOR EACH ROW EXECUTE FUNCTION app.spoil()), then => 'DROP TRIGGER spoil ON app.items');
step('an owner that may not', 'ALTER TABLE app.items OWNER TO stranger', parks => 'GRANT USAGE ON SCHEMA app TO stranger');
step('another owner', 'ALTER TABLE app.items OWNER TO CURRENT_USER');
step('another schema and back', [ 'CREATE SCHEMA aside', 'BEGIN; ALTER TABLE app.items SET SCHEMA aside; ALTER TABLE aside.items SET SCHEMA app; COMMIT' ]);
step('renamed and back', 'BEGIN; ALTER TABLE app.items RENAME TO away; ALTER TABLE app.away RENAME TO items; COMMIT');
configure($node, auto_create_tables => 'off');
step('renamed for longer', 'ALTER TABLE app.items RENAME TO away', parks => 'ALTER TABLE app.away RENAME TO items');
$node->safe_psql('postgres', 'ALTER TABLE app.items RENAME TO away');
my ($gone) = sort keys %row;
delete $row{$gone};
$kafka->produce('items', $gone % $parts, change('items', 'd', { id => $gone }));
wait_sql($node, q(SELECT state FROM kafka_cdc_sink.tables WHERE schema = 'app' AND "table" = 'items'), 'parked', 'a delete waits for its table');
$node->safe_psql('postgres', 'ALTER TABLE app.away RENAME TO items');
same('deleted while it was renamed');
step('dropped', 'DROP TABLE app.items', parks => 'CREATE TABLE app.items (n text, name text, id bigint PRIMARY KEY)', loses => 1);
configure($node, auto_create_tables => 'on');
step('dropped, and made by the sink', 'DROP TABLE app.items', until => q(SELECT to_regclass('app.items') IS NOT NULL), loses => 1);
step('dropped and made anew at once', 'BEGIN; DROP TABLE app.items; CREATE TABLE app.items (extra serial, n bigint, id int PRIMARY KEY, name text); COMMIT', loses => 1);
step('partitioned', 'BEGIN; ALTER TABLE app.items RENAME TO low; ALTER TABLE app.low DROP COLUMN extra; ALTER INDEX app.items_pkey RENAME TO low_pkey;
	CREATE TABLE app.items (LIKE app.low INCLUDING ALL) PARTITION BY RANGE (id);
	ALTER TABLE app.items ATTACH PARTITION app.low FOR VALUES FROM (0) TO (250); COMMIT');
step('a partition attached, another detached', [ 'CREATE TABLE app.high (LIKE app.items INCLUDING ALL)', 'ALTER TABLE app.items ATTACH PARTITION app.high FOR VALUES FROM (250) TO (500)', 'ALTER TABLE app.items DETACH PARTITION app.high CONCURRENTLY' ]);
is($node->safe_psql('postgres', 'SELECT count(*) FROM kafka_cdc_sink.dead_letters'), 0, 'no record was refused');

# What the user's constraint refuses is a dead letter, that record alone.
load(300);
$node->safe_psql('postgres', 'ALTER TABLE app.items ADD CONSTRAINT odd CHECK (n <> 12345678)');
$kafka->produce('items', 0, change('items', 'u', { id => 0, name => 'refused', n => 12345678 }));
load(100);
wait_sql($node, q(SELECT count(*), min(sqlstate) FROM kafka_cdc_sink.dead_letters), '1|23514', 'a constraint refuses its record');
$node->safe_psql('postgres', 'ALTER TABLE app.items DROP CONSTRAINT odd');
same('after all that');

# The sink's own DDL is told, with the record that asked for it.
is($node->safe_psql('postgres', q(SELECT kind, count(*), bool_and(topic = 'srv.app.items' AND "offset" >= 0 AND command LIKE '%"app"."items"%')
	FROM kafka_cdc_sink.ddl_log GROUP BY kind ORDER BY kind)), "add_columns|2|t\ncreate_table|2|t", 'the log of DDL');
my $log = slurp_file($node->logfile);
unlike($log, qr/PANIC|server process .* was terminated|background worker .* exited with exit code [^01]|TRAP:/, 'nothing crashed');
$node->stop;
done_testing();
