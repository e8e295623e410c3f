# Answers that come late, break off, stop in their middle or are damaged: nothing is lost or comes twice,
# what lasts is said, and the sink goes on by itself.
use strict;
use warnings;
use KafkaCdcSink;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);
use TroubledBroker;

my ($FETCH, $LIST_OFFSETS) = (1, 2);
trouble('stalls', log => 2, _properties => ', socket.timeout.ms=1000');
my $long = join '', map { chr(33 + $_ % 90) x 7 } 1 .. 3000; # longer than any answer without records

sub stopped # the broker did so itself
{
	my $name = shift;
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
	my $state;
	sleep 0.02 until ($state = slurp_file("/proc/$kafka->{pid}/stat")) =~ /[)] T/ || time > $deadline;
	return like($state, qr/[)] T/, $name);
}

sub answered # so many have met what was ordained
{
	my $name = shift;
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
	my $left;
	sleep 0.02 until ($left = $kafka->command('fates-left')) == 0 || time > $deadline;
	return is($left, 0, $name);
}

$kafka->command('compression none');

# ---- connections that end in the middle of an answer ----------------------------------------------------------
foreach my $byte (2000, 10000, 18000)
{
	$kafka->command("cut $byte 3");
	put($long);
	answered("cut after $byte bytes");
	whole("cut after $byte bytes: goes on");
}
calm(40, 'cut answers');

# ---- answers with another byte in it ----------------------------------------------------------------------------
foreach my $byte (2000, 10000)
{
	$kafka->command("spoil $byte 3");
	put($long);
	answered("byte $byte is another one");
	whole("byte $byte is another one: goes on");
}
calm(60, 'damaged answers');

# ---- a broker that stops in the middle of an answer ---------------------------------------------------------------
foreach my $byte (2000, 10000)
{
	$kafka->command("halt $byte 1");
	print { $kafka->{in} } 'produce ' . KafkaCdcSink::record($kafka->topic('log'), 0, one($long)) . "\n";
	$kafka->{in}->flush;
	stopped("stops after $byte bytes of an answer");
	complains('reached|answer|timed out', 'the status says it', 'degraded|error');
	$kafka->thaw;
	readline $kafka->{out};
	whole("stopped after $byte bytes: goes on");
}
calm(60, 'answers that stop');

# ---- answers that come later than anybody waits -------------------------------------------------------------------
$kafka->command("broker-error 1 $FETCH 0 2500 2");
put();
met(1, $FETCH, 'late fetches');
whole('fetches that are answered too late');
$kafka->command("broker-error 1 $LIST_OFFSETS 0 900 3");
$kafka->add_topic('items', 1);
complains('does not answer|ends', 'late ends: the status says it');
$kafka->produce('items', 0, change('items', 'c', { id => 1, name => 'x', n => 1 }));
wait_sql($node, 'SELECT count(*) FROM app.items', 1, 'late ends: read once they are known');
whole('late ends: goes on');
$kafka->command('rtt 1 900');
put();
complains('answer', 'a slow broker: the status says it', 'degraded|error');
$kafka->command('rtt 1 0');
whole('a slow broker: goes on');
calm(60, 'late answers');
$node->stop;
done_testing();
