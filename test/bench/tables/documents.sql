-- Large values, stored out of line.
CREATE TABLE shop.documents (
    id bigint PRIMARY KEY,
    title text NOT NULL,
    doc jsonb NOT NULL,
    updated_at timestamptz NOT NULL
);
