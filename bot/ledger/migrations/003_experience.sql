-- How the current revision is to be answered, the adapter's notes on it, and the
-- revision that its asker stopped, 0 for none.
ALTER TABLE question ADD COLUMN how     TEXT   NOT NULL DEFAULT '';
ALTER TABLE question ADD COLUMN detail  TEXT   NOT NULL DEFAULT '';
ALTER TABLE question ADD COLUMN stopped BIGINT NOT NULL DEFAULT 0;
CREATE INDEX question_asker ON question (team, asker, id);

-- What answers that may be shared have in common, and the answer that one repeats.
ALTER TABLE answer ADD COLUMN share_key   TEXT   NOT NULL DEFAULT '';
ALTER TABLE answer ADD COLUMN reused_from BIGINT NOT NULL DEFAULT 0;
CREATE INDEX answer_share ON answer (share_key, id) WHERE share_key <> '';

-- Tokens of language models. debited counts against limit_tokens (0 for none) and
-- covers calls that were never settled; the rest is what servers counted.
CREATE TABLE budget (
    team         TEXT   NOT NULL,
    day          TEXT   NOT NULL,
    limit_tokens BIGINT NOT NULL,
    debited      BIGINT NOT NULL,
    prompt       BIGINT NOT NULL,
    completion   BIGINT NOT NULL,
    cached       BIGINT NOT NULL,
    calls        BIGINT NOT NULL,
    PRIMARY KEY (team, day)
);

-- Up to when something was done, by its name.
CREATE TABLE mark (
    name TEXT   NOT NULL PRIMARY KEY,
    at   BIGINT NOT NULL
);

-- Files that people handed in, thread_ts '' for a whole channel's.
CREATE TABLE report (
    team      TEXT   NOT NULL,
    channel   TEXT   NOT NULL,
    thread_ts TEXT   NOT NULL,
    file      TEXT   NOT NULL,
    name      TEXT   NOT NULL,
    hash      TEXT   NOT NULL,
    size      BIGINT NOT NULL,
    user_id   TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (team, channel, thread_ts, file)
);
CREATE INDEX report_file ON report (team, file);
