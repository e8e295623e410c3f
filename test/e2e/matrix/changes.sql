-- What happens to the rows while the connectors stream. Procedure work.change(schema):
--   id < 1000     stay as the snapshot found them
--   id + 1000     inserted
--   id + 2000     inserted as NULLs, then updated to the values
--   id + 3000     inserted and deleted
--   id + 4000     inserted, then updated to NULLs
--   id + 5000     inserted, then moved to id + 5500 by a change of the key
CREATE SCHEMA work;
CREATE TABLE work.keys (name text, literals text[]); -- for each key column the first, second ... value
CREATE TABLE work.marker (id integer PRIMARY KEY);

CREATE PROCEDURE work.change_rows(relation regclass) LANGUAGE plpgsql AS $$
DECLARE
    given text;   -- what an INSERT may name
    changed text; -- what an UPDATE may set
BEGIN
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FILTER (WHERE attgenerated = ''),
           string_agg(quote_ident(attname), ', ' ORDER BY attnum) FILTER (WHERE attgenerated = '' AND attidentity = '' AND NOT attnotnull)
    INTO given, changed FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped AND attname <> 'id';
    FOR base IN 1..5 LOOP
        CONTINUE WHEN base = 2;
        EXECUTE format('INSERT INTO %s (id, %s) OVERRIDING SYSTEM VALUE SELECT id + %s, %2$s FROM %1$s WHERE id < 1000', relation, given, base * 1000);
    END LOOP;
    EXECUTE format('INSERT INTO %s (id) SELECT id + 2000 FROM %1$s WHERE id < 1000', relation);
    COMMIT;
    EXECUTE format('UPDATE %s AS t SET (%s) = (SELECT %2$s FROM %1$s s WHERE s.id = t.id - 2000) WHERE id BETWEEN 2001 AND 2999', relation, changed);
    EXECUTE format('DELETE FROM %s WHERE id BETWEEN 3001 AND 3999', relation);
    EXECUTE format('UPDATE %s SET %s WHERE id BETWEEN 4001 AND 4999', relation,
        (SELECT string_agg(c || ' = NULL', ', ') FROM regexp_split_to_table(changed, ', (?=(?:[^"]*"[^"]*")*[^"]*$)') c));
    EXECUTE format('UPDATE %s SET id = id + 500 WHERE id BETWEEN 5001 AND 5499', relation);
    COMMIT;
END $$;

-- Before the snapshot the first two keys are there; then all, with updates, a deleted one and a moved one.
-- The large value stays as it is meanwhile.
CREATE FUNCTION work.key_literals(key work.keys, number integer) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(quote_literal(key.literals[i][number]), ', ' ORDER BY i) FROM generate_subscripts(key.literals, 1) i
$$;
CREATE FUNCTION work.key_insert(relation text, key work.keys, number integer) RETURNS text LANGUAGE sql AS $$
    SELECT format('INSERT INTO %s SELECT %s, %s, string_agg(md5((%3$s * 1000 + i)::text), %L) FROM generate_series(1, 100) i',
                  relation, work.key_literals(key, number), number, '')
$$;
CREATE PROCEDURE work.first_keys(schema text) LANGUAGE plpgsql AS $$
DECLARE
    key work.keys;
    relation text;
BEGIN
    FOR key IN SELECT * FROM work.keys WHERE to_regclass(format('%I.%s', schema, name)) IS NOT NULL LOOP
        relation := format('%I.%s', schema, key.name);
        EXECUTE work.key_insert(relation, key, 1);
        EXECUTE work.key_insert(relation, key, 2);
    END LOOP;
END $$;
CREATE PROCEDURE work.change_keys(schema text) LANGUAGE plpgsql AS $$
DECLARE
    key work.keys;
    relation text;
    columns text;
BEGIN
    FOR key IN SELECT * FROM work.keys WHERE to_regclass(format('%I.%s', schema, name)) IS NOT NULL LOOP
        relation := format('%I.%s', schema, key.name);
        columns := (SELECT string_agg('k' || i, ', ' ORDER BY i) FROM generate_subscripts(key.literals, 1) i);
        EXECUTE format('UPDATE %s SET v = v + 100 WHERE (%s) = (%s)', relation, columns, work.key_literals(key, 1));
        EXECUTE format('UPDATE %s SET (%s) = ROW(%s), v = 50 WHERE (%s) = (%s)', relation, columns, work.key_literals(key, 3), columns, work.key_literals(key, 2));
        EXECUTE work.key_insert(relation, key, 4);
        COMMIT;
        EXECUTE format('DELETE FROM %s WHERE (%s) = (%s)', relation, columns, work.key_literals(key, 1));
        EXECUTE work.key_insert(relation, key, 2);
        EXECUTE format('UPDATE %s SET (%s) = ROW(%s), v = -1 WHERE (%s) = (%s)', relation, columns, work.key_literals(key, 1), columns, work.key_literals(key, 4));
        COMMIT;
    END LOOP;
END $$;

CREATE PROCEDURE work.change(schema text) LANGUAGE plpgsql AS $$
DECLARE
    relation regclass;
BEGIN
    PERFORM set_config('search_path', quote_ident(schema) || ', kinds, public', false);
    FOR relation IN SELECT c.oid::regclass FROM pg_class c WHERE relnamespace = schema::regnamespace AND relkind = 'r'
        AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'id') AND relname NOT LIKE 'toast%' AND relname <> 'truncated' ORDER BY relname
    LOOP
        CALL work.change_rows(relation);
    END LOOP;
    CALL work.change_keys(schema);

    -- a key whose columns have another order than the table's, and one that is a unique index only
    INSERT INTO key_composite VALUES (1, 'c', '2020-01-03', 4, NULL);
    UPDATE key_composite SET k2 = k2 || '''"' WHERE k1 = 1;
    UPDATE key_composite SET v = v + 1;
    DELETE FROM key_composite WHERE k1 = 2;
    UPDATE key_unique SET v = v + 1;
    UPDATE key_unique SET k = 'ffffffff-ffff-ffff-ffff-ffffffffffff' WHERE v = 2;

    -- large values that stay, also when the key changes
    INSERT INTO toast SELECT id + 1000, version, t, v, j, jb, by, ta, x, h, i4a, i8a, ua, da, ja, bya, ci FROM toast;
    INSERT INTO toast_bare SELECT id + 1000, version, n, b, na, tsa, po, f8a, g, ve FROM toast_bare;
    COMMIT;
    UPDATE toast SET version = version + 1;
    UPDATE toast_bare SET version = version + 1;
    UPDATE toast SET t = t || 'x', by = '' WHERE id IN (3, 1003);
    UPDATE toast SET version = version + 1 WHERE id IN (3, 1003);
    UPDATE toast SET id = id + 5000, version = 99 WHERE id IN (4, 1004);
    UPDATE toast_bare SET id = id + 5000, version = 99 WHERE id IN (4, 1004);
    UPDATE toast SET version = version + 1 WHERE id > 5000;
    COMMIT;

    TRUNCATE truncated;
    INSERT INTO truncated SELECT i, 'after ' || i FROM generate_series(5, 12) i;

    INSERT INTO keyless VALUES (5, 'five', 5.0, '{"b":1, "b":2}', '(5,5)', '2025-05-05'), (5, 'five', 5.0, '{"b":1, "b":2}', '(5,5)', '2025-05-05');
    IF EXISTS (SELECT FROM pg_class WHERE oid = 'keyless'::regclass AND relreplident = 'f') THEN
        UPDATE keyless SET b = 'changed' WHERE a IN (1, 3);
        UPDATE keyless SET c = 5.25 WHERE ctid = (SELECT min(ctid) FROM keyless WHERE a = 5); -- one of equal rows
        DELETE FROM keyless WHERE ctid = (SELECT min(ctid) FROM keyless WHERE a = 2);
        DELETE FROM keyless WHERE ctid = (SELECT min(ctid) FROM keyless WHERE a IS NULL);
        DELETE FROM keyless WHERE a = 4;
    END IF;
    COMMIT;
END $$;
