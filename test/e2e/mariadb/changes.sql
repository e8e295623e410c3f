-- While the connectors stream.
SET sql_mode = '';
DELIMITER //
CREATE PROCEDURE change_rows(tab VARCHAR(64)) BEGIN
    DECLARE cols TEXT;
    DECLARE sets TEXT;
    DECLARE nulls TEXT;
    SELECT GROUP_CONCAT('`', column_name, '`' ORDER BY ordinal_position), GROUP_CONCAT('t.`', column_name, '` = s.`', column_name, '`' ORDER BY ordinal_position),
        GROUP_CONCAT('`', column_name, '` = NULL' ORDER BY ordinal_position)
    INTO cols, sets, nulls FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = tab AND column_name <> 'id';
    EXECUTE IMMEDIATE CONCAT('INSERT INTO `', tab, '` (id, ', cols, ') SELECT id + 1000, ', cols, ' FROM `', tab, '` WHERE id < 1000');
    EXECUTE IMMEDIATE CONCAT('INSERT INTO `', tab, '` (id) SELECT id + 2000 FROM `', tab, '` WHERE id < 1000');
    EXECUTE IMMEDIATE CONCAT('UPDATE `', tab, '` t JOIN `', tab, '` s ON s.id = t.id - 2000 AND s.id < 1000 SET ', sets);
    EXECUTE IMMEDIATE CONCAT('INSERT INTO `', tab, '` (id, ', cols, ') SELECT id + 3000, ', cols, ' FROM `', tab, '` WHERE id < 1000');
    EXECUTE IMMEDIATE CONCAT('DELETE FROM `', tab, '` WHERE id BETWEEN 3001 AND 3999');
    EXECUTE IMMEDIATE CONCAT('INSERT INTO `', tab, '` (id, ', cols, ') SELECT id + 4000, ', cols, ' FROM `', tab, '` WHERE id < 1000');
    EXECUTE IMMEDIATE CONCAT('UPDATE `', tab, '` SET ', nulls, ' WHERE id BETWEEN 4001 AND 4999');
    EXECUTE IMMEDIATE CONCAT('INSERT INTO `', tab, '` (id, ', cols, ') SELECT id + 5000, ', cols, ' FROM `', tab, '` WHERE id < 1000');
    EXECUTE IMMEDIATE CONCAT('UPDATE `', tab, '` SET id = id + 500 WHERE id BETWEEN 5001 AND 5499');
END//
CREATE PROCEDURE change_all() BEGIN
    FOR t IN (SELECT table_name AS name FROM information_schema.columns WHERE table_schema = DATABASE() AND column_name = 'id' AND table_name <> 'marker' ORDER BY 1) DO
        CALL change_rows(t.name);
    END FOR;
    UPDATE keys_text SET v = v + 10;
    UPDATE keys_text SET k = CONCAT(k, '!') WHERE v < 13;
    DELETE FROM keys_text WHERE v = 12;
    INSERT INTO keys_text VALUES ('b "q"', 20, 'again');
    UPDATE keys_composite SET a = 18446744073709551615 WHERE v = 1;
    DELETE FROM keys_composite WHERE v = 2;
    INSERT INTO keys_composite VALUES (3, '9999-12-31 23:59:59.999999', 99999.999, 3);
    INSERT INTO keyless VALUES (5, 'five'), (5, 'five');
    UPDATE keyless SET b = 'changed' WHERE a = 1;
    DELETE FROM keyless WHERE a = 2 LIMIT 1;
END//
DELIMITER ;
