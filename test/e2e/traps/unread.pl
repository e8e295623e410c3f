# Topics that are deleted and made again before a record of them was applied: those that are read from
# their end on, from an offset that somebody sought, and those that held nothing but an aborted
# transaction. No record of the new one is skipped in silence.
use strict;
use warnings;
use KafkaCdcSink;
use RealKafka;
use Test::More;

my @known = qw(latest sought);
my @topics = map { ("$_.app.items", "${_}_later.app.items") } @known, 'nothing';
my $kafka = RealKafka->new(map { $_ => 1 } @topics);
rows($kafka, $_, 0, 'old', 1 .. 3) foreach grep { !/nothing/ } @topics;
my $node = mirrors('unread', $kafka, start_offset => 'latest');

# The new topic is told by the record before the first one to be applied, or by that there was none.
at_end($node, $_, 3, $_) foreach grep { !/nothing/ } @topics;
foreach my $topic (grep { /sought/ } @topics)
{
	rows($kafka, $topic, 0, 'old', 4, 5);
	at_end($node, $topic, 5, "$topic, read");
	$node->safe_psql('postgres', "SELECT kafka_cdc_sink.seek('$topic', 0, 5, true)");
}
wait_sql($node, q(SELECT count(last_hash) FROM kafka_cdc_sink.offsets WHERE topic ~ '^(latest|sought)'), 4, 'known by a record');
foreach my $topic (grep { /nothing/ } @topics)
{
	$kafka->command('transaction begin one 60000');
	rows($kafka, $topic, 0, 'aborted', 11 .. 15);
	$kafka->command('transaction abort');
	at_end($node, $topic, 6, $topic);
}
refreshed($node, $kafka);

# What begins with an aborted transaction is no other topic when a record comes.
my @begun = map { "begun_$_.app.items" } 'a' .. 'j';
$kafka->add_topic($_, 1) foreach @begun;
foreach my $topic (@begun)
{
	$kafka->command('transaction begin one 60000');
	rows($kafka, $topic, 0, 'aborted', 11 .. 15);
	$kafka->command('transaction abort');
	at_end($node, $topic, 6, $topic);
}
foreach my $topic (@begun)
{
	rows($kafka, $topic, 0, 'good', 1);
	at_end($node, $topic, 7, "$topic with a record");
}
refreshed($node, $kafka);
is($node->safe_psql('postgres', q(SELECT count(*) FROM kafka_cdc_sink.partitions WHERE topic ~ '^begun' AND state = 'running')), 10, 'none is taken for another topic');

# At once, and with time between, so that the sink sees that it is gone.
foreach my $topic (grep { !/later/ } @topics)
{
	$kafka->delete_topic($topic);
	$kafka->add_topic($topic, 1);
	rows($kafka, $topic, 0, 'new', 1 .. 10);
}
my @later = grep { /later/ } @topics;
$kafka->delete_topic($_) foreach @later;
wait_sql($node, q(SELECT count(*) FROM kafka_cdc_sink.partitions WHERE topic ~ '_later'), 0, 'deleted topics are given up');
foreach my $topic (@later)
{
	$kafka->add_topic($topic, 1);
	rows($kafka, $topic, 0, 'new', 1 .. 10);
}
foreach my $topic (@topics)
{
	my ($schema) = $topic =~ /^(\w+)/;
	go_on($node, $topic, 0, 'recreated', $schema);
	wait_sql($node, "SELECT string_agg(id || name, ' ' ORDER BY id) FROM $schema.items", join(' ', map { "${_}new" } 1 .. 10), "$schema: nothing is skipped");
}
$node->stop;
done_testing();
