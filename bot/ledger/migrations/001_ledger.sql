-- Times are microseconds since 1970, UTC. JSON is text. owed is 1 while work is owed.

CREATE TABLE question (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    team        TEXT    NOT NULL,
    channel     TEXT    NOT NULL,
    ts          TEXT    NOT NULL,
    thread_ts   TEXT    NOT NULL,
    surface     TEXT    NOT NULL,
    asker       TEXT    NOT NULL,
    text        TEXT    NOT NULL,
    edit_ts     TEXT    NOT NULL,
    corpus_hash TEXT    NOT NULL,
    revision    BIGINT  NOT NULL,
    state       TEXT    NOT NULL,
    owed        BIGINT  NOT NULL,
    attempts    BIGINT  NOT NULL,
    error       TEXT    NOT NULL,
    job_id      BIGINT  NOT NULL,
    due_at      BIGINT  NOT NULL,
    owed_at     BIGINT  NOT NULL,
    created_at  BIGINT  NOT NULL,
    updated_at  BIGINT  NOT NULL,
    pruned_at   BIGINT  NOT NULL,
    UNIQUE (team, channel, ts)
);
CREATE INDEX question_thread ON question (team, channel, thread_ts, id);
CREATE INDEX question_owed ON question (due_at) WHERE owed = 1;
CREATE INDEX question_state ON question (state, owed, attempts);
CREATE INDEX question_updated ON question (updated_at) WHERE owed = 0;

CREATE TABLE question_event (
    question_id BIGINT NOT NULL REFERENCES question (id) ON DELETE CASCADE,
    event_id    TEXT   NOT NULL,
    PRIMARY KEY (question_id, event_id)
);

CREATE TABLE lease (
    team        TEXT   NOT NULL,
    channel     TEXT   NOT NULL,
    thread_ts   TEXT   NOT NULL,
    question_id BIGINT NOT NULL,
    worker      TEXT   NOT NULL,
    token       BIGINT NOT NULL,
    beat_at     BIGINT NOT NULL,
    PRIMARY KEY (team, channel, thread_ts)
);

CREATE TABLE worker (
    id      TEXT   NOT NULL PRIMARY KEY,
    beat_at BIGINT NOT NULL
);

CREATE TABLE step (
    question_id BIGINT NOT NULL REFERENCES question (id) ON DELETE CASCADE,
    revision    BIGINT NOT NULL,
    kind        TEXT   NOT NULL,
    purpose     TEXT   NOT NULL,
    number      BIGINT NOT NULL,
    channel     TEXT   NOT NULL,
    ts          TEXT   NOT NULL,
    text        TEXT   NOT NULL,
    at          BIGINT NOT NULL,
    PRIMARY KEY (question_id, revision, kind, purpose, number)
);
CREATE INDEX step_message ON step (channel, ts) WHERE ts <> '';

CREATE TABLE answer (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    question_id       BIGINT  NOT NULL REFERENCES question (id) ON DELETE CASCADE,
    revision          BIGINT  NOT NULL,
    text              TEXT    NOT NULL,
    outcome           TEXT    NOT NULL,
    mode              TEXT    NOT NULL,
    refused           BIGINT  NOT NULL,
    confidence        DOUBLE PRECISION NOT NULL,
    citations         TEXT    NOT NULL,
    headings          TEXT    NOT NULL,
    notice            TEXT    NOT NULL,
    understood_as     TEXT    NOT NULL,
    corpus_hash       TEXT    NOT NULL,
    model             TEXT    NOT NULL,
    prompt_tokens     BIGINT  NOT NULL,
    completion_tokens BIGINT  NOT NULL,
    timings           TEXT    NOT NULL,
    created_at        BIGINT  NOT NULL,
    UNIQUE (question_id, revision)
);

CREATE TABLE feedback (
    answer_id  BIGINT NOT NULL REFERENCES answer (id) ON DELETE CASCADE,
    user_id    TEXT   NOT NULL,
    vote       BIGINT NOT NULL,
    reason     TEXT   NOT NULL,
    text       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (answer_id, user_id)
);

-- One row per rate-limited scope: the theoretical arrival time of GCRA.
CREATE TABLE rate (
    scope      TEXT   NOT NULL PRIMARY KEY,
    arrival_at BIGINT NOT NULL
);
