
=pod

=head1 NAME

TroubledBroker - a sink that reads a table without key from a mock broker that is to give trouble

=head1 SYNOPSIS

  use KafkaCdcSink;
  use TroubledBroker;
  trouble('errors', log => 2);     # makes $node and $kafka, topics by name
  put();                           # some records into each partition of log
  whole('they are there, once, and nobody complains');

=cut

package TroubledBroker;

use strict;
use warnings;
use Exporter 'import';
use KafkaCdcSink;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

our @EXPORT = qw($node $kafka trouble put one whole met complains calm);
our ($node, $kafka);
my ($sent, @processes, $log) = (0);

sub trouble
{
	my ($name, %topics) = @_;
	my $properties = delete $topics{_properties} // '';
	$kafka = KafkaCdcSink::Broker->new(%topics);
	$node = sink_node($name, $kafka,
		topics => '^srv[.]app[.]',
		topic_refresh => '500ms',
		client_properties => 'fetch.wait.max.ms=50, fetch.error.backoff.ms=50, retry.backoff.ms=50, reconnect.backoff.max.ms=200, '
		  . "topic.metadata.propagation.max.ms=100$properties");
	put();
	whole('records flow');
	@processes = (workers($node), coordinator($node));
	$log = -s $node->logfile;
	return;
}

sub put
{
	my $text = shift // 'x';
	return $kafka->produce_all(map { [ 'log', $_, change('log', 'c', { n => ++$sent, said => $text }) ] } 0, 1, 0, 1);
}

# Key and value of the next one, for who sends it himself.
sub one { return change('log', 'c', { n => ++$sent, said => $_[0] }) }

# Everything once, and nobody complains any more.
sub whole
{
	my $name = shift;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return wait_sql($node,
		q(SELECT (SELECT count(*) || ' ' || count(DISTINCT n) FROM app.log), s.state, s.reason,)
		  . q( (SELECT count(*) FROM kafka_cdc_sink.partitions WHERE state <> 'running' OR reason <> '') FROM kafka_cdc_sink.status s),
		"$sent $sent|running||0", $name);
}

# All errors of this kind were answered.
sub met
{
	my ($broker, $request, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $left;
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
	sleep 0.01 until ($left = $kafka->command("errors-left $broker $request")) == 0 || time > $deadline;
	return $left == 0 || fail("$name: $left errors were never met");
}

# The status says so, with a hint.
sub complains
{
	my ($reason, $name, $state) = @_;
	$state //= 'degraded';
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return wait_sql($node,
		"SELECT s.state ~ '^($state)\$', s.reason ~ \$\$$reason\$\$, s.hint <> '' FROM kafka_cdc_sink.status s", 't|t|t', $name);
}

# The same processes, few lines in the log since the last call.
sub calm
{
	my ($most, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is_deeply([ workers($node), coordinator($node) ], \@processes, "$name: in the same processes");
	calm_log($node, $log, $most, $name);
	$log = -s $node->logfile;
	return;
}

1;
