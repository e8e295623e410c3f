# Refused records among others of their rows: which are made up for, which go behind them, and what a
# replay makes of the rest, against a model; in batches of any size, with workers that come and go.
use strict;
use warnings;
use JSON::PP;
use KafkaCdcSink;
use Test::More;

my %partitions = (one => 1, spread => 3);
my $kafka = KafkaCdcSink::Broker->new(%partitions);
srand(my $seed = $ENV{KCS_SEED} // 1);
note "seed $seed";
my $node = sink_node('letters', $kafka, topics => '^srv[.]app[.]', enabled => 'off', max_dead_letters => -1, batch_size => 1);
$node->safe_psql('postgres', "CREATE SCHEMA app; CREATE TABLE app.$_ (id int PRIMARY KEY, n int CONSTRAINT small CHECK (n < 1000), big text)") foreach 'one';
$node->safe_psql('postgres', 'CREATE TABLE app.spread (id int PRIMARY KEY, n int CONSTRAINT small CHECK (n < 1000), big text)');

my $json = JSON::PP->new->canonical;
my $gap = '__debezium_unavailable_value';
my (@queue, %rows, %letters, %closed);
sub put
{
	my ($table, $op, $id, $after) = @_;
	my $key = $json->encode({ id => $id });
	push @queue, [ $table, $id % $partitions{$table}, $key,
		$json->encode({ before => $op eq 'd' ? { id => $id } : undef, after => $after, op => $op, ts_ms => 2,
			source => { connector => 'postgresql', db => 'd', schema => 'app', table => $table, ts_ms => 1000 + @queue, lsn => 1 + @queue } }) ];
	return;
}

# ---- the model: a row, and the letters that stand open for it
sub apply
{
	my ($table, $event, $limit) = @_;
	my ($op, $id, $after) = @$event;
	my $row = \$rows{$table}{$id};
	return $$row = undef if $op eq 'd';
	return 'bad' if $after->{n} >= $limit;
	return 'bad' if $after->{big} eq $gap && !$$row;
	$$row = { %$after, big => $after->{big} eq $gap ? $$row->{big} : $after->{big} };
	return 'good';
}
sub arrive
{
	my ($table, $event) = @_;
	my ($op, $id, $after) = @$event;
	my $open = $letters{$table}{$id} //= [];
	if (@$open && $op ne 'd' && $after->{big} eq $gap)
	{
		push @$open, [ $event, 'fenced' ];
		return;
	}
	if ((apply($table, $event, 1000) // '') eq 'bad')
	{
		push @$open, [ $event, 'pending' ];
		return;
	}
	$closed{superseded} += @$open;
	@$open = ();
	return;
}

my (%live, %source);
sub play
{
	my ($count) = @_;
	@queue = ();
	for (1 .. $count)
	{
		my $table = rand() < 0.5 ? 'one' : 'spread';
		my $id = 1 + int rand 25;
		my $n = rand() < 0.15 ? 1000 + int rand 1000 : int rand 1000;
		my $row = \$source{$table}{$id};
		my $event;
		if (!$$row) { $event = [ 'c', $id, { id => $id, n => $n, big => "big $_" } ] }
		elsif (rand() < 0.1) { $event = [ 'd', $id, undef ] }
		else { $event = [ 'u', $id, { id => $id, n => $n, big => rand() < 0.6 ? $gap : "big $_" } ] }
		put($table, @$event);
		arrive($table, $event);
		my $after = $event->[2];
		$$row = $after && { %$after, big => $after->{big} eq $gap ? $$row->{big} : $after->{big} };
	}
	$kafka->produce_all(@queue);
	return;
}
sub shown { return join "\n", sort map { "$_->{id}|$_->{n}|$_->{big}" } grep { defined } @_ }
sub same
{
	my ($what, $model) = @_;
	foreach my $table (sort keys %partitions)
	{
		is($node->safe_psql('postgres', qq(SELECT r FROM (SELECT concat_ws('|', id, n, big) AS r FROM app.$table) AS s ORDER BY r COLLATE "C")),
			shown(values %{ $model->{$table} }), "$what: $table");
	}
	return;
}
sub limit
{
	my ($change) = @_;
	$node->safe_psql('postgres', "ALTER TABLE app.one $change; ALTER TABLE app.spread $change");
	return;
}

# ---- one by one, each letter is foreseen
play(400);
configure($node, enabled => 'on');
wait_applied($node, $kafka, [ sort keys %partitions ], 'one by one');
same('one by one', \%rows);
my %count = %closed;
foreach my $open (map { values %$_ } values %letters) { $count{ $_->[1] }++ foreach @$open }
is($node->safe_psql('postgres', 'SELECT status, count(*) FROM kafka_cdc_sink.dead_letters GROUP BY 1 ORDER BY 1'),
	join("\n", map { "$_|$count{$_}" } sort keys %count), 'one by one: letters');
limit('DROP CONSTRAINT small');
is($node->safe_psql('postgres', 'SELECT result, count(*) > 0 FROM kafka_cdc_sink.replay_dead_letters() GROUP BY 1'), 'replayed|t', 'all are replayed');
same('replayed', \%source);
limit('ADD CONSTRAINT small CHECK (n < 1000) NOT VALID');

# ---- in batches, which fold what follows on itself: where no letter stands open, a row is the source's
configure($node, batch_size => 2 + int rand 60);
play(2000);
$node->poll_query_until('postgres', 'SELECT sum(next_offset) > 900 FROM kafka_cdc_sink.offsets') or die;
# Whoever has the partitions next knows nothing of the letters but what the table says.
configure($node, max_workers => 1);
$node->poll_query_until('postgres', 'SELECT sum(next_offset) > 1600 FROM kafka_cdc_sink.offsets') or die;
$node->safe_psql('postgres', 'SELECT pg_terminate_backend(pid) FROM kafka_cdc_sink.workers WHERE pid > 0');
wait_applied($node, $kafka, [ sort keys %partitions ], 'in batches');
foreach my $table (sort keys %partitions)
{
	my %open = map { $_ => 1 } split /\n/, $node->safe_psql('postgres', "SELECT DISTINCT convert_from(key, 'UTF8')::json->>'id' FROM kafka_cdc_sink.dead_letters WHERE target = 'app.$table' AND status IN ('pending', 'fenced')");
	my @left = map { /^(\d+)/ && $open{$1} ? () : $_ } split /\n/,
	  $node->safe_psql('postgres', qq(SELECT r FROM (SELECT concat_ws('|', id, n, big) AS r FROM app.$table) AS s ORDER BY r COLLATE "C"));
	is(join("\n", @left), shown(map { $open{$_} ? () : $source{$table}{$_} } keys %{ $source{$table} }), "in batches: $table");
}
is($node->safe_psql('postgres', "SELECT count(*) > 0 FROM kafka_cdc_sink.dead_letters WHERE status IN ('pending', 'fenced')"), 't', 'some letters stand open');
limit('DROP CONSTRAINT small');
is($node->safe_psql('postgres', 'SELECT result, count(*) > 0 FROM kafka_cdc_sink.replay_dead_letters() GROUP BY 1'), 'replayed|t', 'all are replayed');
same('replayed', \%source);
$node->stop;
done_testing();
