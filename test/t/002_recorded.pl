# What the real connector sent (test/data) gives the source's tables: with embedded schemas, without
# them, and flattened.
use strict;
use warnings;
use KafkaCdcSink;
use PostgreSQL::Test::Utils;
use Test::More;

my @tables = qw(customers orders order_lines carts visits marker);
my $kafka = KafkaCdcSink::Broker->new(map { my $p = $_; map { ("$p.shop.$_" => 1) } @tables } qw(embedded plain flat));
my $node = sink_node('recorded', $kafka, topics => '^(embedded|plain|flat)[.]shop[.]', table_format => '${1}.${table}',
	enabled => 'off', conf => "timezone = 'UTC'");

# Records without schemas go into tables that are there.
my $tables = slurp_file(data_file('shop.sql'));
$tables =~ s/^INSERT.*//ms;
$tables =~ s/\bshop\b/plain/g;
$node->safe_psql('postgres', $tables);
$node->safe_psql('postgres', q(ALTER TABLE plain.orders ADD currency char(3) NOT NULL DEFAULT 'EUR'));

# First the snapshot alone, so that changes meet rows that are there; in the other run, all at once.
my @all = sort keys %{ $kafka->{topics} };
my @lines = map { [ split /^/m, slurp_file(data_file("$_.records")) ] } qw(embedded plain flat);
my @snapshot = map { my $part = $_; grep { /"op":"r"|"__op":"r"/ } @$part } @lines;
my @changes = map { my $part = $_; grep { !/"op":"r"|"__op":"r"/ } @$part } @lines;
configure($node, enabled => 'on');
$kafka->produce_lines(@snapshot);
wait_applied($node, $kafka, \@all, 'the snapshot is applied');
$kafka->produce_lines(@changes);
wait_applied($node, $kafka, \@all, 'the changes are applied');
my $expected = slurp_file(data_file('shop.expected'));

sub compare
{
	my ($prefix, $how) = @_;
	my $rows = '';
	foreach my $table (@tables[ 0 .. 4 ])
	{
		$rows .= "$table\n" . $node->safe_psql('postgres', "SELECT t::text FROM $prefix.$table t ORDER BY 1") . "\n";
	}
	is($rows, $expected, "$prefix, $how: the tables are the source's");
	return;
}
compare($_, 'snapshot first') foreach qw(embedded plain flat);
is($node->safe_psql('postgres', q(SELECT string_agg("table" || ' ' || toast_kept, ', ' ORDER BY schema) FROM kafka_cdc_sink.tables WHERE toast_kept > 0)),
	'customers 2, customers 2, customers 2', 'letters that were not sent are kept, once over a key change');

is($node->safe_psql('postgres', q(SELECT bool_and(decode_time > '0' AND apply_time > '0' AND commit_time > '0' AND wait_time > '0')
	FROM kafka_cdc_sink.workers WHERE transactions > 0)), 't', 'workers say where their time went');

# Again, all in one batch, into empty tables.
configure($node, enabled => 'off');
wait_sql($node, "SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE '%kafka_cdc_sink worker%'", 0, 'off');
$node->safe_psql('postgres', "TRUNCATE $_.customers, $_.orders, $_.order_lines, $_.carts, $_.visits, $_.marker") foreach qw(embedded plain flat);
configure($node, group_id => 'again', enabled => 'on');
wait_applied($node, $kafka, \@all, 'all at once');
compare($_, 'at once') foreach qw(embedded plain flat);
is($node->safe_psql('postgres', 'SELECT topic, "offset", sqlstate, message FROM kafka_cdc_sink.dead_letters'), '', 'no dead letters');
is($node->safe_psql('postgres', q(SELECT count(*) FROM pg_attribute WHERE attrelid = 'flat.orders'::regclass AND attname LIKE '\_\_%')),
	0, 'metadata of flattened records makes no columns');
$node->stop;
done_testing();
