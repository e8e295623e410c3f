# SASL SCRAM against a real broker: the right password flows, a wrong one is a status that says what to
# do, one that was changed at the broker is taken up from the file by a reload. A librdkafka before 2.6.1
# repeats its nonce, which Kafka 4 refuses and Kafka 3 lets pass: then both are asked.
use strict;
use warnings;
use KafkaCdcSink;
use PostgreSQL::Test::Utils;
use RealKafka;
use Test::More;

my $file = PostgreSQL::Test::Utils::tempdir() . '/client.properties';
my $kafka = RealKafka->new; # where it is not the one of SCRAM, that one is
if ($ENV{KCS_KAFKA3})
{
	local $ENV{KCS_KAFKA} = $ENV{KCS_KAFKA3};
	$kafka = RealKafka->new;
}
$kafka->add_topic('scram.app.items', 1);
my $node = mirrors('scram', $kafka, topics => 'scram.app.items', bootstrap_servers => '', client_properties_file => $file);
my $started = $node->safe_psql('postgres', 'SELECT pg_postmaster_start_time()');
my $id = 0;

sub login
{
	my ($bits, $password) = @_;
	unlink $file;
	append_to_file($file, join("\n", 'security.protocol=SASL_PLAINTEXT', "sasl.mechanism=SCRAM-SHA-$bits", 'sasl.username=reader', "sasl.password=$password") . "\n");
	chmod 0600, $file or die $!;
	$node->reload;
	return;
}

sub reads
{
	my $name = shift;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	rows($kafka, 'scram.app.items', 0, 'row', ++$id);
	return wait_sql($node, "SELECT s.state, s.reason, count(i) FROM kafka_cdc_sink.status s, scram.items i WHERE i.id = $id GROUP BY 1, 2", 'running||1', $name);
}

sub refused
{
	my ($reason, $hint, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return wait_sql($node, "SELECT state, reason ~* \$\$$reason\$\$, hint ~ \$\$$hint\$\$ FROM kafka_cdc_sink.status", 'error|t|t', $name);
}

sub set_password
{
	my ($bits, $password) = @_;
	local $ENV{KCS_KAFKA_TOOL} = $ENV{KCS_KAFKA3_TOOL} || $ENV{KCS_KAFKA_TOOL};
	return kafka_tool('kafka.admin.ConfigCommand', '--bootstrap-server', $kafka->address, '--alter', '--entity-type', 'users', '--entity-name', 'reader',
		'--add-config', "SCRAM-SHA-$bits=[password=$password]");
}

if ($ENV{KCS_KAFKA3})
{
	login(512, 'first-scram');
	configure($node, bootstrap_servers => $ENV{KCS_SCRAM});
	refused('authentication.*SCRAM-SHA-512', 'takes 2[.]6[.]1', 'Kafka 4: what no password can mend says so');
}
foreach my $bits (256, 512)
{
	login($bits, 'n0t-the-p4ssword');
	configure($node, bootstrap_servers => $ENV{KCS_SCRAM3} || $ENV{KCS_SCRAM});
	refused('authentication', 'sasl[.]password', "SCRAM-SHA-$bits: a wrong password");
	login($bits, 'first-scram');
	reads("SCRAM-SHA-$bits: the right one");
	set_password($bits, 'second-scram');
	refused('authentication', 'sasl[.]password', "SCRAM-SHA-$bits: a password that was changed at the broker");
	login($bits, 'second-scram');
	reads("SCRAM-SHA-$bits: and in the file");
}
my $log = slurp_file($node->logfile);
my $views = join '', map { $node->safe_psql('postgres', "SELECT * FROM kafka_cdc_sink.$_") } 'status', 'workers', 'partitions';
unlike($log . $views, qr/\Q$_\E/, 'a secret is neither in the log nor in a view') foreach 'first-scram', 'second-scram', 'n0t-the-p4ssword';
is($node->safe_psql('postgres', 'SELECT pg_postmaster_start_time()'), $started, 'all that without a restart');
$node->stop;
done_testing();
