# Churn of everything that is cached or counted: after a warm-up, no process of the sink takes more
# private memory. KCS_CHURN_MINUTES=30: that long, after a third of it, instead of some rounds; it is
# printed each minute then.
use strict;
use warnings;
use KafkaCdcSink;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

# Else the allocator learns to keep more for reuse whenever something large was freed: a step of a
# MiB, once, at any time.
@ENV{qw(MALLOC_TRIM_THRESHOLD_ MALLOC_MMAP_THRESHOLD_)} = (131072, 131072);

my $minutes = $ENV{KCS_CHURN_MINUTES};
alarm 60 * (2 * $minutes + 10) if $minutes;
my $kafka = KafkaCdcSink::Broker->new(items => 3, orders => 1, log => 2, other => 1);
my $node = sink_node('memory', $kafka, topics => '^srv[.]app[.]', max_dead_letters => -1, constraint_retry => 0, topic_refresh => '1s');
$node->safe_psql('postgres', q(CREATE SCHEMA app;
	CREATE TABLE app.items (id int PRIMARY KEY, name text, n int CONSTRAINT few CHECK (n < 1000000));
	CREATE TABLE app.orders (id int PRIMARY KEY, name text, n int)));
my ($id, $round) = (0, 0);

# KiB that are the process's own.
sub private
{
	my $sum = 0;
	foreach (split /\n/, slurp_file("/proc/$_[0]/smaps_rollup")) { $sum += $1 if /^Private_(?:Clean|Dirty):\s+(\d+) kB/ }
	return $sum;
}

sub processes
{
	return map { split /\|/, $_, 2 } split /\n/, $node->safe_psql('postgres',
		q(SELECT pid, replace(backend_type, 'kafka_cdc_sink ', '') FROM pg_stat_activity WHERE backend_type LIKE 'kafka_cdc_sink %'));
}

sub churn
{
	++$round;
	my @records;
	foreach (1 .. 300)
	{
		++$id;
		push @records, [ 'items', $id % 3, change('items', 'c', { id => $id % 5000, name => 'x' x ($id % 200), n => $id % 97 ? $id % 1000 : 2000000 }) ];
		push @records, [ 'items', ($id - 1) % 3, change('items', 'd', { id => ($id - 1) % 5000 }) ] if $id % 3 == 0;
		push @records, [ 'orders', 0, change('orders', 'u', { id => $id % 700, name => "o$id", n => $id }) ];
		push @records, [ 'log', $id % 2, change('log', 'c', { n => $id, said => 'x' }) ] if $id % 10 == 0;
		push @records, [ 'other', 0, undef, '{"not": "debezium"' ] if $id % 100 == 0;
	}
	$kafka->produce_all(@records);
	$node->safe_psql('postgres', ('ALTER TABLE app.orders ADD COLUMN IF NOT EXISTS more int', 'ALTER TABLE app.orders DROP COLUMN IF EXISTS more',
		'CREATE INDEX IF NOT EXISTS by_name ON app.items (name)', 'DROP INDEX IF EXISTS app.by_name', 'TRUNCATE app.log', 'ANALYZE app.items')[ $round % 6 ])
	  if $round > 1;
	# What was dropped of a table stays in its catalogs.
	$node->safe_psql('postgres', 'BEGIN; DROP TABLE app.orders; CREATE TABLE app.orders (id int PRIMARY KEY, name text, n int); COMMIT') if $round % 40 == 0;
	configure($node, batch_size => 100 + $round % 7 * 50) if $round % 5 == 0;
	$node->safe_psql('postgres', q(DELETE FROM kafka_cdc_sink.routes; INSERT INTO kafka_cdc_sink.routes (topic, excluded_columns) VALUES ('srv.app.orders', '{n}'))) if $round % 7 == 0;
	$node->safe_psql('postgres', q(SELECT kafka_cdc_sink.discard_dead_letters(); DELETE FROM kafka_cdc_sink.dead_letters)) if $round % 4 == 0;
	$node->safe_psql('postgres', q(SELECT kafka_cdc_sink.pause('x'))), $node->safe_psql('postgres', 'SELECT kafka_cdc_sink.resume()') if $round % 9 == 0;
	$node->poll_query_until('postgres', KafkaCdcSink::caught_up($kafka, qw(items orders log other))) or BAIL_OUT('nothing goes on');
	return;
}

# Churns for so many minutes, or for so many rounds.
sub churn_for
{
	my ($span, $rounds) = @_;
	my $begun = my $told = time;
	while ($minutes ? time - $begun < 60 * $span : $rounds-- > 0)
	{
		churn();
		next unless $minutes && time - $told >= 60;
		$told = time;
		my %name = processes();
		diag "round $round: " . join ', ', map { "$name{$_} " . private($_) } sort keys %name;
	}
	return;
}

# What the allocator keeps for reuse levels off late.
churn_for($minutes ? $minutes / 3 : 0, 40);
my %name = processes();
my %before = map { $_ => private($_) } keys %name;
cmp_ok(scalar keys %name, '>=', 4, 'the processes');
churn_for($minutes // 0, 60);
is_deeply([ sort { $a <=> $b } keys %{ { processes() } } ], [ sort { $a <=> $b } keys %name ], 'the same processes');
# The coordinator has records of all topics fetched, to compare one of each: how many come at once differs,
# and the most it ever held may come late (it levels off at some 4 MiB).
foreach (sort keys %name)
{
	my $most = $name{$_} eq 'coordinator' ? 2 : 1;
	cmp_ok(private($_) - $before{$_}, '<', 1024 * $most, "$name{$_}: less than $most MiB more than $before{$_} KiB");
}
$node->stop;
done_testing();
