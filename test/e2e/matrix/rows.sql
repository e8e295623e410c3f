-- The rows of every table of tables.sql in schema :schema: edge values. Row 1 is NULLs (or defaults).
SET client_min_messages = warning;
SET search_path = :"schema", kinds, public;

INSERT INTO integers VALUES
    (2, 0, 0, 0, 0, true),
    (3, -32768, -2147483648, -9223372036854775808, 4294967295, false),
    (4, 32767, 2147483647, 9223372036854775807, 1, true),
    (5, 1, -1, 9007199254740993, 2147483648, NULL),
    (6, -1, 1, -9007199254740993, 3000000000, true);

INSERT INTO floats VALUES
    (2, 0, 0), (3, '-0', '-0'), (4, 'NaN', 'NaN'), (5, 'Infinity', 'Infinity'), (6, '-Infinity', '-Infinity'),
    (7, '3.4028235e38', '1.7976931348623157e308'), (8, '-3.4028235e38', '-1.7976931348623157e308'),
    (9, '1.17549435e-38', '2.2250738585072014e-308'), (10, '1e-45', '5e-324'), (11, 0.1, 0.1), (12, 1e10, 1e21),
    (13, 16777217, 9007199254740993), (14, 1.1, 123456789.123456789), (15, 3.3e-5, 1e-7);

INSERT INTO decimals VALUES
    (2, 0, 0, 0, 0, 0, 0, 0), (3, 'NaN', 'NaN', 'NaN', 'NaN', 'NaN', 'NaN', '-0.01'), (4, 'Infinity', NULL, NULL, NULL, NULL, NULL, NULL),
    (5, '-Infinity', NULL, NULL, NULL, NULL, NULL, NULL),
    (6, 123456789012345678901234567890.123456789, 99999999.99, 1234567890123456789012345678.0123456789, 12345678901234567891, 1e99 - 0.5, 9, 1234.56),
    (7, -0.000000000000000000000000000001, -0.01, -0.0000000001, -1, 1e-100, -9, 0.01),
    (8, 10.00, 10.00, 1.1000000000, 10, -1.1, NULL, 10), (9, 1e300, 1, 1, 1, 1, 1, 1),
    (10, -1e-300, -1.10, -128, 128, 127, -1, -1), (11, 1e30, 255, 256, -256, -255, 5, 12345678.9),
    (12, ('1' || repeat('0', 1000) || '.' || repeat('1', 200))::numeric, 0.1, 0.2, 18446744073709551615, 0, 0, 0),
    -- as doubles these are too large for their columns
    (20, NULL, NULL, 9999999999999999999999999999.9999999999, NULL, NULL, NULL, NULL), (21, NULL, NULL, NULL, 99999999999999999999, NULL, NULL, NULL),
    (22, NULL, NULL, NULL, -99999999999999999999, NULL, NULL, NULL), (23, NULL, NULL, NULL, NULL, repeat('9', 100)::numeric + 0.5, NULL, NULL),
    (24, NULL, NULL, NULL, NULL, NULL, NULL, '92233720368547758.07'), (25, NULL, NULL, NULL, NULL, NULL, NULL, '-92233720368547758.08');

INSERT INTO scales VALUES (2, 0, 0), (3, 12300, 0.00123), (4, -9999900, -0.00999), (5, 'NaN', 'NaN'), (6, 100, 0.00001);

INSERT INTO bits VALUES
    (2, B'0', B'00', B'00000000', repeat('0', 24)::bit(24), 0::bit(64), 0::bit(70), B'0', B'0', B'0'),
    (3, B'1', B'11', B'11111111', repeat('1', 24)::bit(24), (-1)::bit(64), (-1)::bit(70), B'1', B'1111111111', repeat('1', 200)::varbit),
    (4, B'1', B'10', B'10000000', B'000000110000001000000001', 1::bit(64), 1::bit(70), B'', B'', B''),
    (5, B'0', B'01', B'00000001', B'100000000000000000000000', (B'1' || repeat('0', 63))::bit(64), (B'1' || repeat('0', 69))::bit(70),
        B'1', B'101', B'1011'),
    (6, B'1', B'01', B'01010101', B'000000000000000100000000', 255::bit(64), 513::bit(70), NULL, B'0000000001', B'0001');

INSERT INTO strings VALUES
    (2, '', '', '', '', '', '', '', ''), (3, ' a ', ' a ', ' a ', ' ', 'a', 'a', 'a', 'MiXed'),
    (4, E'tab\tnewline\nreturn\rback\\slash "quote" ''single'' /', E'\b\f\x01\x1f\x7f', E'\t\n', '"', '"q" \b ', '"', '"', '"'),
    (5, 'ünïcödé € 漢字 😀 👨‍👩‍👧', '😀', '漢字漢字', '漢', 'öäü', 'z', 'näme', 'ÖÄÜ'), (6, 'NULL', 'null', 'None', 'N', 'NULL', 'N', 'NULL', 'null'),
    (7, '\N', '\.', '{}', '{', '{"a": 1}', '\', '[]', '{}'), (8, '1234', '12.5', '1e5', '0', '0007', '7', 'true', 'false'),
    (9, 'QUJD', 'AQID', '2020-01-01', 'A', '12:00:00', 'x', 'infinity', 'NaN'),
    (10, repeat('long ', 20000), repeat('ö', 5000), repeat('x', 20), 'x', repeat('y', 10), 'y', repeat('n', 63), repeat('C', 1000)),
    (11, '__debezium_unavailable', E'\u2028\u2029', E'\uFFFD', E'\u00A0', E'a\u00A0', NULL, E'\uFEFFbom', E'e\u0301');

INSERT INTO binaries VALUES
    (2, '', '00000000-0000-0000-0000-000000000000'), (3, '\x00', 'ffffffff-ffff-ffff-ffff-ffffffffffff'),
    (4, '\x010203', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'),
    (5, (SELECT string_agg(set_byte('\x00', 0, i), '' ORDER BY i) FROM generate_series(0, 255) i), NULL),
    (6, '\xfffefdfcfbfaf9', '{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}'), (7, convert_to('ABC', 'UTF8'), NULL), (8, '\xfbff', NULL), (9, '\xdeadbeef', NULL);

INSERT INTO documents VALUES
    (2, 'null', 'null', '<a/>'), (3, '{}', '{}', '<a b="c">text &lt; &amp; <!-- x --><![CDATA[ <raw> ]]></a>'),
    (4, '[]', '[]', 'just text'), (5, '"text"', '"text"', ''), (6, '  {"b" : 1, "a":[1 ,2],   "b":2 }  ', '{"b" : 1, "a":[1 ,2], "b":2 }', '<ö>€</ö>'),
    (7, '1e400', '1e300', '<?xml version="1.0"?><a/>'), (8, '-0', '-0', ' <a>  </a> '),
    (9, '0.10000000000000000000000000000000001', '0.10000000000000000000000000000000001', E'<a>\n</a>'),
    (10, '{"u": "\u00e4 \ud83d\ude00 \" \\ \/ \b\f\n\r\t €", "": null}', '{"u": "\u00e4 \ud83d\ude00 \" \\ \/ \b\f\n\r\t €", "": null}', NULL),
    (11, '12345678901234567890123456789012345678901234567890', '12345678901234567890123456789012345678901234567890', NULL),
    (12, '{"deep": [[[[[[[[[[{"x": [true, false, null, -1.50, 1E+2]}]]]]]]]]]]}', '{"deep": [[[[[[[[[[{"x": [true, false, null, -1.50, 1E+2]}]]]]]]]]]]}', NULL),
    (13, '{"zero": "\u0000"}', '{"not zero": "\\u0000"}', NULL), (14, 'true', 'false', NULL), (15, '""', '" "', NULL), (16, '1.0', '1.0', NULL),
    (17, ('[' || repeat('{"k": "value"},', 5000) || '1]')::json, ('[' || repeat('{"k": "value"},', 5000) || '1]')::jsonb, NULL);

INSERT INTO dates VALUES
    (2, '1970-01-01'), (3, '2000-01-01'), (4, '1969-12-31'), (5, 'infinity'), (6, '-infinity'), (7, '0044-03-15 BC'),
    (8, '4714-11-24 BC'), (9, '5874897-12-31'), (10, '12345-01-02'), (11, '0001-01-01'), (12, '0001-12-31 BC'), (13, '1582-10-04'),
    (14, '1582-10-15'), (15, '9999-12-31'), (16, '10000-01-01'), (17, '2024-02-29'), (18, '1500-02-28'), (19, '294277-01-01');

INSERT INTO times VALUES
    (2, '00:00', '00:00', '00:00', '00:00', '00:00', '00:00', '00:00', '00:00', '00:00+00', '00:00+00', '00:00+00'),
    (3, '24:00', '24:00', '24:00', '24:00', '24:00', '24:00', '24:00', '24:00', '24:00+00', '24:00+00', '24:00+00'),
    (4, '12:34:56.123456', '12:34:56', '12:34:56.1', '12:34:56.12', '12:34:56.123', '12:34:56.1234', '12:34:56.12345', '12:34:56.123456',
        '12:34:56.123456+02', '12:34:56-05:30', '12:34:56.789+13'),
    (5, '23:59:59.999999', '23:59:59', '23:59:59.9', '23:59:59.99', '23:59:59.999', '23:59:59.9999', '23:59:59.99999', '23:59:59.999999',
        '23:59:59.999999-15:59', '23:59:59+15:59', '23:59:59.999-08'),
    (6, '00:00:00.000001', '00:00:01', '00:00:00.1', '00:00:00.01', '00:00:00.001', '00:00:00.0001', '00:00:00.00001', '00:00:00.000001',
        '00:00:00.000001+05:45', '00:00:01+01:02', '00:00:00.001+00');

INSERT INTO timestamps SELECT i, t, t, t, t, t, t, t, t FROM (VALUES
    (2, timestamp '1970-01-01'), (3, '2000-01-01'), (4, '1969-12-31 23:59:59'), (5, 'infinity'), (6, '-infinity'), (7, '0044-03-15 12:00:00 BC'),
    (8, '4714-11-24 00:00:00 BC'), (9, '294246-12-31 23:59:59'), (10, '12345-01-02 03:04:05'), (11, '0001-01-01'), (12, '0001-12-31 23:59:59 BC'),
    (13, '1582-10-04 01:00'), (14, '1582-10-10 01:00'), (15, '9999-12-31 23:59:59'), (16, '10000-01-01'), (17, '2024-02-29 12:00:00'),
    (18, '2024-03-31 02:30'), (19, '2024-10-27 02:30'), (20, '1677-09-21 00:12:44'), (21, '2262-04-11 23:47:16'), (22, '1900-01-01 00:00')) r(i, t);
INSERT INTO timestamps VALUES
    (30, '2018-06-20 15:13:16.945104', '2018-06-20 15:13:17', '2018-06-20 15:13:16.9', '2018-06-20 15:13:16.94', '2018-06-20 15:13:16.945',
        '2018-06-20 15:13:16.9451', '2018-06-20 15:13:16.94510', '2018-06-20 15:13:16.945104'),
    (31, '1969-12-31 23:59:59.999999', '1969-12-31 23:59:59', '1969-12-31 23:59:59.9', '1969-12-31 23:59:59.99', '1969-12-31 23:59:59.999',
        '1969-12-31 23:59:59.9999', '1969-12-31 23:59:59.99999', '1969-12-31 23:59:59.999999'),
    (32, '0044-03-15 12:00:00.000001 BC', NULL, '0044-03-15 12:00:00.1 BC', NULL, '0044-03-15 12:00:00.001 BC', NULL, NULL, '4713-12-31 23:59:59.999999 BC'),
    (33, '294246-12-31 23:59:59.999999', NULL, NULL, NULL, NULL, NULL, NULL, '12345-01-02 03:04:05.678901'),
    -- beyond 294247 the connector's microseconds overflow, so only the columns of milliseconds
    (34, NULL, '294276-12-31 23:59:59', NULL, NULL, NULL, NULL, NULL, NULL), (35, NULL, NULL, '294276-12-31 23:59:59.9', NULL, '294276-12-31 23:59:59.999', NULL, NULL, NULL);

INSERT INTO instants SELECT id, t AT TIME ZONE 'UTC', t0 AT TIME ZONE 'UTC', t1 AT TIME ZONE 'UTC', t2 AT TIME ZONE 'UTC', t3 AT TIME ZONE 'UTC',
    t4 AT TIME ZONE 'UTC', t5 AT TIME ZONE 'UTC', t6 AT TIME ZONE 'UTC' FROM timestamps;
INSERT INTO instants (id, t, t0, t1, t2) VALUES (40, '2024-03-31 01:30+01', '2024-10-27 02:30+01', '2024-10-27 02:30+02', '1900-01-01 00:00+05:17:32');

INSERT INTO intervals SELECT * FROM (VALUES
    (2, interval '0'), (3, '1 year 2 mons 3 days 04:05:06.78'), (4, '-1 year -2 mons 3 days -04:05:06.789'), (5, '00:00:00.000001'),
    (6, '-00:00:00.000001'), (7, '178000000 years'), (8, '-178000000 years'), (9, '2147483647 days'), (10, '-2147483648 days'),
    (11, '1000000:00:00'), (12, '1 mon -1 day'), (13, '24:00:00'), (14, '1 day'), (15, '30 days'), (16, '999 years 11 mons 30 days 23:59:59.999999')) r(id, i);

INSERT INTO interval_fields SELECT id, i, date_trunc('milliseconds', i), i, date_trunc('milliseconds', i) FROM intervals WHERE id > 1;

INSERT INTO networks VALUES
    (2, '0.0.0.0', '0.0.0.0/0', '00:00:00:00:00:00', '00:00:00:00:00:00:00:00'), (3, '192.168.1.5/24', '192.168.1.0/24', 'ff:ff:ff:ff:ff:ff', 'ff:ff:ff:ff:ff:ff:ff:ff'),
    (4, '::1', '::/0', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05'), (5, '2001:db8::1/64', '2001:db8::/32', NULL, '08002b:0102030405'),
    (6, '::ffff:1.2.3.4', '10.1.2.3/32', NULL, NULL), (7, '255.255.255.255/32', '2001:4f8:3:ba::/64', NULL, NULL);

INSERT INTO ranges VALUES
    (2, 'empty', 'empty', 'empty', 'empty', 'empty', 'empty', 'empty'), (3, '(,)', '(,)', '(,)', '(,)', '(,)', '(,)', '(,)'),
    (4, '[1,10)', '[-9223372036854775808,9223372036854775807)', '[1.10,2.0]', '[2019-03-31 15:30:00,infinity)', '[2019-03-31 15:30:00+02,infinity)',
        '[2020-01-01,2020-12-31]', '[-Infinity,Infinity]'),
    (5, '(5,]', '[5,5]', '(,NaN]', '(-infinity,0044-03-15 BC]', '[12345-01-01 00:00+00,)', '[infinity,infinity]', '(1e-300,1e300)');

INSERT INTO multiranges VALUES
    (2, '{}', '{}', '{}', '{}', '{}', '{}'), (3, '{(,)}', '{(,)}', '{(,)}', '{(,)}', '{(,)}', '{(,)}'),
    (4, '{[1,3),[5,10)}', '{[1,3),[5,10)}', '{[1.1,1.1],(2,3)}', '{[2019-03-31 15:30:00,infinity)}', '{[2019-03-31 15:30:00+02,2019-03-31 16:30:00+02)}',
        '{[2020-01-01,2020-02-01),[2021-01-01,)}');

INSERT INTO enums VALUES (2, 'happy'), (3, 'so so'), (4, 'sad, really'), (5, '"quoted"'), (6, 'back\slash'), (7, 'öde');

INSERT INTO domains VALUES
    (2, 1, 1, 1, 'a', 'b', '2020-01-01 12:00:00.123', '2020-01-01 12:00:00.123456+00', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '\x0102',
        '{"a": 1}', '{1,NULL,2}', B'10101', true, '2020-01-01', '10.0.0.1'),
    (3, 2147483647, -99999999.99, 'NaN', 'ööööö', '', 'infinity', '-infinity', NULL, '', 'null', '{}', B'00000', false, '-infinity', '::1/64'),
    (4, NULL, NULL, 1e100, NULL, NULL, NULL, NULL, NULL, '\x00', '"x"', NULL, B'00001', NULL, '0044-03-15 BC', NULL);

INSERT INTO composites VALUES
    (2, '(1,foo)', '("(1,foo)","2020-01-01 00:00:00","{1,2}")'), (3, '(,)', '(,,)'), (4, '(-5,"a ""q"" , b\\c")', '("(,)",infinity,{})'),
    (5, ROW(1, ''), ROW(ROW(2, 'ö€😀 '), NULL, '{NULL}'));

INSERT INTO arrays_of_numbers VALUES
    (2, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}'),
    (3, '{1,NULL,-32768,32767}', '{0,NULL,-2147483648,2147483647}', '{0,NULL,-9223372036854775808,9223372036854775807}', '{0,4294967295,NULL}',
        '{1.5,NULL,NaN,Infinity,-0}', '{0.1,NULL,NaN,-Infinity,5e-324}', '{1.10,NULL,NaN,1e30,-0.001}', '{1.10,NULL,-99999999.99}', '{t,NULL,f}', '{1.25,NULL}'),
    (4, '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}'),
    (5, '{7}', '{7}', '{7}', '{7}', '{7}', '{7}', '{7}', '{7}', '{t}', '{7}'),
    (6, NULL, NULL, NULL, NULL, NULL, NULL, '{1.10,NULL,10.00,1e30,-0.001,123456789012345678901234567890.125}', NULL, NULL, NULL);

INSERT INTO arrays_of_text VALUES
    (2, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}'),
    (3, ARRAY['a', NULL, 'b,c', 'say "x"', 'back\slash', '', 'NULL', '{}', E'\t\n', 'ö😀', ' '], '{a,NULL,"b,c"}', '{a,NULL,abc}', '{MiXed,NULL}', '{n,NULL}',
        '{happy,NULL,"sad, really","\"quoted\"","back\\slash",öde}', '{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11,NULL}', ARRAY['\x00ff'::bytea, NULL, ''],
        ARRAY['{"a" :  1}'::json, NULL, 'null', '"x,y"', '[1, 2]'], ARRAY['{"a" :  1}'::jsonb, NULL, 'null', '"x,y"', '1.50'], ARRAY['<a/>'::xml, NULL]),
    (4, '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}');

INSERT INTO arrays_of_times VALUES
    (2, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}'),
    (3, '{2020-02-29,NULL,1969-12-31,12345-01-02}', '{12:34:56,NULL,00:00}', '{12:34:56.123,NULL}', '{12:34:56+02,NULL}',
        '{2018-06-20 15:13:16.945104,NULL,1969-12-31 23:59:59.999999}', '{2018-06-20 15:13:16.945,NULL}', '{2018-06-20 15:13:16.945104+02,NULL}', '{1 day,NULL,01:00:00}'),
    (4, '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}', '{NULL}'),
    (5, '{infinity,-infinity}', '{12:34:56.123456,24:00:00}', '{24:00:00}', '{24:00:00+00}', '{infinity,-infinity}', '{infinity,-infinity}', '{infinity,-infinity}', '{1 mon}'),
    (6, '{0044-03-15 BC}', '{12:34:56.123456,NULL,00:00:00.0009}', NULL, NULL, '{0044-03-15 00:00:00 BC,12345-01-02 00:00:00}', NULL, '{0044-03-15 00:00:00+00 BC,12345-01-02 00:00:00+00}', NULL);

INSERT INTO arrays_of_others VALUES
    (2, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}'),
    (3, '{10.0.0.1,NULL,::1/64}', '{10.0.0.0/8,NULL}', '{08:00:2b:01:02:03,NULL}', '{08:00:2b:01:02:03:04:05,NULL}', '{"[1,10)",NULL,empty}', '{"[1.5,2)",NULL}',
        '{"[2020-01-01,2020-01-02 12:00)",NULL}', '{"[2020-01-01 00:00+00,)",NULL}', '{"[2020-01-01,2020-02-01)",NULL}',
        ARRAY['a=>1'::hstore, NULL, 'b=>NULL, "c d"=>"e\"f"'], '{a.b.c,NULL}', '{101,NULL,000}', '{101,NULL}', '{"(1,2)",NULL}', '{"(1,foo)",NULL}', '{1,NULL}',
        '{1.10,NULL}', ARRAY['a b:1'::tsvector, NULL]);

INSERT INTO arrays_of_arrays VALUES
    (2, '{{1,2},{3,4}}', '{{a,NULL},{"b,c","\"q\""}}', '{{1.5},{2.25}}', '{{2020-01-01 00:00:00},{2021-01-01 00:00:00}}', '[0:2]={1,2,3}'),
    (3, '{{{1},{2}},{{3},{4}}}', NULL, NULL, NULL, '[5:5]={1}');

INSERT INTO extensions VALUES
    (2, '', '', '*', ''), (3, 'a=>1, b=>NULL', 'top.science.astronomy', 'top.*{1,3}.a|b@', 'CiText'),
    (4, '"q\"uote"=>"back\\slash", " space "=>"", "NULL"=>"NULL", "ö"=>"😀", ""=>"empty key"', 'a_1.b', 'a', 'ß'),
    (5, (SELECT hstore(array_agg('key' || i), array_agg('value' || i)) FROM generate_series(1, 500) i), 'x', NULL, NULL);

INSERT INTO maps VALUES
    (2, 'POINT(1 2)', 'POINT(-0.1 1e-300)', 'SRID=4326;POINT(13.4 52.5)', 'SRID=3857;LINESTRING(0 0,1 1,2.5 -3)', 'SRID=4326;POINT Z (1 2 3)',
        'POINT(-71.06 42.36)', 'SRID=4326;POINT(-180 90)', 'LINESTRING(-118.4 33.9,139.7 35.5)', ARRAY['POINT(1 2)'::geometry, NULL, 'SRID=3857;LINESTRING(0 0,1 1)'],
        ARRAY['POINT(1 2)'::geography, NULL]),
    (3, 'POINT EMPTY', 'POINT EMPTY', 'SRID=4326;POINT EMPTY', 'SRID=3857;LINESTRING EMPTY', 'SRID=4326;POINT Z EMPTY', 'POINT EMPTY', 'POINT EMPTY', 'LINESTRING EMPTY', '{}', '{}'),
    (4, 'SRID=4326;GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))', ST_MakePoint('Infinity', 'NaN'), NULL, NULL, NULL, 'POLYGON((0 0,0 1,1 1,1 0,0 0))', NULL, NULL, '{NULL}', '{NULL}'),
    (5, 'SRID=3857;POLYGON((0 0,10 0,10 10,0 10,0 0),(1 1,1 2,2 2,2 1,1 1))', NULL, NULL, NULL, NULL, 'SRID=4269;POINT(1 2)', NULL, NULL, NULL, NULL);
INSERT INTO maps VALUES (6, 'POINT ZM (1 2 3 4)'), (7, 'POINT M (1 2 3)'), (8, 'CIRCULARSTRING(0 0,1 1,2 0)'), (9, 'MULTIPOINT(0 0,1 1)'), (10, 'GEOMETRYCOLLECTION EMPTY');
INSERT INTO vectors VALUES
    (2, '[1,2,3]', '[0.1,-2.5e-7,3]', '[1,0.5]', '[1.1,0,-65504]', '{1:1,3:2}/5', '{}/5', ARRAY['[1,2]'::vector, NULL, '[0.1]'], ARRAY['[1,0.1]'::halfvec, NULL],
        ARRAY['{1:1,3:2}/5'::sparsevec, NULL]),
    (3, '[3.4028235e38,1e-45,-0]', '[0,0,0]', '[6e-8]', '[65504,6.1e-5,-0]', '{1:0.1,32767:-3.4028235e38}/32767', '{5:1e-45}/5', '{}', '{}', '{}'),
    (4, (SELECT array_agg(i / 7.0) FROM generate_series(1, 300) i)::real[]::vector, NULL, NULL, NULL, NULL, NULL, '{NULL}', '{NULL}', '{NULL}');

INSERT INTO searches VALUES
    (2, '', ''), (3, '''a'':1 ''b'':2A,3B ''it''''s'' ''back\\slash'':4', 'fat & (rat | cat:AB) & !dog <-> house'), (4, to_tsvector('english', 'The quick brown foxes'), '''it''''s'':*');

INSERT INTO system_types VALUES
    (2, '0/0', '$', '1:1:', '1:1:', '0', '0', '0', '(0,0)', 'pg_class', 'integer', 'pg_monitor'),
    (3, 'FFFFFFFF/FFFFFFFF', 'strict $."a b"[*] ? (@ > 1 && @.x like_regex "^a")', '10:20:10,14,15', '10:20:10,14,15', '18446744073709551615', '4294967295',
        '4294967295', '(4294967295,65535)', 'pg_type', 'timestamp with time zone', 'pg_read_all_data');

INSERT INTO shapes VALUES
    (2, '(0,0)', '{1,-1,0}', '[(0,0),(1,1)]', '(1,1),(0,0)', '[(0,0),(1,1),(2,0)]', '((0,0),(1,1),(2,0))', '<(0,0),1>'),
    (3, '(1.5,-2.25)', '{0.1,0.2,0.3}', '[(-1e300,1e-300),(0.1,0.2)]', '(0.3,0.4),(0.1,0.2)', '((0,0),(1,1),(2,0))', '((0.1,0.2),(0.3,0.4))', '<(0.1,0.2),0.3>'),
    (4, '(Infinity,-Infinity)', NULL, NULL, '(1,1),(1,1)', '((1,1))', '((1,1))', '<(1,1),0>'), (5, '(NaN,-0)', NULL, NULL, NULL, NULL, NULL, NULL);

INSERT INTO generated (id, n, label) VALUES (2, 21, 'label'), (3, NULL, NULL), (4, -1, 'ö');

INSERT INTO defaults (id) VALUES (2), (3);
INSERT INTO defaults VALUES (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (5, 'x', 1, 2.25, false, '2021-01-01', '2021-01-01', '2021-01-01+00', '13:00', '00000000-0000-0000-0000-000000000000', '[]', '{}', '', 'so so', B'0000', '0');

INSERT INTO toast SELECT id, 1, t, t, to_json(t), to_jsonb(t), convert_to(t, 'UTF8'), ARRAY[t, 'x', NULL], ('<a>' || t || '</a>')::xml, hstore('k', t),
    array_agg(i), array_agg(i), array_agg(md5(i::text)::uuid), array_agg(date '2020-01-01' + i), ARRAY[to_jsonb(t)], ARRAY[convert_to(t, 'UTF8')], t
FROM (SELECT id, string_agg(md5((id * 1000 + i)::text), '') AS t FROM generate_series(2, 4) id, generate_series(1, 300) i GROUP BY id) r, generate_series(1, 3000) i
GROUP BY id, t;
INSERT INTO toast_bare SELECT id, 1, (string_agg(i::text, '') || '.5')::numeric, repeat('10', 20000)::varbit, array_agg(i::numeric), array_agg(timestamp '2020-01-01' + i * interval '1 s'),
    polygon(300, circle '<(1,2),3>'), array_agg(i::float8),
    (SELECT ST_MakeLine(ST_MakePoint(sin(n), cos(n)) ORDER BY n) FROM generate_series(1, 1000) n), (array_agg(sin(i)::real ORDER BY i))[:2000]::vector FROM generate_series(2, 4) id, generate_series(1, 3000) i GROUP BY id;

INSERT INTO truncated SELECT i, 'before ' || i FROM generate_series(2, 9) i;
INSERT INTO keyless VALUES (1, 'one', 1.50, '{"a" : 1}', '(1,1)', '2020-01-01'), (2, 'two', 2, 'null', NULL, NULL), (2, 'two', 2, 'null', NULL, NULL),
    (NULL, NULL, NULL, NULL, NULL, NULL), (NULL, NULL, NULL, NULL, NULL, NULL), (3, '', NULL, '[]', '(0.1,-0)', 'infinity'), (4, 'gone', 4.00, '1', '(4,4)', '2024-04-04 04:04:04.04');
INSERT INTO "Strange ""Näme" VALUES (2, 1, 'dot', 'quote', 'ü', 2, 'semi', 'slash', '123', '$', 'payload', 'schema', 'before', 'c', 1);
INSERT INTO "Strange ""Näme" VALUES (3);
INSERT INTO "dots.in.name" VALUES (2, 'a.b'), (3, NULL);
INSERT INTO "UPPER" VALUES (2, 'UP'), (3, 'low');

-- keys, four of each kind (see changes.sql); big is out of line
TRUNCATE work.keys;
INSERT INTO work.keys VALUES
    ('key_bigint', '{{-9223372036854775808,0,7,9223372036854775807}}'), ('key_text', '{{"","a \"quoted\" key","back\\slash","ö😀"}}'),
    ('key_uuid', '{{00000000-0000-0000-0000-000000000000,11111111-1111-1111-1111-111111111111,22222222-2222-2222-2222-222222222222,ffffffff-ffff-ffff-ffff-ffffffffffff}}'),
    ('key_numeric', '{{-1.5,0,1e30,12345678901234567890.125}}'), ('key_bytea', '{{"","\\x00","\\x0102","\\xff"}}'),
    ('key_timestamp', '{{"1970-01-01 00:00:00","2020-02-29 12:34:56.789123","1969-12-31 23:59:59.999999",infinity}}'),
    ('key_numbers', '{{-32768,0,7,32767},{-1.500,0.000,1.125,999999999.999},{-1.5,0,0.1,Infinity},{0.00,1.50,-1.50,99999999.99}}'),
    ('key_times', '{{1970-01-01,2020-02-29,12345-01-02,infinity},{00:00:00,12:34:56.789,23:59:59,12:00:00},
        {"1970-01-01 00:00:00","2020-02-29 12:34:56.789","1969-12-31 23:59:59.999",infinity},
        {"1970-01-01 00:00:00+00","2020-02-29 12:34:56.789+00","1969-12-31 23:59:59.999+00",infinity},{00:00:00,01:02:04,01:02:03.5,-01:00:00}}'),
    ('key_words', '{{a,b,c,"d d"},{a,b,"öc",abcdef},{A,b,C,d},{happy,"so so","sad, really","\"quoted\""},{a,a.b,c,d.e}}'),
    ('key_others', '{{10.0.0.1,::1,10.0.0.0/8,2001:db8::1},{00:00:00:00:00:00,08:00:2b:01:02:03,08:00:2b:01:02:04,ff:ff:ff:ff:ff:ff},{empty,"[1,2)","(,)","[5,10)"},
        {"{}",[1],"\"s\"",null_},{"{}","{a}","{a,NULL}","{\"b,c\"}"},{000000,000001,100000,111111}}');
UPDATE work.keys SET literals = replace(literals::text, 'null_', '"null"')::text[];
CALL work.first_keys(:'schema');
INSERT INTO key_composite VALUES (1, 'a', '2020-01-01', 1, repeat('big', 1000)), (1, 'b"''\', '2020-01-02', 2, NULL), (2, '', 'infinity', 3, NULL);
INSERT INTO key_unique VALUES ('00000000-0000-0000-0000-000000000000', 1, repeat('big', 1000)), ('11111111-1111-1111-1111-111111111111', 2, repeat('b', 9000));

-- row 1, where the above left it out
SELECT format('INSERT INTO %s (id) VALUES (1)', c.oid::regclass)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'id'
WHERE c.relnamespace = :'schema'::regnamespace AND c.relkind = 'r'
\gexec
