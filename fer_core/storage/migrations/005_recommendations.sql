-- What can be recommended, and what people did with what they were shown.
CREATE TABLE items (
    item_id VARCHAR PRIMARY KEY,
    medium VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    creator VARCHAR NOT NULL DEFAULT '',
    year INTEGER,
    valence DOUBLE NOT NULL,
    energy DOUBLE NOT NULL,
    warmth DOUBLE NOT NULL,
    tension DOUBLE NOT NULL,
    sentence VARCHAR NOT NULL DEFAULT '',
    removed BOOLEAN NOT NULL DEFAULT false,
    updated TIMESTAMP NOT NULL
);
CREATE TABLE feedback (
    feedback_id VARCHAR PRIMARY KEY,
    list_id VARCHAR NOT NULL,
    item_id VARCHAR NOT NULL,
    action VARCHAR NOT NULL,
    session_id VARCHAR,
    visitor VARCHAR,
    policy VARCHAR NOT NULL,
    valence DOUBLE NOT NULL,
    energy DOUBLE NOT NULL,
    tension DOUBLE NOT NULL,
    created TIMESTAMP NOT NULL
);
