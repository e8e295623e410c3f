# Records that expired before they were read, and records that are damaged: the partition pauses or
# waits with a reason, nothing is passed over in silence, others flow.
use strict;
use warnings;
use KafkaCdcSink;
use RealKafka;
use Test::More;

my $kafka = RealKafka->new('lagging.app.items' => 2, 'down.app.items' => 2, 'other.app.items' => 1, 'damaged.app.items' => 2);
# Expires by itself: all segments but the newest, which is rolled at once.
$kafka->add_topic('aged.app.items', 1, 'retention.ms=1000', 'segment.ms=500', 'file.delete.delay.ms=0');
my $node = mirrors('expired', $kafka);
my @all = map { "$_.app.items" } 'lagging', 'down', 'other', 'damaged';
foreach my $topic (@all)
{
	rows($kafka, $topic, $_, "old$_", $_ * 10 + 1 .. $_ * 10 + 3) foreach 0 .. $kafka->{topics}{$topic} - 1;
}
rows($kafka, 'aged.app.items', 0, 'old', 1);
wait_applied($node, $kafka, [ @all, 'aged.app.items' ], 'all are read');

# ---- while the sink lags ---------------------------------------------------------------------------------------
$node->safe_psql('postgres', 'SELECT kafka_cdc_sink.pause()');
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'paused', 'the sink lags');
rows($kafka, 'lagging.app.items', $_, "late$_", $_ * 10 + 4 .. $_ * 10 + 8) foreach 0, 1;
$kafka->command('trim lagging.app.items 0 6');
$node->safe_psql('postgres', 'SELECT kafka_cdc_sink.resume()');
wait_applied($node, $kafka, ['other.app.items'], 'others');
wait_sql($node, q(SELECT count(*) FROM lagging.items WHERE name = 'late1'), 5, 'the other partition of the topic flows');
my $hint = go_on($node, 'lagging.app.items', 0, 'records from offset 3 on have expired: the topic begins at offset 6', 'expired while lagging');
like($hint, qr/seek\('lagging[.]app[.]items', 0, 6\)/, 'it names the oldest record');
wait_sql($node, q(SELECT string_agg(id::text, ' ' ORDER BY id) FROM lagging.items WHERE id < 10), '1 2 3 7 8', 'what is left is read');

# Everything that it had, the record applied last too.
$node->safe_psql('postgres', 'SELECT kafka_cdc_sink.pause()');
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'paused', 'paused');
rows($kafka, 'lagging.app.items', 0, 'lost', 9);
$kafka->command('trim lagging.app.items 0 9');
$node->safe_psql('postgres', 'SELECT kafka_cdc_sink.resume()');
go_on($node, 'lagging.app.items', 0, 'have expired: the topic begins at offset 9', 'all expired');
wait_sql($node, q(SELECT lag FROM kafka_cdc_sink.partitions WHERE topic = 'lagging.app.items' AND "partition" = 0), 0, 'and there is no lag');

# What was applied may expire.
$kafka->command('trim other.app.items 0 3');
rows($kafka, 'other.app.items', 0, 'next', 4);
wait_applied($node, $kafka, ['other.app.items'], 'applied records may expire');

# ---- while the server is down, by the topic's retention ---------------------------------------------------------
$node->stop;
rows($kafka, 'down.app.items', $_, "late$_", $_ * 10 + 4 .. $_ * 10 + 6) foreach 0, 1;
$kafka->command('trim down.app.items 1 5');
rows($kafka, 'aged.app.items', 0, 'aged', $_) foreach 2 .. 4;
ok(expired('aged.app.items', 0, 2), 'the brokers have removed old records');
$kafka->command('config aged.app.items retention.ms=-1');
$node->start;
$hint = go_on($node, 'down.app.items', 1, 'records from offset 3 on have expired: the topic begins at offset 5', 'expired while down');
wait_sql($node, q(SELECT string_agg(id::text, ' ' ORDER BY id) FROM down.items), '1 2 3 4 5 6 11 12 13 16', 'the rest is read');
go_on($node, 'aged.app.items', 0, 'records from offset 1 on have expired', 'expired by retention');

sub expired # until the topic begins at least there
{
	my ($topic, $partition, $offset) = @_;
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
	while ($kafka->command("begin $topic $partition") < $offset)
	{
		return 0 if time > $deadline;
		rows($kafka, $topic, $partition, 'roll', 5); # a segment is rolled when something is written
		select undef, undef, undef, 0.2;
	}
	return 1;
}

# ---- damaged on the broker's disk --------------------------------------------------------------------------------
my $ids = q(SELECT string_agg(id::text, ' ' ORDER BY id) FROM damaged.items WHERE id < 10);
rows($kafka, 'damaged.app.items', 1, 'fine', 20);
wait_applied($node, $kafka, ['damaged.app.items'], 'before the damage');
$node->stop;
$kafka->command('compression none');
rows($kafka, 'damaged.app.items', 0, $_, $_ - 100) foreach 104, 105, 106;
my ($file) = glob "$ENV{KCS_KAFKA_DATA}/damaged.app.items-0/*.log";
my $bytes = PostgreSQL::Test::Utils::slurp_file($file);
my $at = index($bytes, '"name":"105"');
sub put { my $what = shift; open my $out, '+<', $file or die "$file: $!"; seek $out, $at, 0; print $out $what; close $out; return }
put('"name":"999"');
$node->start;
wait_sql($node, q(SELECT reason ~ 'CRC' FROM kafka_cdc_sink.partitions WHERE topic = 'damaged.app.items' AND "partition" = 0), 't', 'a damaged record is told');
wait_sql($node, $ids, '1 2 3 4', 'what comes before it is applied');
rows($kafka, 'damaged.app.items', 1, 'fine', 21);
wait_sql($node, 'SELECT count(*) FROM damaged.items WHERE id = 21', 1, 'the other partition flows');
is($node->safe_psql('postgres', $ids), '1 2 3 4', 'what comes after it waits');
is($node->safe_psql('postgres', q(SELECT state, reason ~ 'damaged' FROM kafka_cdc_sink.status)), 'degraded|t', 'the status tells');
put('"name":"105"');
wait_sql($node, $ids, '1 2 3 4 5 6', 'mended: it goes on by itself');
$node->stop;
done_testing();
