# Compacted topics: gaps in the middle, at the beginning and at the end hide nothing and hold nothing
# up, what was compacted away is no sign of another topic, a tombstone deletes where its delete event
# is gone. And times that producers and brokers put on records.
use strict;
use warnings;
use KafkaCdcSink;
use RealKafka;
use Test::More;
use Time::HiRes qw(time);

our $node;
my @keep = ('cleanup.policy=compact', 'segment.ms=1', 'min.cleanable.dirty.ratio=0', 'file.delete.delay.ms=0');
my @compact = (@keep, 'delete.retention.ms=0');
my $kafka = RealKafka->new(map { ("$_.app.items" => 1) } 'running', 'stopped', 'ended', 'deletes', 'forgotten', 'horizon');
$kafka->add_topic('rewritten.app.items', 1, 'message.timestamp.type=LogAppendTime');
$kafka->add_topic('late.app.items', 1, @compact);
$kafka->add_topic('unknown.app.items', 1, @keep);

# Events by short names: c1, u1: row 1 as it is created, changed; d1: it is deleted; t1: the tombstone.
sub events
{
	my ($schema, @events) = @_;
	my @records;
	foreach (@events)
	{
		my ($op, $id) = /^(.)(\d+)$/;
		my ($key, $value) = change('items', $op eq 't' ? 'd' : $op, { id => $id, name => $op, n => $id });
		push @records, [ "$schema.app.items", 0, $key, $op eq 't' ? undef : $value ];
	}
	return $kafka->produce_all(@records);
}

# Aborted records: what holds an offset only, and makes the brokers roll the segment. Then they compact
# what was before.
sub roll
{
	$kafka->command('transaction begin roll 60000');
	events($_, 'c99') foreach @_;
	return $kafka->command('transaction abort');
}

sub offsets_of
{
	my $schema = shift;
	my $list = `kcat -q -C -b $ENV{KCS_KAFKA} -t $schema.app.items -p 0 -o beginning -e -f '%o ' -X fetch.wait.max.ms=20 2>&1`;
	$list =~ s/ $//;
	return $list;
}

# Until those records only are left in the topics.
sub compacted
{
	my %left = @_;
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
	while (%left)
	{
		roll(sort keys %left);
		foreach my $schema (sort keys %left)
		{
			my $is = offsets_of($schema);
			is($is, delete $left{$schema}, "$schema: it is compacted") if $is eq $left{$schema} || time > $deadline;
		}
		select undef, undef, undef, 0.1;
	}
	return;
}

sub all_read
{
	my ($schema, $names, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $topic = "$schema.app.items";
	at_end($node, $topic, $kafka->end($topic, 0), "$schema, $name");
	return is(names_of($node, $schema), $names, "$schema, $name: the rows");
}

# ---- compacted before the sink starts --------------------------------------------------------------------------
events('late', qw(c1 c2 u1 c3 c4 d3 t3 u2 c5 d5 t5));
events('unknown', qw(c1 c2 d1 t1 c3 d3 t3));
compacted(late => '2 4 7', unknown => '1 3 6');
events($_, qw(c1 c2 u1 c3 d3 t3)) foreach 'running', 'ended';
events('stopped', qw(c1 c2 u1));
events('deletes', qw(c1 c2 c3));
events('forgotten', qw(c1 c3 c2));
events('horizon', qw(c1 c2 d1 t1));
events('rewritten', qw(c1 c2 c3));
$node = mirrors('compacted', $kafka);
all_read('late', '1u 2u 4c', 'the sink is new');
all_read('unknown', '2c', 'the sink is new');
all_read($_, '1u 2c', 'before') foreach 'running', 'ended';
all_read('stopped', '1u 2c', 'before');
all_read($_, '1c 2c 3c', 'before') foreach 'deletes', 'forgotten', 'rewritten';
all_read('horizon', '2c', 'before');

# ---- while the sink runs ---------------------------------------------------------------------------------------
$kafka->command("config running.app.items @compact");
compacted(running => '1 2');
refreshed($node, $kafka);
all_read('running', '1u 2c', 'compacted');
$node->restart;
events('running', qw(u2));
all_read('running', '1u 2u', 'after a restart');

# ---- while it is stopped ---------------------------------------------------------------------------------------
$node->stop;
my %config = (map({ $_ => "@compact" } 'stopped', 'ended'), map({ $_ => "@keep" } 'deletes', 'forgotten', 'horizon'));
$config{rewritten} = "@compact message.timestamp.type=LogAppendTime";
$kafka->command("config $_.app.items $config{$_}") foreach sort keys %config;
events('stopped', qw(u1 c4 d2 t2));
events('deletes', qw(d1 t1 d2 t2));
events('forgotten', qw(d2 t2));
events('rewritten', qw(u1));
compacted(stopped => '3 4', ended => '1 2', deletes => '2 4 6', forgotten => '0 1 4', horizon => '1 3', rewritten => '1 2 3');
$node->start;
all_read('stopped', '1u 2c 4c', 'the record applied last is gone'); # and all that told the delete of row 2
all_read('ended', '1u 2c', 'and nothing follows it');
all_read('deletes', '3c', 'only tombstones tell');
all_read('forgotten', '1c 3c', 'and what they belong to is gone');
all_read('horizon', '2c', 'the tombstone applied last stays');
all_read('rewritten', '1u 2c 3c', 'the record applied last is in another batch');
refreshed($node, $kafka);
my $flows = q(SELECT count(*) FILTER (WHERE state = 'running' AND reason IS NULL), count(*) FROM kafka_cdc_sink.partitions WHERE topic ~ 'items$');
is($node->safe_psql('postgres', $flows), '9|9', 'none is taken for another topic');

# ---- times -----------------------------------------------------------------------------------------------------
my @any = map { "message.timestamp.$_.max.ms=9223372036854775807" } 'before', 'after';
push @any, 'retention.ms=-1'; # goes by these times
$kafka->add_topic('appended.app.items', 1, @any, 'message.timestamp.type=LogAppendTime');
my %time = (
	ancient => [ -62135596800000, '' ],
	none => [ -1, '' ],
	old => [ 1, '1970-01-01 00:00:00.001+00' ],
	far => [ 253402300799999, '9999-12-31 23:59:59.999+00' ],
	farther => [ 9223372036854774, '294247-01-10 04:00:54.774+00' ],
	never => [ 9223372036854775807, '' ]);
foreach my $schema (sort keys %time)
{
	$kafka->add_topic("$schema.app.items", 1, @any);
	$kafka->command("timestamp $time{$schema}[0]");
	events($_, qw(c1 c2 u1 d2 t2)) foreach $schema, 'appended';
}
$kafka->command('timestamp 0');
foreach my $schema (sort keys %time)
{
	all_read($schema, '1u', 'its time');
	is($node->safe_psql('postgres', "SET timezone = 'UTC'; SELECT last_timestamp FROM kafka_cdc_sink.offsets WHERE topic ~ '^$schema\\M'"),
		$time{$schema}[1], "$schema: what is shown");
}
all_read('appended', '1u', 'the time of the brokers');
is($node->safe_psql('postgres', q(SELECT last_timestamp BETWEEN now() - interval '1 minute' AND now() + interval '1 minute'
	FROM kafka_cdc_sink.offsets WHERE topic ~ 'appended')), 't', 'the time of the brokers is shown');
$kafka->command("config appended.app.items @any"); # its producers' from now on
$node->restart;
wait_sql($node, $flows, '16|16', 'each is the same record after a restart');
foreach my $schema (sort keys %time, 'appended')
{
	events($schema, 'c3');
	all_read($schema, '1u 3c', 'the next record');
}
is($node->safe_psql('postgres', q(SELECT count(*) FROM kafka_cdc_sink.partitions
	WHERE least(next_offset, position, low_watermark, high_watermark, lag) < 0 OR delay < '0')), 0, 'partitions: nothing is negative');
is($node->safe_psql('postgres', q(SELECT state, total_lag, delay < '0' FROM kafka_cdc_sink.status)), 'running|0|f', 'nor the status');
is($node->safe_psql('postgres', 'SELECT count(*) FROM kafka_cdc_sink.dead_letters'), 0, 'no dead letters');
$node->stop;
done_testing();
