# Client properties are for superusers, and the secrets in their file for nobody: not in settings, views,
# errors, activity, process titles, or the log on any level. What runs code is refused from both places.
use strict;
use warnings;
use KafkaCdcSink;
use PostgreSQL::Test::Utils;
use Test::More;

my $kafka = KafkaCdcSink::Broker->new(items => 1);
my $node = sink_node('secrets', $kafka, topics => 'srv.app.items', log_level => 'debug', client_properties => 'client.rack=attic,debug=all');
my $file = $node->basedir . '/kafka.properties';
sub file
{
	my ($mode, @lines) = @_;
	unlink $file;
	open my $out, '>', $file or die;
	print $out map { "$_\n" } @lines;
	close $out;
	chmod $mode, $file or die;
	return;
}
sub reason
{
	my ($pattern, $name) = @_;
	$node->reload;
	return wait_sql($node, "SELECT concat_ws(' ', state, reason, hint) LIKE '%$pattern%' FROM kafka_cdc_sink.status", 't', $name);
}

# ---- who sees the settings
$node->safe_psql('postgres', 'CREATE ROLE nobody LOGIN');
my @nobody = (extra_params => [ '-U', 'nobody' ]);
foreach my $setting ('client_properties', 'client_properties_file')
{
	isnt($node->psql('postgres', "SHOW kafka_cdc_sink.$setting", @nobody), 0, "SHOW $setting is refused");
	isnt($node->psql('postgres', "SELECT current_setting('kafka_cdc_sink.$setting', true)", @nobody), 0, 'so is current_setting()');
	isnt($node->psql('postgres', "SET kafka_cdc_sink.$setting = ''", @nobody), 0, 'and SET');
}
is($node->safe_psql('postgres', q(SELECT count(*) FROM pg_settings s WHERE s::text LIKE '%attic%' OR name LIKE 'kafka%properties%'), @nobody), 0, 'pg_settings leaves them out');
isnt($node->psql('postgres', 'SELECT * FROM pg_file_settings', @nobody), 0, 'pg_file_settings is closed');

# ---- the file
configure($node, client_properties_file => $file);
file(0644, 'sasl.password=hunter2');
reason('has group or world access', 'a file that others can read is refused');
file(0600, 'plugin.library.paths=/tmp/hunter2.so');
reason('"plugin.library.paths" would run code', 'code is refused from the file');
file(0600, 'SSL_Engine.Location=/tmp/hunter2.so');
reason('"SSL_Engine.Location" would run code', 'however it is spelled');
file(0600, 'hunter2');
reason('line 1 of the client properties', 'what is no property is told by its line');
file(0600, 'socket.timeout.ms=hunter2');
reason('refused the value of the client property "socket.timeout.ms"', 'a bad value by its name');
unlink $file;
mkdir $file;
reason('is not a regular file', 'a directory is refused');
rmdir $file;
system('mkfifo', '-m', '600', $file);
reason('is not a regular file', 'a pipe is not waited for');
unlink $file;
symlink '/etc/passwd', $file;
reason('group or world access', 'a link is what it leads to');
file(0600, 'security.protocol=SASL_PLAINTEXT', 'sasl.mechanism=PLAIN', 'sasl.username=me', 'sasl.password=hunter2', 'ssl.key.password=hunter2');
$node->reload;
wait_sql($node, q(SELECT state <> 'running' AND reason <> '' AND reason NOT LIKE '%client properties%' FROM kafka_cdc_sink.status), 't', 'a broker that knows no SASL is a status');
foreach my $view ('status', 'workers', 'partitions', 'tables')
{
	is($node->safe_psql('postgres', "SELECT count(*) FROM kafka_cdc_sink.$view v WHERE v::text LIKE '%hunter2%'"), 0, "no secret is in $view");
}
is($node->safe_psql('postgres', q(SELECT count(*) FROM pg_stat_activity a WHERE a::text LIKE '%hunter2%' AND backend_type <> 'client backend')), 0, 'nor in pg_stat_activity');
unlike(`ps -ww axe -o args | grep '[p]ostgres:'`, qr/hunter2/, 'nor in a title or an environment');

# ---- the setting
my $conf = $node->data_dir . '/postgresql.conf';
foreach my $bad ('sasl.password=hunter2', 'SASL_PASSWORD = hunter2', 'client.id=x , Ssl-Key-Pem=hunter2', 'hunter2', 'bootstrap.servers=hunter2', 'sasl.oauthbearer.token.endpoint.url=http://me:hunter2@host')
{
	$node->append_conf('postgresql.conf', "kafka_cdc_sink.client_properties = '$bad'");
	my $from = -s $node->logfile;
	$node->reload;
	wait_log($node, qr/invalid value for parameter "kafka_cdc_sink.client_properties"/, $from, 'refused in postgresql.conf: ' . ($bad =~ s/=.*//r));
	isnt($node->psql('postgres', "ALTER SYSTEM SET kafka_cdc_sink.client_properties = '$bad'"), 0, 'and in ALTER SYSTEM');
}
configure($node, client_properties_file => '');
my $log = slurp_file($node->logfile);
$log =~ s/^.*STATEMENT.*\n(\t.*\n)*//mg; # of this test's own sessions
unlike($log, qr/hunter2/, 'the log shows no secret, whatever librdkafka is asked to tell');
like($log, qr/debug: /, 'though it told a lot');
$kafka->produce('items', 0, change('items', 'c', { id => 1, name => 'one', n => 1 }));
$node->adjust_conf('postgresql.conf', 'kafka_cdc_sink.client_properties', "'client.rack=attic'");
$node->reload;
wait_sql($node, 'SELECT count(*) FROM app.items', 1, 'and the sink goes on');
$node->stop;
done_testing();
