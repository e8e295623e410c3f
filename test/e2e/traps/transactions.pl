# Transactional producers: what they committed is applied once, what they aborted never, nothing behind
# an open transaction is read; and what holds an offset but no record for us (markers, aborted records)
# is behind the sink as soon as it is read, for good.
use strict;
use warnings;
use KafkaCdcSink;
use RealKafka;
use Test::More;

my $kafka = RealKafka->new(map { ("$_.app.items" => 1) } 'mixed', 'open', 'aborted', 'quiet');
$kafka->add_topic('mixed.app.log', 1);
my $node = mirrors('transactions', $kafka, topics => '^[a-z]+[.]app[.](items|log)$');
my $said = q(SELECT string_agg(said, ' ' ORDER BY said) FROM mixed.log);

sub transaction { return $kafka->command("transaction @_") }
sub both # a row and a line of the keyless table
{
	my ($id, $name) = @_;
	rows($kafka, 'mixed.app.items', 0, $name, $id);
	return $kafka->produce('mixed.app.log', 0, change('log', 'c', { n => $id, said => "$id$name" }));
}

# ---- interleaved in one partition -----------------------------------------------------------------------------
transaction('begin one 60000');
both(1, 'commit');
transaction('leave');
transaction('begin two 60000');
both(2, 'abort');
transaction('leave');
both(3, 'plain');
transaction('enter one');
both(4, 'commit');
transaction('leave');
transaction('enter two');
both(1, 'abort'); # would change a row
transaction('abort');
both(5, 'plain');
transaction('enter one');
transaction('commit');
foreach my $round (6 .. 15)
{
	transaction('begin one 60000');
	both($round, $round % 3 ? 'commit' : 'abort');
	transaction($round % 3 ? 'commit' : 'abort');
}
at_end($node, "mixed.app.$_", 28, "interleaved, $_") foreach 'items', 'log';
my @committed = map { "${_}commit" } grep { $_ % 3 } 6 .. 15;
is(names_of($node, 'mixed'), join(' ', '1commit', '3plain', '4commit', '5plain', @committed), 'interleaved: what was committed is there');
is($node->safe_psql('postgres', $said), join(' ', sort '1commit', '3plain', '4commit', '5plain', @committed), 'interleaved: each once in a table without a key');

# ---- one that is left open ------------------------------------------------------------------------------------------
rows($kafka, 'open.app.items', 0, 'before', 1);
at_end($node, 'open.app.items', 1, 'before it');
transaction('begin hanging 600000');
rows($kafka, 'open.app.items', 0, 'open', 2);
transaction('leave');
rows($kafka, 'open.app.items', 0, 'behind', 3 .. 5);
both(16, 'plain');
at_end($node, 'mixed.app.log', 29, 'others flow');
wait_sql($node, q(SELECT state, lag, reason FROM kafka_cdc_sink.partitions WHERE topic = 'open.app.items'), 'running|4|', 'an open transaction: the lag is that of all records');
is(names_of($node, 'open'), '1before', 'nothing behind it is read');
is($node->safe_psql('postgres', q(SELECT kafka_cdc_sink.wait_for('open.app.items', 0, 2, '100 ms'))), 'f', 'nor waited for in vain');
$node->restart;
wait_sql($node, q(SELECT state, lag, reason FROM kafka_cdc_sink.partitions WHERE topic = 'open.app.items'), 'running|4|', 'so it is after a restart');
transaction('enter hanging');
transaction('abort');
at_end($node, 'open.app.items', 6, 'aborted');
is(names_of($node, 'open'), '1before 3behind 4behind 5behind', 'it goes on');
transaction('begin late 4000'); # the brokers abort it; less is little time for the records to get there
rows($kafka, 'open.app.items', 0, 'open', 6);
transaction('leave');
rows($kafka, 'open.app.items', 0, 'behind', 7);
wait_sql($node, 'SELECT count(*) FROM open.items WHERE id = 7', 1, 'one that takes too long: it goes on by itself');
at_end($node, 'open.app.items', 9, 'taken too long');
is(names_of($node, 'open'), '1before 3behind 4behind 5behind 7behind', 'without its records');

# ---- partitions that end, or are nothing but, what is no record -----------------------------------------------------------
rows($kafka, 'quiet.app.items', 0, 'plain', 1);
foreach my $topic ('quiet.app.items', 'aborted.app.items')
{
	transaction('begin one 60000');
	rows($kafka, $topic, 0, 'aborted', 11 .. 15);
	transaction('abort');
}
transaction('begin one 60000');
rows($kafka, 'quiet.app.items', 0, 'commit', 2);
transaction('commit');
at_end($node, 'quiet.app.items', 9, 'a marker is the last');
at_end($node, 'aborted.app.items', 6, 'nothing but an aborted transaction');
$node->restart;
at_end($node, 'quiet.app.items', 9, 'a marker, after a restart');
at_end($node, 'aborted.app.items', 6, 'nothing but an aborted transaction, after a restart');
$node->stop('immediate');
# All expires that was read.
my %end = ('quiet.app.items' => 9, 'aborted.app.items' => 6);
$kafka->command("trim $_ 0 $end{$_}") foreach keys %end;
$node->start;
foreach my $topic (sort keys %end)
{
	rows($kafka, $topic, 0, 'next', 20);
	at_end($node, $topic, $end{$topic} + 1, 'markers that expired');
}
is(names_of($node, 'quiet'), '1plain 2commit 20next', 'markers that expired are not missed');
is(names_of($node, 'aborted'), '20next', 'nor aborted records');
is($node->safe_psql('postgres', 'SELECT count(*) FROM kafka_cdc_sink.dead_letters'), 0, 'no dead letters');
$node->stop;
done_testing();
