-- A seeded workload for the tables of source.sql in schema shop. Each session works on the keys
-- that are its own (key % sessions = session % sessions; sessions count from 1), so sessions do not wait for each other and a seed
-- always makes the same changes.
SET client_min_messages = warning;
CREATE SCHEMA work;
SET search_path = work, shop, public;

CREATE FUNCTION work.pick(most integer) RETURNS integer LANGUAGE sql VOLATILE
    AS 'SELECT floor(random() * most)::integer';

-- A word; one in eight is awkward.
CREATE FUNCTION work.word() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT CASE WHEN random() < 0.875 THEN substr(md5(random()::text), 1, 3 + work.pick(20))
    ELSE (ARRAY['', ' ', E'tab\tand\nnew line\r\n', E'back\\slash "quote" ''single''', 'Zürich ✓ 😀 漢字',
                '{"a": 1}', 'null', 'NaN', '__debezium', E'\u2028\u0001\u007f', '\x00', 'a,b}{c', '%s $1 ${x}',
                'true', '1e400', '-0'])[1 + work.pick(16)] END $$;

-- About 32 * k characters that stay out of line from k = 80 on.
CREATE FUNCTION work.large(k integer) RETURNS text LANGUAGE sql VOLATILE AS
    $$ SELECT string_agg(md5(random()::text), '') FROM generate_series(1, k) $$;

CREATE FUNCTION work.maybe(probability double precision) RETURNS boolean LANGUAGE sql VOLATILE
    AS 'SELECT random() < probability';

CREATE FUNCTION work.document(k integer) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
    SELECT jsonb_build_object('word', work.word(), 'n', (random() * 1e6)::numeric(20, 4), 'large', 12345678901234567890::numeric,
        'list', jsonb_build_array(1, null, true, work.word()), 'deep', jsonb_build_object('a', jsonb_build_object('b', '[]'::jsonb)),
        'body', work.large(k)) $$;

CREATE FUNCTION work.moment() RETURNS timestamp LANGUAGE sql VOLATILE AS $$
    SELECT timestamp '1995-03-01' + work.pick(12000) * interval '1 day' + work.pick(2000000000) * interval '37 microseconds' $$;

-- k of this session's keys below the key space of a table
CREATE FUNCTION work.keys(session integer, sessions integer, space integer, k integer) RETURNS integer[]
    LANGUAGE sql VOLATILE AS $$
    SELECT array_agg(DISTINCT session + sessions * work.pick(space)) FROM generate_series(1, k) $$;

-- ---- one function per table: adds the rows of these keys that are missing --------------------------

CREATE FUNCTION work.add_customers(ids integer[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO shop.customers
    SELECT i, work.word(), CASE WHEN work.maybe(0.8) THEN work.word() || '@example.org' END, work.maybe(0.5),
        CASE WHEN work.maybe(0.8) THEN (random() * 1999 - 999)::numeric(5, 2) END,
        work.moment()::date, CASE work.pick(4) WHEN 0 THEN NULL WHEN 1 THEN '{}'::text[]
            ELSE ARRAY[work.word(), NULL, work.word()] END,
        (enum_range(NULL::shop.mood))[1 + work.pick(5)], work.moment(), work.moment()
    FROM unnest(ids) i ON CONFLICT DO NOTHING $$;

CREATE FUNCTION work.add_order_lines(ids integer[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO shop.order_lines
    SELECT i, line, substr(md5(random()::text), 1, 1 + work.pick(8)), work.pick(1000) - 10,
        CASE WHEN work.maybe(0.9) THEN (random() * 200000 - 100000)::numeric(12, 4) END, work.word()
    FROM unnest(ids) i, generate_series(1, 1 + work.pick(4)) line ON CONFLICT DO NOTHING $$;

CREATE FUNCTION work.add_documents(ids integer[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO shop.documents
    SELECT 'doc/' || i || '"é', work.word(), CASE work.pick(5) WHEN 0 THEN NULL WHEN 1 THEN work.word() ELSE work.large(100) END,
        CASE work.pick(4) WHEN 0 THEN NULL WHEN 1 THEN '\x'::bytea ELSE decode(work.large(160), 'hex') END,
        CASE work.pick(4) WHEN 0 THEN NULL WHEN 1 THEN work.document(1) ELSE work.document(90) END, 0
    FROM unnest(ids) i ON CONFLICT DO NOTHING $$;

CREATE FUNCTION work.session_key(i integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS 'SELECT md5(i::text)::uuid';

CREATE FUNCTION work.add_sessions(ids integer[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO shop.sessions
    SELECT work.session_key(i), work.word(), work.document(1), CASE WHEN work.maybe(0.7) THEN work.document(2)::json END,
        decode(work.large(1), 'hex'), (enum_range(NULL::shop.mood))[1 + work.pick(4)], work.moment(), 0
    FROM unnest(ids) i ON CONFLICT DO NOTHING $$;

CREATE FUNCTION work.add_numbers(ids integer[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO shop.numbers
    SELECT i, (ARRAY[-32768, 32767, 0, NULL, work.pick(1000)])[1 + work.pick(5)],
        (ARRAY[-2147483648, 2147483647, 0, NULL, work.pick(100000)])[1 + work.pick(5)],
        (ARRAY[-9223372036854775808, 9223372036854775807, 0, NULL, work.pick(100000), 9007199254740993])[1 + work.pick(6)],
        (ARRAY['-9999999999999999999999999999.9999999999', '9999999999999999999999999999.9999999999', '0', NULL, '0.0000000001',
               '-1.1', (random() * 1e9)::text])[1 + work.pick(7)]::numeric,
        (ARRAY['-99999999999999999999', '99999999999999999999', '0', NULL, '255', '-256'])[1 + work.pick(6)]::numeric,
        (ARRAY['-0.00000000000000000000000000000000000123', '123456789012345678901234567890123456789012345678901234567890.5',
               '0', NULL, '1000', '12.3400', (random() * 1e3)::text])[1 + work.pick(7)]::numeric,
        (ARRAY['NaN', 'Infinity', '-Infinity', '-0', '3.4028235e38', '1e-45', NULL, '0.1', random()::text])[1 + work.pick(9)]::real,
        (ARRAY['NaN', 'Infinity', '-Infinity', '-0', '1.7976931348623157e308', '5e-324', NULL, '0.1', '1e22',
               random()::text])[1 + work.pick(10)]::double precision,
        (ARRAY[true, false, NULL])[1 + work.pick(3)],
        (ARRAY[0, 4294967295, NULL, 16384])[1 + work.pick(4)]::oid
    FROM unnest(ids) i ON CONFLICT DO NOTHING $$;

-- `edge` adds what the connector cannot take in a snapshot: infinite and BC dates.
CREATE FUNCTION work.add_moments(ids integer[], edge boolean) RETURNS void LANGUAGE sql AS $$
    INSERT INTO shop.moments
    SELECT i, CASE WHEN edge AND work.maybe(0.3) THEN (ARRAY['infinity', '-infinity', '0044-03-15 BC', '0001-01-01', '9999-12-31',
                   '1582-10-10', '4713-01-01 BC'])[1 + work.pick(7)]::date ELSE work.moment()::date END,
        (ARRAY['00:00', '24:00', '23:59:59.999999', NULL, work.moment()::time::text])[1 + work.pick(5)]::time,
        (ARRAY['00:00', '23:59:59', NULL, '12:34:56'])[1 + work.pick(4)]::time(0),
        (ARRAY['00:00', '23:59:59.999', NULL, '12:34:56.7'])[1 + work.pick(4)]::time(3),
        (ARRAY['00:00Z', '12:00:00.123456+02', NULL, '23:59:59-11:30'])[1 + work.pick(4)]::timetz,
        CASE WHEN edge AND work.maybe(0.3) THEN (ARRAY['infinity', '-infinity', '0044-03-15 12:34:56.789 BC', '0001-01-01', '1582-10-10',
            '9999-12-31 23:59:59.999999', '1969-12-31 23:59:59.999999'])[1 + work.pick(7)]::timestamp ELSE work.moment() END,
        CASE WHEN edge AND work.maybe(0.2) THEN (ARRAY['infinity', '-infinity', '0044-03-15 BC'])[1 + work.pick(3)]::timestamp
            ELSE work.moment() END,
        CASE WHEN edge AND work.maybe(0.2) THEN (ARRAY['infinity', '-infinity', '1969-12-31 23:59:59.999'])[1 + work.pick(3)]::timestamp
            ELSE work.moment() END,
        CASE WHEN edge AND work.maybe(0.3) THEN (ARRAY['infinity', '-infinity', '0044-03-15 12:34:56.789 BC', '0001-01-01',
            '9999-12-31 23:59:59.999999'])[1 + work.pick(5)]::timestamptz ELSE work.moment() END,
        work.moment(), work.moment(),
        (ARRAY['1 year 2 mons 3 days 04:05:06.789', '-1 mons +2 days -03:00:00', '0', NULL, '-00:00:00.000001', '178000 years',
            '100000:00:00'])[1 + work.pick(7)]::interval
    FROM unnest(ids) i ON CONFLICT DO NOTHING $$;

CREATE FUNCTION work.add_lists(ids integer[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO shop.lists
    SELECT i, CASE work.pick(4) WHEN 0 THEN NULL WHEN 1 THEN '{}'::integer[] ELSE ARRAY[1, NULL, -2147483648, work.pick(100)] END,
        ARRAY[9223372036854775807, NULL, i], CASE work.pick(4) WHEN 0 THEN '{}'::text[]
            ELSE ARRAY[work.word(), NULL, 'NULL', '', work.word()] END,
        ARRAY[random() * 1000, -0.001, NULL]::numeric(12, 3)[], ARRAY['NaN', '-Infinity', random()::text]::double precision[],
        ARRAY[true, NULL, false], ARRAY[md5(random()::text)::uuid, NULL], ARRAY[work.moment()::date, NULL, '1970-01-01'],
        ARRAY[work.moment()::timestamptz, NULL], CASE WHEN work.maybe(0.9) THEN ARRAY['sad, really', '"quoted"', 'happy']::shop.mood[] END
    FROM unnest(ids) i ON CONFLICT DO NOTHING $$;

CREATE FUNCTION work.add_events(ids integer[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO shop.events
    SELECT i, timestamptz '2023-06-01Z' + (i % 900) * interval '1 day 00:00:00.000001', work.word(), work.document(1)
    FROM unnest(ids) i ON CONFLICT DO NOTHING $$;

CREATE FUNCTION work.add_ledger(ids integer[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO shop.ledger
    SELECT i * 1000.0001, (random() * 1e9 - 5e8)::numeric(18, 2), (random() * 1e9)::numeric(30, 6)
    FROM unnest(ids) i ON CONFLICT DO NOTHING $$;

CREATE FUNCTION work.add_pairs(ids integer[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO shop.pairs SELECT i, n FROM unnest(ids) i, (VALUES ('one'), (''), ('Zwei "2"')) v (n) ON CONFLICT DO NOTHING $$;

CREATE FUNCTION work.add_orders(ids integer[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO shop."Group Order"
    SELECT i, work.word(), work.word(), (random() * 1000)::numeric(8, 2), work.maybe(0.5)
    FROM unnest(ids) i ON CONFLICT DO NOTHING $$;

CREATE FUNCTION work.wide_columns(template text, part integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT string_agg(format(template, 'c' || to_char(i, 'FM00'),
        (ARRAY['work.pick(100000)', 'work.word()', '(random() * 1e6)::numeric(12,3)', 'work.moment()', 'work.maybe(0.5)',
               'random() * 1e9', 'work.moment()::date', 'work.word()', 'work.pick(1000) * 1000000000::bigint',
               'work.moment()::timestamptz'])[1 + i % 10]), ', ' ORDER BY i)
    FROM generate_series(1, 59) i WHERE part < 0 OR i % 5 = part $$;

CREATE FUNCTION work.add_wide(ids integer[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'INSERT INTO shop.wide SELECT i, ' || work.wide_columns('%2$s', -1)
        || ' FROM unnest($1) i ON CONFLICT DO NOTHING' USING ids;
END $$;

-- ---- the rows that a snapshot finds -------------------------------------------------------------

CREATE PROCEDURE work.fill(k integer) LANGUAGE plpgsql AS $$
DECLARE ids integer[] := ARRAY(SELECT generate_series(1, k));
BEGIN
    PERFORM setseed(0.5);
    PERFORM work.add_customers(ids), work.add_order_lines(ids), work.add_documents(ids), work.add_sessions(ids),
        work.add_numbers(ids), work.add_moments(ids, false), work.add_lists(ids), work.add_events(ids), work.add_ledger(ids),
        work.add_pairs(ids), work.add_orders(ids), work.add_wide(ids[1:k / 4]);
    INSERT INTO shop.audit SELECT -1, i, work.word() FROM unnest(ids) i;
    INSERT INTO shop.marker VALUES (0, 'snapshot');
END $$;

-- ---- the changes ---------------------------------------------------------------------------------

-- One change of one table, picked at random, on `ids`.
CREATE PROCEDURE work.change(session integer, sessions integer, step integer) LANGUAGE plpgsql AS $$
DECLARE
    space CONSTANT integer := 400;
    ids integer[] := work.keys(session, sessions, space, 1 + work.pick(24));
    mine integer := ids[1];
    other integer := session + sessions * work.pick(space);
BEGIN
    INSERT INTO shop.audit SELECT session, step, work.word() FROM generate_series(1, work.pick(4));
    CASE work.pick(28)
    WHEN 0 THEN PERFORM work.add_customers(ids);
    WHEN 1, 2 THEN
        UPDATE shop.customers SET name = work.word(), rating = random() * 100, tags = tags || work.word(), updated = work.moment(),
            active = NOT active WHERE id = ANY (ids);
    WHEN 3 THEN DELETE FROM shop.customers WHERE id = ANY (ids[1:6]);
    WHEN 4 THEN -- the key moves, to a free one or by exchange
        IF NOT EXISTS (SELECT FROM shop.customers WHERE id = other) THEN
            UPDATE shop.customers SET id = other, name = work.word() WHERE id = mine;
        ELSIF mine <> other THEN
            UPDATE shop.customers SET id = -mine WHERE id = mine;
            UPDATE shop.customers SET id = mine WHERE id = other;
            UPDATE shop.customers SET id = other WHERE id = -mine;
        END IF;
    WHEN 5 THEN PERFORM work.add_order_lines(ids);
    WHEN 6 THEN UPDATE shop.order_lines SET quantity = quantity + 1, price = price * 1.01, note = NULL WHERE order_id = ANY (ids);
    WHEN 7 THEN DELETE FROM shop.order_lines WHERE order_id = ANY (ids[1:5]) AND line > work.pick(3);
    WHEN 8 THEN
        UPDATE shop.order_lines SET order_id = other WHERE order_id = mine
            AND NOT EXISTS (SELECT FROM shop.order_lines WHERE order_id = other);
    WHEN 9 THEN PERFORM work.add_documents(ids[1:5]);
    WHEN 10, 11 THEN -- large values unchanged
        UPDATE shop.documents SET title = work.word(), version = version + 1
        WHERE code IN (SELECT 'doc/' || i || '"é' FROM unnest(ids) i);
    WHEN 12 THEN -- one of them changed
        UPDATE shop.documents SET body = CASE work.pick(3) WHEN 0 THEN work.large(100) WHEN 1 THEN NULL ELSE body END,
            meta = CASE work.pick(3) WHEN 0 THEN work.document(90) WHEN 1 THEN '{}' ELSE meta END, version = version + 1
        WHERE code IN (SELECT 'doc/' || i || '"é' FROM unnest(ids[1:6]) i);
    WHEN 13 THEN -- the key changes over them, and back half of the time
        UPDATE shop.documents SET code = 'moved/' || mine, version = version + 1 WHERE code = 'doc/' || mine || '"é'
            AND NOT EXISTS (SELECT FROM shop.documents WHERE code = 'moved/' || mine);
        IF work.maybe(0.5) THEN
            UPDATE shop.documents SET title = 'moving back' WHERE code = 'moved/' || mine;
            UPDATE shop.documents SET code = 'doc/' || mine || '"é' WHERE code = 'moved/' || mine
                AND NOT EXISTS (SELECT FROM shop.documents WHERE code = 'doc/' || mine || '"é');
        END IF;
    WHEN 14 THEN
        DELETE FROM shop.documents WHERE code IN (SELECT 'doc/' || i || '"é' FROM unnest(ids[1:3]) i) OR code = 'moved/' || other;
    WHEN 15 THEN
        PERFORM work.add_sessions(ids);
        UPDATE shop.sessions SET hits = hits + 1, data = data || '{"seen": true}', raw = NULL, started_at = NULL
        WHERE id IN (SELECT work.session_key(i) FROM unnest(ids) i);
    WHEN 16 THEN
        DELETE FROM shop.sessions WHERE id IN (SELECT work.session_key(i) FROM unnest(ids[1:8]) i);
        UPDATE shop.sessions SET id = work.session_key(-other) WHERE id = work.session_key(other)
            AND NOT EXISTS (SELECT FROM shop.sessions WHERE id = work.session_key(-other));
    WHEN 17 THEN PERFORM work.add_wide(ids[1:8]);
    WHEN 18 THEN
        EXECUTE 'UPDATE shop.wide SET ' || work.wide_columns('%1$s = %2$s', work.pick(5)) || ' WHERE id = ANY ($1)' USING ids;
    WHEN 19 THEN
        DELETE FROM shop.wide WHERE id = ANY (ids[1:3]);
        PERFORM work.add_numbers(ids);
    WHEN 20 THEN -- deleted and there again in one transaction
        DELETE FROM shop.numbers WHERE id = ANY (ids[1:10]);
        PERFORM work.add_numbers(ids[1:8]);
    WHEN 21 THEN
        DELETE FROM shop.moments WHERE id = ANY (ids);
        PERFORM work.add_moments(ids, true);
    WHEN 22 THEN
        PERFORM work.add_lists(ids);
        UPDATE shop.lists SET texts = texts || work.word(), integers = ARRAY[step, NULL], flags = NULL WHERE id = ANY (ids[1:9]);
        DELETE FROM shop.lists WHERE id = ANY (ids[10:14]);
    WHEN 23 THEN PERFORM work.add_events(ids);
    WHEN 24 THEN -- some move to another partition
        UPDATE shop.events e SET at = at + interval '1 year', kind = work.word() WHERE id = ANY (ids[1:5])
            AND NOT EXISTS (SELECT FROM shop.events o WHERE o.id = e.id AND o.at <> e.at);
        UPDATE shop.events SET payload = work.document(1) WHERE id = ANY (ids);
        DELETE FROM shop.events WHERE id = other;
    WHEN 25 THEN
        PERFORM work.add_ledger(ids);
        UPDATE shop.ledger SET amount = amount + 0.01, total = -total WHERE account IN (SELECT i * 1000.0001 FROM unnest(ids) i);
        UPDATE shop.ledger SET account = -account WHERE account = other * 1000.0001
            AND NOT EXISTS (SELECT FROM shop.ledger WHERE account = other * -1000.0001);
    WHEN 26 THEN
        PERFORM work.add_pairs(ids);
        DELETE FROM shop.pairs WHERE a = ANY (ids[1:4]);
        UPDATE shop.pairs SET b = b || '+' || pg_current_xact_id() || '.' || step WHERE a = ids[5];
    ELSE
        PERFORM work.add_orders(ids);
        UPDATE shop."Group Order" SET "quo""te" = work.word(), "a.b c" = -"a.b c" WHERE "Select" = ANY (ids);
        DELETE FROM shop."Group Order" WHERE "Select" = other;
    END CASE;
END $$;

-- `steps` changes in transactions of one to eight, one in ten of them rolled back, some with a
-- savepoint that is rolled back.
CREATE PROCEDURE work.run(session integer, sessions integer, steps integer, seed double precision) LANGUAGE plpgsql AS $$
DECLARE step integer := 0;
BEGIN
    PERFORM setseed(seed);
    WHILE step < steps LOOP
        FOR i IN 1 .. 1 + work.pick(8) LOOP
            step := step + 1;
            IF work.maybe(0.08) THEN
                BEGIN
                    CALL work.change(session, sessions, step);
                    RAISE division_by_zero;
                EXCEPTION WHEN division_by_zero THEN NULL;
                END;
            ELSE
                CALL work.change(session, sessions, step);
            END IF;
        END LOOP;
        IF work.maybe(0.1) THEN ROLLBACK; ELSE COMMIT; END IF;
    END LOOP;
END $$;
