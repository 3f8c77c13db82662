-- What the rest of an agent's file needs kept: summaries, usage by model, what
-- tools remember, the data of an answer.
SELECT 1;
