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
