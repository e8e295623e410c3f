-- What record.sh lets the real connector see: a small shop, its rows, then changes of every kind.
CREATE SCHEMA shop;
SET search_path = shop;
CREATE TYPE level AS ENUM ('new', 'regular', 'gold');
CREATE TABLE customers (
    id integer PRIMARY KEY,
    name text NOT NULL,
    email varchar(80),
    level level NOT NULL DEFAULT 'new',
    profile jsonb,
    picture bytea,
    letter text,
    tags text[],
    born date,
    joined_at timestamptz
);
ALTER TABLE customers ALTER letter SET STORAGE EXTERNAL;
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    customer_id integer NOT NULL,
    status varchar(20) NOT NULL,
    amount numeric(12, 2) NOT NULL,
    note text,
    paid boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    updated_at timestamp
);
CREATE TABLE order_lines (order_id bigint, line smallint, sku char(8), quantity integer, weight double precision,
    PRIMARY KEY (order_id, line));
CREATE TABLE carts (id uuid PRIMARY KEY, ip inet, opens time, stays interval, total numeric, items integer[]);
CREATE TABLE visits (page text, seconds real);
CREATE TABLE marker (id integer PRIMARY KEY);

INSERT INTO customers VALUES
    (1, 'Ada Lovelace', 'ada@example.org', 'gold', '{"langs": ["en", "fr"], "n": 12345678901234567890}', '\x00ff10', repeat('Dear Ada, ', 220),
     '{analyst,"first, of her kind"}', '1815-12-10', '2024-01-02 03:04:05.678901+00'),
    (2, 'Grüße 😀 "Zoë"', NULL, 'new', NULL, NULL, repeat('Hello, ', 320), '{}', NULL, '2024-02-29 12:00:00+00'),
    (3, 'Charles', 'charles@example.org', 'regular', '[]', '', NULL, NULL, '1791-12-26', NULL);
INSERT INTO orders SELECT i, 1 + i % 3, (ARRAY['open', 'sent', 'paid'])[1 + i % 3], i * 19.99 - 50, 'note ' || i, i % 2 = 0,
    timestamptz '2024-05-01 10:00:00+00' + i * interval '1 hour 1 microsecond', timestamp '2024-05-02 08:00:00.5' + i * interval '7 minutes'
    FROM generate_series(1, 12) i;
INSERT INTO order_lines SELECT o, l, 'SKU' || o || l, l * 2, o / 3.0 FROM generate_series(1, 4) o, generate_series(1, 2) l;
INSERT INTO carts VALUES ('11111111-2222-3333-4444-555555555555', '10.0.0.1', '08:30', '1 day 02:00', 10.50, '{1,NULL,3}');
INSERT INTO visits VALUES ('/', 1.5), ('/about', 0.25);
INSERT INTO marker VALUES (0);
