-- The latest message that somebody other than its asker wrote in a thread without
-- mentioning us.
CREATE TABLE talk (
    team      TEXT NOT NULL,
    channel   TEXT NOT NULL,
    thread_ts TEXT NOT NULL,
    at_ts     TEXT NOT NULL,
    PRIMARY KEY (team, channel, thread_ts)
);

-- For the conversation of a direct message, over all its threads.
CREATE INDEX question_channel ON question (team, channel, id);
