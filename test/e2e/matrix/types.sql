-- What the tables of tables.sql need, on the source and on the targets.
SET client_min_messages = warning;
CREATE EXTENSION hstore;
CREATE EXTENSION ltree;
CREATE EXTENSION citext;
CREATE EXTENSION postgis;
CREATE EXTENSION vector;
CREATE SCHEMA kinds;
SET search_path = kinds, public;

CREATE TYPE mood AS ENUM ('happy', 'so so', 'sad, really', '"quoted"', 'back\slash', 'öde');
CREATE TYPE pair AS (number integer, word text);
CREATE TYPE nested AS (pair pair, at timestamp, list integer[]);
CREATE TYPE floatrange AS RANGE (subtype = float8, multirange_type_name = floatmultirange);

CREATE DOMAIN whole AS integer CHECK (VALUE > 0);
CREATE DOMAIN cents AS numeric(10, 2);
CREATE DOMAIN loose AS numeric;
CREATE DOMAIN code AS varchar(5);
CREATE DOMAIN coded AS code CHECK (VALUE <> 'never');
-- (None over an enum: with one in its database the connector does not start, a NullPointerException.)
CREATE DOMAIN moment AS timestamp(3);
CREATE DOMAIN instant AS timestamptz;
CREATE DOMAIN token AS uuid;
CREATE DOMAIN raw AS bytea;
CREATE DOMAIN doc AS jsonb;
CREATE DOMAIN list AS integer[];
CREATE DOMAIN flags AS bit(5);
CREATE DOMAIN yes AS boolean;
CREATE DOMAIN day AS date;
CREATE DOMAIN address AS inet;
