-- A message is on disk before the channel hears "200": whatever else an insert
-- does, the channel waits for. What can be done later is done at the claim.

-- Counted once, when its conversation is found; a row that is given back keeps it.
DROP TRIGGER counter_in;
CREATE TRIGGER counter_in AFTER UPDATE OF conversation_id ON inbox WHEN old.conversation_id = 0 AND new.conversation_id > 0 AND new.kind <> 'echo' BEGIN
  INSERT INTO counter VALUES (new.received_at / 3600000, 'in', 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
-- What came in and was not claimed yet is counted already.
UPDATE counter SET n = n - (SELECT count(*) FROM inbox WHERE state = 'new' AND conversation_id = 0 AND kind <> 'echo' AND received_at / 3600000 = counter.hour)
  WHERE name = 'in';

-- Ids grow with age: the oldest are looked at when rows are removed.
DROP INDEX inbox_age;
