# Errors that a broker may answer a fetch with, lasting and once: nothing is lost or comes twice (in a
# table without key), the status says what is wrong while it lasts, and the sink goes on by itself, in
# the same processes and with few lines in the log.
use strict;
use warnings;
use KafkaCdcSink;
use Test::More;
use TroubledBroker;

my $FETCH = 1;
trouble('errors', log => 2);

# ---- fetches: lasting ----------------------------------------------------------------------------------------
foreach my $case (
	[ TOPIC_AUTHORIZATION_FAILED => 'not authorized to read' ],
	[ INVALID_MSG => 'nvalid|CRC' ],
	[ UNSUPPORTED_VERSION => 'version' ],
	[ -1 => 'Unknown|unknown' ],
	[ OFFSET_OUT_OF_RANGE => 'offset \d+ is not in the topic' ],
	[ UNKNOWN_TOPIC_OR_PART => 'does not send them' ],
	[ NOT_LEADER_FOR_PARTITION => 'does not send them' ],
	[ KAFKA_STORAGE_ERROR => 'does not send them' ],
	[ OFFSET_NOT_AVAILABLE => 'does not send them' ])
{
	my ($error, $reason) = @$case;
	$kafka->command("error-inject $FETCH $error 100000");
	put();
	complains($reason, "$error to all fetches: the status says it");
	$kafka->command("errors-clear $FETCH");
	whole("$error to all fetches: goes on when that ends");
}
calm(60, 'errors that last');

# (From here on the broker has errors of its own: those of the cluster are not looked at any more.)
# ---- fetches: once ------------------------------------------------------------------------------------------
foreach my $error (qw(NOT_LEADER_FOR_PARTITION LEADER_NOT_AVAILABLE REQUEST_TIMED_OUT UNKNOWN_LEADER_EPOCH FENCED_LEADER_EPOCH
	KAFKA_STORAGE_ERROR REPLICA_NOT_AVAILABLE OFFSET_NOT_AVAILABLE BROKER_NOT_AVAILABLE NOT_ENOUGH_REPLICAS THROTTLING_QUOTA_EXCEEDED
	NETWORK_EXCEPTION UNKNOWN_TOPIC_OR_PART OFFSET_OUT_OF_RANGE TOPIC_AUTHORIZATION_FAILED INVALID_MSG INVALID_REQUEST
	UNSUPPORTED_VERSION -1 200 _TRANSPORT))
{
	$kafka->command("broker-error 1 $FETCH $error 0 3");
	put();
	met(1, $FETCH, $error);
	whole("$error to a fetch");
}
calm(90, 'errors that pass');
$node->stop;
done_testing();
