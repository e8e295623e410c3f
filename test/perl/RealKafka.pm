
=pod

=head1 NAME

RealKafka - the broker that test/e2e/traps.sh started, used like the mock one

=head1 SYNOPSIS

  use KafkaCdcSink;
  use RealKafka;
  my $kafka = RealKafka->new('gone.app.items' => 1);
  $kafka->delete_topic('gone.app.items');
  my ($text, $sql) = go_on($node, 'gone.app.items', 0);   # what the sink says of a partition that is paused

=cut

package RealKafka;

use strict;
use warnings;
use parent -norequire, 'KafkaCdcSink::Broker';
use Exporter 'import';
use KafkaCdcSink;
use Test::More;

our @EXPORT = qw(rows mirrors names_of at_end refreshed paused_for go_on kafka_tool);

sub new
{
	my ($class, %topics) = @_;
	my $self = $class->start('kafkaclient', $ENV{KCS_KAFKA});
	$self->add_topic($_, $topics{$_}) foreach sort keys %topics;
	return $self;
}

sub add_topic
{
	my ($self, $name, $partitions, @config) = @_;
	$self->{topics}{$name} = $partitions;
	$self->command(join ' ', 'topic', $name, $partitions, @config);
	return;
}

sub delete_topic
{
	my ($self, $name) = @_;
	delete $self->{topics}{$name};
	return $self->command("delete $name");
}

# A server that mirrors the table items of every topic SCHEMA.app.items into a schema of that name.
sub mirrors
{
	my ($name, $kafka, %setting) = @_;
	return sink_node($name, $kafka, topics => '^[a-z_]+[.]app[.]items$', table_format => '${1}.${table}', %setting);
}

# What such a table holds: names in the order of their ids, as one text.
sub names_of
{
	my ($node, $schema) = @_;
	return $node->safe_psql('postgres', "SELECT string_agg(id || name, ' ' ORDER BY id) FROM $schema.items");
}

# Rows with this name and these ids, inserted by records of the topic.
sub rows
{
	my ($kafka, $topic, $partition, $name, @ids) = @_;
	return $kafka->produce_all(map { [ $topic, $partition, change('items', 'c', { id => $_, name => $name, n => $_ }) ] } @ids);
}

# All of the topic's partition 0 is behind the sink, as everything that shows it says.
sub at_end
{
	my ($node, $topic, $end, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is($node->safe_psql('postgres', "SELECT kafka_cdc_sink.wait_for('$topic', 0, $end, '30 s')"), 't', "$name: wait_for() returns");
	wait_sql($node, qq(SELECT position, high_watermark, lag, reason FROM kafka_cdc_sink.partitions WHERE topic = '$topic'), "$end|$end|0|", "$name: no lag");
	return wait_sql($node, "SELECT next_offset FROM kafka_cdc_sink.offsets WHERE topic = '$topic'", $end, "$name: it is stored");
}

# Every partition of a server that mirrors was compared with what was read from it, after this was called.
sub refreshed
{
	my ($node, $kafka) = @_;
	foreach (1 .. 2)
	{
		my $topic = 'refresh' . int(rand(1e9)) . '.app.other';
		$kafka->add_topic($topic, 1);
		configure($node, topics => "^[a-z_]+[.]app[.]items\$, $topic");
		wait_sql($node, "SELECT count(*) FROM kafka_cdc_sink.offsets WHERE topic = '$topic'", 1, 'the topics were looked at again');
	}
	return;
}

# A partition pauses, with a reason that matches; returns the hint.
sub paused_for
{
	my ($node, $topic, $partition, $reason, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $where = qq(FROM kafka_cdc_sink.partitions WHERE topic = '$topic' AND "partition" = $partition);
	# The hint comes when the brokers have told the topic's ends.
	wait_sql($node, "SELECT state, reason ~ '$reason', hint ~ 'run SELECT' $where", 'paused|t|t', $name) or return '';
	return $node->safe_psql('postgres', "SELECT hint $where");
}

# The same, and runs the statement of the hint as it is printed.
sub go_on
{
	my ($node, $topic, $partition, $reason, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $hint = paused_for($node, $topic, $partition, $reason, "$name: paused");
	my ($sql) = $hint =~ /run (SELECT kafka_cdc_sink[.]seek\(.*?\))[;.]/;
	ok(defined $sql, "$name: with the SQL to go on") or diag($hint), return '';
	$node->safe_psql('postgres', $sql);
	wait_sql($node, qq(SELECT state, reason FROM kafka_cdc_sink.partitions WHERE topic = '$topic' AND "partition" = $partition),
		'running|', "$name: and it goes on");
	return $hint;
}

sub kafka_tool
{
	my ($class, @arguments) = @_;
	system("$ENV{KCS_KAFKA_TOOL} $class " . join(' ', map { "'$_'" } @arguments) . ' >/dev/null 2>&1');
	return is($?, 0, "$class runs");
}

1;
