-- What of an answer the report no longer says, as JSON; empty for nothing known.
ALTER TABLE answer ADD COLUMN outdated TEXT NOT NULL DEFAULT '';
CREATE INDEX answer_created ON answer (created_at);

-- While an answer that stands is shown once more: when its question was last
-- changed before that, which is what it is pruned by; else 0.
ALTER TABLE question ADD COLUMN remarked BIGINT NOT NULL DEFAULT 0;
