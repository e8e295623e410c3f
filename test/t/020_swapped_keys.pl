# Rows that change places within a transaction, where the source checks its keys only at the end: the
# table ends as its source, in batches of any size, and after a second reading.
use strict;
use warnings;
use JSON::PP;
use KafkaCdcSink;
use Test::More;

my %partitions = (one => 1, spread => 3);
my $kafka = KafkaCdcSink::Broker->new(%partitions);
srand(my $seed = $ENV{KCS_SEED} // 1);
note "seed $seed";
my $node = sink_node('swapped_keys', $kafka, topics => '^srv[.]app[.]', enabled => 'off', batch_size => 1 + int rand 40);
$node->safe_psql('postgres', 'CREATE SCHEMA app; CREATE TABLE app.one (id int PRIMARY KEY, v int, big text); CREATE TABLE app.spread (LIKE app.one INCLUDING ALL)');

my $json = JSON::PP->new->canonical;
my $gap = '__debezium_unavailable_value';
my (@queue, $table, $lsn, $transaction);
sub event
{
	my ($op, $id, $before, $after, %header) = @_;
	my $key = $json->encode({ id => $id });
	push @queue, [ $table, $id % $partitions{$table}, $key,
		$json->encode({ before => $before, after => $after, op => $op, ts_ms => 2,
			source => { connector => 'postgresql', db => 'd', schema => 'app', table => $table, ts_ms => 1000 + $transaction, txId => $transaction, lsn => $lsn } }),
		map { "__debezium.$_=" . $json->encode({ id => $header{$_} }) } keys %header ];
}

# ---- a source: each transaction gives some rows new keys, row after row as they lie in the table
my %expected;
foreach (sort keys %partitions)
{
	$table = $_;
	my @rows = map { { id => $_, v => 0, big => "big $_" } } 1 .. 12;
	$transaction = $lsn = 1;
	event('c', $_->{id}, undef, {%$_}) foreach @rows;
	for (1 .. 60)
	{
		++$transaction;
		my @moving = grep { rand() < 0.5 } @rows;
		my @ids = map { $_->{id} } @moving;
		my $free = 100 + $transaction;
		my $kind = int rand 3;
		if ($kind == 0) { push @ids, shift @ids if @ids } # they rotate
		elsif ($kind == 1) { @ids = reverse @ids }        # they swap
		elsif (@ids) { push @ids, $free; shift @ids }     # each takes the next one's, the last a new one
		foreach my $row (@moving)
		{
			++$lsn;
			my $id = shift @ids;
			my %new = (id => $id, v => $lsn, big => rand() < 0.3 ? "big $lsn" : $row->{big});
			if ($id == $row->{id})
			{
				event('u', $id, {%$row}, { %new, big => $new{big} eq $row->{big} ? $gap : $new{big} });
			}
			else
			{
				event('d', $row->{id}, {%$row}, undef, newkey => $id);
				event('c', $id, undef, { %new, big => $new{big} eq $row->{big} ? $gap : $new{big} }, oldkey => $row->{id});
			}
			%$row = %new;
		}
		if (rand() < 0.5) # and one goes through several keys
		{
			my $row = $rows[ rand @rows ];
			foreach my $id (200 + $transaction, 300 + $transaction)
			{
				++$lsn;
				event('d', $row->{id}, {%$row}, undef, newkey => $id);
				event('c', $id, undef, { %$row, id => $id }, oldkey => $row->{id});
				$row->{id} = $id;
			}
		}
	}
	$expected{$table} = join "\n", sort map { "$_->{id}|$_->{v}|$_->{big}" } @rows;
}
$kafka->produce_all(@queue);
sub ends_as_source
{
	my ($what) = @_;
	wait_applied($node, $kafka, [ sort keys %partitions ], $what);
	is($node->safe_psql('postgres', 'SELECT topic, message, detail, value FROM kafka_cdc_sink.dead_letters ORDER BY id LIMIT 3'), '', "$what: no dead letters");
	is($node->safe_psql('postgres', qq(SELECT r FROM (SELECT concat_ws('|', id, v, big) AS r FROM app.$_) AS s ORDER BY r COLLATE "C")),
		$expected{$_}, "$what: $_")
	  foreach sort keys %partitions;
}
configure($node, enabled => 'on');
ends_as_source('first reading');
$node->safe_psql('postgres', 'SELECT kafka_cdc_sink.pause()');
$node->safe_psql('postgres', 'SELECT kafka_cdc_sink.seek(topic, "partition", 0, true) FROM kafka_cdc_sink.offsets; SELECT kafka_cdc_sink.resume()');
ends_as_source('second reading');
$node->stop;
done_testing();
