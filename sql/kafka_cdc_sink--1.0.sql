\echo Use "CREATE EXTENSION kafka_cdc_sink" to load this file. \quit

-- Nothing here is for PUBLIC.
REVOKE ALL ON SCHEMA @extschema@ FROM PUBLIC;

-- ---- the truth about progress ---------------------------------------------------------------

CREATE TABLE offsets (
    group_id       text NOT NULL,
    topic          text NOT NULL,
    "partition"    integer NOT NULL,
    next_offset    bigint NOT NULL,
    last_offset    bigint,
    last_timestamp timestamptz,
    last_hash      bigint,
    updated_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (group_id, topic, "partition")
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
        autovacuum_vacuum_cost_delay = 0);
COMMENT ON TABLE offsets IS 'next Kafka offset to apply, per consumer group name, topic and partition; written in the transaction that writes the rows';

CREATE TABLE dead_letters (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT now(),
    group_id    text NOT NULL,
    topic       text NOT NULL,
    "partition" integer NOT NULL,
    "offset"    bigint NOT NULL,
    key         bytea,
    value       bytea,
    headers     jsonb,
    target      text,
    sqlstate    text NOT NULL,
    message     text NOT NULL,
    detail      text,
    status      text NOT NULL DEFAULT 'pending'
                CHECK (status IN ('pending', 'fenced', 'replayed', 'superseded', 'discarded'))
);
COMMENT ON TABLE dead_letters IS 'records that could not be applied, whole, with their error; written in the transaction that moves past them';
CREATE UNIQUE INDEX dead_letters_pending ON dead_letters (group_id, topic, "partition", "offset")
    WHERE status IN ('pending', 'fenced');
CREATE INDEX dead_letters_at ON dead_letters (at);

-- One row: what pause() and resume() said last.
CREATE TABLE control (
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    paused     boolean NOT NULL DEFAULT false,
    reason     text,
    since      timestamptz,
    resumed_at timestamptz
);
COMMENT ON TABLE control IS 'whether pause() holds, and since when; one row';
INSERT INTO control DEFAULT VALUES;
