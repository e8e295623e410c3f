# Values that the connector did not send, in every form, merged inside a batch and against the row: a run
# of changes read in few batches ends as its source, read again too.
use strict;
use warnings;
use JSON::PP;
use MIME::Base64;
use KafkaCdcSink;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new(typed => 1, plain => 1, flat => 1, lost => 1);
my $node = sink_node('unavailable', $kafka, topics => '^srv[.]app[.]', enabled => 'off');
my $placeholder = '__debezium_unavailable_value';
my $octets = [ unpack 'C*', $placeholder ];

# By column: its type, its field's schema, a value by number as on the wire and as PostgreSQL shows it, and
# the form of one that was not sent.
sub text_field { return { type => 'string', optional => JSON::PP::true, @_ } }
sub array_field { return { type => 'array', optional => JSON::PP::true, items => { optional => JSON::PP::true, @_ } } }
my $pair = qq({"$placeholder":"$placeholder"});
my @columns = (
	[ 't', 'text', text_field(), sub { ("text $_[0]", "text $_[0]") }, $placeholder ],
	[ 'b', 'bytea', { type => 'bytes', optional => JSON::PP::true }, sub { (encode_base64("b$_[0]", ''), '\x' . unpack('H*', "b$_[0]")) }, encode_base64($placeholder, '') ],
	[ 'j', 'jsonb', text_field(name => 'io.debezium.data.Json'), sub { (qq({"k":$_[0]}), qq({"k": $_[0]})) }, $placeholder ],
	[ 'h', 'hstore', text_field(name => 'io.debezium.data.Json'), sub { (qq({"k":"$_[0]"}), qq("k"=>"$_[0]")) }, $pair ],
	[ 'm', 'hstore', { type => 'map', optional => JSON::PP::true, keys => { type => 'string' }, values => text_field() }, sub { ({ k => "m$_[0]" }, qq("k"=>"m$_[0]")) }, { $placeholder => $placeholder } ],
	[ 'ta', 'text[]', array_field(type => 'string'), sub { ([ "a$_[0]" ], "{a$_[0]}") }, [$placeholder] ],
	[ 'ba', 'bytea[]', array_field(type => 'bytes'), sub { ([ encode_base64("b$_[0]", '') ], '{"\\\\x' . unpack('H*', "b$_[0]") . '"}') }, [ encode_base64($placeholder, '') ] ],
	[ 'ia', 'int[]', array_field(type => 'int32'), sub { ([ $_[0], 7 ], "{$_[0],7}") }, $octets ],
	[ 'la', 'bigint[]', array_field(type => 'int64'), sub { ([ $_[0], 8 ], "{$_[0],8}") }, $octets ],
	[ 'da', 'date[]', array_field(type => 'int32', name => 'io.debezium.time.Date'), sub { ([ $_[0] % 28 ], sprintf '{1970-01-%02d}', $_[0] % 28 + 1) }, $octets ],
	[ 'ua', 'uuid[]', array_field(type => 'string', name => 'io.debezium.data.Uuid'), sub { my $u = sprintf '00000000-0000-0000-0000-%012d', $_[0]; ([$u], "{$u}") }, ['b68a35a7-17ad-35b3-af2a-ae46edb4545a'] ],
);
my $list = join ', ', map { "$_->[0] $_->[1]" } @columns;
$node->safe_psql('postgres', "CREATE EXTENSION hstore; CREATE SCHEMA app; CREATE TABLE app.typed (id int PRIMARY KEY, $list); CREATE TABLE app.plain (LIKE app.typed INCLUDING ALL); CREATE TABLE app.flat (LIKE app.typed INCLUDING ALL); CREATE TABLE app.lost (LIKE app.typed INCLUDING ALL)");

# ---- records, with and without schema, and flattened by ExtractNewRecordState
my $json = JSON::PP->new->canonical;
my $id_field = { type => 'int32', optional => JSON::PP::false, field => 'id' };
my @fields = ($id_field, map { { %{ $_->[2] }, field => $_->[0] } } @columns);
sub struct { my ($name, @members) = @_; return { type => 'struct', optional => JSON::PP::false, name => $name, fields => \@members } }
my $lsn = 1;
my $deletes; # how the transform writes them
sub flattened
{
	my ($op, $id, $after) = @_;
	return if $op eq 'tombstone' && $deletes ne 'rewrite-with-tombstone';
	return [undef] if $op eq 'tombstone' || ($op eq 'd' && $deletes eq 'delete-to-tombstone');
	return ['null'] if $op eq 'd' && $deletes eq 'tombstone';
	$after //= { id => $id, map { $_->[0] => undef } @columns };
	return [ $json->encode({ %$after, __op => $op, $deletes =~ /rewrite/ ? (__deleted => $op eq 'd' ? 'true' : 'false') : () }) ];
}
sub event
{
	my ($table, $op, $id, $after, %header) = @_;
	my @headers = map { qq(__debezium.$_={"id":$header{$_}}) } keys %header;
	my $key = { id => $id };
	if ($table eq 'flat')
	{
		my $value = flattened($op, $id, $after);
		return $value ? [ $table, 0, $json->encode($key), $value->[0], @headers ] : ();
	}
	my $value = $op eq 'tombstone' ? undef : { before => undef, after => $after, op => $op, ts_ms => 2,
		source => { connector => 'postgresql', db => 'd', schema => 'app', table => $table, ts_ms => 1, lsn => $lsn } };
	if ($table eq 'typed')
	{
		$key = { schema => struct('srv.app.typed.Key', $id_field), payload => $key };
		my $row = struct('srv.app.typed.Value', @fields);
		my @source = map { { type => 'string', optional => JSON::PP::false, field => $_ } } qw(connector db schema table);
		$value &&= { payload => $value, schema => struct('srv.app.typed.Envelope', { %$row, field => 'before' }, { %$row, field => 'after' },
			{ %{ struct('io.debezium.connector.postgresql.Source', @source, { type => 'int64', optional => JSON::PP::true, field => 'lsn' }) }, field => 'source' },
			{ type => 'string', optional => JSON::PP::false, field => 'op' }) };
	}
	return [ $table, 0, $json->encode($key), $value && $json->encode($value), @headers ];
}

# ---- a source: by key, the number of each column's value
srand(my $seed = $ENV{KCS_SEED} // 1);
$deletes = (qw(tombstone rewrite rewrite-with-tombstone delete-to-tombstone))[ rand 4 ];
note "seed $seed, flattened with $deletes";
my (%source, %queue);
my $number = 0;
# The row on the wire; changes of it take new numbers, and what did not change may be left out.
sub row
{
	my ($id, $numbers, $chance) = @_;
	my %after = (id => $id);
	foreach my $column (@columns)
	{
		my ($name, undef, undef, $make, $missing) = @$column;
		my $kept = defined $numbers->{$name} && rand() < $chance;
		$numbers->{$name} = ++$number if !$kept;
		$after{$name} = $kept && rand() < 0.9 ? $missing : ($make->($numbers->{$name}))[0];
	}
	return \%after;
}
foreach my $table ('typed', 'plain', 'flat')
{
	for (1 .. 250)
	{
		my $rows = $source{$table} //= {};
		my $id = int rand 6;
		my $what = int rand 6;
		$lsn++;
		if (!$rows->{$id})
		{
			push @{ $queue{$table} }, event($table, 'c', $id, row($id, $rows->{$id} = {}, 0));
		}
		elsif ($what == 0)
		{
			push @{ $queue{$table} }, event($table, 'd', $id, undef), event($table, 'tombstone', $id);
			delete $rows->{$id};
		}
		elsif ($what == 1)
		{
			my $to = int rand 6;
			next if $rows->{$to};
			my $moved = $rows->{$to} = delete $rows->{$id};
			push @{ $queue{$table} }, event($table, 'd', $id, undef, newkey => $to), event($table, 'tombstone', $id, undef, newkey => $to),
				event($table, 'c', $to, row($to, $moved, 0.7), oldkey => $id);
		}
		else
		{
			push @{ $queue{$table} }, event($table, 'u', $id, row($id, $rows->{$id}, $what == 2 ? 1 : 0.6));
		}
	}
}
sub expected
{
	my ($table) = @_;
	my $rows = $source{$table};
	return join "\n", map { my $id = $_; join '|', $id, map { ($_->[3]->($rows->{$id}{ $_->[0] }))[1] } @columns } sort { $a <=> $b } keys %$rows;
}
sub found { return $node->safe_psql('postgres', "SET bytea_output = hex; SELECT * FROM app.$_[0] ORDER BY id") }
sub letters { return $node->safe_psql('postgres', qq(SELECT message FROM kafka_cdc_sink.dead_letters WHERE topic = ANY ('{@_}') ORDER BY id)) }

$kafka->produce_all(@{ $queue{$_} }) foreach 'typed', 'plain', 'flat';
configure($node, enabled => 'on');
wait_applied($node, $kafka, [ 'typed', 'plain', 'flat' ], 'a run of changes');
foreach my $table ('typed', 'plain', 'flat')
{
	is(found($table), expected($table), "$table: as the source");
}
is(letters('srv.app.typed,srv.app.plain,srv.app.flat'), '', 'no dead letters');
foreach my $round (1 .. 3)
{
	foreach my $table ('typed', 'plain', 'flat')
	{
		my $to = int rand $kafka->end($table, 0);
		$node->safe_psql('postgres', "SELECT kafka_cdc_sink.seek('srv.app.$table', 0, $to, force => true)");
	}
	wait_applied($node, $kafka, [ 'typed', 'plain', 'flat' ], "round $round: some of it once more");
	foreach my $table ('typed', 'plain', 'flat')
	{
		is(found($table), expected($table), "$table: as it was");
	}
}

# ---- R4: updates alone, merged inside one batch
configure($node, enabled => 'off', constraint_retry => '0');
wait_sql($node, q(SELECT count(*) FROM kafka_cdc_sink.workers), 0, 'stopped');
%queue = ();
foreach my $table ('typed', 'plain', 'flat')
{
	foreach my $id (map { 0 + $_ } sort keys %{ $source{$table} })
	{
		push @{ $queue{$table} }, map { event($table, 'u', $id, row($id, $source{$table}{$id}, $_)) } 0, 0.5, 0.5, 1;
	}
}
$kafka->produce_all(@{ $queue{$_} }) foreach 'typed', 'plain', 'flat';
configure($node, enabled => 'on');
wait_applied($node, $kafka, [ 'typed', 'plain', 'flat' ], 'updates alone');
foreach my $table ('typed', 'plain', 'flat')
{
	is(found($table), expected($table), "$table: as the source");
}

# ---- where neither batch nor row has the value, only that record is a dead letter
configure($node, enabled => 'off');
wait_sql($node, q(SELECT count(*) FROM kafka_cdc_sink.workers), 0, 'stopped');
my $whole = { id => 1, map { $_->[0] => ($_->[3]->(1))[0] } @columns };
my $gap = { %$whole, b => $columns[1][4], t => 'text 2' };
$kafka->produce_all(
	event('lost', 'c', 1, $whole),
	event('lost', 'u', 2, { %$gap, id => 2 }),     # no such row
	event('lost', 'd', 1, undef),
	event('lost', 'u', 1, $gap),                    # gone in the same batch
	event('lost', 'c', 3, { %$whole, id => 3 }),
	event('lost', 'c', 5, { %$gap, id => 5 }, oldkey => 4), # nor one that it comes from
	event('lost', 'u', 3, { %$gap, id => 3 }));
configure($node, enabled => 'on');
wait_applied($node, $kafka, ['lost'], 'values that nobody has');
is(letters('srv.app.lost'), join("\n", ('the unchanged value of column "b" is not in the record and the row does not exist') x 2,
	'the row whose key changed is not there, and not all of its values are in the record'), 'are dead letters');
is($node->safe_psql('postgres', 'SELECT id, t, b FROM app.lost'), '3|text 2|\x6231', 'the others are applied');
$node->stop;
done_testing();
