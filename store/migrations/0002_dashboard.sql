-- The dashboard: who may sign in, what they changed, and a person in the place
-- of the agent.

CREATE TABLE user (
  id            INTEGER PRIMARY KEY,
  name          TEXT NOT NULL UNIQUE COLLATE NOCASE,
  role          TEXT NOT NULL,            -- owner, staff
  password_hash TEXT NOT NULL,            -- argon2id
  language      TEXT NOT NULL DEFAULT '',
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
