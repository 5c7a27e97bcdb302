-- Runs, their log and their journal ------------------------------------------------------------------

CREATE TABLE runs (
    id            TEXT PRIMARY KEY,
    task_id       TEXT NOT NULL,              -- SHA-256 of project and request: what a task budget counts
    project       TEXT NOT NULL,              -- absolute path of the user's folder
    request       TEXT NOT NULL,
    settings      TEXT NOT NULL,              -- JSON of config.settings.Settings at the start
    options       TEXT NOT NULL DEFAULT '{}', -- JSON: yes, model, profile, cassette …
    status        TEXT NOT NULL CHECK (status IN ('queued', 'running', 'paused', 'waiting', 'interrupted', 'finished')),
    created_at    REAL NOT NULL,
    updated_at    REAL NOT NULL,
    pid           INTEGER,
    verdict       TEXT,
    exit_code     INTEGER,
    cost_micros   INTEGER NOT NULL DEFAULT 0,
    summary       TEXT NOT NULL DEFAULT ''    -- JSON of the run.finished event
) STRICT;
CREATE INDEX runs_by_time ON runs (created_at DESC);

CREATE TABLE events (
    run_id  TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    seq     INTEGER NOT NULL,
    at      REAL NOT NULL,
    once    TEXT,                             -- identity of an event that a resumed run must not log again
    body    TEXT NOT NULL,
    PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX events_once ON events (run_id, once) WHERE once IS NOT NULL;

CREATE TABLE journal (
    run_id     TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    step       TEXT NOT NULL,
    started_at REAL NOT NULL,
    ended_at   REAL NOT NULL,
    result     TEXT NOT NULL,                 -- JSON
    PRIMARY KEY (run_id, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE commands (
    id         INTEGER PRIMARY KEY,
    run_id     TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL CHECK (kind IN ('start', 'pause', 'resume', 'cancel', 'decide', 'rate')),
    payload    TEXT NOT NULL DEFAULT '{}',
    created_at REAL NOT NULL,
    taken_at   REAL
) STRICT;
CREATE INDEX commands_open ON commands (run_id) WHERE taken_at IS NULL;

CREATE TABLE ratings (
    run_id TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    stars  INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5),
    note   TEXT NOT NULL DEFAULT '',
    at     REAL NOT NULL
) STRICT;

-- Money ----------------------------------------------------------------------------------------------

CREATE TABLE ledger (
    id              INTEGER PRIMARY KEY,
    run_id          TEXT NOT NULL,
    task_id         TEXT NOT NULL,
    step            TEXT NOT NULL,
    phase           TEXT NOT NULL,
    model           TEXT NOT NULL,
    day             TEXT NOT NULL,            -- UTC, YYYY-MM-DD, of the reservation
    state           TEXT NOT NULL CHECK (state IN ('reserved', 'settled', 'released')),
    reserved_micros INTEGER NOT NULL CHECK (reserved_micros >= 0),
    cost_micros     INTEGER NOT NULL DEFAULT 0 CHECK (cost_micros >= 0),
    estimated       INTEGER NOT NULL DEFAULT 0,
    usage           TEXT NOT NULL DEFAULT '{}',
    price_snapshot  TEXT NOT NULL DEFAULT '',
    pid             INTEGER NOT NULL,
    created_at      REAL NOT NULL,
    closed_at       REAL
) STRICT;
CREATE INDEX ledger_by_run ON ledger (run_id);
CREATE INDEX ledger_by_task ON ledger (task_id);
CREATE INDEX ledger_by_day ON ledger (day);

CREATE TABLE budget_alerts (
    scope   TEXT NOT NULL,
    percent INTEGER NOT NULL,
    at      REAL NOT NULL,
    PRIMARY KEY (scope, percent)
) STRICT, WITHOUT ROWID;

-- Decisions (audit): one row per model call. prev_hash and hash are filled by the audit chain. -----------

CREATE TABLE decisions (
    seq               INTEGER PRIMARY KEY,
    at                REAL NOT NULL,
    run_id            TEXT NOT NULL,
    phase             TEXT NOT NULL,
    actor             TEXT NOT NULL DEFAULT 'model',
    step              TEXT NOT NULL,
    model             TEXT NOT NULL,
    params_hash       TEXT NOT NULL,
    input_hash        TEXT NOT NULL,
    output_hash       TEXT NOT NULL,
    usage             TEXT NOT NULL,
    cost_micros       INTEGER NOT NULL,
    price_snapshot    TEXT NOT NULL,
    rule_ids          TEXT NOT NULL DEFAULT '[]',
    decision          TEXT NOT NULL,
    prev_hash         TEXT,
    hash              TEXT
) STRICT;
CREATE INDEX decisions_by_run ON decisions (run_id);

-- Reliability state that survives a restart ------------------------------------------------------------

CREATE TABLE breakers (
    name       TEXT PRIMARY KEY,
    state      TEXT NOT NULL,                 -- JSON
    updated_at REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE rate_windows (
    name   TEXT NOT NULL,
    at     REAL NOT NULL,
    tokens INTEGER NOT NULL,
    id     INTEGER PRIMARY KEY
) STRICT;
CREATE INDEX rate_windows_by_name ON rate_windows (name, at);

-- Delivery ---------------------------------------------------------------------------------------------

CREATE TABLE deliveries (
    run_id      TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    project     TEXT NOT NULL,
    artefacts   TEXT NOT NULL,                -- folder with the blobs of both sides
    state       TEXT NOT NULL CHECK (state IN ('PREPARED', 'APPLYING', 'APPLIED', 'ROLLED_BACK', 'BRANCHED', 'CONFLICT', 'UNDOING', 'UNDONE')),
    message     TEXT NOT NULL,
    branch      TEXT NOT NULL DEFAULT '',     -- short name, where the work was left as a branch
    ref         TEXT NOT NULL DEFAULT '',     -- branch that the commit goes to
    parent      TEXT NOT NULL DEFAULT '',     -- what `ref` must be at for the commit to go there
    commit_id   TEXT NOT NULL DEFAULT '',
    undo_commit TEXT NOT NULL DEFAULT '',
    detail      TEXT NOT NULL DEFAULT '',
    updated_at  REAL NOT NULL
) STRICT;

CREATE TABLE delivery_files (
    run_id      TEXT NOT NULL REFERENCES deliveries (run_id) ON DELETE CASCADE,
    direction   TEXT NOT NULL CHECK (direction IN ('deliver', 'undo')),
    path        TEXT NOT NULL,
    before_hash TEXT,                         -- NULL: the file does not exist before
    after_hash  TEXT,                         -- NULL: the file does not exist after
    before_mode INTEGER,
    after_mode  INTEGER,
    PRIMARY KEY (run_id, direction, path)
) STRICT, WITHOUT ROWID;
