-- Links for respondents and what came of them.
CREATE TABLE links (
    link_id VARCHAR PRIMARY KEY,
    token VARCHAR NOT NULL,
    study_id VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    consent VARCHAR NOT NULL,
    arms VARCHAR NOT NULL,
    keep_faces BOOLEAN NOT NULL DEFAULT false,
    most_uses INTEGER,
    ends TIMESTAMP,
    revoked TIMESTAMP,
    created TIMESTAMP NOT NULL
);
CREATE TABLE responses (
    response_id VARCHAR PRIMARY KEY,
    link_id VARCHAR NOT NULL,
    number INTEGER NOT NULL,
    arm INTEGER NOT NULL,
    respondent VARCHAR NOT NULL,
    consent VARCHAR NOT NULL,
    session_id VARCHAR,
    state VARCHAR NOT NULL,
    alignment VARCHAR NOT NULL DEFAULT '{}',
    begun TIMESTAMP NOT NULL,
    ended TIMESTAMP
);
