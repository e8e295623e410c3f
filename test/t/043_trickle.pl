# A trickle over many partitions does not burn a transaction a record, however many workers there are.
use strict;
use warnings;
use KafkaCdcSink;
use Test::More;
use Time::HiRes qw(time usleep);

foreach my $workers (2, 4)
{
	my $kafka = KafkaCdcSink::Broker->new(items => 8);
	my $node = sink_node("trickle_$workers", $kafka, topics => 'srv.app.items', max_workers => $workers, client_properties => 'fetch.wait.max.ms=1');
	$kafka->produce('items', $_, change('items', 'c', { id => $_, name => 'x', n => 1 })) foreach 0 .. 7;
	wait_applied($node, $kafka, ['items'], "$workers workers have begun");

	my ($records, $span) = (0, 3); # the pace is what is tested
	my $xid = $node->safe_psql('postgres', 'SELECT txid_current()');
	my $begun = time;
	while ((my $past = time - $begun) < $span)
	{
		if ($records >= 1000 * $past) { usleep(300); next; }
		$kafka->produce('items', $records % 8, change('items', 'c', { id => $records, name => 'x', n => $records }));
		++$records;
	}
	wait_applied($node, $kafka, ['items'], "$records records are applied");
	my $took = time - $begun;
	my $transactions = $node->safe_psql('postgres', 'SELECT txid_current()') - $xid;
	note "$transactions transactions in $took s";
	cmp_ok($records, '>', 500 * $span, 'a trickle');
	cmp_ok($transactions / $took, '<=', 250, 'at most 250 transactions a second');
	$node->stop;
}
done_testing();
