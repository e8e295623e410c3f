# The exporter under attack: it answers others, keeps to its limits, and outlives it all.
use strict;
use warnings;
use Http;
use IO::Select;
use IO::Socket::IP;
use KafkaCdcSink;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Socket qw(SOL_SOCKET SO_LINGER SO_RCVBUF pack_sockaddr_in inet_aton);
use Test::More;
use Time::HiRes qw(time);

$SIG{PIPE} = 'IGNORE';
my $port = PostgreSQL::Test::Cluster::get_free_port();
my $node = sink_node('attacked', undef, metrics_enabled => 'on', metrics_port => $port, metrics_listen_address => '127.0.0.1');
wait_sql($node, 'SELECT exporter FROM kafka_cdc_sink.status', "127.0.0.1:$port", 'it listens');

my ($pid) = slurp_file($node->logfile) =~ /\[(\d+)\] kafka_cdc_sink exporter LOG/;
sub descriptors { my @all = glob "/proc/$pid/fd/*"; return scalar @all }
sub memory { return slurp_file("/proc/$pid/status") =~ /VmRSS:\s+(\d+)/ ? $1 : 0 }

# Passes when no connection is open any more.
sub all_closed
{
	my ($most, $name) = @_;
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
	select undef, undef, undef, 0.05 while descriptors() > $most && time < $deadline;
	cmp_ok(descriptors(), '<=', $most, $name);
	return;
}
is(get($port, '/status')->{status}, 200, 'it answers');
my $rest = descriptors();
my $size = memory();

# ---- many at once ------------------------------------------------------------------------------------------
my @many;
foreach (1 .. 500)
{
	my $socket = dial($port) or next;
	print $socket "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
	$socket->flush;
	push @many, $socket;
}
is(scalar @many, 500, '500 connections');
my %seen;
$seen{ parsed(rest($_))->{status} }++ foreach @many;
is_deeply(\%seen, { 200 => 500 }, 'all are answered');
@many = ();
all_closed($rest, 'and closed');

# ---- what is no request ---------------------------------------------------------------------------------------
my $host = "Host: localhost\r\n";
my %junk = (
	'not HTTP' => "hello\r\n\r\n",
	'no version' => "GET /metrics\r\n\r\n",
	'a version that is none' => "GET /metrics HTTP/x\r\n$host\r\n",
	'no host' => "GET /metrics HTTP/1.1\r\n\r\n",
	'NULs' => "\0" x 5000,
	'a NUL in the path' => "GET /met\0rics HTTP/1.1\r\n$host\r\n",
	'a NUL in a header' => "GET /metrics HTTP/1.1\r\nHo\0st: localhost\r\n\r\n",
	'line ends only' => "\r\n" x 3000,
	'a header without a colon' => "GET /metrics HTTP/1.1\r\n${host}nothing\r\n\r\n",
	'a header that goes on' => "GET /metrics HTTP/1.1\r\n$host more\r\n\r\n",
	'a negative length' => "GET /metrics HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n",
	'a length beyond counting' => "GET /metrics HTTP/1.1\r\n${host}Content-Length: 99999999999999999999999\r\n\r\n",
	'a length that is none' => "GET /metrics HTTP/1.1\r\n${host}Content-Length: 0x10\r\n\r\n",
	'two lengths' => "POST / HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
	'length and chunks' => "POST / HTTP/1.1\r\n${host}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	'chunks beyond counting' => "POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nx",
	'chunks that are none' => "POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
	'a long path' => 'GET /' . 'x' x 100_000 . " HTTP/1.1\r\n$host\r\n",
	'a long header' => "GET /metrics HTTP/1.1\r\n${host}X: " . 'y' x 1_000_000 . "\r\n\r\n",
	'many headers' => "GET /metrics HTTP/1.1\r\n$host" . join('', map { "X-$_: y\r\n" } 1 .. 50_000) . "\r\n",
	'a line that does not end' => 'G' x 1_000_000,
	'TLS' => pack('H*', '16030100c8010000c40303') . "\xAB" x 190,
	'HTTP/2' => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	'every byte' => join('', map { chr } 0 .. 255) x 20 . "\r\n\r\n");
srand 1;
$junk{"noise $_"} = join '', map { chr int rand 256 } 1 .. 3000 foreach 1 .. 20;
my %status;
my $begun = time;

# All at once, closed on this side after what was written, so that nothing waits for its time.
my %socket = map { $_ => dial($port) } sort keys %junk;
foreach my $name (sort keys %junk)
{
	my $socket = $socket{$name};
	my ($bytes, $at, $broken) = ($junk{$name}, 0, 0);
	while ($at < length $bytes && IO::Select->new($socket)->can_write(10))
	{
		my $written = syswrite $socket, $bytes, 16384, $at or last; # it may not want it all
		$at += $written;
	}
	$socket->shutdown(1);
}
$status{$_} = parsed(rest($socket{$_}))->{status} foreach sort keys %junk;
my @answered = grep { $status{$_} == 200 && $_ !~ /NUL in the path/ } sort keys %status;
is_deeply(\@answered, [], 'what is no request is not answered as one');
note(join "\n", map { "$_: $status{$_}" } sort keys %status);
is($status{'no host'}, 400, 'no host: 400');
ok($status{'a long path'} == 414 || $status{'a long path'} == 0, 'a long path: 414');
ok($status{'a long header'} == 431 || $status{'a long header'} == 0, 'a long header: 431');
%socket = ();
is(get($port, '/metrics')->{status}, 200, 'others are answered');
all_closed($rest, 'nothing stays open');

# A header of 20 kB is too large, one of a few is not.
is(get($port, '/metrics', header => 'X: ' . 'y' x 4000 . "\r\n")->{status}, 200, '4 kB of headers');
is(get($port, '/metrics', header => 'X: ' . 'y' x 20_000 . "\r\n")->{status}, 431, '20 kB of headers');

# ---- leaving early -----------------------------------------------------------------------------------------------
foreach my $round (1 .. 200)
{
	my $socket = dial($port) or next;
	setsockopt $socket, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0); # closing resets
	print $socket $round % 2 ? "GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n" : 'GET /st';
	$socket->flush;
	close $socket;
}
is(get($port, '/metrics')->{status}, 200, 'who leaves early bothers nobody');
all_closed($rest, 'and leaves nothing');

# ---- more than there are places for: idle, writing a byte now and then, reading one ---------------------------------
my @idle = map { dial($port) } 1 .. 100;
$begun = time;
is(get($port, '/metrics')->{status}, 200, 'behind a hundred connections that say nothing, an answer');
cmp_ok(time - $begun, '<', 20, 'in time');
@idle = ();

# A byte each quarter of a second to each; returns when all were cut, or after a while.
sub drip
{
	my ($what, @sockets) = @_;
	my %open = map { fileno($_) => $_ } @sockets;
	my ($asked, $answered);
	my $started = time;
	while (%open && time < $started + 40)
	{
		foreach my $number (keys %open)
		{
			my $socket = $open{$number};
			my $alive = $what eq 'write' ? syswrite($socket, 'x') : 1;
			if (IO::Select->new($socket)->can_read(0))
			{
				my $got = sysread $socket, my $byte, 1;
				$alive = 0 unless $got;
			}
			delete $open{$number} unless $alive;
		}
		if (!$asked)
		{
			$asked = dial($port);
			print $asked "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
			$asked->flush;
		}
		$answered //= time - $started if IO::Select->new($asked)->can_read(0);
		select undef, undef, undef, 0.25;
	}
	return ($answered, scalar(keys %open), time - $started);
}

my @slow = map { dial($port) } 1 .. 64;
foreach my $socket (@slow)
{
	print $socket "GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: ";
	$socket->flush;
}
my ($answered, $left, $took) = drip('write', @slow);
cmp_ok($answered // 99, '<', 15, 'behind 64 that write a byte now and then, an answer');
is($left, 0, 'they are cut');
cmp_ok($took, '<', 20, 'in time');
cmp_ok($took, '>', 5, 'though they were not idle');

# As many readers that have room for little, and take a byte at a time.
@slow = ();
foreach (1 .. 64)
{
	my $socket;
	socket $socket, Socket::PF_INET, Socket::SOCK_STREAM, 0 or die $!;
	setsockopt $socket, SOL_SOCKET, SO_RCVBUF, 1024;
	connect $socket, pack_sockaddr_in($port, inet_aton('127.0.0.1')) or die $!;
	syswrite $socket, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
	push @slow, $socket;
}
$begun = time;
is(get($port, '/metrics')->{status}, 200, 'behind 64 that read nothing, an answer');
cmp_ok(time - $begun, '<', 15, 'in time');
all_closed($rest, 'they are given up');
close $_ foreach @slow;

# Three times as many as there are places, a byte now and then from each, and who is cut comes back: a probe is
# answered as long as that goes on.
my %attack;
my ($asked, $at, @waited) = (undef, 0);
$begun = time;
while (@waited < 5 && time < $begun + $PostgreSQL::Test::Utils::timeout_default)
{
	while (keys %attack < 200)
	{
		my $socket = dial($port) or last;
		$attack{ fileno $socket } = $socket;
	}
	foreach my $number (keys %attack)
	{
		delete $attack{$number} if !syswrite($attack{$number}, 'x') || IO::Select->new($attack{$number})->can_read(0);
	}
	if (!$asked)
	{
		($asked, $at) = (dial($port), time);
		syswrite $asked, "GET /health HTTP/1.0\r\n\r\n";
	}
	next unless IO::Select->new($asked)->can_read(0.2);
	sysread $asked, my $answer, 12;
	is($answer, 'HTTP/1.1 200', 'behind 200 that write a byte now and then, an answer');
	push @waited, time - $at;
	$asked = undef;
}
is(scalar @waited, 5, 'time and again');
note("seconds: @waited");
cmp_ok($_, '<', 6, 'in time') foreach @waited;
%attack = ();
all_closed($rest, 'they are gone');

# ---- afterwards -------------------------------------------------------------------------------------------------------
is(get($port, '/metrics')->{status}, 200, 'it answers');
is_deeply([ slurp_file($node->logfile) =~ /\[(\d+)\] kafka_cdc_sink exporter LOG/g ], [$pid], 'the same process');
cmp_ok(memory() - $size, '<', 20_000, 'it has not grown');
cmp_ok(cpu_ticks($pid), '<', 200, 'nor been busy: ' . cpu_ticks($pid) . ' ticks');
unlike(slurp_file($node->logfile), qr/PANIC|terminated by signal/, 'nothing crashed');
my @open = map { dial($port) } 1 .. 80;
syswrite $_, 'GET /metr' foreach @open;
cmp_ok(stop_time($node, 'fast'), '<', 1, 'stop -m fast with 80 connections open takes less than a second');
done_testing();
