
=pod

=head1 NAME

Http - requests for the tests of the exporter, as bytes on a socket

=head1 SYNOPSIS

  use Http;
  my $answer = get($port, '/metrics');              # { status => 200, header => { ... }, body => '...' }
  my $answer = wait_get($port, '/health', 503);
  my $answer = request($port, "POST / HTTP/1.1\r\n\r\n");
  my $socket = dial($port);                         # non-blocking reads are the caller's

=cut

package Http;

use strict;
use warnings;
use Exporter 'import';
use IO::Select;
use IO::Socket::IP;
use PostgreSQL::Test::Utils;
use Time::HiRes qw(time);

our @EXPORT = qw(dial get wait_get request rest parsed);

sub dial
{
	my ($port, $host) = @_;
	return IO::Socket::IP->new(PeerHost => $host // '127.0.0.1', PeerPort => $port, Timeout => 10);
}

# Everything until the other side closes, or undef when it does not within the time that tests may wait.
sub rest
{
	my $socket = shift;
	my $text = '';
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
	my $select = IO::Select->new($socket);
	while ((my $left = $deadline - time) > 0)
	{
		next unless $select->can_read($left);
		my $got = sysread $socket, $text, 65536, length $text;
		return $text unless $got; # closed, or reset
	}
	return;
}

sub parsed
{
	my $text = shift;
	return { status => 0, header => {}, body => '' } unless defined $text && $text =~ m{^HTTP/1[.]1 (\d+) [^\r\n]*\r\n(.*?)\r\n\r\n(.*)}s;
	my ($status, $head, $body) = ($1, $2, $3);
	my %header = map { /^([^:]+): (.*)/ ? (lc $1 => $2) : () } split /\r\n/, $head;
	return { status => $status, header => \%header, body => $body };
}

sub request
{
	my ($port, $bytes, $host) = @_;
	my $socket = dial($port, $host) or return parsed(undef);
	local $SIG{PIPE} = 'IGNORE';
	print $socket $bytes;
	$socket->flush;
	return parsed(rest($socket));
}

sub get
{
	my ($port, $path, %option) = @_;
	my $method = $option{method} // 'GET';
	my $name = $option{name} // '127.0.0.1';
	return request($port, "$method $path HTTP/1.1\r\nHost: $name\r\n" . ($option{header} // '') . "\r\n", $option{host});
}

# Asks until the body, or with a number the status, matches: answers are given again for a short time.
# Returns the last answer.
sub wait_get
{
	my ($port, $path, $pattern) = @_;
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
	while (1)
	{
		my $answer = get($port, $path);
		return $answer if time > $deadline || ($pattern =~ /^\d+$/ ? $answer->{status} == $pattern : $answer->{body} =~ $pattern);
		select undef, undef, undef, 0.1;
	}
}

1;
