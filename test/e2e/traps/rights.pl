# Rights at the brokers that are taken away while the sink runs: it says which one, other topics flow,
# and it goes on by itself when they are given back.
use strict;
use warnings;
use KafkaCdcSink;
use PostgreSQL::Test::Utils;
use RealKafka;
use Test::More;

my $directory = PostgreSQL::Test::Utils::tempdir();
append_to_file("$directory/client.properties", join "\n", 'security.protocol=SASL_SSL', "ssl.ca.location=$ENV{KCS_CERTIFICATES}/ca.crt",
	'sasl.mechanism=PLAIN', 'sasl.username=reader', 'sasl.password=first-plain', '');
chmod 0600, "$directory/client.properties";
my $kafka = RealKafka->new('closed.app.items' => 2, 'free.app.items' => 1);
my $node = mirrors('rights', $kafka, topics => 'closed.app.items, free.app.items', bootstrap_servers => $ENV{KCS_LOGIN}, client_properties_file => "$directory/client.properties");
my ($id, $state) = (0, 'SELECT state, reason, hint FROM kafka_cdc_sink.status');

sub acl { my ($verb, $what, $operation, $resource) = @_; return $kafka->command("acl $verb $what User:reader $operation $resource") }
sub more # in every partition; the other topic flows
{
	my $name = shift;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	++$id;
	rows($kafka, 'closed.app.items', $_, $name, 2 * $id + $_) foreach 0, 1;
	rows($kafka, 'free.app.items', 0, $name, $id);
	return wait_sql($node, "SELECT count(*) FROM free.items WHERE id = $id", 1, "$name: the other topic flows");
}
# What check() finds wrong about the brokers and topics.
sub checked { return $node->safe_psql('postgres', q(SELECT subject, item, result, found, hint FROM kafka_cdc_sink.check() WHERE result <> 'ok' AND item <> 'replication' AND subject ~ '^(brokers|topic)')) }
sub all_there
{
	my $name = shift;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	wait_sql($node, 'SELECT count(*), sum(id) FROM closed.items', 2 * $id . '|' . ($id * ($id + 1) * 2 + $id), "$name: all records are there");
	wait_sql($node, $state, 'running||', "$name: nothing is left of it");
	return is($node->safe_psql('postgres', q(SELECT count(*) FROM kafka_cdc_sink.partitions WHERE reason <> '' OR lag <> 0)), 0, "$name: nor in the partitions");
}

more('first');
all_there('first');
is(checked(), '', 'check() finds nothing wrong');
like($node->safe_psql('postgres', q(SELECT result, found FROM kafka_cdc_sink.check() WHERE item = 'replication')), qr/^warning\|2 of 2 topics have one replica/, 'but that topics have one replica');

# ---- reading the topic ------------------------------------------------------------------------------------
acl('add', 'allow', 'describe', 'topic closed.app.items');
wait_sql($node, q(SELECT count(*) FROM kafka_cdc_sink.partitions WHERE topic = 'closed.app.items' AND reason ~ 'not authorized to read the topic' AND hint ~ 'READ'), 2, 'read: the partitions say which right is missing');
wait_sql($node, q(SELECT state, reason ~ 'closed[.]app[.]items.*not authorized', hint ~ 'READ' FROM kafka_cdc_sink.status), 'degraded|t|t', 'read: so does the status');
like(checked(), qr/^topic closed.app.items\|record\|error\|cannot be read: Broker: Topic authorization failed\|Allow/m, 'read: check() says so');
more('read');
is($node->safe_psql('postgres', 'SELECT count(*) FROM closed.items WHERE name = $$read$$'), 0, 'read: nothing comes');
$node->restart;
wait_sql($node, q(SELECT count(*) FROM kafka_cdc_sink.partitions WHERE topic = 'closed.app.items' AND reason ~ 'not authorized to read the topic'), 2, 'read: so after a restart');
acl('add', 'allow', 'read', 'topic closed.app.items');
all_there('read');

# ---- seeing it --------------------------------------------------------------------------------------------
acl('remove', 'allow', 'read', 'topic closed.app.items');
acl('remove', 'allow', 'describe', 'topic closed.app.items');
acl('add', 'deny', 'describe', 'topic closed.app.items');
more('describe');
wait_sql($node, q(SELECT state, reason ~ 'closed[.]app[.]items.*(does not exist|may not see)', hint ~ 'allow the client' FROM kafka_cdc_sink.status), 'degraded|t|t', 'describe: the status says what may be missing');
like(checked(), qr/^topics\|closed.app.items\|warning\|there is no topic of this name that the client sees\|.*allow the client/m, 'describe: check() says so');
acl('remove', 'deny', 'describe', 'topic closed.app.items');
all_there('describe');

# ---- the group, whose offsets are only a courtesy ---------------------------------------------------------------
acl('add', 'deny', 'read', 'group kafka_cdc_sink');
more('group');
all_there('group');
like(checked(), qr/^brokers\|group\|warning\|kafka_cdc_sink: Broker: Group authorization failed: lag tools/, 'group: check() says so');
acl('remove', 'deny', 'read', 'group kafka_cdc_sink');
calm_log($node, 0, 60, 'rights');
$node->stop;
done_testing();
