# on_error = pause and max_dead_letters: the sink stops in front of the record, within a batch, all
# workers together; what stopped it is told without values; restarts and resume().
use strict;
use warnings;
use JSON::PP;
use KafkaCdcSink;
use PostgreSQL::Test::Utils;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new(rows => 1, storm => 4, other => 1);
my $node = sink_node('allowance', $kafka, topics => '^srv[.]app[.]', on_error => 'pause', max_workers => 4);
$node->safe_psql('postgres', 'CREATE SCHEMA app');
$node->safe_psql('postgres', "CREATE TABLE app.$_ (id int PRIMARY KEY, n int CONSTRAINT small CHECK (n < 100), name text)") foreach qw(rows storm other);
my $json = JSON::PP->new->canonical;
sub event
{
	my ($table, $partition, $id, $n) = @_;
	return [ $table, $partition, $json->encode({ id => $id }), $json->encode({ before => undef, after => { id => $id, n => $n, name => 'SECRET' }, op => 'c', ts_ms => 2,
		source => { connector => 'postgresql', db => 'd', schema => 'app', table => $table, ts_ms => 1000, lsn => 1 } }) ];
}
sub one { return $node->safe_psql('postgres', $_[0]) }
sub letters { return one(q(SELECT count(*) FROM kafka_cdc_sink.dead_letters)) }
sub reread { wait_sql($node, "SHOW kafka_cdc_sink.$_[0]", $_[1], "$_[0] = $_[1]"); return }

# ---- on_error = pause
$kafka->produce_all((map { event('rows', 0, $_, 1) } 1 .. 50), event('rows', 0, 51, 200), (map { event('rows', 0, $_, 1) } 52 .. 100));
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'paused', 'a bad record pauses');
my $reason = one('SELECT reason FROM kafka_cdc_sink.status');
like($reason, qr/on_error is pause.*23514.*app[.]rows.*small.*srv[.]app[.]rows, partition 0, offset 50/, 'which record it is and why');
like(one('SELECT hint FROM kafka_cdc_sink.status'), qr/resume\(\)/, 'and what to do');
wait_sql($node, 'SELECT count(*), max(id) FROM app.rows', '50|50', 'all before it is applied');
# How far other partitions come before the sink stops again is a race.
my $met = one('SELECT sum(errors) FROM kafka_cdc_sink.workers');
$kafka->produce_all(event('other', 0, 1, 1));
one('SELECT kafka_cdc_sink.resume()');
wait_sql($node, "SELECT sum(errors) > $met FROM kafka_cdc_sink.workers", 't', 'resume() goes on');
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'paused', 'and stops at the same place');
$node->restart;
wait_sql($node, 'SELECT state, reason LIKE \'%offset 50\' FROM kafka_cdc_sink.status', 'paused|t', 'also after a restart');
is(one('SELECT count(*) FROM app.rows'), 50, 'nothing more is applied');
is(letters(), 0, 'no dead letter');
one('ALTER TABLE app.rows DROP CONSTRAINT small; SELECT kafka_cdc_sink.resume()');
wait_applied($node, $kafka, ['rows'], 'put right, it goes on');
is(one('SELECT count(*) FROM app.rows'), 100, 'with that record');
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'running', 'the sink runs');
one('ALTER TABLE app.rows ADD CONSTRAINT small CHECK (n < 100) NOT VALID');
$kafka->produce_all(event('rows', 0, 101, 300), event('rows', 0, 102, 1));
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'paused', 'another one');
one(q(SELECT kafka_cdc_sink.seek('srv.app.rows', 0, 101, true); SELECT kafka_cdc_sink.resume()));
wait_applied($node, $kafka, ['rows'], 'passed with seek()');
is(one('SELECT count(*) FILTER (WHERE id = 102), count(*) FILTER (WHERE id = 101) FROM app.rows'), '1|0', 'it alone');

# ---- a storm: workers together write no more than they may
configure($node, on_error => 'dead_letter', max_dead_letters => 100, enabled => 'off');
reread(max_dead_letters => 100);
wait_sql($node, 'SELECT count(*) FROM kafka_cdc_sink.workers WHERE pid > 0', 0, 'no workers');
my $id = 0;
$kafka->produce_all(map { event('storm', $_ % 4, ++$id, $_ < 40 ? 1 : 200) } 1 .. 4000);
$kafka->produce_all(map { event('rows', 0, 200 + $_, 1) } 1 .. 20);
configure($node, enabled => 'on');
wait_sql($node, q(SELECT state, reason LIKE '%max_dead_letters (100) is reached%' FROM kafka_cdc_sink.status), 'paused|t', 'a storm pauses');
is(letters(), 100, 'at the allowance');
is(one('SELECT sum(next_offset) - (SELECT count(*) FROM app.storm) FROM kafka_cdc_sink.offsets WHERE topic ~ \'storm\''), 100, 'nothing is passed that is no row or letter');
$node->restart;
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'paused', 'also after a restart');
is(letters(), 100, 'which gives no new allowance');
one('SELECT kafka_cdc_sink.resume()');
wait_sql($node, q(SELECT count(*) FROM kafka_cdc_sink.dead_letters), 200, 'resume() gives a fresh one');
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'paused', 'until it is used up');
is(letters(), 200, 'exactly');
is(one('SELECT count(DISTINCT (topic, "partition", "offset")), count(*) FILTER (WHERE status <> \'pending\') FROM kafka_cdc_sink.dead_letters'), '200|0', 'each record once');
# An hour later.
one(q(UPDATE kafka_cdc_sink.dead_letters SET at = at - interval '2 hours'; UPDATE kafka_cdc_sink.control SET resumed_at = resumed_at - interval '2 hours'));
$node->restart;
wait_sql($node, q(SELECT count(*) FROM kafka_cdc_sink.dead_letters), 300, 'an hour has its own');
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'paused', 'which ends, too');
configure($node, max_dead_letters => -1);
reread(max_dead_letters => -1);
one('SELECT kafka_cdc_sink.resume()');
wait_applied($node, $kafka, [qw(rows storm other)], 'without a limit all are read');
is(letters(), 3961, 'a letter each');
is(one('SELECT count(*) FROM app.storm'), 39, 'no row');
is(one('SELECT count(*) FROM app.rows WHERE id > 200'), 20, 'the rows of others');
unlike(slurp_file($node->logfile), qr/SECRET|violates/, 'no value in the log');
$node->stop;
done_testing();
