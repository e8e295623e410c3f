# Sourced: the generator, and the works' topics.
#
#   compile_generator      $WORK/generate
#   prepare_topics         topics KIND.shop.TABLE of the work, for the wanted kinds of records; sets
#                          W_EVENTS, and W_RECORDS (with tombstones)
#   forget_topics          deletes them

compile_generator() {
    g++ -std=c++17 -O2 -Wall -Wextra -o "$WORK/generate" "$BENCH"/generate/*.cpp -lrdkafka || die "the generator does not compile"
}

prepare_topics() {
    local kind
    W_EVENTS=$W_SOURCE_EVENTS W_RECORDS=$W_SOURCE_EVENTS
    for kind in embedded plain; do
        case " $KINDS " in *" $kind "*) ;; *) continue ;; esac
        W_EVENTS=$("$WORK/generate" kafka "$BROKER" "${W}_$kind" "$BENCH/$kind.records" "$W_NAME" "$W_COUNT" "$W_ROWS" "$W_SPREAD") ||
            die "the records of work $W"
        [ "$W_EVENTS" = "$W_SOURCE_EVENTS" ] || die "$W_EVENTS events in Kafka, $W_SOURCE_EVENTS changes on the source"
        W_RECORDS=$(topic_ends "${W}_$kind.shop." | awk '{ n += $3 } END { print n }')
    done
}

forget_topics() {
    local topics
    topics=$(topic_ends "${W}_" | awk '{ print $1 }' | sort -u | paste -sd '|')
    [ -z "$topics" ] || kafka_tool org.apache.kafka.tools.TopicCommand --bootstrap-server "$BROKER" --delete --topic "${topics//./[.]}" >/dev/null
}
