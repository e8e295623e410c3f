SET search_path = shop;
INSERT INTO customers VALUES (4, 'Mary', 'mary@example.org', 'new', '{"a": {"b": null}}', '\xdeadbeef', repeat('Dear Mary, ', 210), '{x}', '1780-12-26', now());
UPDATE customers SET name = 'Ada King', level = 'regular' WHERE id = 1;        -- the letter is not sent
UPDATE customers SET id = 20, name = 'Zoë' WHERE id = 2;                       -- key change over it
DELETE FROM customers WHERE id = 3;
BEGIN;
INSERT INTO orders VALUES (100, 4, 'open', 0.01, NULL, false, '2024-06-01 00:00:00+02', NULL);
UPDATE orders SET status = 'sent', amount = amount + 0.05 WHERE id IN (1, 2, 100);
INSERT INTO order_lines VALUES (100, 1, 'A', 3, 'NaN'), (100, 2, 'B', -1, 1e-300);
UPDATE order_lines SET order_id = 101 WHERE order_id = 100;                    -- part of a composite key
COMMIT;
BEGIN;
UPDATE orders SET amount = 0;
DELETE FROM customers;
ROLLBACK;
DELETE FROM orders WHERE id BETWEEN 5 AND 8;
INSERT INTO orders VALUES (5, 1, 'again', 9999999999.99, 'came back', true, '2024-06-02 00:00:00+00', '2024-06-02 00:00:00');
UPDATE carts SET total = 123456789012345678901234567890.12, stays = '-1 mons +2 days', items = '{}';
INSERT INTO carts VALUES (md5('2')::uuid, '::1/128', '24:00', '00:00:00.000001', 0, NULL);
INSERT INTO visits VALUES ('/shop', 'Infinity');
ALTER TABLE orders ADD currency char(3) NOT NULL DEFAULT 'EUR';
UPDATE orders SET currency = 'CHF' WHERE id = 9;
INSERT INTO orders VALUES (102, 1, 'open', 5, NULL, false, '2024-06-03 00:00:00+00', NULL, 'USD');
INSERT INTO marker VALUES (1);
