
=pod

=head1 NAME

TimeLimit - ends a test that hangs, and says where

=head1 SYNOPSIS

  use TimeLimit;    # as KafkaCdcSink does

Waits for conditions have their own, shorter ends. This is for what has none: an answer of a server, a
broker or a session that never comes. Allowed are KCS_SCRIPT_SECONDS, ten minutes without.

=cut

package TimeLimit;

use strict;
use warnings;
use Carp ();
use Test::More;

my $seconds = $ENV{KCS_SCRIPT_SECONDS} || 600;

# exit and not die: eval does not catch it, and what was started is ended by END as ever. If that
# hangs, too, the next signal ends this process; test/prove.sh ends the servers.
$SIG{ALRM} = sub {
	$SIG{ALRM} = 'DEFAULT';
	alarm 60;
	diag(Carp::longmess("not done after $seconds seconds"));
	diag(`ps -u $> -o pid,ppid,stat,wchan:24,etimes,args --forest`);
	fail("done within $seconds seconds");
	exit 1;
};
alarm $seconds;

1;
