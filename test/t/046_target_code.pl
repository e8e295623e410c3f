# Code that a table's owner wrote, in which the server raises what else tells of a broken environment:
# only that table waits, and goes on once the code is mended.
use strict;
use warnings;
use KafkaCdcSink;
use Test::More;

my %code = (
	'a library that is not there' => [ '58P01', q(EXECUTE 'LOAD ''$libdir/plugins/none''') ],
	'more locks than there is room for' => [ '53200', 'FOR i IN 10000 .. 1000000 LOOP PERFORM pg_advisory_xact_lock(i); END LOOP' ],
	'files larger than allowed' => [ '53400', 'PERFORM count(*) FROM (SELECT g, repeat(g::text, 20) FROM generate_series(1, 200000) g ORDER BY 2 OFFSET 0) s' ]);

my $kafka = KafkaCdcSink::Broker->new(items => 1, orders => 1);
my $node = sink_node('target_code', $kafka, topics => 'srv.app.items,srv.app.orders', max_workers => 1,
	conf => 'temp_file_limit = 1MB');
$node->safe_psql('postgres', q(CREATE ROLE other; CREATE SCHEMA app; GRANT ALL ON SCHEMA app TO other;
	CREATE FUNCTION app.code() RETURNS bool LANGUAGE plpgsql AS 'BEGIN RETURN true; END';
	CREATE FUNCTION app.fired() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM app.code(); RETURN new; END';
	CREATE DOMAIN app.checked AS text));
my %place = (
	trigger => [ q(CREATE TRIGGER t BEFORE INSERT ON app.items FOR EACH ROW EXECUTE FUNCTION app.fired(); ALTER TABLE app.items ENABLE ALWAYS TRIGGER t) ],
	default => [ 'ALTER TABLE app.items ALTER more SET DEFAULT app.code()' ],
	check => [ 'ALTER TABLE app.items ADD CHECK (app.code())' ],
	domain => [ 'ALTER DOMAIN app.checked ADD CHECK (app.code())', 'ALTER DOMAIN app.checked DROP CONSTRAINT checked_check' ]);
my $id = 0;

sub flows
{
	my $name = shift;
	$kafka->produce('orders', 0, change('orders', 'c', { id => ++$id, name => 'x', n => 1 }));
	return wait_applied($node, $kafka, ['orders'], $name);
}

sub replace
{
	my $body = shift;
	return $node->safe_psql('postgres', "SET check_function_bodies = off; CREATE OR REPLACE FUNCTION app.code() RETURNS bool LANGUAGE plpgsql AS \$f\$ BEGIN $body; RETURN true; END \$f\$");
}

foreach my $place (sort keys %place)
{
	$node->safe_psql('postgres', "DROP TABLE IF EXISTS app.items; CREATE TABLE app.items (id int PRIMARY KEY, name app.checked, n bigint, more bool);
		ALTER TABLE app.items OWNER TO other; $place{$place}[0]");
	foreach my $name (sort keys %code)
	{
		my ($state, $body) = @{ $code{$name} };
		replace($body);
		$kafka->produce('items', 0, change('items', 'c', { id => ++$id, name => 'x', n => 1 }));
		wait_sql($node, qq(SELECT state, reason LIKE '%SQLSTATE $state, table app.items%', hint LIKE '%code of the table%' FROM kafka_cdc_sink.partitions WHERE topic = 'srv.app.items'),
			'parked|t|t', "$place, $name: its table waits");
		flows("$place, $name: others do not");
		replace('NULL');
		wait_applied($node, $kafka, ['items'], "$place, $name: mended, it goes on");
	}
	$node->safe_psql('postgres', $place{$place}[1]) if $place{$place}[1];
}
is($node->safe_psql('postgres', 'SELECT count(*) FROM kafka_cdc_sink.dead_letters'), 0, 'no record is at fault');
$node->stop;
done_testing();
