-- What the rest of an agent's file needs kept: summaries, usage by model, what
-- tools remember, the data of an answer.
SELECT 1;

-- Tools: what a turn's tools noted for people, as JSON; and what cache_store keeps.
ALTER TABLE turn ADD COLUMN noted TEXT NOT NULL DEFAULT '';
CREATE TABLE kept (
  id         INTEGER PRIMARY KEY,
  agent      TEXT NOT NULL,
  owner      TEXT NOT NULL,    -- the session that may read it; '' = all of the agent's
  session_id TEXT NOT NULL,    -- whose turn wrote it
  name       TEXT NOT NULL,
  value      TEXT NOT NULL,
  expires_at INTEGER NOT NULL, -- 0 = never
  at         INTEGER NOT NULL
);
CREATE UNIQUE INDEX kept_name ON kept (agent, owner, name);
CREATE INDEX kept_owner ON kept (owner);
CREATE INDEX kept_session ON kept (session_id);
CREATE INDEX kept_expires ON kept (expires_at) WHERE expires_at > 0;

-- Memory: where the window into a session begins, and the summary that stands
-- for what came before it. An entry's tokens are the model's own count; 0 = not
-- known.
ALTER TABLE memory ADD COLUMN tokens INTEGER NOT NULL DEFAULT 0;
CREATE TABLE memory_window (
  agent      TEXT NOT NULL,
  session_id TEXT NOT NULL,
  first      INTEGER NOT NULL DEFAULT 0,  -- entries before this seq are not in the prompt
  summary    TEXT NOT NULL DEFAULT '',
  covered    INTEGER NOT NULL DEFAULT 0,  -- it stands for the entries before this seq
  seen       INTEGER NOT NULL DEFAULT 0,  -- whoever wrote it had read the entries before this seq
  tokens     INTEGER NOT NULL DEFAULT 0,  -- of the summary
  at         INTEGER NOT NULL,            -- of the last change; grows with each
  PRIMARY KEY (agent, session_id)
);
CREATE INDEX memory_window_session ON memory_window (session_id);

-- Models: what each was used for in a turn, by role; milliseconds. A turn that a
-- script asked for has conversation 0. The triggers keep figures by the hour, as
-- in 0002: "model:calls:ollama/llava:7b", and in, out, wait, load, prompt, write.
CREATE TABLE usage (
  id              INTEGER PRIMARY KEY,
  turn_id         TEXT NOT NULL,
  conversation_id INTEGER NOT NULL,
  agent           TEXT NOT NULL,
  candidate       TEXT NOT NULL,
  role            TEXT NOT NULL,    -- what a pattern asked for; '' = the agent itself
  calls           INTEGER NOT NULL,
  tokens_in       INTEGER NOT NULL,
  tokens_out      INTEGER NOT NULL,
  wait_ms         INTEGER NOT NULL, -- in the queue
  load_ms         INTEGER NOT NULL,
  prompt_ms       INTEGER NOT NULL, -- reading the prompt
  write_ms        INTEGER NOT NULL, -- generating the answer
  at              INTEGER NOT NULL
);
CREATE INDEX usage_turn ON usage (turn_id);
CREATE INDEX usage_conversation ON usage (conversation_id);
CREATE INDEX usage_at ON usage (at);
CREATE TRIGGER counter_usage AFTER INSERT ON usage BEGIN
  INSERT INTO counter VALUES (new.at / 3600000, 'model:calls:' || new.candidate, new.calls) ON CONFLICT DO UPDATE SET n = n + excluded.n;
  INSERT INTO counter VALUES (new.at / 3600000, 'model:in:' || new.candidate, new.tokens_in) ON CONFLICT DO UPDATE SET n = n + excluded.n;
  INSERT INTO counter VALUES (new.at / 3600000, 'model:out:' || new.candidate, new.tokens_out) ON CONFLICT DO UPDATE SET n = n + excluded.n;
  INSERT INTO counter VALUES (new.at / 3600000, 'model:wait:' || new.candidate, new.wait_ms) ON CONFLICT DO UPDATE SET n = n + excluded.n;
  INSERT INTO counter VALUES (new.at / 3600000, 'model:load:' || new.candidate, new.load_ms) ON CONFLICT DO UPDATE SET n = n + excluded.n;
  INSERT INTO counter VALUES (new.at / 3600000, 'model:prompt:' || new.candidate, new.prompt_ms) ON CONFLICT DO UPDATE SET n = n + excluded.n;
  INSERT INTO counter VALUES (new.at / 3600000, 'model:write:' || new.candidate, new.write_ms) ON CONFLICT DO UPDATE SET n = n + excluded.n;
END;

-- Answers: the data that an answer gave by its agent's output_schema, as JSON.
ALTER TABLE turn ADD COLUMN data TEXT NOT NULL DEFAULT '';
