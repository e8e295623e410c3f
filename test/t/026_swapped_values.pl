# Unique values that change rows: through a third value, as a source has to that checks each statement,
# they end exact, in one partition and across several, in batches of any size. What only a deferred
# constraint allowed ends as dead letters that name each other's rows.
use strict;
use warnings;
use JSON::PP;
use KafkaCdcSink;
use PostgreSQL::Test::Utils;
use Test::More;

my %partitions = (one => 1, spread => 4, deferred => 1, far => 2, late => 1);
my $kafka = KafkaCdcSink::Broker->new(%partitions);
srand(my $seed = $ENV{KCS_SEED} // 1);
note "seed $seed";
my $node = sink_node('swapped_values', $kafka, topics => '^srv[.]app[.]', enabled => 'off', max_workers => 1 + int rand 4, batch_size => 300 + int rand 600);
$node->safe_psql('postgres', q(CREATE SCHEMA app;
	CREATE TABLE app.one (id int PRIMARY KEY, v int UNIQUE, place int, during int4range, n int, CONSTRAINT free EXCLUDE USING gist (during WITH &&));
	CREATE TABLE app.spread (LIKE app.one INCLUDING ALL);
	CREATE TABLE app.deferred (id int PRIMARY KEY, v text CONSTRAINT once UNIQUE);
	CREATE TABLE app.far (LIKE app.deferred INCLUDING ALL);
	CREATE TABLE app.late (id int PRIMARY KEY, v text CONSTRAINT once_at_last UNIQUE DEFERRABLE INITIALLY DEFERRED)));

my $json = JSON::PP->new->canonical;
my (@queue, $transaction);
sub event
{
	my ($table, $op, $row) = @_;
	push @queue, [ $table, $row->{id} % $partitions{$table}, $json->encode({ id => $row->{id} }),
		$json->encode({ before => $op eq 'd' ? { id => $row->{id} } : undef, after => $op eq 'd' ? undef : $row, op => $op, ts_ms => 2,
			source => { connector => 'postgresql', db => 'd', schema => 'app', table => $table, ts_ms => 1000 + ++$transaction, lsn => $transaction } }) ];
	return;
}

# ---- a source: values go round, each step allowed by the one before
my %rows;
sub set
{
	my ($table, $id, $v, $gone) = @_;
	my $row = $rows{$table}{$id} = { id => $id, v => $v, during => defined $v ? "[$v," . ($v + 1) . ')' : undef, n => ++$transaction };
	event($table, 'u', $row);
	return;
}
sub play
{
	my ($table, $count) = @_;
	for (1 .. $count)
	{
		my @ids = sort { $a <=> $b } keys %{ $rows{$table} };
		my %taken = map { defined $_->{v} ? ($_->{v} => $_->{id}) : () } values %{ $rows{$table} };
		my $kind = int rand 10;
		if (@ids < 8 || $kind == 0)
		{
			my $id = 1 + int rand 30;
			my ($free) = grep { !defined $taken{$_} } sort { $a <=> $b } map { int rand 60 } 1 .. 10;
			set($table, $id, $free) unless $rows{$table}{$id} || !defined $free;
		}
		elsif ($kind == 1)
		{
			my $id = $ids[ rand @ids ];
			event($table, 'd', delete $rows{$table}{$id});
		}
		elsif ($kind < 8) # two swap, or several rotate, through a free value or none
		{
			my %some = map { $ids[ rand @ids ] => 1 } 1 .. 2 + int rand 3;
			my @some = sort { $a <=> $b } keys %some;
			if ($table eq 'spread') # with its neighbour, in another partition
			{
				@some = ($some[0], $some[0] ^ 1);
				next unless $rows{$table}{ $some[1] };
			}
			my @values = map { $rows{$table}{$_}{v} } @some;
			push @values, shift @values;
			set($table, $some[0], rand() < 0.5 ? undef : 1000 + $transaction);
			my %left = map { $_ => 1 } 1 .. $#some;
			while (%left) # the one whose new value is free
			{
				my %now = map { defined $_->{v} ? ($_->{v} => 1) : () } values %{ $rows{$table} };
				my ($next) = grep { !defined $values[$_] || !$now{ $values[$_] } } sort keys %left;
				delete $left{$next};
				set($table, $some[$next], $values[$next]);
			}
			set($table, $some[0], $values[0]);
		}
		else
		{
			set($table, $ids[ rand @ids ], 2000 + $transaction);
		}
	}
	return;
}
sub ends_as_source
{
	my ($what) = @_;
	wait_applied($node, $kafka, [qw(one spread)], $what);
	foreach my $table (qw(one spread))
	{
		is($node->safe_psql('postgres', qq(SELECT id, v, n FROM app.$table ORDER BY id)),
			join("\n", map { join '|', $_->{id}, $_->{v} // '', $_->{n} } sort { $a->{id} <=> $b->{id} } values %{ $rows{$table} }), "$what: $table");
	}
	is($node->safe_psql('postgres', q(SELECT topic, "partition", "offset", sqlstate, detail, status FROM kafka_cdc_sink.dead_letters WHERE status <> 'superseded')), '', "$what: no dead letters");
	return;
}
play('one', 150);
play('spread', 150);
$kafka->produce_all(@queue);
configure($node, enabled => 'on');
ends_as_source('all at once');
for my $round (1 .. 8)
{
	@queue = ();
	play('one', 10);
	play('spread', 10);
	$kafka->produce_all(@queue);
}
ends_as_source('bit by bit');

# ---- what only a deferred constraint allows
configure($node, constraint_retry => '1s', fire_triggers => 'on', batch_size => 1);
wait_sql($node, 'SHOW kafka_cdc_sink.batch_size', '1', 'batch_size = 1');
@queue = ();
foreach my $table (qw(deferred far late))
{
	event($table, 'c', { id => 1, v => 'SECRET a' });
	event($table, 'c', { id => 2, v => 'SECRET b' });
}
$kafka->produce_all(@queue);
wait_applied($node, $kafka, [qw(deferred far late)], 'two rows');
@queue = ();
foreach my $table (qw(deferred far late))
{
	event($table, 'u', { id => 1, v => 'SECRET b' });
	event($table, 'u', { id => 2, v => 'SECRET a' });
}
$kafka->produce_all(@queue);
wait_applied($node, $kafka, [qw(deferred far late)], 'they swap');
foreach my $table (qw(deferred far late))
{
	is($node->safe_psql('postgres', qq(SELECT convert_from(key, 'UTF8'), sqlstate, regexp_replace(detail, E'.*\n', '') FROM kafka_cdc_sink.dead_letters WHERE topic = 'srv.app.$table' AND status = 'pending' ORDER BY 1)),
		qq({"id":1}|23505|The row with the key (id)=(2) has it.\n{"id":2}|23505|The row with the key (id)=(1) has it.), "$table: two dead letters name each other's rows");
	is($node->safe_psql('postgres', "SELECT id, v FROM app.$table ORDER BY 1"), "1|SECRET a\n2|SECRET b", "$table: the rows are as they were");
}
# In one batch, a constraint of the target that is as late sees both.
configure($node, enabled => 'off');
$node->poll_query_until('postgres', 'SELECT count(*) = 0 FROM kafka_cdc_sink.workers WHERE pid > 0') or die;
configure($node, batch_size => 100);
@queue = ();
event('late', 'u', { id => 1, v => 'SECRET b' });
event('late', 'u', { id => 2, v => 'SECRET a' });
$kafka->produce_all(@queue);
configure($node, enabled => 'on');
wait_applied($node, $kafka, ['late'], 'once more');
is($node->safe_psql('postgres', 'SELECT id, v FROM app.late ORDER BY 1'), "1|SECRET b\n2|SECRET a", 'they have swapped');
is($node->safe_psql('postgres', q(SELECT DISTINCT status FROM kafka_cdc_sink.dead_letters WHERE topic = 'srv.app.late')), 'superseded', 'which makes up for the letters');
# And where the source says where they are in the end, so does any.
@queue = ();
event('deferred', 'u', { id => 1, v => 'SECRET c' });
event('deferred', 'u', { id => 2, v => 'SECRET a' });
$kafka->produce_all(@queue);
wait_applied($node, $kafka, ['deferred'], 'a later change');
is($node->safe_psql('postgres', q(SELECT DISTINCT status FROM kafka_cdc_sink.dead_letters WHERE topic = 'srv.app.deferred')), 'superseded', 'makes up for the others');
unlike(slurp_file($node->logfile), qr/SECRET/, 'no value in the log');
foreach my $view (qw(status workers partitions tables))
{
	unlike($node->safe_psql('postgres', "SELECT * FROM kafka_cdc_sink.$view"), qr/SECRET/, "nor in $view");
}
$node->stop;
done_testing();
