# TLS and SASL against a broker configured for them: what is wrong is a status that says what to do,
# and heals after a reload; what is right flows, and goes on with other credentials without a restart;
# secrets are seen nowhere.
use strict;
use warnings;
use KafkaCdcSink;
use PostgreSQL::Test::Utils;
use RealKafka;
use Test::More;
use Time::HiRes qw(time);

my $certificates = $ENV{KCS_CERTIFICATES};
my $directory = PostgreSQL::Test::Utils::tempdir();
my $file = "$directory/client.properties";
my @secrets = ('first-plain', 'n0t-the-p4ssword');
my $kafka = RealKafka->new('login.app.items' => 1);
my $node = mirrors('login', $kafka, topics => 'login.app.items', bootstrap_servers => '', client_properties_file => $file);
my $started = $node->safe_psql('postgres', 'SELECT pg_postmaster_start_time()');
my $id = 0;

sub properties # the file's lines, and its mode
{
	my ($lines, $mode) = @_;
	unlink $file;
	append_to_file($file, join("\n", @$lines) . "\n");
	chmod $mode // 0600, $file or die $!;
	return;
}

sub reads
{
	my $name = shift;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	rows($kafka, 'login.app.items', 0, 'row', ++$id);
	return wait_sql($node, "SELECT s.state, s.reason, count(i) FROM kafka_cdc_sink.status s, login.items i WHERE i.id = $id GROUP BY 1, 2", 'running||1', $name);
}

# The sink as a whole says so, with a hint that names what to look at.
sub refused
{
	my ($reason, $hint, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	wait_sql($node, "SELECT state, reason ~* \$\$$reason\$\$, hint ~ \$\$$hint\$\$ FROM kafka_cdc_sink.status", 'error|t|t', $name)
	  or return diag($node->safe_psql('postgres', 'SELECT reason, hint FROM kafka_cdc_sink.status'));
	is($node->safe_psql('postgres', 'SELECT count(*) > 0 FROM pg_stat_activity'), 't', "$name: the server works");
	return;
}

sub use_broker { return configure($node, bootstrap_servers => $_[0]) }
sub again { return $node->reload }

my @tls = ('security.protocol=SSL', "ssl.ca.location=$certificates/ca.crt");
my @client = ("ssl.certificate.location=$directory/client.crt", "ssl.key.location=$directory/client.key");
sub identity { my $who = shift; foreach my $part ('crt', 'key') { system('cp', "$certificates/$who.$part", "$directory/client.$part") == 0 or die } return }
sub plain { my $password = shift; return ('sasl.mechanism=PLAIN', 'sasl.username=reader', "sasl.password=$password") }

# ---- TLS --------------------------------------------------------------------------------------------------
properties([ 'security.protocol=SSL', "ssl.ca.location=$certificates/other.crt" ]);
use_broker($ENV{KCS_TLS});
refused('certificate', 'ssl[.]ca[.]location', 'another authority');
properties(\@tls);
again();
reads('the right one, after a reload');
use_broker($ENV{KCS_EXPIRED});
refused('certificate verify failed', 'valid now', 'an expired certificate of the broker');
use_broker($ENV{KCS_ELSEWHERE});
refused('certificate verify failed|host', 'bootstrap_servers', 'a certificate of another host');
use_broker($kafka->address);
refused('TLS|SSL', 'security[.]protocol', 'TLS to a port without');
use_broker($ENV{KCS_TLS});
reads('the right port');
properties([]);
again();
refused('reached|disconnected', 'security[.]protocol', 'no TLS to a port that wants it');
properties([ 'security.protocol=SSL', "ssl.ca.location=$directory/missing.crt" ]);
again();
refused('ssl[.]ca[.]location|missing[.]crt', 'client_properties', 'a file of certificates that does not exist');

# ---- certificates of clients --------------------------------------------------------------------------------
properties(\@tls);
use_broker($ENV{KCS_MUTUAL});
refused('refused the client', 'ssl[.]certificate[.]location', 'no certificate where the broker wants one');
identity('stranger');
properties([ @tls, @client ]);
again();
refused('refused the client', 'ssl[.]certificate[.]location', 'one of another authority');
identity('client');
again();
reads('the right one, put into the same file');
my @before = workers($node);
identity('second');
again();
wait_sql($node, 'SELECT count(*) FROM kafka_cdc_sink.workers WHERE pid IN (' . join(', ', @before) . ')', 0, 'a certificate is replaced in place: it is used after a reload');
reads('and good');

# ---- SASL PLAIN over TLS ----------------------------------------------------------------------------------------
my @sasl = ('security.protocol=SASL_SSL', $tls[1]);
properties([ @sasl, plain('n0t-the-p4ssword') ]);
use_broker($ENV{KCS_LOGIN});
refused('authentication', 'sasl[.]password', 'a wrong password');
my $begun = time;
my $checked = $node->safe_psql('postgres', q(SELECT item, result, found, hint FROM kafka_cdc_sink.check() WHERE subject IN ('client', 'brokers')));
cmp_ok(time - $begun, '<', 10, 'check() knows it before its time is over');
like($checked, qr/^security.protocol\|ok\|sasl_ssl, mechanism PLAIN/m, 'what the client does');
like($checked, qr/^connection\|error\|authentication with the Kafka broker failed.*\|Check sasl.username and sasl.password/m, 'and that it is refused');
unlike($checked, qr/n0t-the-p4ssword/, 'without the password');
properties([ @sasl, plain('first-plain') ]);
again();
reads('the right one');
properties([ @sasl, 'sasl.mechanism=SCRAM-SHA-256', 'sasl.username=reader', 'sasl.password=first-plain' ]);
again();
refused('mechanism', 'sasl[.]mechanism', 'a mechanism that the broker does not have');
properties([ @sasl, 'sasl.mechanism=NONSENSE', 'sasl.username=reader', 'sasl.password=first-plain' ]);
again();
refused('mechanism', 'client_properties', 'one that nobody has');

# ---- files that cannot be used -----------------------------------------------------------------------------------------
properties([ @sasl, plain('first-plain') ], 0644);
use_broker($ENV{KCS_LOGIN});
again();
refused('group or world access', '0600', 'a file that others can read');
chmod 0000, $file;
again();
refused('could not be opened', 'client_properties_file', 'one that the server cannot read');
unlink $file;
again();
refused('No such file', 'client_properties_file', 'one that does not exist');
properties([ @sasl, plain('first-plain'), 'no.such.property=n0t-the-p4ssword' ]);
again();
refused('"no[.]such[.]property"', 'client_properties', 'an unknown property');
properties([ @sasl, plain('first-plain'), 'group.id=n0t-the-p4ssword' ]);
again();
refused('"group[.]id"', 'client_properties', 'one that is not for users');
properties([ @sasl, plain('first-plain') ]);
again();
reads('mended');

# ---- what was told -----------------------------------------------------------------------------------------------------
my $log = slurp_file($node->logfile);
unlike($log, qr/\Q$_\E/, 'a secret is not in the log') foreach @secrets;
my %lines;
$lines{ s/^\S+ \S+ \S+ \[\d+\] //r =~ s/\d+//gr }++ foreach grep { /kafka_cdc_sink/ } split /\n/, $log;
my ($most) = sort { $lines{$b} <=> $lines{$a} } keys %lines;
cmp_ok($lines{$most}, '<', 30, 'no line fills the log') or diag($most);
foreach my $view ('status', 'workers', 'partitions', 'tables')
{
	my $text = $node->safe_psql('postgres', "SELECT * FROM kafka_cdc_sink.$view");
	unlike($text, qr/\Q$_\E/, "nor in the view $view") foreach @secrets;
}
my $processes = $node->safe_psql('postgres', 'SELECT * FROM pg_stat_activity') . $node->safe_psql('postgres', "SELECT name, setting FROM pg_settings WHERE name ~ 'kafka'")
  . join('', map { my ($comm) = run_command([ 'cat', "/proc/$_/cmdline" ]); $comm } workers($node), coordinator($node));
my $here = join '|', map { quotemeta } @secrets;
unlike($processes =~ s/~ .*//r, qr/$here/, 'nor in activity, settings and process titles');
is($node->safe_psql('postgres', 'SELECT pg_postmaster_start_time()'), $started, 'all that without a restart');
$node->stop;
done_testing();
