-- MariaDB's tables, a family of types each, and their rows; id as in matrix/changes.sql.
SET sql_mode = ''; -- zero dates
-- (No YEAR 0000: a snapshot of it stops the connector, in java.sql.Date.)
CREATE TABLE integers (id INT PRIMARY KEY, t TINYINT, tu TINYINT UNSIGNED, s SMALLINT, su SMALLINT UNSIGNED, m MEDIUMINT, mu MEDIUMINT UNSIGNED,
    i INT, iu INT UNSIGNED, b BIGINT, bu BIGINT UNSIGNED, flag BOOLEAN, y YEAR);
INSERT INTO integers (id) VALUES (1);
INSERT INTO integers VALUES
    (2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1901), (3, -128, 255, -32768, 65535, -8388608, 16777215, -2147483648, 4294967295, -9223372036854775808, 9223372036854775807, 1, 2155),
    (4, 127, 1, 32767, 1, 8388607, 1, 2147483647, 1, 9223372036854775807, 18446744073709551615, 1, 2000);

CREATE TABLE decimals (id INT PRIMARY KEY, d DECIMAL(10,2), d65 DECIMAL(65,30), d0 DECIMAL(20,0), f FLOAT, g DOUBLE);
INSERT INTO decimals (id) VALUES (1);
INSERT INTO decimals VALUES (2, 0, 0, 0, 0, 0), (3, -99999999.99, 12345678901234567890123456789012345.123456789012345678901234567890, 99999999999999999999, 1.5, 1.7976931348623157e308),
    (4, 0.01, -0.000000000000000000000000000001, -128, -3.25, 123456789.125), (5, 1.10, 1, 128, 0.1, 0.1);

CREATE TABLE strings (id INT PRIMARY KEY, c CHAR(10), v VARCHAR(50), t TEXT, l LONGTEXT, latin VARCHAR(20) CHARACTER SET latin1) DEFAULT CHARACTER SET utf8mb4;
INSERT INTO strings (id) VALUES (1);
INSERT INTO strings VALUES (2, '', '', '', '', ''), (3, 'öä', 'ünïcödé € 漢字 😀', 'a\tb\nc\\d "e" ''f''', REPEAT('long ', 20000), 'äöü ÿ'), (4, ' a', ' a ', 'NULL', '{"a": 1}', '1234');

CREATE TABLE binaries (id INT PRIMARY KEY, b BINARY(4), v VARBINARY(50), bl BLOB, b1 BIT(1), b10 BIT(10), b64 BIT(64), u UUID);
INSERT INTO binaries (id) VALUES (1);
INSERT INTO binaries VALUES (2, '', '', '', b'0', b'0', b'0', '00000000-0000-0000-0000-000000000000'),
    (3, X'00FF0102', X'00', X'DEADBEEF', b'1', b'1000000001', b'1000000000000000000000000000000000000000000000000000000000000000', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'),
    (4, 'ABCD', 'ABC', REPEAT(X'FB', 1000), b'1', b'1', b'1', 'ffffffff-ffff-ffff-ffff-ffffffffffff');

-- (No comma in a label: while it streams the connector sends a backslash before it.)
CREATE TABLE choices (id INT PRIMARY KEY, e ENUM('small', 'a b', 'it''s'), s SET('red', 'green', 'blue'), j JSON);
INSERT INTO choices (id) VALUES (1);
INSERT INTO choices VALUES (2, 'small', '', '{"a": [1, 2.50, "x"], "b": null}'), (3, 'a b', 'red', 'null'), (4, 'it''s', 'red,blue', '"text"'), (5, 'small', 'red,green,blue', '[]');

CREATE TABLE times (id INT PRIMARY KEY, d DATE, t TIME, t3 TIME(3), t6 TIME(6), dt DATETIME, dt3 DATETIME(3), dt6 DATETIME(6), ts TIMESTAMP NULL, ts6 TIMESTAMP(6) NULL);
INSERT INTO times (id) VALUES (1);
INSERT INTO times VALUES
    (2, '1970-01-01', '00:00:00', '00:00:00', '00:00:00', '1970-01-01', '1970-01-01', '1970-01-01', '1970-01-02', '1970-01-02'),
    (3, '9999-12-31', '838:59:59', '838:59:59.999', '838:59:59.999999', '9999-12-31 23:59:59', '9999-12-31 23:59:59.999', '9999-12-31 23:59:59.999999', '2038-01-19 03:14:07', '2038-01-19 03:14:07.999999'),
    (4, '1000-01-01', '-838:59:59', '-838:59:59.999', '-838:59:59.999999', '1000-01-01', '1000-01-01 00:00:00.001', '1000-01-01 00:00:00.000001', '2024-03-31 02:30:00', '2024-10-27 02:30:00.000001'),
    (5, '2024-02-29', '-00:00:01', '12:34:56.789', '-12:34:56.789012', '2024-02-29 12:34:56', '2024-02-29 12:34:56.789', '2024-02-29 12:34:56.789012', '2024-02-29 12:34:56', '2024-02-29 12:34:56.789012'),
    (6, '0000-00-00', '24:00:00', '24:00:00.001', '100:00:00', '0000-00-00', '0000-00-00', '0000-00-00', '0000-00-00', '0000-00-00');

CREATE TABLE shapes (id INT PRIMARY KEY, p POINT, l LINESTRING, po POLYGON, g GEOMETRY);
INSERT INTO shapes (id) VALUES (1);
INSERT INTO shapes VALUES (2, ST_GeomFromText('POINT(1.5 -2.25)'), ST_GeomFromText('LINESTRING(0 0,1 1,2 0)'), ST_GeomFromText('POLYGON((0 0,1 0,1 1,0 0))'), ST_GeomFromText('POINT(0.1 0.2)'));

CREATE TABLE keys_text (k VARCHAR(20) PRIMARY KEY, v INT, big LONGTEXT);
INSERT INTO keys_text VALUES ('a', 1, REPEAT('x', 9000)), ('b "q"', 2, NULL), ('ö😀', 3, REPEAT('y', 9000));
CREATE TABLE keys_composite (a BIGINT UNSIGNED, b DATETIME(6), c DECIMAL(8,3), v INT, PRIMARY KEY (b, a, c));
INSERT INTO keys_composite VALUES (1, '2020-01-01 00:00:00.000001', 1.5, 1), (2, '1000-01-01', -0.001, 2);
CREATE TABLE keyless (a INT, b VARCHAR(20));
INSERT INTO keyless VALUES (1, 'one'), (2, 'two'), (2, 'two'), (NULL, NULL);
CREATE TABLE `Strange Näme` (id INT PRIMARY KEY, `Upper Case` INT, `select` TEXT);
INSERT INTO `Strange Näme` VALUES (1, 1, 'x'), (2, NULL, NULL);
CREATE TABLE marker (id INT PRIMARY KEY);
