-- The tables of the first release. A released step is never edited: add another file.
-- Times of day are UTC without a zone. Columns that hold JSON are text. Rows that only ever
-- arrive in bulk (timeline, frames, seconds, epochs, predictions) have no key: an index
-- would cost more than the rows.
CREATE TABLE studies (
    study_id VARCHAR PRIMARY KEY,
    name VARCHAR NOT NULL,
    kind VARCHAR,
    question VARCHAR,
    notes VARCHAR,
    simulated BOOLEAN NOT NULL DEFAULT false,
    settings VARCHAR NOT NULL DEFAULT '{}',
    created TIMESTAMP NOT NULL
);
CREATE TABLE conditions (
    study_id VARCHAR NOT NULL,
    condition VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (study_id, condition)
);
CREATE TABLE stimuli (
    stimulus_id VARCHAR PRIMARY KEY,
    study_id VARCHAR,
    title VARCHAR NOT NULL,
    path VARCHAR,
    digest VARCHAR,
    length_ms INTEGER,
    notes VARCHAR,
    created TIMESTAMP NOT NULL
);
CREATE TABLE sessions (
    session_id VARCHAR PRIMARY KEY,
    name VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    path VARCHAR,
    digest VARCHAR,
    created TIMESTAMP NOT NULL,
    status VARCHAR NOT NULL,
    error VARCHAR,
    study_id VARCHAR,
    stimulus_id VARCHAR,
    condition VARCHAR,
    offset_ms INTEGER NOT NULL DEFAULT 0,
    respondent VARCHAR,
    tags VARCHAR NOT NULL DEFAULT '[]',
    notes VARCHAR,
    model VARCHAR,
    settings VARCHAR NOT NULL DEFAULT '{}',
    versions VARCHAR NOT NULL DEFAULT '{}',
    info VARCHAR NOT NULL DEFAULT '{}',
    summary VARCHAR NOT NULL DEFAULT '{}',
    extra VARCHAR NOT NULL DEFAULT '{}',
    duration_s DOUBLE,
    frames INTEGER,
    frames_lost INTEGER,
    lost_note VARCHAR,
    faces INTEGER,
    viewers INTEGER,
    quality DOUBLE,
    fps DOUBLE,
    width INTEGER,
    height INTEGER,
    engagement DOUBLE,
    attention DOUBLE,
    valence DOUBLE,
    included BOOLEAN,
    included_reason VARCHAR,
    source_ns BIGINT NOT NULL DEFAULT 0,
    updated TIMESTAMP NOT NULL
);
CREATE TABLE frames (
    session_id VARCHAR NOT NULL,
    frame INTEGER NOT NULL,
    t_ms INTEGER NOT NULL,
    faces INTEGER NOT NULL
);
CREATE TABLE timeline (
    session_id VARCHAR,
    t_ms INTEGER,
    frame INTEGER,
    viewer INTEGER,
    x FLOAT,
    y FLOAT,
    w FLOAT,
    h FLOAT,
    score FLOAT,
    yaw FLOAT,
    pitch FLOAT,
    roll FLOAT,
    usable BOOLEAN,
    why_not VARCHAR,
    p_angry FLOAT,
    p_disgust FLOAT,
    p_fear FLOAT,
    p_happy FLOAT,
    p_sad FLOAT,
    p_surprise FLOAT,
    p_neutral FLOAT,
    emotion VARCHAR,
    confidence FLOAT,
    valence FLOAT,
    activation FLOAT,
    expressiveness FLOAT,
    attention FLOAT,
    engagement FLOAT
);
CREATE TABLE seconds (
    session_id VARCHAR NOT NULL,
    viewer INTEGER NOT NULL,
    second INTEGER NOT NULL,
    n INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    away INTEGER NOT NULL,
    p_angry FLOAT,
    p_disgust FLOAT,
    p_fear FLOAT,
    p_happy FLOAT,
    p_sad FLOAT,
    p_surprise FLOAT,
    p_neutral FLOAT,
    emotion VARCHAR,
    confidence FLOAT,
    valence FLOAT,
    activation FLOAT,
    expressiveness FLOAT,
    attention FLOAT,
    engagement FLOAT
);
CREATE TABLE markers (
    marker_id VARCHAR PRIMARY KEY,
    session_id VARCHAR,
    stimulus_id VARCHAR,
    kind VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    from_ms INTEGER NOT NULL,
    to_ms INTEGER,
    note VARCHAR,
    source VARCHAR NOT NULL,
    created TIMESTAMP NOT NULL
);
CREATE TABLE viewer_edits (
    edit_id VARCHAR PRIMARY KEY,
    session_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    viewer INTEGER NOT NULL,
    into_viewer INTEGER,
    name VARCHAR,
    from_ms INTEGER,
    to_ms INTEGER,
    reason VARCHAR,
    undone BOOLEAN NOT NULL DEFAULT false,
    created TIMESTAMP NOT NULL
);
CREATE TABLE viewers (
    session_id VARCHAR NOT NULL,
    viewer INTEGER NOT NULL,
    shown INTEGER NOT NULL,
    name VARCHAR
);
CREATE TABLE exclusions (
    session_id VARCHAR NOT NULL,
    viewer INTEGER NOT NULL,
    from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL
);
CREATE TABLE jobs (
    job_id VARCHAR PRIMARY KEY,
    kind VARCHAR NOT NULL,
    title VARCHAR,
    session_id VARCHAR,
    run_id VARCHAR,
    spec VARCHAR NOT NULL DEFAULT '{}',
    status VARCHAR NOT NULL,
    priority INTEGER NOT NULL DEFAULT 0,
    attempt INTEGER NOT NULL DEFAULT 0,
    done DOUBLE,
    total DOUBLE,
    rate DOUBLE,
    eta_s DOUBLE,
    message VARCHAR,
    error VARCHAR,
    pid INTEGER,
    cancel_asked BOOLEAN NOT NULL DEFAULT false,
    created TIMESTAMP NOT NULL,
    started TIMESTAMP,
    finished TIMESTAMP,
    updated TIMESTAMP NOT NULL
);
CREATE TABLE models (
    model VARCHAR PRIMARY KEY,
    family VARCHAR,
    path VARCHAR,
    checksum VARCHAR,
    source VARCHAR,
    run_id VARCHAR,
    card VARCHAR NOT NULL DEFAULT '{}',
    created TIMESTAMP NOT NULL
);
CREATE TABLE training_runs (
    run_id VARCHAR PRIMARY KEY,
    model VARCHAR,
    architecture VARCHAR,
    base_model VARCHAR,
    status VARCHAR NOT NULL,
    settings VARCHAR NOT NULL DEFAULT '{}',
    data VARCHAR NOT NULL DEFAULT '{}',
    metrics VARCHAR NOT NULL DEFAULT '{}',
    error VARCHAR,
    created TIMESTAMP NOT NULL,
    finished TIMESTAMP
);
CREATE TABLE epochs (
    run_id VARCHAR NOT NULL,
    epoch INTEGER NOT NULL,
    loss DOUBLE,
    accuracy DOUBLE,
    val_loss DOUBLE,
    val_accuracy DOUBLE,
    learning_rate DOUBLE,
    seconds DOUBLE,
    metrics VARCHAR NOT NULL DEFAULT '{}'
);
CREATE TABLE evaluations (
    evaluation_id VARCHAR PRIMARY KEY,
    model VARCHAR NOT NULL,
    data VARCHAR NOT NULL,
    usage VARCHAR,
    n INTEGER NOT NULL,
    accuracy DOUBLE,
    macro_f1 DOUBLE,
    ece DOUBLE,
    report VARCHAR NOT NULL DEFAULT '{}',
    created TIMESTAMP NOT NULL
);
CREATE TABLE predictions (
    evaluation_id VARCHAR NOT NULL,
    item VARCHAR NOT NULL,
    truth VARCHAR,
    guess VARCHAR,
    confidence FLOAT,
    p_angry FLOAT,
    p_disgust FLOAT,
    p_fear FLOAT,
    p_happy FLOAT,
    p_sad FLOAT,
    p_surprise FLOAT,
    p_neutral FLOAT
);
CREATE TABLE labels (
    label_id VARCHAR PRIMARY KEY,
    item VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    session_id VARCHAR,
    frame INTEGER,
    viewer INTEGER,
    emotion VARCHAR,
    verdict VARCHAR NOT NULL,
    labeller VARCHAR NOT NULL,
    held_out BOOLEAN NOT NULL DEFAULT false,
    undone BOOLEAN NOT NULL DEFAULT false,
    created TIMESTAMP NOT NULL
);
CREATE TABLE settings (
    name VARCHAR PRIMARY KEY,
    value VARCHAR NOT NULL,
    updated TIMESTAMP NOT NULL
);
CREATE TABLE ingested (
    session_id VARCHAR NOT NULL,
    shard INTEGER NOT NULL,
    rows_taken INTEGER NOT NULL,
    frames_taken INTEGER NOT NULL,
    problem VARCHAR,
    taken TIMESTAMP NOT NULL,
    PRIMARY KEY (session_id, shard)
);
CREATE TABLE orders (
    order_id VARCHAR PRIMARY KEY,
    kind VARCHAR NOT NULL,
    result VARCHAR,
    error VARCHAR,
    hint VARCHAR,
    taken TIMESTAMP NOT NULL
);
CREATE TABLE deletions (
    session_id VARCHAR PRIMARY KEY,
    upload VARCHAR,
    files_gone BOOLEAN NOT NULL,
    deleted TIMESTAMP NOT NULL
);
