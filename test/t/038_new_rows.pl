# Rows that are probably new are inserted without asking for a conflict, beside updates and deletes in one
# batch; what is there already is no error.
use strict;
use warnings;
use KafkaCdcSink;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new(items => 1);
my $node = sink_node('new_rows', $kafka, topics => 'srv.app.items', enabled => 'off');
$node->safe_psql('postgres', q(CREATE SCHEMA app; CREATE TABLE app.items (id int PRIMARY KEY, name text, n bigint UNIQUE);
	INSERT INTO app.items SELECT id, 'old', id FROM generate_series(1001, 1600) id; ANALYZE app.items));
my %rows = map { $_ => [ 'old', $_ ] } 1001 .. 1600;

# Each call is one batch, as a rule, in one transaction.
sub batch
{
	my ($name, @changes) = @_;
	$kafka->produce_all(map { my ($op, $id, @row) = @$_; [ 'items', 0, change('items', $op, { id => $id, name => $row[0] // 'x', n => $row[1] // 0 }) ] } @changes);
	foreach (@changes)
	{
		my ($op, $id, @row) = @$_;
		if ($op eq 'd') { delete $rows{$id} }
		else { $rows{$id} = \@row }
	}
	configure($node, enabled => 'on');
	wait_applied($node, $kafka, ['items'], $name);
	configure($node, enabled => 'off');
	wait_sql($node, 'SELECT count(*) FROM kafka_cdc_sink.workers WHERE pid > 0', 0, "$name: the worker leaves");
	is($node->safe_psql('postgres', 'SELECT id, name, n FROM app.items ORDER BY id'),
		join("\n", map { "$_|$rows{$_}[0]|$rows{$_}[1]" } sort { $a <=> $b } keys %rows), "$name: the rows");
	return;
}
sub probes { return $node->safe_psql('postgres', q(SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'items_pkey')) }

# The new rows have values of another unique key that older rows, behind them in the key's order, give up.
# (What comes in two batches, or is tried twice, searches more: then once more, with other rows.)
my $searches;
foreach my $first (map { 1001 + 100 * $_ } 0 .. 4)
{
	my $before = probes();
	batch('updates, new rows and deletes', [ 'c', 4000 + $first, 'new', 4000 + $first ],
		(map { ([ 'u', $_, 'changed', $_ + 10000 ], [ 'c', $_ - 1000, 'new', $_ ]) } $first .. $first + 99), map { [ 'd', $_ ] } 1591 .. 1600);
	last if ($searches = probes() - $before) < 150;
}
cmp_ok($searches, '<', 150, 'the index of the key was not searched for new rows');

batch('rows that are there', (map { [ 'c', $_, 'again', $_ ] } 1 .. 60), (map { [ 'u', $_, 'changed', $_ ] } 61 .. 100), map { [ 'd', $_ ] } 1111 .. 1120);
batch('new ones behind them', (map { [ 'c', $_, 'new', $_ ] } 201 .. 300), map { [ 'c', $_, 'again', $_ + 20000 ] } 1121 .. 1130);
batch('deleted and made again in one batch', map { ([ 'd', $_ ], [ 'c', $_, 'third', $_ + 30000 ]) } 1 .. 80);
is($node->safe_psql('postgres', 'SELECT count(*) FROM kafka_cdc_sink.dead_letters'), 0, 'no dead letters');
$node->stop;
done_testing();
