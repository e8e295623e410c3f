# Every kind of row that a table refuses, anywhere in a batch: a dead letter, and its neighbours are
# applied. What PostgreSQL says of it, which may be the row's values, stands in dead_letters alone.
use strict;
use warnings;
use JSON::PP;
use KafkaCdcSink;
use PostgreSQL::Test::Utils;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new(rows => 1, parted => 1, child => 1, ruled => 1);
my $node = sink_node('bad_rows', $kafka, topics => '^srv[.]app[.]', enabled => 'off', batch_size => 3000, batch_bytes => '64MB', max_dead_letters => -1);
$node->safe_psql('postgres', q(
	CREATE EXTENSION btree_gist;
	CREATE SCHEMA app;
	CREATE TYPE app.mood AS ENUM ('good', 'bad');
	CREATE DOMAIN app.even AS int CHECK (value % 2 = 0);
	CREATE TABLE app.rows (id int PRIMARY KEY, name varchar(12), n smallint CONSTRAINT small CHECK (n < 1000), u int CONSTRAINT once UNIQUE, must text NOT NULL,
		d date, mood app.mood, even app.even, room int, during int4range, long text, x int, p text,
		CONSTRAINT free EXCLUDE USING gist (room WITH =, during WITH &&));
	CREATE INDEX by_long ON app.rows (long);
	CREATE UNIQUE INDEX by_expression ON app.rows (lower(p)) WHERE p LIKE 'p%';
	CREATE FUNCTION app.guard() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		IF NEW.x = 1 THEN RAISE EXCEPTION 'SECRET % is not to be', NEW.name USING HINT = 'SECRET hint', DETAIL = 'SECRET detail'; END IF;
		IF NEW.x = 2 THEN RAISE EXCEPTION 'SECRET' USING ERRCODE = 'internal_error'; END IF;
		IF NEW.x = 3 THEN NEW.n := NEW.n / 0; END IF;
		IF NEW.x = 4 THEN RAISE EXCEPTION 'SECRET' USING ERRCODE = 'KCS01'; END IF;
		IF NEW.x = 5 THEN RETURN NULL; END IF;
		RETURN NEW;
	END $$;
	CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON app.rows FOR EACH ROW EXECUTE FUNCTION app.guard();
	ALTER TABLE app.rows ENABLE ALWAYS TRIGGER guard;
	CREATE TABLE app.parted (part int, id int, name text, n int, PRIMARY KEY (part, id), UNIQUE (part, n)) PARTITION BY RANGE (part);
	CREATE TABLE app.low PARTITION OF app.parted FOR VALUES FROM (0) TO (10);
	CREATE TABLE app.mother (id int PRIMARY KEY, name text);
	CREATE TABLE app.child (more int) INHERITS (app.mother);
	ALTER TABLE app.child ADD PRIMARY KEY (id);
	INSERT INTO app.mother VALUES (1, 'mother');
	CREATE TABLE app.ruled (id int PRIMARY KEY, name text);
	CREATE RULE nothing AS ON UPDATE TO app.ruled DO INSTEAD NOTHING));

my $json = JSON::PP->new->canonical;
my @queue;
sub event
{
	my ($table, $op, $row) = @_;
	push @queue, [ $table, 0, $json->encode({ map { $_ => $row->{$_} } $table eq "parted" ? qw(part id) : "id" }),
		$json->encode({ before => undef, after => $op eq 'd' ? undef : $row, op => $op, ts_ms => 2,
			source => { connector => 'postgresql', db => 'd', schema => 'app', table => $table, ts_ms => 1000, lsn => 1 + @queue } }) ];
	return $#queue;
}
my $id = 0;
sub good { return event('rows', 'c', { id => ++$id, name => 'good', n => $id % 1000, u => $id, must => 'here', d => 19000, mood => 'good', even => 2, x => 0, @_ }) }
my $secret = 'SECRET';
my $long = $secret . join '', map { chr(33 + int rand 90) } 1 .. 20000;
$long =~ tr/"\\/xx/;
my @kinds = (
	[ '22001', name => "$secret is too long" ],
	[ '22003', n => 40000 ],
	[ '23514', n => 1001 ],
	[ '23505', u => 1 ],
	[ '23502', must => undef ],
	[ '22P02', mood => $secret ],
	[ '23514', even => 3 ],
	[ '23P01', room => 1, during => '[5,15)' ],
	[ '22000', during => '[9,3)' ],
	[ '54000', long => $long ],
	[ 'P0001', x => 1 ],
	[ 'XX000', x => 2 ],
	[ '22012', x => 3 ],
	[ 'KCS01', x => 4 ],
	[ '23505', p => 'p-ONCE', x => 0 ],
);
my %bad;
sub bad
{
	my ($kind) = @_;
	my ($sqlstate, @values) = @$kind;
	my $at = good(p => undef, @values);
	$bad{$at} = $sqlstate;
	return;
}

# ---- first, last, in between, side by side, of all kinds at once
bad($kinds[4]);
good(u => 1, room => 1, during => '[0,10)');
good(p => 'p-once');
foreach my $i (1 .. 9000)
{
	good();
	bad($kinds[ $i / 600 ]) if $i % 600 == 0 && $i / 600 < @kinds;
	if ($i == 5000) { bad($_) foreach @kinds }
}
bad($kinds[-1]);
my $skipped = good(x => 5); # as the trigger wants it: neither a row nor an error
bad($kinds[0]);
my $rows = @queue - keys(%bad) - 1;
my $end = @queue;
event('parted', 'c', { part => 1, id => $_, name => 'part', n => $_ }) foreach 1 .. 50;
event('parted', 'c', { part => 10, id => 1, name => "$secret of no partition", n => 1001 });
event('parted', 'c', { part => 1, id => 51, name => "$secret twice", n => 7 });
event('parted', 'c', { part => 1, id => 52, name => 'part', n => 52 });
event('child', 'c', { id => 1, name => 'child', more => 1 });
event('child', 'u', { id => 1, name => 'same child', more => 2 });
event('ruled', 'c', { id => 1, name => 'one' });
$kafka->produce_all(@queue);
configure($node, enabled => 'on');
wait_applied($node, $kafka, [ 'rows', 'parted', 'child' ], 'bad rows stop nothing');
is($node->safe_psql('postgres', q(SELECT "offset", sqlstate FROM kafka_cdc_sink.dead_letters WHERE topic = 'srv.app.rows' ORDER BY 1)),
	join("\n", map { "$_|$bad{$_}" } sort { $a <=> $b } keys %bad), 'each bad row is a dead letter with its error, and no other');
is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT id), min(name), max(name) FROM app.rows'), "$rows|$rows|good|good", 'all others are there');
is($node->safe_psql('postgres', q(SELECT count(*) FROM kafka_cdc_sink.dead_letters WHERE message = '' OR status <> 'pending' OR target <> 'app.' || split_part(topic, '.', 3))), 0, 'complete letters');
is($node->safe_psql('postgres', q(SELECT dead_letters FROM kafka_cdc_sink.tables WHERE schema = 'app' AND "table" = 'rows')), scalar keys %bad, 'they are counted');
like($node->safe_psql('postgres', q(SELECT detail FROM kafka_cdc_sink.dead_letters WHERE sqlstate = '23505' AND topic = 'srv.app.rows' ORDER BY id LIMIT 1)),
	qr/The row with the key \(id\)=\(2\) has it/, 'a unique value: whose it is');
is($node->safe_psql('postgres', q(SELECT "offset", sqlstate, detail LIKE '%The row with the key (part, id)=(1, 7) has it.%' FROM kafka_cdc_sink.dead_letters WHERE topic = 'srv.app.parted' ORDER BY 1)),
	"50|23514|f\n51|23505|t", 'rows without a partition, and those that one refuses');
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.parted'), 51, 'the others have theirs');
is($node->safe_psql('postgres', 'SELECT name FROM ONLY app.mother'), 'mother', 'the rows of a parent are others');
is($node->safe_psql('postgres', 'SELECT id, name, more FROM app.child'), '1|same child|2', 'than those of its child');
wait_sql($node, q(SELECT state, reason LIKE '%rule%' FROM kafka_cdc_sink.tables WHERE "table" = 'ruled'), 'parked|t', 'a table with rules is parked');
$node->safe_psql('postgres', 'DROP RULE nothing ON app.ruled');
wait_applied($node, $kafka, ['ruled'], 'until they are gone');

# ---- all of a batch
@queue = ();
%bad = ();
bad($kinds[$_ % 6]) foreach 1 .. 2500;
$kafka->produce_all(@queue);
wait_applied($node, $kafka, ['rows'], 'batches of nothing else');
is($node->safe_psql('postgres', qq(SELECT count(*), count(DISTINCT "offset") FROM kafka_cdc_sink.dead_letters WHERE topic = 'srv.app.rows' AND "offset" >= $end)), '2500|2500', 'each is a letter');
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.rows'), $rows, 'and no row');

# ---- once more: no letter twice, the newest error stays
my $letters = $node->safe_psql('postgres', q(SELECT count(*), min(id), max(id) FROM kafka_cdc_sink.dead_letters));
$node->safe_psql('postgres', 'ALTER TABLE app.rows RENAME CONSTRAINT small TO smaller');
$node->safe_psql('postgres', 'SELECT kafka_cdc_sink.pause()');
$node->safe_psql('postgres', q(SELECT kafka_cdc_sink.seek('srv.app.rows', 0, 0, true); SELECT kafka_cdc_sink.resume()));
wait_applied($node, $kafka, ['rows'], 'a second reading');
is($node->safe_psql('postgres', q(SELECT count(*), min(id), max(id) FROM kafka_cdc_sink.dead_letters)), $letters, 'no letter twice');
is($node->safe_psql('postgres', q(SELECT count(*) > 100, bool_and(message LIKE '%"smaller"%') FROM kafka_cdc_sink.dead_letters WHERE sqlstate = '23514' AND message LIKE '%small%')), 't|t', 'with their newest errors');
is($node->safe_psql('postgres', 'SELECT count(*) FROM app.rows'), $rows, 'and the rows as they were');

# ---- nowhere else
my $log = slurp_file($node->logfile);
unlike($log, qr/$secret|too long|violates|is not to be/, 'what PostgreSQL says is not in the log');
foreach my $view (qw(status workers partitions tables))
{
	unlike($node->safe_psql('postgres', "SELECT * FROM kafka_cdc_sink.$view"), qr/$secret|too long|violates|is not to be/, "nor in $view");
}
unlike($node->safe_psql('postgres', q(SELECT * FROM pg_stat_activity WHERE backend_type <> 'client backend')), qr/$secret/, 'nor in pg_stat_activity');
$node->stop;
done_testing();
