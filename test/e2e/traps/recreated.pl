# Topics that are deleted and made again under the same name: the partition pauses, whatever the new one
# holds, and the SQL of the hint reads it. Never are records skipped in silence.
use strict;
use warnings;
use KafkaCdcSink;
use RealKafka;
use Test::More;

my %new = (shorter => 2, equal => 3, longer => 5, empty => 0);
my @topics = sort keys %new;
my $kafka = RealKafka->new(map { ("$_.app.items" => 1) } @topics, 'same');
$kafka->add_topic("$_.app.items", 2) foreach 'more', 'fewer', 'gone';
my $node = mirrors('recreated', $kafka);
my $other = 0; # rows of a topic that nobody touches

sub flows
{
	rows($kafka, 'same.app.items', 0, 'same', ++$other);
	return wait_applied($node, $kafka, ['same.app.items'], 'others flow');
}

sub make_again
{
	my ($round, $schema) = @_;
	$kafka->delete_topic("$schema.app.items");
	$kafka->add_topic("$schema.app.items", 1);
	rows($kafka, "$schema.app.items", 0, $round, 11 .. 10 + $new{$schema}) if $new{$schema} > 0;
	return;
}

# Each is paused, goes on by the hint, and then holds what came before and all of the new topic.
sub all_go_on
{
	my $round = shift;
	flows();
	is($node->safe_psql('postgres', "SELECT count(*) FROM kafka_cdc_sink.dead_letters"), 0, "$round: no dead letters");
	foreach my $schema (@topics)
	{
		my $topic = "$schema.app.items";
		go_on($node, $topic, 0, 'recreated', "$round, $schema");
		rows($kafka, $topic, 0, $round, 20, 21);
		wait_applied($node, $kafka, [$topic], "$round, $schema: all of it is applied");
		is(names_of($node, $schema), join(' ', (map { "$_$round" } 11 .. 10 + $new{$schema}, 20, 21)), "$round, $schema: nothing is skipped");
		$node->safe_psql('postgres', "TRUNCATE $schema.items");
	}
	return;
}

rows($kafka, "$_.app.items", 0, 'old', 1 .. 3) foreach @topics, 'more', 'fewer', 'gone';
rows($kafka, "$_.app.items", 1, 'old', 4 .. 6) foreach 'more', 'fewer', 'gone';
wait_applied($node, $kafka, [ map { "$_.app.items" } @topics, 'more', 'fewer', 'gone' ], 'the first topics');
refreshed($node, $kafka);
$node->safe_psql('postgres', "TRUNCATE $_.items") foreach @topics;

# ---- while the server runs, within one topic_refresh ----------------------------------------------------
make_again('at_once', $_) foreach @topics;
all_go_on('at_once');
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'running', 'then the sink runs');

# ---- while it runs, with time between: the sink sees that it is gone --------------------------------------
refreshed($node, $kafka);
$kafka->delete_topic("$_.app.items") foreach @topics;
wait_sql($node, q(SELECT count(*) FROM kafka_cdc_sink.partitions WHERE topic ~ '^(shorter|equal|longer|empty)[.]'), 0, 'deleted topics are given up');
foreach my $schema (@topics)
{
	$kafka->add_topic("$schema.app.items", 1);
	rows($kafka, "$schema.app.items", 0, 'later', 11 .. 10 + $new{$schema}) if $new{$schema} > 0;
}
all_go_on('later');

# ---- while it is paused, and while a table is locked ------------------------------------------------------
$node->safe_psql('postgres', 'SELECT kafka_cdc_sink.pause()');
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'paused', 'paused');
make_again('paused', $_) foreach @topics;
$node->safe_psql('postgres', 'SELECT kafka_cdc_sink.resume()');
all_go_on('paused');

# ---- while it is down -------------------------------------------------------------------------------------
$node->stop;
make_again('down', $_) foreach @topics;
foreach my $topic ('more.app.items', 'fewer.app.items')
{
	$kafka->delete_topic($topic);
	$kafka->add_topic($topic, $topic =~ /more/ ? 3 : 1);
	rows($kafka, $topic, 0, 'new', 1 .. 9);
}
rows($kafka, 'more.app.items', 2, 'third', 30);
$kafka->delete_topic('gone.app.items');
$node->start;
all_go_on('down') if wait_sql($node, q(SELECT count(*) FROM kafka_cdc_sink.partitions WHERE topic ~ '^equal' AND state = 'paused'), 1, 'up again');

# ---- with another number of partitions -----------------------------------------------------------------------
is(names_of($node, 'more'), '1old 2old 3old 4old 5old 6old', 'a new partition waits for those that are paused');
go_on($node, 'fewer.app.items', 0, 'recreated', 'fewer partitions');
is($node->safe_psql('postgres', q(SELECT count(*) FROM kafka_cdc_sink.partitions WHERE topic ~ '^(fewer|gone)')), 1, 'partitions that are gone are given up');
go_on($node, 'more.app.items', 0, 'recreated', 'more partitions');
go_on($node, 'more.app.items', 1, 'recreated', 'more partitions, an empty one');
wait_sql($node, q(SELECT string_agg(id || name, ' ' ORDER BY id) FROM more.items), '1new 2new 3new 4new 5new 6new 7new 8new 9new 30third', 'more partitions: all of them are read');
wait_sql($node, q(SELECT string_agg(id || name, ' ' ORDER BY id) FROM fewer.items), '1new 2new 3new 4new 5new 6new 7new 8new 9new', 'fewer partitions: it is read');
flows();
$node->stop;
done_testing();
