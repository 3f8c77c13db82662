-- Two contacts that turn out to be one person are merged while webhooks wait for
-- the writer: what belongs to one must be found without a walk through all.

CREATE INDEX event_conversation ON event (conversation_id, id);
CREATE INDEX guardrail_conversation ON guardrail (conversation_id);
CREATE INDEX memory_session ON memory (session_id);
