# Keys of a unique index with NULLs among others, many changes in few batches: the table ends as its source.
use strict;
use warnings;
use JSON::PP;
use KafkaCdcSink;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new(uniq => 1, spread => 3);
my $node = sink_node('null_keys', $kafka, topics => '^srv[.]app[.]', enabled => 'off');
$node->safe_psql('postgres', 'CREATE SCHEMA app; CREATE TABLE app.uniq (a int, b int, note text, UNIQUE (a, b)); CREATE TABLE app.spread (LIKE app.uniq INCLUDING ALL)');

my $json = JSON::PP->new->canonical;
my %partitions = (uniq => 1, spread => 3);
my ($table, @queue);
sub key { return { a => $_[0]{a}, b => $_[0]{b} } }
sub event
{
	my ($op, $row, $before, $after, %header) = @_;
	my $key = $json->encode(key($row));
	push @queue, [ $table, unpack('%32C*', $key) % $partitions{$table}, $key,
		$json->encode({ before => $before, after => $after, op => $op, ts_ms => 2,
			source => { connector => 'postgresql', db => 'd', schema => 'app', table => $table, ts_ms => 1, lsn => 1 + @queue } }),
		map { "__debezium.$_=" . $json->encode(key($header{$_})) } keys %header ];
	push @queue, [ @{ $queue[-1] }[ 0 .. 2 ], undef, @{ $queue[-1] }[ 4 .. $#{ $queue[-1] } ] ] if $op eq 'd';
}

# ---- a source: rows of few values, so that some are equal
srand(my $seed = $ENV{KCS_SEED} // 1);
note "seed $seed";
my @rows;
sub part { my $n = int rand 5; return $n == 4 ? undef : $n }
sub free
{
	my ($row) = @_;
	return !defined $row->{a} || !defined $row->{b} ||
	  !grep { defined $_->{a} && defined $_->{b} && $_->{a} == $row->{a} && $_->{b} == $row->{b} } @rows;
}
sub same { return $json->encode(key($_[0])) eq $json->encode(key($_[1])) }
my %expected;
foreach (qw(uniq spread))
{
	$table = $_;
	@rows = ();
	for (1 .. 600)
	{
		my $new = { a => part(), b => part(), note => 'note ' . int rand 3 };
		my $at = int rand 12;
		my $row = $rows[$at];
		if (!$row)
		{
			next if !free($new);
			event('c', $new, undef, $new);
			push @rows, $new;
		}
		elsif ($at % 4 == 0)
		{
			event('d', $row, $row, undef);
			splice @rows, $at, 1;
		}
		elsif ($at % 4 == 1)
		{
			$new = { %$row, note => $new->{note} };
			event('u', $row, $row, $new);
			$rows[$at] = $new;
		}
		elsif (free($new) && !same($row, $new))
		{
			event('d', $row, $row, undef, newkey => $new);
			event('c', $new, undef, $new, oldkey => $row);
			$rows[$at] = $new;
		}
	}
	$expected{$table} = join "\n", sort map { join '|', $_->{a} // '-', $_->{b} // '-', $_->{note} } @rows;
}
$kafka->produce_all(@queue);
configure($node, enabled => 'on');
wait_applied($node, $kafka, [ 'uniq', 'spread' ], 'a run of changes');
is($node->safe_psql('postgres', 'SELECT topic, message, detail, value FROM kafka_cdc_sink.dead_letters ORDER BY id LIMIT 3'), '', 'no dead letters');
foreach (qw(uniq spread))
{
	is($node->safe_psql('postgres', qq(SELECT r FROM (SELECT concat_ws('|', coalesce(a::text, '-'), coalesce(b::text, '-'), note) AS r FROM app.$_) AS s ORDER BY r COLLATE "C")),
		$expected{$_}, "$_: as the source");
}
$node->stop;
done_testing();
