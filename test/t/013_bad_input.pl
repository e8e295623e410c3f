# Odd records: huge, deep, badly named, badly encoded. Each is applied or a clear dead letter.
use strict;
use warnings;
use KafkaCdcSink;
use PostgreSQL::Test::Utils;
use Test::More;

my $long = 'n' x 63;
my $kafka = KafkaCdcSink::Broker->new(items => 1, huge => 1, orders => 1, log => 1, "srv.app.$long" => 1, "srv.app.${long}n" => 1);
my $node = sink_node('odd', $kafka, topics => '^srv[.]app[.]', role => '');

# ---- 50 MB
my $text = 'x' x 50_000_000;
$kafka->command('compression none');
$KafkaCdcSink::shape{huge} = $KafkaCdcSink::shape{items};
$kafka->produce_all([ 'huge', 0, change('huge', 'c', { id => 1, name => $text, n => 1 }) ]); # alone: the mock keeps nothing after it
$kafka->produce('items', 0, change('items', 'c', { id => 2, name => 'beside', n => 2 }));
wait_applied($node, $kafka, [ 'huge', 'items' ], 'a record of 50 MB is applied');
is($node->safe_psql('postgres', 'SELECT length(name), n FROM app.huge WHERE id = 1'), '50000000|1', 'whole');

# ---- names
$KafkaCdcSink::shape{$long} = $KafkaCdcSink::shape{"${long}n"} = $KafkaCdcSink::shape{items};
$kafka->produce("srv.app.$long", 0, change($long, 'c', { id => 1, name => 'fits', n => 1 }));
wait_applied($node, $kafka, ["srv.app.$long"], 'a name of 63 bytes');
is($node->safe_psql('postgres', "SELECT name FROM app.$long"), 'fits', 'has its table');
$kafka->produce("srv.app.${long}n", 0, change("${long}n", 'c', { id => 1, name => 'cut?', n => 1 }));
wait_sql($node, "SELECT coalesce((SELECT state IN ('parked', 'paused') FROM kafka_cdc_sink.partitions WHERE topic = 'srv.app.${long}n'), false)
	OR (SELECT count(*) > 0 FROM kafka_cdc_sink.dead_letters WHERE topic = 'srv.app.${long}n')", 't', 'a name of 64 bytes is refused');
is($node->safe_psql('postgres', "SELECT count(*) FROM app.$long"), 1, 'not cut to another table');

# ---- text
my @bad = map { (change('orders', 'c', { id => 1, name => 'MARK', n => 1 }))[1] } 1 .. 3;
$bad[0] =~ s/MARK/\\u0000/;
$bad[1] =~ s/MARK/\xff\xfe/;
$bad[2] =~ s/MARK/\\ud800/;
my ($key) = change('orders', 'c', { id => 1 });
$kafka->produce('orders', 0, $key, $_) foreach @bad;
$kafka->produce('orders', 0, change('orders', 'c', { id => 2, name => "\xc3\xbc", n => 2 }));
wait_applied($node, $kafka, ['orders'], 'bad text stops nothing');
is($node->safe_psql('postgres', 'SELECT id, name FROM app.orders'), "2|\xc3\xbc", 'and is not stored');
is($node->safe_psql('postgres', q(SELECT count(*) FROM kafka_cdc_sink.dead_letters WHERE topic = 'srv.app.orders')), 3, 'dead letters');

# ---- a key column that the record does not have
my ($lost) = change('items', 'c', { id => 1 });
$lost =~ s/"payload":\{"id":1\}/"payload":{}/;
$kafka->produce('orders', 0, $lost, (change('orders', 'c', { id => 5, name => 'no key', n => 1 }))[1]);
$kafka->produce('orders', 0, change('orders', 'c', { id => 6, name => 'six', n => 6 }));
wait_sql($node, q(SELECT count(*) FROM app.orders WHERE id = 6), 1, 'a key without its column stops nothing');

# ---- nesting
$kafka->produce('orders', 0, '{"id":9}', '{"op":"c","source":{"connector":"x"},"after":' . ('[' x 100_000) . (']' x 100_000) . '}');
$kafka->produce('orders', 0, '[' x 100_000, '{}');
$kafka->produce('orders', 0, change('orders', 'c', { id => 7, name => 'seven', n => 7 }));
wait_sql($node, q(SELECT count(*) FROM app.orders WHERE id = 7), 1, '100,000 levels stop nothing');
unlike(slurp_file($node->logfile), qr/terminated by signal|PANIC/, 'no crash');

# ---- a time that PostgreSQL does not have
my ($at_key, $at_value) = change('orders', 'c', { id => 10, name => 'ten', n => 10 });
$at_value =~ s/"ts_ms":1700000000000/"ts_ms":-210866803200001/;
$kafka->produce('orders', 0, $at_key, $at_value);
wait_sql($node, q(SELECT count(*) FROM app.orders WHERE id = 10), 1, 'a record from before time is applied');
is($node->safe_psql('postgres', q(SELECT last_event_at IS NULL FROM kafka_cdc_sink.partitions WHERE topic = 'srv.app.orders')), 't', 'and the view is read');

# ---- a role that does not exist
configure($node, role => 'nobody_here');
$kafka->produce('orders', 0, change('orders', 'c', { id => 8, name => 'eight', n => 8 }));
wait_sql($node, q(SELECT reason LIKE '%nobody_here%' FROM kafka_cdc_sink.status), 't', 'a missing role is said');
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.orders WHERE id = 8'), 0, 'nothing is written as somebody else');
$node->safe_psql('postgres', 'CREATE ROLE nobody_here; GRANT USAGE ON SCHEMA app TO nobody_here; GRANT ALL ON app.orders TO nobody_here');
wait_applied($node, $kafka, ['orders'], 'once it is there, it goes on');
$node->stop;
done_testing();
