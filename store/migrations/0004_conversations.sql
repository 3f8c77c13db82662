-- The conversations page: its order, a person in the agent's place, and what is
-- left of who was erased.

-- When a person last took over: replies that the agent wrote before are void.
ALTER TABLE conversation ADD COLUMN taken_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX conversation_taken ON conversation (taken_until) WHERE taken_until > 0;
CREATE INDEX conversation_muted ON conversation (muted_until) WHERE muted_until > 0;
-- Newest first, whoever wrote last. Statements repeat the expression to the letter.
CREATE INDEX conversation_active ON conversation (max(last_inbound_at, last_outbound_at), id);
CREATE INDEX guardrail_turn ON guardrail (turn_id);

-- Ids of messages of erased customers, as a keyed hash: Meta sends webhooks again
-- for 7 days, and neither may such a message be answered nor its report kept.
CREATE TABLE erased (
  hash TEXT PRIMARY KEY,
  at   INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX erased_age ON erased (at);
