# Errors that a broker may answer other requests with than fetches: metadata, the ends of partitions, the
# group's offsets, new connections.
use strict;
use warnings;
use KafkaCdcSink;
use Test::More;
use TroubledBroker;

my ($LIST_OFFSETS, $OFFSET_COMMIT, $FIND_COORDINATOR, $API_VERSIONS) = (2, 8, 10, 18);
trouble('answers', log => 2);

# ---- metadata ------------------------------------------------------------------------------------------------
foreach my $case (
	[ TOPIC_AUTHORIZATION_FAILED => 'uthoriz' ],
	[ UNKNOWN_TOPIC_OR_PART => 'nknown|not exist' ],
	[ LEADER_NOT_AVAILABLE => 'eader' ],
	[ -1 => 'nknown' ])
{
	my ($error, $reason) = @$case;
	$kafka->command("topic-error srv.app.log $error");
	put() if $error eq 'LEADER_NOT_AVAILABLE'; # the producer believes the others
	complains($reason, "$error for a topic: the status says it");
	$kafka->command('topic-error srv.app.log 0');
	put();
	whole("$error for a topic: goes on when that ends");
}
$kafka->command('leader srv.app.log 1 -1');
complains('leader', 'no leader: the status says it');
$kafka->command('leader srv.app.log 1 1');
put();
whole('no leader: goes on when there is one');
calm(40, 'metadata');

# ---- where topics begin and end --------------------------------------------------------------------------------
# A new topic is not read before they are known; of one that is read nothing changes.
foreach my $error (qw(NOT_LEADER_FOR_PARTITION UNKNOWN_TOPIC_OR_PART TOPIC_AUTHORIZATION_FAILED OFFSET_NOT_AVAILABLE -1))
{
	my $topic = 'items' . $error =~ s/\W//gr;
	$KafkaCdcSink::shape{$topic} = $KafkaCdcSink::shape{items};
	$kafka->command("error-inject $LIST_OFFSETS $error 100000");
	$kafka->add_topic($topic, 1);
	put();
	wait_sql($node, "SELECT state, reason ~ 'waits until its ends are known', hint <> '' FROM kafka_cdc_sink.partitions WHERE topic = 'srv.app.$topic'",
		'waiting|t|t', "$error instead of ends: the partition says it");
	complains('says:|ends|does not answer', # of which partition, a refresh decides
		 "$error instead of ends: so does the status");
	$kafka->command("errors-clear $LIST_OFFSETS");
	$kafka->produce($topic, 0, change($topic, 'c', { id => 1, name => 'x', n => 1 }));
	wait_sql($node, "SELECT count(*) FROM app.\"$topic\"", 1, "$error instead of ends: a topic is read when that ends");
	whole("$error instead of ends: nothing is lost");
}
calm(90, 'ends');

# ---- the group, a courtesy ----------------------------------------------------------------------------------------
foreach my $error (qw(COORDINATOR_NOT_AVAILABLE NOT_COORDINATOR COORDINATOR_LOAD_IN_PROGRESS GROUP_AUTHORIZATION_FAILED INVALID_REQUEST -1))
{
	$kafka->command("error-inject $_ $error 5") foreach $OFFSET_COMMIT, $FIND_COORDINATOR;
	put();
	whole("$error from the group: nobody minds");
}
$kafka->command("errors-clear $_") foreach $OFFSET_COMMIT, $FIND_COORDINATOR;
calm(30, 'the group');

# ---- brokers that refuse clients ----------------------------------------------------------------------------------
foreach my $error (qw(UNSUPPORTED_VERSION CLUSTER_AUTHORIZATION_FAILED -1))
{
	$kafka->command("error-inject $API_VERSIONS $error 4");
	$kafka->down;
	$kafka->up;
	put();
	whole("$error to a new connection: it is tried again");
}
calm(60, 'refused connections');
$node->stop;
done_testing();
