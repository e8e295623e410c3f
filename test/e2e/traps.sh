#!/usr/bin/env bash
# What only the real Kafka does: records that expire, are damaged or compacted away, topics that are deleted
# and made again, added partitions, transactions, rights that are revoked (traps/*.pl); TLS and SASL, with
# credentials that change (traps/login.pl, traps/scram.pl). One broker for all of it; where the
# installed librdkafka is before 2.6.1, one of Kafka 3 beside it, for SCRAM. Prints TAP of TAP tests.
#
#   test/e2e/traps.sh [NAME...]     those of traps/ whose name begins so; all without one
#
# The extension must be installed (make install), build/kafkaclient built (make mockbroker).
set -u
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/../lib/install.sh"
. "$HERE/../lib/servers.sh"
. "$HERE/../lib/kafka.sh"
. "$HERE/traps/certificates.sh"

install_kafka "$HERE/pom.xml" || die "Kafka could not be fetched"
make_work traps
export KCS_CERTIFICATES=$WORK/certificates
make_certificates "$KCS_CERTIFICATES" || die "no certificates"

store() { # listener, key and certificates
    echo "listener.name.$1.ssl.keystore.type=PEM"
    echo "listener.name.$1.ssl.keystore.location=$KCS_CERTIFICATES/$2.pem"
}
accounts='org.apache.kafka.common.security.plain.PlainLoginModule required user_reader="first-plain";'
LISTENERS="TLS=SSL MUTUAL=SSL EXPIRED=SSL ELSEWHERE=SSL LOGIN=SASL_SSL SCRAM=SASL_PLAINTEXT"
PROPERTIES="
$(store tls server; store mutual server; store expired expired; store elsewhere elsewhere; store login server)
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.guarded.sasl.enabled.mechanisms=PLAIN
listener.name.mutual.ssl.client.auth=required
listener.name.mutual.ssl.truststore.type=PEM
listener.name.mutual.ssl.truststore.location=$KCS_CERTIFICATES/ca.crt
listener.name.login.sasl.enabled.mechanisms=PLAIN
listener.name.login.plain.sasl.jaas.config=$accounts
listener.name.scram.sasl.enabled.mechanisms=SCRAM-SHA-256,SCRAM-SHA-512
listener.name.scram.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.scram.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.scram.scram-sha-256.connections.max.reauth.ms=2000
listener.name.scram.scram-sha-512.connections.max.reauth.ms=2000
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
allow.everyone.if.no.acl.found=true
transaction.abort.timed.out.transaction.cleanup.interval.ms=500
auto.create.topics.enable=false
log.initial.task.delay.ms=500
log.retention.check.interval.ms=500
log.cleaner.backoff.ms=500"
umask 0 # the tests damage what it has stored
start_broker
umask 022
make_users() {
    local bits
    for bits in 256 512; do
        kafka_tool kafka.admin.ConfigCommand --bootstrap-server "$BROKER" --alter --entity-type users --entity-name reader \
            --add-config "SCRAM-SHA-$bits=[password=first-scram]" >"$WORK/log/users.log" 2>&1 ||
            { cat "$WORK/log/users.log"; die "no user"; }
    done
}
make_users

# The servers' user runs the tests; it may not see the cache of jars.
cp -r "$KAFKA_LIBS" "$WORK/libs" || die "no jars"
tool="java $JAVA_OPTIONS -Xmx128m -XX:TieredStopAtLevel=1 -cp"
export KCS_KAFKA=$BROKER KCS_KAFKA_DATA=$WORK/kafka/data KCS_KAFKA_TOOL="$tool '$WORK/libs/*'"
for listener in $LISTENERS; do
    address=LISTENER_${listener%=*}
    export "KCS_${listener%=*}=${!address}"
done
tests=()
for name in "${@:-}"; do
    for file in "$HERE/traps/$name"*.pl; do tests+=("e2e/traps/${file##*/}"); done
done
# Such a librdkafka repeats its nonce, which Kafka refuses since 4.0.
if [[ "${tests[*]}" == *scram* ]] && ! pkg-config --atleast-version=2.6.1 rdkafka; then
    install_kafka "$HERE/kafka3.xml" || die "Kafka 3 could not be fetched"
    cp -r "$KAFKA_LIBS" "$WORK/libs3" || die "no jars"
    LISTENERS=SCRAM3=SASL_PLAINTEXT
    PROPERTIES=${PROPERTIES//listener.name.scram./listener.name.scram3.}
    PROPERTIES=$(grep -E '^sasl[.]|[.]scram3[.]|^listener.name.guarded' <<<"$PROPERTIES")
    start_broker kafka3
    make_users
    export KCS_KAFKA3=$BROKER KCS_SCRAM3=$LISTENER_SCRAM3 KCS_KAFKA3_TOOL="$tool '$WORK/libs3/*'"
fi
"$HERE/../prove.sh" "${tests[@]}"
