-- The dashboard: who may sign in, what they changed, and a person in the place
-- of the agent.

CREATE TABLE user (
  id            INTEGER PRIMARY KEY,
  name          TEXT NOT NULL UNIQUE COLLATE NOCASE,
  role          TEXT NOT NULL,            -- owner, staff
  password_hash TEXT NOT NULL,            -- argon2id
  language      TEXT NOT NULL DEFAULT '',
  theme         TEXT NOT NULL DEFAULT '',
  created_at    INTEGER NOT NULL,
  seen_at       INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE session (
  token      TEXT PRIMARY KEY,            -- a hash: the cookie's value is not kept
  data       BLOB NOT NULL,
  user_id    INTEGER NOT NULL DEFAULT 0,  -- for "sign out everywhere"
  expires_at INTEGER NOT NULL
);
CREATE INDEX session_user ON session (user_id);

CREATE TABLE audit (
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  at     INTEGER NOT NULL,
  user   TEXT NOT NULL,                   -- the name: it outlives the user
  action TEXT NOT NULL,                   -- "agent published", "conversation erased" …
  target TEXT NOT NULL DEFAULT '',
  detail TEXT NOT NULL DEFAULT ''         -- no secret, no customer text
);

CREATE TABLE note (
  id              INTEGER PRIMARY KEY,
  conversation_id INTEGER NOT NULL,
  user            TEXT NOT NULL,
  text            TEXT NOT NULL,
  at              INTEGER NOT NULL
);
CREATE INDEX note_conversation ON note (conversation_id, id);

CREATE TABLE agent_draft (
  name       TEXT PRIMARY KEY,
  yaml       TEXT NOT NULL,
  author     TEXT NOT NULL,
  base       INTEGER NOT NULL DEFAULT 0,  -- the live version that it was begun from
  updated_at INTEGER NOT NULL
);

-- A person answers in the agent's place until then; 0 = the agent answers.
ALTER TABLE conversation ADD COLUMN taken_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN taken_by TEXT NOT NULL DEFAULT '';
-- The last message that somebody looked at, for "unread".
ALTER TABLE conversation ADD COLUMN seen_id INTEGER NOT NULL DEFAULT 0;
CREATE INDEX conversation_needs ON conversation (needs_person_at) WHERE needs_person <> '';

CREATE INDEX turn_age ON turn (started_at);
CREATE INDEX outbox_failed ON outbox (conversation_id) WHERE state = 'failed';

-- Search. FTS4, since FTS5 needs a build tag that "go run ." cannot carry.
CREATE VIRTUAL TABLE message_search USING fts4(text, content="message", tokenize=unicode61 "remove_diacritics=2");
INSERT INTO message_search (docid, text) SELECT id, text FROM message;
CREATE TRIGGER message_search_add AFTER INSERT ON message BEGIN
  INSERT INTO message_search (docid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER message_search_drop BEFORE DELETE ON message BEGIN
  DELETE FROM message_search WHERE docid = old.id;
END;

-- Figures by the hour, so that no page counts a table that grows for years.
-- Triggers keep them: they cannot be forgotten by a statement, and change with
-- the row or not at all. hour = hours since 1970 UTC. Names: in, out, failed;
-- "wait:5000" = first replies accepted within 5,000 ms of the message's coming
-- (and not within the step before); "hit:agent:direction:rule:entity:action";
-- "event:kind:level". No customer stands in any of them.
CREATE TABLE counter (
  hour INTEGER NOT NULL,
  name TEXT NOT NULL,
  n    INTEGER NOT NULL,
  PRIMARY KEY (hour, name)
) WITHOUT ROWID;

CREATE TRIGGER counter_in AFTER INSERT ON inbox WHEN new.kind <> 'echo' BEGIN
  INSERT INTO counter VALUES (new.received_at / 3600000, 'in', 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER counter_out AFTER UPDATE OF sent_at ON outbox WHEN old.sent_at = 0 AND new.sent_at > 0 BEGIN
  INSERT INTO counter VALUES (new.sent_at / 3600000, 'out', 1) ON CONFLICT DO UPDATE SET n = n + 1;
  -- The first reply of a turn: those of one turn follow each other in seq.
  INSERT INTO counter SELECT new.sent_at / 3600000, 'wait:' || CASE
      WHEN d <  10000 THEN (d / 500 + 1) * 500
      WHEN d <  60000 THEN (d / 2000 + 1) * 2000
      WHEN d < 600000 THEN (d / 20000 + 1) * 20000
      WHEN d < 3600000 THEN (d / 120000 + 1) * 120000
      ELSE 86400000 END, 1
    FROM (SELECT max(new.sent_at - received_at, 0) AS d FROM turn WHERE id = new.turn_id
      AND NOT EXISTS (SELECT 1 FROM outbox p WHERE p.seq = new.seq - 1 AND p.turn_id = new.turn_id)) WHERE true
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER counter_failed AFTER UPDATE OF state ON outbox WHEN old.state <> 'failed' AND new.state = 'failed' BEGIN
  INSERT INTO counter VALUES (max(new.created_at, new.sending_at, new.sent_at, new.delivery_at) / 3600000, 'failed', 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER counter_hit AFTER INSERT ON guardrail BEGIN
  INSERT INTO counter VALUES (new.at / 3600000, 'hit:' || new.agent || ':' || new.direction || ':' || new.rule || ':' || new.entity || ':' || new.action, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER counter_event AFTER INSERT ON event BEGIN
  INSERT INTO counter VALUES (new.at / 3600000, 'event:' || new.kind || ':' || new.level, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;

INSERT INTO counter SELECT received_at / 3600000, 'in', count(*) FROM inbox WHERE kind <> 'echo' GROUP BY 1;
INSERT INTO counter SELECT sent_at / 3600000, 'out', count(*) FROM outbox WHERE sent_at > 0 GROUP BY 1;
INSERT INTO counter SELECT created_at / 3600000, 'failed', count(*) FROM outbox WHERE state = 'failed' GROUP BY 1;
INSERT INTO counter SELECT at / 3600000, 'hit:' || agent || ':' || direction || ':' || rule || ':' || entity || ':' || action, count(*) FROM guardrail GROUP BY 1, 2;
INSERT INTO counter SELECT at / 3600000, 'event:' || kind || ':' || level, count(*) FROM event GROUP BY 1, 2;

-- The log's filter of what went wrong.
CREATE INDEX event_trouble ON event (kind, id) WHERE level IN ('warn','error');
