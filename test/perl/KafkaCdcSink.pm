
=pod

=head1 NAME

KafkaCdcSink - what the TAP tests share: a mock Kafka, servers with the extension, Debezium records

=head1 SYNOPSIS

  use KafkaCdcSink;
  my $kafka = KafkaCdcSink::Broker->new(items => 2);            # topics srv.app.items with 2 partitions
  my $node  = sink_node('main', $kafka, topics => 'srv.app.items');
  $kafka->produce('items', 0, change('items', 'c', { id => 1, name => 'one', n => 5 }));
  wait_sql($node, 'SELECT count(*) FROM app.items', 1, 'the row arrives');

=cut

package KafkaCdcSink;

use strict;
use warnings;
use Exporter 'import';
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use TimeLimit;
use Time::HiRes qw(time);

our @EXPORT = qw(sink_node configure change record log_record wait_sql wait_applied caught_up workers show_sink
  coordinator stop_time cpu_ticks data_file wait_log calm_log session);

my $json = JSON::PP->new->canonical->allow_nonref;

# Tables of the records: name, Connect type, whether it is part of the key. "log" has no key.
our %shape = (
	items => [ [ id => 'int32', 1 ], [ name => 'string', 0 ], [ n => 'int64', 0 ] ],
	orders => [ [ id => 'int32', 1 ], [ name => 'string', 0 ], [ n => 'int64', 0 ] ],
	log => [ [ n => 'int64', 0 ], [ said => 'string', 0 ] ]);

# ---- servers ---------------------------------------------------------------------------------------

# A running server with the extension preloaded and created. %setting: kafka_cdc_sink.* without the
# prefix; besides: extension => 0 leaves CREATE EXTENSION out, init => [...] goes to init(),
# conf => lines for postgresql.conf.
sub sink_node
{
	my ($name, $kafka, %setting) = @_;
	my $extension = delete $setting{extension} // 1;
	my $init = delete $setting{init} // [];
	my $conf = delete $setting{conf} // '';
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(@$init);
	%setting = (
		bootstrap_servers => $kafka ? $kafka->address : '',
		client_properties => 'fetch.wait.max.ms=50',
		topic_refresh => '1s',
		retry_backoff => '100ms',
		retry_backoff_max => '500ms',
		%setting);
	$node->append_conf('postgresql.conf',
		join("\n",
			"shared_preload_libraries = 'kafka_cdc_sink'",
			'max_worker_processes = 20',
			'restart_after_crash = on',
			'log_statement = none',
			"log_line_prefix = '%m [%p] %b '",
			$conf,
			map { "kafka_cdc_sink.$_ = '$setting{$_}'" } sort keys %setting)
		  . "\n");
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION kafka_cdc_sink') if $extension;
	return $node;
}

# Changes settings of a running server and reloads it. When it returns, all processes have been told:
# the postmaster tells them before it starts the next session.
sub configure
{
	my ($node, %setting) = @_;
	my $before = $node->safe_psql('postgres', 'SELECT pg_conf_load_time()');
	foreach my $name (sort keys %setting)
	{
		$node->safe_psql('postgres', "ALTER SYSTEM SET kafka_cdc_sink.$name = '$setting{$name}'");
	}
	$node->reload;
	$node->poll_query_until('postgres', "SELECT pg_conf_load_time() > '$before'") or die 'the server does not reload';
	return;
}

# Pids of the apply workers that are there now.
sub workers
{
	my $node = shift;
	return split /\n/, $node->safe_psql('postgres', 'SELECT pid FROM kafka_cdc_sink.workers WHERE pid > 0 ORDER BY slot');
}

sub coordinator
{
	return $_[0]->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE backend_type = 'kafka_cdc_sink coordinator'");
}

# Clock ticks (a hundred a second) that all threads of a process have used.
sub cpu_ticks
{
	my $stat = slurp_file("/proc/$_[0]/stat");
	$stat =~ s/.*\) //s;
	my @field = split / /, $stat;
	return $field[11] + $field[12];
}

# Stops the server; returns the seconds between the request and the moment when all processes have
# left (then the server writes its last checkpoint, whose time is the machine's).
sub stop_time
{
	my ($node, $mode) = @_;
	my $from = -s $node->logfile;
	$node->stop($mode);
	my $log = substr(slurp_file($node->logfile), $from);
	my %at;
	foreach my $line (split /\n/, $log)
	{
		next unless $line =~ /^\S+ (\d+):(\d+):(\d+[.]\d+) .*LOG:  (received fast shutdown request|shutting down)/;
		$at{$4} //= $1 * 3600 + $2 * 60 + $3;
	}
	die "no times in $log" unless defined $at{'shutting down'} && defined $at{'received fast shutdown request'};
	my $took = $at{'shutting down'} - $at{'received fast shutdown request'};
	return $took < 0 ? $took + 86400 : $took;
}

# ---- waiting for conditions ---------------------------------------------------------------------------

# Everything that helps to see why a test waits in vain.
sub show_sink
{
	my $node = shift;
	foreach my $sql (
		'SELECT * FROM kafka_cdc_sink.status',
		'SELECT * FROM kafka_cdc_sink.workers',
		'SELECT * FROM kafka_cdc_sink.partitions',
		'SELECT * FROM kafka_cdc_sink.tables',
		'SELECT topic, "partition", "offset", target, sqlstate, message, detail FROM kafka_cdc_sink.dead_letters LIMIT 5')
	{
		my ($status, $out, $error) = $node->psql('postgres', "SET lock_timeout = '1s'; $sql", extra_params => ['-x']);
		diag("$sql\n$out$error");
	}
	diag(join "\n", grep { defined } (split /\n/, slurp_file($node->logfile))[ -40 .. -1 ]);
	return;
}

# Passes as soon as the query gives $expected, fails after the time that tests may wait.
sub wait_sql
{
	my ($node, $sql, $expected, $name, $database) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $passed = $node->poll_query_until($database // 'postgres', $sql, $expected);
	ok($passed, $name) or show_sink($node);
	return $passed;
}

# Passes when the log, from byte $from on, has a line that matches.
sub wait_log
{
	my ($node, $pattern, $from, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
	my $found = 0;
	until (($found = substr(slurp_file($node->logfile), $from) =~ $pattern) || time > $deadline)
	{
		select undef, undef, undef, 0.1;
	}
	ok($found, $name) or show_sink($node);
	return $found;
}

# Passes when nothing crashed since byte $from of the log, and the sink's processes, and the postmaster
# about them, wrote no more than $most lines.
sub calm_log
{
	my ($node, $from, $most, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $log = substr(slurp_file($node->logfile), $from);
	unlike($log, qr/PANIC|TRAP:|terminated by signal|exited with exit code [^01]/, "$name: nothing crashed");
	my @lines = grep { /^\d{4}-\S+ \S+ \S+ \[\d+\] (?!client backend).*kafka_cdc_sink/ } split /\n/, $log;
	cmp_ok(scalar @lines, '<=', $most, "$name: few lines in the log") or diag(join "\n", @lines);
	return;
}

# Somebody's session that stays open: ->sql(...) waits for the answer, which it returns, errors
# included; ->send(...) does not, ->answer gets it later; ->end closes it.
sub session { return KafkaCdcSink::Session->new(@_) }

# SQL that is true when everything that the broker has of these tables is applied.
sub caught_up
{
	my ($kafka, @tables) = @_;
	my @all;
	foreach my $table (@tables)
	{
		foreach my $partition (0 .. $kafka->{topics}{$table} - 1)
		{
			my $end = $kafka->end($table, $partition);
			push @all, "('" . $kafka->topic($table) . "', $partition, $end)" if $end > 0;
		}
	}
	return 'SELECT count(*) = ' . @all . ' FROM kafka_cdc_sink.offsets o JOIN (VALUES ' . join(', ', @all)
	  . ') e (t, p, n) ON o.topic = e.t AND o."partition" = e.p AND o.next_offset = e.n'
	  . " WHERE o.group_id = current_setting('kafka_cdc_sink.group_id')";
}

sub wait_applied
{
	my ($node, $kafka, $tables, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return wait_sql($node, caught_up($kafka, @$tables), 't', $name);
}

# ---- records as Debezium's PostgreSQL connector writes them, with embedded schemas ---------------------

sub _fields
{
	return join ',', map { sprintf '{"type":"%s","optional":%s,"field":"%s"}', $_->[1], $_->[2] ? 'false' : 'true', $_->[0] } @_;
}

sub _row
{
	my ($row, @columns) = @_;
	return '{' . join(',', map {
		my $value = $row->{ $_->[0] };
		$json->encode($_->[0]) . ':' . (!defined $value ? 'null' : $_->[1] =~ /int/ ? $value : $json->encode("$value"))
	} @columns) . '}';
}

# Key and value of one change: table, op (c r u d), row; a delete needs the key's columns only.
sub change
{
	my ($table, $op, $row) = @_;
	my @columns = @{ $shape{$table} };
	my @key = grep { $_->[2] } @columns;
	my $name = "srv.app.$table";
	my $fields = _fields(@columns);
	my $after = $op eq 'd' ? 'null' : _row($row, @columns);
	my $before = $op eq 'd' ? _row($row, @columns) : 'null';
	my $value =
	    qq({"schema":{"type":"struct","fields":[)
	  . qq({"type":"struct","fields":[$fields],"optional":true,"name":"$name.Value","field":"before"},)
	  . qq({"type":"struct","fields":[$fields],"optional":true,"name":"$name.Value","field":"after"},)
	  . qq({"type":"struct","fields":[{"type":"string","optional":false,"field":"connector"},)
	  . qq({"type":"int64","optional":false,"field":"ts_ms"},{"type":"string","optional":false,"field":"db"},)
	  . qq({"type":"string","optional":false,"field":"schema"},{"type":"string","optional":false,"field":"table"}],)
	  . qq("optional":false,"name":"io.debezium.connector.postgresql.Source","version":1,"field":"source"},)
	  . qq({"type":"string","optional":false,"field":"op"},{"type":"int64","optional":true,"field":"ts_ms"}],)
	  . qq("optional":false,"name":"$name.Envelope","version":2},)
	  . qq("payload":{"before":$before,"after":$after,"source":{"connector":"postgresql","ts_ms":1700000000000,)
	  . qq("db":"postgres","schema":"app","table":"$table"},"op":"$op","ts_ms":1700000000001}});
	return (undef, $value) unless @key;
	my $key =
	    qq({"schema":{"type":"struct","fields":[)
	  . _fields(@key)
	  . qq(],"optional":false,"name":"$name.Key"},"payload":)
	  . _row($row, @key) . '}';
	return ($key, $value);
}

# One record as a line for the mock broker.
sub record
{
	my ($topic, $partition, $key, $value, @headers) = @_;
	my @fields;
	foreach my $field ($key, $value)
	{
		my $text = $field;
		if (defined $text)
		{
			$text =~ s/\\/\\\\/g;
			$text =~ s/\t/\\t/g;
			$text =~ s/\n/\\n/g;
			$text =~ s/\r/\\r/g;
			$text =~ s/\0/\\0/g;
		}
		push @fields, $text // '\N';
	}
	return join "\t", "$topic $partition", @fields, @headers;
}

sub data_file { return "$ENV{KCS_TEST_DIR}/data/$_[0]" }

# ---- a user's session ------------------------------------------------------------------------------------

package KafkaCdcSink::Session;

use IPC::Open3;

sub new
{
	my ($class, $node) = @_;
	my $pid = open3(my $in, my $out, undef, $node->installed_command('psql'), '-XAtq', '-d', $node->connstr('postgres'), '-f', '-');
	my $self = bless { pid => $pid, in => $in, out => $out }, $class;
	$self->sql('SELECT 1'); # it is connected
	return $self;
}

sub send
{
	my ($self, $sql) = @_;
	print { $self->{in} } "$sql;\n\\echo (answered)\n";
	$self->{in}->flush;
	return;
}

sub answer
{
	my $self = shift;
	my $text = '';
	while (defined(my $line = readline $self->{out}))
	{
		chomp $text, return $text if $line eq "(answered)\n";
		$text .= $line;
	}
	return $text;
}

sub sql { my ($self, $sql) = @_; $self->send($sql); return $self->answer }

sub end
{
	my $self = shift;
	close $self->{in};
	waitpid $self->{pid}, 0;
	return;
}

# ---- the mock Kafka -----------------------------------------------------------------------------------

package KafkaCdcSink::Broker;

use IPC::Open2;
use PostgreSQL::Test::Utils;

my @running;

# Starts a broker. %topics: number of partitions by name; a name without a dot stands for srv.app.NAME.
# _brokers => N makes it N brokers, numbered from 1.
sub new
{
	my ($class, %topics) = @_;
	my $brokers = delete $topics{_brokers} // 1;
	my $self = $class->start('mockbroker', $brokers);
	$self->add_topic($_, $topics{$_}) foreach sort keys %topics;
	return $self;
}

sub start
{
	my ($class, $program, @arguments) = @_;
	my $pid = open2(my $out, my $in, "$ENV{KCS_TEST_DIR}/../build/$program", @arguments);
	my $self = bless { pid => $pid, in => $in, out => $out, topics => {}, files => 0 }, $class;
	push @running, $self;
	$self->{address} = readline $out;
	die "$program does not start" unless defined $self->{address};
	chomp $self->{address};
	$self->command('compression lz4');
	return $self;
}

sub address { return $_[0]{address} }
sub topic { return $_[1] =~ /[.]/ ? $_[1] : "srv.app.$_[1]" }

# One command of its protocol; dies on an error, else what follows "ok".
sub command
{
	my ($self, $command) = @_;
	utf8::encode($command) unless utf8::downgrade($command, 1); # strings of the tests are bytes
	print { $self->{in} } "$command\n";
	$self->{in}->flush;
	my $answer = readline $self->{out};
	die "mock broker: " . ($answer // 'gone') . " after " . substr($command, 0, 200)
	  unless defined $answer && $answer =~ /^ok ?(.*)/s;
	my $rest = $1;
	chomp $rest;
	return $rest;
}

sub add_topic
{
	my ($self, $name, $partitions) = @_;
	$self->{topics}{$name} = $partitions;
	$self->command('topic ' . $self->topic($name) . " $partitions");
	return;
}

sub produce
{
	my ($self, $table, $partition, $key, $value, @headers) = @_;
	return $self->command('produce ' . KafkaCdcSink::record($self->topic($table), $partition, $key, $value, @headers));
}

# Many records at once: [table, partition, key, value, headers...] each.
sub produce_all
{
	my ($self, @records) = @_;
	return $self->produce_lines(
		map {
			my ($table, @rest) = @$_;
			KafkaCdcSink::record($self->topic($table), @rest) . "\n"
		} @records);
}

# The same for lines of the broker's own format.
sub produce_lines
{
	my ($self, @lines) = @_;
	my $file = PostgreSQL::Test::Utils::tempdir() . '/records';
	open my $out, '>', $file or die $!;
	foreach my $line (@lines)
	{
		utf8::encode($line) unless utf8::downgrade($line, 1);
		print $out $line;
	}
	close $out;
	my $count = $self->command("produce-file $file");
	unlink $file;
	return $count;
}

sub end
{
	my ($self, $table, $partition) = @_;
	return $self->command('end ' . $self->topic($table) . " $partition");
}

sub down { return $_[0]->command('broker-down -1') }
sub up { return $_[0]->command('broker-up -1') }
sub freeze { return kill 'STOP', $_[0]{pid} }
sub thaw { return kill 'CONT', $_[0]{pid} }

sub stop
{
	my $self = shift;
	return unless $self->{pid};
	kill 'KILL', $self->{pid};
	waitpid $self->{pid}, 0;
	delete $self->{pid};
	return;
}

END
{
	my $status = $?;
	$_->stop foreach @running;
	$? = $status;
}

1;
