-- For compare.py: a value's text as another type would print it.
CREATE FUNCTION kinds.as_type(value text, type text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    printed text;
BEGIN
    IF value IS NULL THEN RETURN NULL; END IF;
    EXECUTE format('SELECT format(''%%s'', %L::%s)', value, type) INTO printed;
    RETURN printed;
EXCEPTION WHEN OTHERS THEN
    RETURN format('%s (no %s: %s)', left(value, 200), type, SQLERRM);
END $$;

-- A decimal as the connector makes a double of it.
CREATE FUNCTION kinds.as_double(value numeric) RETURNS double precision LANGUAGE sql AS $$
    SELECT CASE WHEN value = 'NaN' THEN 'NaN' WHEN abs(value) > 1.7976931348623158e308 THEN sign(value) * float8 'Infinity' ELSE value::float8 END
$$;
CREATE FUNCTION kinds.as_double(value money) RETURNS double precision LANGUAGE sql AS $$ SELECT value::numeric::float8 $$;
CREATE FUNCTION kinds.as_double(value numeric[]) RETURNS double precision[] LANGUAGE sql AS $$
    SELECT CASE WHEN value IS NOT NULL THEN ARRAY(SELECT kinds.as_double(n) FROM unnest(value) WITH ORDINALITY u(n, i) ORDER BY i) END
$$;
