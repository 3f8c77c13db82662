-- The message path: inbox -> turn -> outbox -> delivery, and what it reads.
-- Times are milliseconds since 1970 UTC; 0 means never.

CREATE TABLE contact (
  id         INTEGER PRIMARY KEY,
  phone      TEXT UNIQUE,            -- digits; NULL while the customer hides the number
  user_id    TEXT UNIQUE,            -- business-scoped user id; NULL until Meta gives one
  name       TEXT NOT NULL DEFAULT '',
  username   TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL
);

CREATE TABLE conversation (
  id               INTEGER PRIMARY KEY,
  account          TEXT NOT NULL,    -- phone_number_id
  contact_id       INTEGER NOT NULL REFERENCES contact(id),
  session_id       TEXT NOT NULL,    -- memory's key: wa_<phone> or wa_<user id>
  agent            TEXT NOT NULL DEFAULT '',
  last_inbound_at  INTEGER NOT NULL DEFAULT 0,
  last_outbound_at INTEGER NOT NULL DEFAULT 0,
  inbound_count    INTEGER NOT NULL DEFAULT 0,
  needs_person     TEXT NOT NULL DEFAULT '',  -- why; '' = nobody is needed
  needs_person_at  INTEGER NOT NULL DEFAULT 0,
  muted_until      INTEGER NOT NULL DEFAULT 0, -- loop guard
  notice_at        INTEGER NOT NULL DEFAULT 0, -- when "unsupported" was last said
  created_at       INTEGER NOT NULL,
  UNIQUE (account, contact_id)
);
CREATE INDEX conversation_recent ON conversation (last_inbound_at);
CREATE INDEX conversation_session ON conversation (session_id);

CREATE TABLE inbox (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  message_id      TEXT NOT NULL UNIQUE, -- Meta's id; the key of deduplication
  conversation_id INTEGER NOT NULL DEFAULT 0,
  kind            TEXT NOT NULL,
  treatment       TEXT NOT NULL,
  state           TEXT NOT NULL,        -- new, claimed, done
  payload         BLOB,                 -- what was received; wiped when done
  turn_id         TEXT NOT NULL DEFAULT '',
  at              INTEGER NOT NULL,
  received_at     INTEGER NOT NULL
);
CREATE INDEX inbox_open ON inbox (state, id) WHERE state <> 'done';
CREATE INDEX inbox_age ON inbox (received_at);

CREATE TABLE turn (
  id              TEXT PRIMARY KEY,
  conversation_id INTEGER NOT NULL,
  agent           TEXT NOT NULL,
  agent_version   INTEGER NOT NULL,
  outcome         TEXT NOT NULL,     -- answered, blocked, too_long, failed
  reason          TEXT NOT NULL DEFAULT '',
  model           TEXT NOT NULL DEFAULT '',
  tokens_in       INTEGER NOT NULL DEFAULT 0,
  tokens_out      INTEGER NOT NULL DEFAULT 0,
  trace           TEXT NOT NULL DEFAULT '', -- JSON: steps, verdicts, usage, prompt
  received_at     INTEGER NOT NULL,
  started_at      INTEGER NOT NULL,
  ended_at        INTEGER NOT NULL
);
CREATE INDEX turn_conversation ON turn (conversation_id, started_at);

CREATE TABLE memory (
  id         INTEGER PRIMARY KEY,
  agent      TEXT NOT NULL,
  session_id TEXT NOT NULL,
  seq        INTEGER NOT NULL,       -- 0, 1, 2 … within agent and session
  role       TEXT NOT NULL,          -- user, assistant
  content    TEXT NOT NULL,
  turn_id    TEXT NOT NULL DEFAULT '',
  at         INTEGER NOT NULL,
  UNIQUE (agent, session_id, seq)
);
CREATE INDEX memory_age ON memory (agent, session_id, at);

CREATE TABLE message (
  id              INTEGER PRIMARY KEY,
  conversation_id INTEGER NOT NULL,
  turn_id         TEXT NOT NULL DEFAULT '',
  author          TEXT NOT NULL,     -- customer, agent, person, system
  kind            TEXT NOT NULL,
  text            TEXT NOT NULL,     -- as the guardrails let it through
  message_id      TEXT NOT NULL DEFAULT '', -- Meta's id of an inbound message
  outbox_id       TEXT NOT NULL DEFAULT '',
  at              INTEGER NOT NULL
);
CREATE INDEX message_conversation ON message (conversation_id, id);

CREATE TABLE outbox (
  seq             INTEGER PRIMARY KEY AUTOINCREMENT,
  id              TEXT NOT NULL UNIQUE, -- travels as biz_opaque_callback_data
  conversation_id INTEGER NOT NULL,
  turn_id         TEXT NOT NULL DEFAULT '',
  text            TEXT NOT NULL,
  state           TEXT NOT NULL,     -- due, sending, unsure, sent, failed
  due_at          INTEGER NOT NULL,
  attempts        INTEGER NOT NULL DEFAULT 0,
  sending_at      INTEGER NOT NULL DEFAULT 0,
  sent_at         INTEGER NOT NULL DEFAULT 0,
  message_id      TEXT NOT NULL DEFAULT '', -- Meta's id
  delivery        TEXT NOT NULL DEFAULT '',
  delivery_rank   INTEGER NOT NULL DEFAULT 0,
  delivery_at     INTEGER NOT NULL DEFAULT 0,
  error_code      INTEGER NOT NULL DEFAULT 0,
  error           TEXT NOT NULL DEFAULT '', -- one sentence for the owner
  pricing         TEXT NOT NULL DEFAULT '',
  created_at      INTEGER NOT NULL
);
CREATE INDEX outbox_open ON outbox (state, due_at) WHERE state IN ('due','sending','unsure');
CREATE INDEX outbox_order ON outbox (conversation_id, seq) WHERE state IN ('due','sending','unsure');
CREATE INDEX outbox_message ON outbox (message_id) WHERE message_id <> '';
CREATE INDEX outbox_conversation ON outbox (conversation_id);
CREATE INDEX outbox_sent ON outbox (sent_at) WHERE sent_at > 0;

CREATE TABLE delivery (
  id         INTEGER PRIMARY KEY,
  message_id TEXT NOT NULL,
  outbox_id  TEXT NOT NULL DEFAULT '',
  delivery   TEXT NOT NULL,
  error_code INTEGER NOT NULL DEFAULT 0,
  error      TEXT NOT NULL DEFAULT '',
  at         INTEGER NOT NULL,
  UNIQUE (message_id, delivery)
);
CREATE INDEX delivery_age ON delivery (at);

CREATE TABLE guardrail (
  id              INTEGER PRIMARY KEY,
  turn_id         TEXT NOT NULL,
  conversation_id INTEGER NOT NULL,
  agent           TEXT NOT NULL,
  direction       TEXT NOT NULL,     -- input, output
  rule            TEXT NOT NULL,
  entity          TEXT NOT NULL,
  action          TEXT NOT NULL,     -- allow (warned), rewrite, block
  at              INTEGER NOT NULL
);
CREATE INDEX guardrail_age ON guardrail (at);

CREATE TABLE event (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  at              INTEGER NOT NULL,
  kind            TEXT NOT NULL,     -- message, guardrail, model, system
  level           TEXT NOT NULL,     -- debug, info, warn, error
  conversation_id INTEGER NOT NULL DEFAULT 0,
  agent           TEXT NOT NULL DEFAULT '',
  stage           TEXT NOT NULL DEFAULT '',
  text            TEXT NOT NULL,
  data            TEXT NOT NULL DEFAULT ''
);
CREATE INDEX event_kind ON event (kind, id);
CREATE INDEX event_age ON event (at);

CREATE TABLE setting (
  name       TEXT PRIMARY KEY,
  value      BLOB NOT NULL,
  sealed     INTEGER NOT NULL DEFAULT 0,
  updated_at INTEGER NOT NULL
);

CREATE TABLE agent_version (
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,
  version    INTEGER NOT NULL,       -- 1, 2, 3 … within the name
  yaml       TEXT NOT NULL,
  origin     TEXT NOT NULL,          -- file, dashboard
  file       TEXT NOT NULL DEFAULT '',
  author     TEXT NOT NULL DEFAULT '',
  live       INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  UNIQUE (name, version)
);
CREATE UNIQUE INDEX agent_version_live ON agent_version (name) WHERE live = 1;
