-- Values for the types of extensions: hstore, citext, ltree, isn, PostGIS and pgvector.
\set ECHO none
\i sql/values.inc

SET client_min_messages = warning;
CREATE SCHEMA ext;
CREATE EXTENSION hstore SCHEMA ext;
CREATE EXTENSION citext SCHEMA ext;
CREATE EXTENSION ltree SCHEMA ext;
CREATE EXTENSION isn SCHEMA ext;
CREATE EXTENSION postgis SCHEMA ext;
CREATE EXTENSION vector SCHEMA ext;
CREATE DOMAIN app.tags AS ext.hstore CHECK (NOT VALUE OPERATOR(ext.?) 'bad');
CREATE DOMAIN app.mail AS ext.citext CHECK (VALUE::text LIKE '%@%');
RESET client_min_messages;

-- (SRID 4326 where a geometry says one)
INSERT INTO t.vectors (name, schema, value, target, expected) VALUES
    ('V53', 'Json', '"{\"a\":null,\"b\":\"x\\\"y\"}"', 'ext.hstore', '"a"=>NULL, "b"=>"x\"y"'),
    ('V56', 'SparseDoubleVector', '{"dimensions":5,"vector":[[3,2.0],[1,1.0]]}', 'ext.sparsevec(5)', '{1:1,3:2}/5'),
    ('V58', 'Geometry', '{"wkb":"AQEAACBzDAAAHHxhMlXeZUB4eqUsQ1xCwA==","srid":3187}', 'ext.geometry', '0101000020730C00001C7C613255DE6540787AA52C435C42C0'),
    ('', 'Json', '"{\"a=>1\":\"\",\"\\\\\":\"ü,\"}"', 'ext.hstore', E'"\\\\"=>"ü,", "a=>1"=>""'), ('', 'map', '{"a":"1","b":null}', 'ext.hstore', '"a"=>"1", "b"=>NULL'), ('', 'string', '"a=>1"', 'ext.hstore', '"a"=>"1"'),
    ('', 'Json', '"{\"a\":1}"', 'ext.hstore', '!22000'), ('', 'Json', '"[1]"', 'ext.hstore', '!22000'), ('', 'Json', '"{\"bad\":\"1\"}"', 'app.tags', '!23514'), ('', 'Json', '"{\"a\":\"1\"}"', 'app.tags', '"a"=>"1"'), ('', 'array(Json)', '["{\"a\":\"1\"}",null]', 'ext.hstore[]', '{"\"a\"=>\"1\"",NULL}'),
    ('', 'Json', '"{\"a\":\"1\"}"', 'text', '{"a":"1"}'), ('', 'Json', '"{\"a\":\"1\"}"', 'jsonb', '{"a": "1"}'),
    ('', 'string', '"Ab"', 'ext.citext', 'Ab'), ('', 'string', '"no mail"', 'app.mail', '!23514'), ('', 'int32', '5', 'ext.citext', '5'), ('', 'array(string)', '["Ab"]', 'ext.citext[]', '{Ab}'),
    ('', 'Ltree', '"Top.Science"', 'ext.ltree', 'Top.Science'), ('', 'Ltree', '"Top Science"', 'ext.ltree', '!42601'), ('', 'Ltree', '"Top.Science"', 'text', 'Top.Science'), ('', 'array(Ltree)', '["a.b"]', 'ext.ltree[]', '{a.b}'),
    ('', 'string', '"978-0-393-04002-9"', 'ext.isbn13', '978-0-393-04002-9'),
    -- PostGIS
    ('', 'Point', '{"x":1.0,"y":2.0,"wkb":"AQEAAAAAAAAAAADwPwAAAAAAAABA","srid":null}', 'ext.geometry', '0101000000000000000000F03F0000000000000040'),
    ('', 'Geometry', '{"wkb":"AQEAAAAAAAAAAADwPwAAAAAAAABA","srid":4326}', 'ext.geometry', '0101000020E6100000000000000000F03F0000000000000040'),
    ('', 'Geometry', '{"wkb":"AQEAAAAAAAAAAADwPwAAAAAAAABA","srid":4326}', 'ext.geometry(Point,4326)', '0101000020E6100000000000000000F03F0000000000000040'),
    ('', 'Geometry', '{"wkb":"AQEAAAAAAAAAAADwPwAAAAAAAABA","srid":null}', 'ext.geometry(Point,4326)', '0101000020E6100000000000000000F03F0000000000000040'), -- PostGIS's rule
    ('', 'Geometry', '{"wkb":"AQEAAAAAAAAAAADwPwAAAAAAAABA","srid":3187}', 'ext.geometry(Point,4326)', '!22023'),
    ('', 'Geometry', '{"wkb":"AQEAAAAAAAAAAADwPwAAAAAAAABA","srid":4326}', 'ext.geometry(Polygon)', '!22023'),
    ('', 'Geography', '{"wkb":"AQEAACDmEAAAAAAAAAAA8D8AAAAAAAAAQA==","srid":4326}', 'ext.geography', '0101000020E6100000000000000000F03F0000000000000040'),
    ('', 'Geography', '{"wkb":"AQEAACDmEAAAAAAAAAAA8D8AAAAAAAAAQA==","srid":4326}', 'bytea', '\x0101000020e6100000000000000000f03f0000000000000040'),
    ('', 'Geometry', '{"wkb":"AQEAACDmEAAAAAAAAAAA8D8AAAAAAAAAQA==","srid":4326}', 'point', '(1,2)'),
    ('', 'Geometry', '{"wkb":"AQEAACDmEAAAAAAA","srid":4326}', 'ext.geometry', '!XX000'),
    ('', 'array(Geometry)', '[{"wkb":"AQEAAAAAAAAAAADwPwAAAAAAAABA","srid":null},null]', 'ext.geometry[]', '{0101000000000000000000F03F0000000000000040:NULL}'),
    ('', 'string', '"POINT(1 2)"', 'ext.geometry', '0101000000000000000000F03F0000000000000040'), ('', 'bytes', '"AQEAAAAAAAAAAADwPwAAAAAAAABA"', 'ext.geometry', '0101000000000000000000F03F0000000000000040'),
    -- pgvector
    ('', 'DoubleVector', '[1.0,0.1,-2.5E-7]', 'ext.vector(3)', '[1,0.1,-2.5e-07]'), ('', 'DoubleVector', '[1.0,0.1]', 'ext.vector(3)', '!22000'), ('', 'DoubleVector', '[0.30000000000000004]', 'ext.vector', '!22003'), ('', 'DoubleVector', '[1.0,0.1]', 'double precision[]', '{1,0.1}'), ('', 'DoubleVector', '[1.0,0.1]', 'real[]', '{1,0.1}'),
    ('', 'DoubleVector', '[1.0,null]', 'ext.vector', '!22000'), ('', 'FloatVector', '[1.0,1.0996094]', 'ext.halfvec(2)', '[1,1.0996094]'), ('', 'FloatVector', '[1.1]', 'ext.halfvec', '!22003'), ('', 'FloatVector', '[70000.0]', 'ext.halfvec', '!22003'), ('', 'FloatVector', '[1.0,1.0996094]', 'ext.vector', '[1,1.0996094]'), ('', 'FloatVector', '[3.3554432E7]', 'ext.vector', '[3.3554432e+07]'),
    ('', 'DoubleVector', '[1.0,0.1]', 'jsonb', '[1.0, 0.1]'), ('', 'string', '"[1,2]"', 'ext.vector', '[1,2]'), (NULL, NULL, '[1.0,0.1]', 'ext.vector(2)', '[1,0.1]'), (NULL, NULL, '[0.30000000000000004]', 'ext.vector(1)', '!22003'),
    ('', 'SparseDoubleVector', '{"dimensions":5,"vector":[[3,0.30000000000000004]]}', 'ext.sparsevec', '!22003'), ('', 'SparseDoubleVector', '{"dimensions":5,"vector":[[1,1.0]]}', 'ext.sparsevec(4)', '!22000'), ('', 'SparseDoubleVector', '{"dimensions":5,"vector":[[3,2.0],[1,1.5]]}', 'jsonb', '{"vector": [[1, 1.5], [3, 2]], "dimensions": 5}'),
    ('', 'SparseDoubleVector', '{"dimensions":5,"vector":[[3,2.0],[1,1.5]]}', 'text', '{1:1.5,3:2}/5'), ('', 'SparseDoubleVector', '{"dimensions":5,"vector":[]}', 'ext.sparsevec', '{}/5'), ('', 'SparseDoubleVector', '{"dimensions":5,"vector":[]}', 'jsonb', '{"vector": [], "dimensions": 5}');
\set ECHO all
SELECT * FROM t.values_check();

\set ECHO none
SET client_min_messages = warning;
DROP SCHEMA t, app, ext CASCADE;
