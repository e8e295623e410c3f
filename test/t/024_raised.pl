# What a trigger raises with the SQLSTATE of a broken environment is what it says for a while; then a
# record that others pass by is at fault, and where none passes the table stands. Others flow.
use strict;
use warnings;
use KafkaCdcSink;
use PostgreSQL::Test::Utils;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new(items => 1, orders => 1);
my $node = sink_node('raised', $kafka, topics => '^srv[.]app[.]', fire_triggers => 'on', constraint_retry => '2s');
$node->safe_psql('postgres', q(
	CREATE SCHEMA app;
	CREATE TABLE app.items (id int PRIMARY KEY, name text, n bigint);
	CREATE FUNCTION app.raise() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		IF NEW.name LIKE 'raise %' THEN RAISE EXCEPTION 'SECRET' USING ERRCODE = split_part(NEW.name, ' ', 2), HINT = 'SECRET'; END IF;
		RETURN NEW;
	END $$;
	CREATE TRIGGER raise BEFORE INSERT OR UPDATE ON app.items FOR EACH ROW EXECUTE FUNCTION app.raise()));
my $id = 0;
sub item { return [ 'items', 0, change('items', 'c', { id => ++$id, name => $_[0], n => 1 }) ] }

foreach my $sqlstate (qw(53100 40001 57014 55P03 42501 25006 08006 40P01))
{
	$node->safe_psql('postgres', 'TRUNCATE kafka_cdc_sink.dead_letters');
	my $at = $kafka->end('items', 0) + 1;
	$kafka->produce_all(item('good'), item("raise $sqlstate"), item('good'));
	if ($sqlstate eq '53100')
	{
		wait_sql($node, q(SELECT state, reason LIKE 'SQLSTATE 53100%' FROM kafka_cdc_sink.partitions WHERE topic = 'srv.app.items'), 'retrying|t', 'its partition waits');
		$kafka->produce('orders', 0, change('orders', 'c', { id => 1, name => 'one', n => 1 }));
		wait_applied($node, $kafka, ['orders'], 'others do not');
	}
	wait_applied($node, $kafka, ['items'], "$sqlstate: the sink goes on");
	is($node->safe_psql('postgres', 'SELECT "offset", sqlstate FROM kafka_cdc_sink.dead_letters'), "$at|$sqlstate", "$sqlstate: that record is a dead letter");
}
is($node->safe_psql('postgres', "SELECT count(*) FROM app.items WHERE name = 'good'"), 16, 'the others are there');

# ---- one that takes it back in time
$node->safe_psql('postgres', q(
	CREATE TABLE app.full (full_up bool); INSERT INTO app.full VALUES (true);
	CREATE FUNCTION app.quota() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		IF (SELECT full_up FROM app.full) THEN RAISE EXCEPTION 'SECRET' USING ERRCODE = 'disk_full'; END IF;
		RETURN NEW;
	END $$;
	CREATE TRIGGER quota BEFORE INSERT ON app.items FOR EACH ROW EXECUTE FUNCTION app.quota()));
$node->safe_psql('postgres', 'TRUNCATE kafka_cdc_sink.dead_letters');
configure($node, constraint_retry => '60s');
wait_sql($node, 'SHOW kafka_cdc_sink.constraint_retry', '1min', 'constraint_retry = 1min');
my $count = 16;
$kafka->produce_all(map { item('good') } 1 .. 100);
wait_sql($node, q(SELECT state FROM kafka_cdc_sink.partitions WHERE topic = 'srv.app.items'), 'retrying', 'it waits');
$node->safe_psql('postgres', 'UPDATE app.full SET full_up = false');
wait_applied($node, $kafka, ['items'], 'and goes on');
is($node->safe_psql('postgres', "SELECT count(*) FROM app.items WHERE name = 'good'"), 116, 'with all rows');

# ---- one that raises for each record
configure($node, constraint_retry => '1s');
wait_sql($node, 'SHOW kafka_cdc_sink.constraint_retry', '1s', 'constraint_retry = 1s');
$node->safe_psql('postgres', 'UPDATE app.full SET full_up = true');
$kafka->produce_all(map { item('good') } 1 .. 100);
wait_sql($node, q(SELECT state, reason LIKE '%53100%' AND reason LIKE '%app.items%' FROM kafka_cdc_sink.tables WHERE "table" = 'items'), 'parked|t', 'no record passes: the table is parked');
$kafka->produce('orders', 0, change('orders', 'c', { id => 2, name => 'two', n => 2 }));
wait_applied($node, $kafka, ['orders'], 'others flow');
is($node->safe_psql('postgres', 'SELECT count(*) FROM kafka_cdc_sink.dead_letters'), 0, 'no dead letters');
$node->safe_psql('postgres', 'UPDATE app.full SET full_up = false');
wait_applied($node, $kafka, ['items'], 'and it flows by itself');
is($node->safe_psql('postgres', "SELECT count(*) FROM app.items WHERE name = 'good'"), 216, 'with all rows');
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'running', 'the sink runs');

unlike(slurp_file($node->logfile), qr/SECRET/, 'no text of theirs in the log');

# ---- apply_event says it of the table, too
$node->safe_psql('postgres', 'UPDATE app.full SET full_up = true');
my ($key, $value) = change('items', 'c', { id => 1000, name => 'good', n => 1 });
my ($status, $out, $error) = $node->psql('postgres', "SELECT kafka_cdc_sink.apply_event('srv.app.items', '$key', '$value')");
like("$out$error", qr/SECRET/, 'apply_event tells its caller');
is($node->safe_psql('postgres', 'SELECT count(*) FROM kafka_cdc_sink.dead_letters'), 0, 'no dead letter');
$node->stop;
done_testing();
