-- The table of the benchmark.
CREATE TABLE shop.orders (
    id bigint PRIMARY KEY,
    customer_id integer NOT NULL,
    status varchar(10) NOT NULL,
    amount numeric(12,2) NOT NULL,
    note text,
    payload jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz
);
