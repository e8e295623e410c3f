-- The same tables beforehand, with the types that fit them, in schema :schema. (Without schemas the
-- precision of a timestamp tells the unit, as MariaDB's DATETIME does.)
SET client_min_messages = warning;
CREATE SCHEMA :"schema";
SET search_path = :"schema";
CREATE TABLE integers (id integer PRIMARY KEY, t smallint, tu smallint, s smallint, su integer, m integer, mu integer, i integer, iu bigint, b bigint,
    bu numeric(20), flag boolean, y smallint);
CREATE TABLE decimals (id integer PRIMARY KEY, d numeric(10,2), d65 numeric(65,30), d0 numeric(20), f real, g double precision);
CREATE TABLE strings (id integer PRIMARY KEY, c varchar(10), v varchar(50), t text, l text, latin varchar(20));
CREATE TABLE binaries (id integer PRIMARY KEY, b bytea, v bytea, bl bytea, b1 bit(1), b10 bit(10), b64 bit(64), u uuid);
CREATE TYPE size AS ENUM ('small', 'a b', 'it''s');
CREATE TABLE choices (id integer PRIMARY KEY, e size, s text[], j json);
CREATE TABLE times (id integer PRIMARY KEY, d date, t interval, t3 interval, t6 interval(6), dt timestamp(0), dt3 timestamp(3), dt6 timestamp(6), ts timestamptz(0), ts6 timestamptz);
CREATE TABLE shapes (id integer PRIMARY KEY, p point, l path, po polygon, g bytea);
CREATE TABLE keys_text (k varchar(20) PRIMARY KEY, v integer, big text);
CREATE TABLE keys_composite (a numeric(20), b timestamp(6), c numeric(8,3), v integer, PRIMARY KEY (a, b, c));
CREATE TABLE keyless (a integer, b text);
CREATE TABLE "Strange Näme" (id integer PRIMARY KEY, "Upper Case" integer, "select" text);
