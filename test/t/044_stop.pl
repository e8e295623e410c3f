# Whatever the sink is doing, stop -m fast takes less than a second, and what it had begun is done once
# after the next start.
use strict;
use warnings;
use KafkaCdcSink;
use PostgreSQL::Test::Cluster;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new(items => 1, orders => 2, log => 2, bare => 1);
my $node = sink_node('stop', $kafka, topics => '^srv[.]app[.]', max_dead_letters => -1, constraint_retry => '5min', retry_backoff => '10s', retry_backoff_max => '10s');
$kafka->produce('items', 0, change('items', 'c', { id => 0, name => 'first', n => 0 }));
$kafka->produce('orders', 0, change('orders', 'c', { id => 0, name => 'first', n => 0 }));
wait_applied($node, $kafka, [ 'items', 'orders' ], 'it runs');
my ($items, $n) = (1, 0);

sub sql { return $node->safe_psql('postgres', $_[0]) }

# Stops in the middle, starts again, ends what holds it up, and looks at the table. Triggers that hold it up
# may be there again before they can be dropped: these end by a setting.
sub stop_now
{
	my ($what, $cure, $setting) = @_;
	cmp_ok(stop_time($node, 'fast'), '<', 1, "$what: stop -m fast takes less than a second");
	$node->append_conf('postgresql.conf', "$setting = 'on'") if $setting;
	$node->start;
	sql($cure) if $cure;
	wait_applied($node, $kafka, [ 'items', 'orders' ], "$what: goes on");
	is(sql('SELECT count(*) FROM app.items'), $items, "$what: each row once");
	return;
}

sub items
{
	my ($count, %with) = @_;
	$kafka->produce_all(map { [ 'items', 0, change('items', 'c', { id => $items + $_, name => 'x' x ($with{size} // 10), n => $with{n} // $n }) ] } 0 .. $count - 1);
	$items += $count unless $with{bad};
	return;
}

sub activity { wait_sql($node, "SELECT count(*) > 0 FROM pg_stat_activity WHERE backend_type = 'kafka_cdc_sink worker' AND $_[0]", 't', $_[1]) }

# ---- in a statement, in a trigger, behind locks ----------------------------------------------------
sql(q(CREATE FUNCTION app.slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF current_setting('test.awake', true) IS NULL THEN PERFORM pg_sleep(60); END IF; RETURN new; END $$;
	CREATE TRIGGER slow BEFORE INSERT ON app.items FOR EACH ROW WHEN (new.n = -1) EXECUTE FUNCTION app.slow(); ALTER TABLE app.items ENABLE ALWAYS TRIGGER slow;
	CREATE FUNCTION app.busy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN WHILE current_setting('test.calm', true) IS NULL LOOP END LOOP; RETURN new; END $$;
	CREATE TRIGGER busy BEFORE INSERT ON app.items FOR EACH ROW WHEN (new.n = -2) EXECUTE FUNCTION app.busy(); ALTER TABLE app.items ENABLE ALWAYS TRIGGER busy));
items(1, n => -1);
activity("wait_event = 'PgSleep'", 'a trigger sleeps');
stop_now('in a trigger that sleeps', 'DROP TRIGGER slow ON app.items', 'test.awake');
items(1, n => -2);
wait_sql($node, q(SELECT count(*) FROM pg_locks l WHERE relation = 'app.items'::regclass AND mode = 'RowExclusiveLock' AND granted), 1, 'a trigger loops');
stop_now('in a trigger that loops', 'DROP TRIGGER busy ON app.items', 'test.calm');

foreach (
	[ 'the table is locked', 'LOCK TABLE app.items', "wait_event_type = 'Lock'", sub { items(3) } ],
	[ 'a row is locked', 'SELECT 1 FROM app.items WHERE id = 0 FOR UPDATE', "wait_event_type = 'Lock'",
		sub { $kafka->produce('items', 0, change('items', 'u', { id => 0, name => 'again', n => 0 }, { id => 0, name => 'first', n => 0 })) } ],
	[ 'DDL is held up', 'SELECT 1 FROM app.orders', "wait_event_type = 'Lock'",
		sub { my ($key, $value) = change('orders', 'c', { id => 1, name => 'more', n => 1 });
			$value =~ s/("field":"name")/"field":"name"},{"type":"string","optional":true,"field":"more"/g; $kafka->produce('orders', 0, $key, $value) } ],
	[ 'offsets are locked', 'LOCK TABLE kafka_cdc_sink.offsets', "wait_event_type = 'Lock'", sub { items(3) } ])
{
	my ($what, $lock, $seen, $produce) = @$_;
	my $user = $node->background_psql('postgres');
	$user->query_safe("BEGIN; $lock");
	$produce->();
	activity($seen, $what);
	# (The user's session goes with the server.)
	stop_now($what);
	eval { $user->quit };
}

# ---- under load ------------------------------------------------------------------------------------
items(40000, size => 200);
wait_sql($node, "SELECT count(*) > 0 FROM app.items WHERE id > $items - 40000", 't', 'it flows');
stop_now('under load');

# A storm of records that are refused.
sql('ALTER TABLE app.items ADD CONSTRAINT few CHECK (n < 1000)');
items(20000, n => 5000, bad => 1);
wait_sql($node, 'SELECT count(*) > 0 FROM kafka_cdc_sink.dead_letters', 't', 'dead letters come');
stop_now('in a storm of dead letters');
is(sql('SELECT count(*), count(DISTINCT "offset") FROM kafka_cdc_sink.dead_letters'), '20000|20000', 'each refused record is one dead letter');

# ---- waiting ---------------------------------------------------------------------------------------
sql("SELECT kafka_cdc_sink.pause('for a test')");
wait_sql($node, 'SELECT state FROM kafka_cdc_sink.status', 'paused', 'paused');
items(5);
stop_now('paused', 'SELECT kafka_cdc_sink.resume()');

sql('ALTER TABLE app.items RENAME TO away; CREATE VIEW app.items AS SELECT 1 AS id');
items(5);
wait_sql($node, q(SELECT count(*) FROM kafka_cdc_sink.tables WHERE state = 'parked'), 1, 'parked');
stop_now('parked', 'DROP VIEW app.items; ALTER TABLE app.away RENAME TO items; SELECT kafka_cdc_sink.resume()');

sql('ALTER TABLE kafka_cdc_sink.offsets RENAME TO gone');
items(5);
wait_sql($node, q(SELECT count(*) > 0 FROM kafka_cdc_sink.workers WHERE reason <> ''), 't', 'its own table is missing');
stop_now('backing off', 'ALTER TABLE kafka_cdc_sink.gone RENAME TO offsets; SELECT kafka_cdc_sink.resume()');

# ---- long values -----------------------------------------------------------------------------------
# Numbers of 130,000 digits are converted in quadratic time.
{
	my $decimal = '{"type":"bytes","optional":true,"name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"0"},"field":"d%d"}';
	my $number = '"f' . ('w' x 71_999) . '"';
	my $count = 100;
	my $fields = join ',', map { sprintf $decimal, $_ } 1 .. $count;
	my $row = join ',', map { "\"d$_\":$number" } 1 .. $count;
	my $id = '{"type":"int32","optional":false,"field":"id"}';
	wait_sql($node, 'SELECT count(*) FROM kafka_cdc_sink.workers WHERE pid > 0', 2, 'the workers are there');
	my %before = map { $_ => cpu_ticks($_) } workers($node);
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
	$kafka->produce('bare', 0, '{"schema":{"type":"struct","fields":[' . $id . ']},"payload":{"id":1}}',
		'{"schema":{"type":"struct","fields":[{"type":"struct","optional":true,"fields":[' . $id . ',' . $fields . '],"field":"after"},{"type":"string","optional":false,"field":"op"},' .
		'{"type":"struct","optional":false,"field":"source","fields":[{"type":"string","optional":false,"field":"connector"},{"type":"string","optional":false,"field":"schema"},{"type":"string","optional":false,"field":"table"}]}],' .
		'"name":"srv.app.bare.Envelope"},"payload":{"after":{"id":1,' . $row . '},"op":"c","source":{"connector":"postgresql","schema":"app","table":"bare"}}}') foreach 1 .. 3;
	until (grep { cpu_ticks($_) > $before{$_} + 20 } keys %before) { die 'no worker begins with them' if time > $deadline; select undef, undef, undef, 0.05 }
	stop_now('in long numbers');
	wait_applied($node, $kafka, ['bare'], 'long numbers are applied');
	is(sql('SELECT count(*), sum(length(d1::text)) > 100000 FROM app.bare'), '1|t', 'and are there');
}
$node->stop;
done_testing();
