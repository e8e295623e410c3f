# The views metrics and recent_errors, and how far a catch-up is.
use strict;
use warnings;
use KafkaCdcSink;
use Test::More;

my $port = PostgreSQL::Test::Cluster::get_free_port();
my $kafka = KafkaCdcSink::Broker->new(items => 1, orders => 1, log => 1);
my $node = sink_node('metrics', $kafka, topics => '^srv[.]', enabled => 'off', max_workers => 1, batch_size => 100,
	metrics_enabled => 'on', metrics_port => $port);

sub metric
{
	my ($name, %label) = @_;
	my $labels = join ', ', map { qq("$_": "$label{$_}") } sort keys %label;
	return $node->safe_psql('postgres', qq(SELECT value FROM kafka_cdc_sink.metrics WHERE name = 'kafka_cdc_sink_$name' AND labels @> '{$labels}'));
}
sub errors_like
{
	my $pattern = shift;
	return qq(SELECT class, sqlstate, source, count, topic, "partition", "offset", first_at <= last_at FROM kafka_cdc_sink.recent_errors WHERE message ~ '$pattern');
}

is(metric('state', state => 'idle'), 1, 'idle');
is(metric('state', state => 'running'), 0, 'not running');
is(metric('consumer_messages_received_total'), '', 'no worker yet: no samples of workers');
is($node->safe_psql('postgres', 'SELECT count(*) FROM kafka_cdc_sink.recent_errors'), 0, 'no errors yet');

# ---- events, folding, DDL, batches
my @items = map { [ 'items', 0, change('items', 'c', { id => $_, name => 'x', n => $_ }) ] } 1 .. 50;
push @items, map { [ 'items', 0, change('items', 'u', { id => 1, name => "x$_", n => $_ }) ] } 1 .. 30;
push @items, [ 'items', 0, change('items', 'd', { id => 2 }) ];
$kafka->produce_all(@items);
$kafka->produce_all(map { [ 'orders', 0, change('orders', 'r', { id => $_, name => 'x', n => $_ }) ] } 1 .. 3);
configure($node, enabled => 'on');
wait_applied($node, $kafka, [ 'items', 'orders' ], 'all is applied');
my %table = (schema => 'app', table => 'items');
is(metric('writer_inserts_total', %table), 50, 'inserts');
is(metric('writer_updates_total', %table), 30, 'updates');
is(metric('writer_deletes_total', %table), 1, 'deletes');
is($node->safe_psql('postgres', 'SELECT sum(value) FROM kafka_cdc_sink.metrics WHERE name = $$kafka_cdc_sink_writer_ddl_total$$'),
	$node->safe_psql('postgres', 'SELECT count(*) FROM kafka_cdc_sink.ddl_log'), 'each DDL statement is counted');
is(metric('writer_ddl_total', kind => 'create_table'), 2, 'two tables were made');
is(metric('consumer_messages_received_total', worker => 0), 84, 'messages');
is(metric('partition_messages_total', topic => 'srv.app.items'), 81, 'messages of a partition');
is(metric('consumer_partition_moves_total', topic => 'srv.app.items'), 1, 'the partition was taken once');
is(metric('partition_lag_records', topic => 'srv.app.items', partition => 0), 0, 'no lag');
is(metric('partition_next_offset', topic => 'srv.app.items'), 81, 'the stored offset');
is(metric('worker_starts_total', worker => 0), 1, 'one process');
is(metric('consumer_commits_total'), metric('processor_batch_records_count'), 'each transaction is a batch');
is(metric('processor_batch_records_sum'), 84, 'of all records');
is(metric('processor_source_delay_seconds_count'), 84, 'the delay of each event is observed');
cmp_ok(metric('processor_kafka_delay_seconds_sum'), '<', 84 * 300, 'Kafka received them some seconds ago');
cmp_ok(metric('delay_seconds'), '>', 86400 * 365, 'the source made them in 2023');
is($node->safe_psql('postgres', q(SELECT count(DISTINCT labels->>'phase') FROM kafka_cdc_sink.metrics WHERE name ~ 'processor_time')), 6, 'the time is split');
cmp_ok(metric('processor_time_seconds_total', phase => 'apply'), '>', 0, 'some of it was applying');
cmp_ok($node->safe_psql('postgres', q(SELECT folded FROM kafka_cdc_sink.tables WHERE "table" = 'items')), '>=', 29, 'repeated updates were folded away');
wait_sql($node, q(SELECT value FROM kafka_cdc_sink.metrics WHERE name ~ 'client_brokers' AND labels->>'state' = 'up'), 1, 'librdkafka tells of its broker');
cmp_ok(metric('client_received_bytes_total'), '>', 10000, 'and of what it received');
cmp_ok(metric('client_connects_total'), '>=', 1, 'and of its connections');

# ---- dead letters
$kafka->produce('items', 0, (change('items', 'c', { id => $_, name => 'x', n => 1 }))[0], '{"op":"c"') foreach 60 .. 62;
wait_applied($node, $kafka, ['items'], 'bad records');
wait_sql($node, q(SELECT value FROM kafka_cdc_sink.metrics WHERE name = 'kafka_cdc_sink_dead_letters' AND labels->>'status' = 'pending'), 3, 'open letters are counted');
is(metric('error_handler_dead_letters_total', class => 'data'), 3, 'by class');
like($node->safe_psql('postgres', errors_like('dead letter')), qr/^data\|\w{5}\|worker 0\|3\|srv.app.items\|0\|83\|t$/, 'equal errors are one, with the place of the last');
like($node->safe_psql('postgres', 'SELECT last_error FROM kafka_cdc_sink.status'), qr/dead letter/, 'the last error is one of them');

# ---- a parked table
$node->safe_psql('postgres', 'CREATE VIEW app.log AS SELECT 1 AS n');
$kafka->produce('log', 0, change('log', 'c', { n => 1, said => 'x' }));
wait_sql($node, q(SELECT value FROM kafka_cdc_sink.metrics WHERE name ~ 'table_parked' AND labels->>'table' = 'log'), 1, 'parked');
is(metric('error_handler_pauses_total', reason => 'table'), 1, 'one pause of a table');
is(metric('partition_state', topic => 'srv.app.log', state => 'parked'), 1, 'its partition stands');
like($node->safe_psql('postgres', errors_like('view')), qr/^target\|/, 'the error is kept');
$node->safe_psql('postgres', q(SELECT kafka_cdc_sink.pause('by hand')));
is(metric('paused'), 1, 'paused');
is(metric('error_handler_pauses_total', reason => 'pause()'), 1, 'by a person');
$node->safe_psql('postgres', 'DROP VIEW app.log; SELECT kafka_cdc_sink.resume()');
wait_applied($node, $kafka, ['log'], 'it flows again');
is(metric('paused'), 0, 'not paused');

# ---- the view is what /metrics prints
wait_sql($node, 'SELECT exporter IS NOT NULL FROM kafka_cdc_sink.status', 't', 'the exporter listens');
my $page = `curl -s --max-time 10 http://localhost:$port/metrics`;
my %printed = map { /^(\w+)(?:\{(.*)\})? (\S+)$/ ? ("$1 " . ($2 // '') => $3) : () } grep { !/^#/ } split /\n/, $page;
my %shown = map { split /=>/ } split /\n/, $node->safe_psql('postgres', q(SELECT name || ' ' || coalesce((SELECT string_agg(key || '="' || value || '"', ',' ORDER BY n)
	FROM jsonb_each_text(labels) WITH ORDINALITY AS l (key, value, n)), '') || '=>' || value FROM kafka_cdc_sink.metrics));
sub in_order { return sort map { my ($name, $labels) = split / /, $_, 2; "$name " . join ',', sort split /,(?=\w+=")/, $labels } @_ }
is_deeply([ in_order(keys %shown) ], [ in_order(keys %printed) ], 'the same names and labels');
my $received = 'kafka_cdc_sink_consumer_messages_received_total worker="0"';
cmp_ok($shown{$received}, '==', $printed{$received}, 'and values');
cmp_ok(scalar keys %shown, '>', 200, 'many of them');

# ---- who may look, and while all is locked
my $session = session($node);
$session->sql('BEGIN; LOCK TABLE kafka_cdc_sink.offsets, kafka_cdc_sink.dead_letters, kafka_cdc_sink.control, app.items');
is($node->safe_psql('postgres', q(CREATE ROLE looker; GRANT pg_monitor TO looker; SET ROLE looker;
	SELECT count(*) > 100 FROM kafka_cdc_sink.metrics; SELECT count(*) > 0 FROM kafka_cdc_sink.recent_errors)), "t\nt", 'pg_monitor looks, whatever is locked');
$session->sql('ROLLBACK');
$session->end;

# ---- a catch-up
configure($node, batch_size => 10);
$node->safe_psql('postgres', q(SELECT kafka_cdc_sink.pause()));
$kafka->produce_all(map { [ 'orders', 0, change('orders', 'r', { id => $_, name => 'x', n => $_ }) ] } 1 .. 1000);
$node->safe_psql('postgres', q(CREATE FUNCTION app.slow() RETURNS trigger LANGUAGE plpgsql AS
	$$ BEGIN PERFORM pg_sleep(0.01); RETURN NEW; END $$;
	CREATE TRIGGER slow BEFORE INSERT OR UPDATE ON app.orders FOR EACH ROW EXECUTE FUNCTION app.slow();
	ALTER TABLE app.orders ENABLE ALWAYS TRIGGER slow; SELECT kafka_cdc_sink.resume()));
wait_sql($node, q(SELECT phase, done > 0, lag > 0, rate > 0, time_left > '0' FROM kafka_cdc_sink.partitions WHERE topic = 'srv.app.orders'), 'snapshot|t|t|t|t', 'done, to do, rate and time left');
like($node->safe_psql('postgres', q(SELECT query FROM pg_stat_activity WHERE backend_type = 'kafka_cdc_sink worker')),
	qr/^applying \d+ changes; caught up \d+ of 1000 records at \d+ per second, about \d+ s left/, 'pg_stat_activity tells it');
cmp_ok(metric('partition_catchup_rate', topic => 'srv.app.orders'), '>', 0, 'and the metrics');
$node->safe_psql('postgres', 'DROP TRIGGER slow ON app.orders');
wait_applied($node, $kafka, ['orders'], 'it catches up');
is($node->safe_psql('postgres', q(SELECT phase, done, rate, time_left FROM kafka_cdc_sink.partitions WHERE topic = 'srv.app.orders')), 'following|||', 'then it follows');

# ---- reset_stats()
$node->safe_psql('postgres', 'SELECT kafka_cdc_sink.reset_stats()');
is(metric('writer_inserts_total', %table), 0, 'counters are zero');
is(metric('processor_batch_processing_seconds_count'), 0, 'histograms, too');
is($node->safe_psql('postgres', 'SELECT count(*) FROM kafka_cdc_sink.recent_errors'), 0, 'errors are forgotten');
is(metric('partition_next_offset', topic => 'srv.app.items'), 84, 'what is no statistic stays');

# ---- more errors than there is room for: the latest stay
$node->safe_psql('postgres', join ';', map { "ALTER TABLE app.items ADD CONSTRAINT c$_ CHECK (n <> $_ + 10000)" } 1 .. 130);
$kafka->produce_all(map { [ 'items', 0, change('items', 'c', { id => 1000 + $_, name => 'x', n => 10000 + $_ }) ] } 1 .. 130);
wait_applied($node, $kafka, ['items'], 'a hundred and thirty kinds of errors');
is($node->safe_psql('postgres', 'SELECT count(*) FROM kafka_cdc_sink.recent_errors'), 100, 'the last hundred are kept');
like($node->safe_psql('postgres', 'SELECT message FROM kafka_cdc_sink.recent_errors LIMIT 1'), qr/constraint c130$/, 'the latest first');
is($node->safe_psql('postgres', q(SELECT count(*) FROM kafka_cdc_sink.recent_errors WHERE message ~ 'constraint c[12]?[0-9]$|c30$')), 0, 'the oldest made room');
$node->stop;
done_testing();
