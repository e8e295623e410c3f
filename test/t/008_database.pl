# A database or an extension that is missing, comes, goes and comes again.
use strict;
use warnings;
use KafkaCdcSink;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new(items => 1);
my $node = sink_node('database', $kafka, topics => 'srv.app.items', database => 'mirror', extension => 0,
	conf => 'max_prepared_transactions = 1');
$kafka->produce('items', 0, change('items', 'c', { id => 1, name => 'one', n => 1 }));
$node->safe_psql('postgres', 'CREATE EXTENSION kafka_cdc_sink');

wait_sql($node, q(SELECT reason LIKE '%mirror%' AND hint <> '' FROM kafka_cdc_sink.status), 't', 'a missing database is a status with reason and hint');
wait_log($node, qr/mirror/, 0, 'and a line in the log');
my $lines = () = do { local $/; open my $f, '<', $node->logfile; <$f> } =~ /database "mirror"/g;
cmp_ok($lines, '<', 5, 'not a line in a loop');

$node->safe_psql('postgres', 'CREATE DATABASE mirror');
wait_sql($node, q(SELECT reason LIKE '%extension%' AND hint LIKE '%CREATE EXTENSION%' FROM kafka_cdc_sink.status), 't', 'then the extension is missing');
$node->safe_psql('mirror', 'CREATE EXTENSION kafka_cdc_sink');
wait_sql($node, 'SELECT count(*) FROM app.items', 1, 'CREATE EXTENSION starts it', 'mirror');

# A rolled back CREATE or DROP changes nothing.
$node->safe_psql('mirror', 'BEGIN; DROP EXTENSION kafka_cdc_sink; ROLLBACK');
$kafka->produce('items', 0, change('items', 'c', { id => 2, name => 'two', n => 2 }));
wait_sql($node, 'SELECT count(*) FROM app.items', 2, 'a DROP that is rolled back stops nothing', 'mirror');

$node->safe_psql('mirror', 'DROP EXTENSION kafka_cdc_sink');
wait_sql($node, 'SELECT count(*) FROM kafka_cdc_sink.workers WHERE pid > 0', 0, 'DROP EXTENSION while it runs: the workers leave');
$kafka->produce('items', 0, change('items', 'c', { id => 3, name => 'three', n => 3 }));
wait_sql($node, q(SELECT hint LIKE '%CREATE EXTENSION%' FROM kafka_cdc_sink.status), 't', 'and the status says what is missing');
is($node->safe_psql('mirror', 'SELECT count(*) FROM app.items'), 2, 'nothing is applied');
$node->safe_psql('mirror', 'CREATE EXTENSION kafka_cdc_sink');
wait_sql($node, 'SELECT count(*) FROM app.items', 3, 'CREATE EXTENSION again: it starts from the beginning', 'mirror');

# What is called in a database that nothing runs in says so.
my ($code, $out, $err) = $node->psql('postgres', "SELECT kafka_cdc_sink.wait_for('srv.app.items', 0, 1)");
like($err, qr/run in database "mirror", not in this one/, 'wait_for() waits for nothing elsewhere');
for my $call (q(pause('x')), q(seek('srv.app.items', 0, 0)), 'resume()') {
	($code, $out, $err) = $node->psql('postgres', "SELECT kafka_cdc_sink.$call");
	like($err, qr/NOTICE: .*run in database "mirror"/, "$call says so");
}
like($node->safe_psql('postgres', 'SELECT state FROM kafka_cdc_sink.status'), qr{^(idle|running)$}, 'and the workers go on');

# Dropped with its schema, and with the database.
$node->safe_psql('mirror', 'DROP SCHEMA kafka_cdc_sink CASCADE');
wait_sql($node, 'SELECT count(*) FROM kafka_cdc_sink.workers WHERE pid > 0', 0, 'DROP SCHEMA CASCADE is noticed');
wait_sql($node, q(SELECT hint LIKE '%CREATE EXTENSION%' FROM kafka_cdc_sink.status), 't', 'and said');
$node->safe_psql('mirror', q(BEGIN; CREATE EXTENSION kafka_cdc_sink; PREPARE TRANSACTION 'extension'));
$node->safe_psql('mirror', q(COMMIT PREPARED 'extension'));
wait_sql($node, 'SELECT count(*) > 0 FROM kafka_cdc_sink.workers WHERE pid > 0', 't', 'so is a CREATE EXTENSION in two phases');
configure($node, enabled => 'off');
wait_sql($node, "SELECT count(*) FROM pg_stat_activity WHERE datname = 'mirror'", 0, 'enabled = off: nobody is connected');
$node->safe_psql('postgres', 'DROP DATABASE mirror');
pass('the database can be dropped');

# Another database by reload.
$node->safe_psql('postgres', 'CREATE DATABASE other');
$node->safe_psql('other', 'CREATE EXTENSION kafka_cdc_sink');
configure($node, enabled => 'on', database => 'other');
wait_sql($node, 'SELECT count(*) FROM app.items', 3, 'another database by reload', 'other');
$node->stop;
done_testing();
