-- What respondents go through, their answers, and which recording belongs to which film of it.
CREATE TABLE courses (
    course_id VARCHAR PRIMARY KEY,
    study_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    content VARCHAR NOT NULL,
    created TIMESTAMP NOT NULL,
    changed TIMESTAMP NOT NULL
);
CREATE TABLE answers (
    response_id VARCHAR NOT NULL,
    link_id VARCHAR NOT NULL,
    question VARCHAR NOT NULL,
    about VARCHAR NOT NULL DEFAULT '',
    value VARCHAR NOT NULL,
    answered TIMESTAMP NOT NULL
);
CREATE TABLE showings (
    response_id VARCHAR NOT NULL,
    link_id VARCHAR NOT NULL,
    stimulus_id VARCHAR NOT NULL,
    session_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    began TIMESTAMP NOT NULL
);
CREATE TABLE ratings (
    session_id VARCHAR NOT NULL,
    t_ms INTEGER NOT NULL,
    value DOUBLE NOT NULL
);
ALTER TABLE links ADD COLUMN course VARCHAR;
ALTER TABLE responses ADD COLUMN visit VARCHAR;
ALTER TABLE responses ADD COLUMN route VARCHAR;
ALTER TABLE responses ADD COLUMN step INTEGER;
ALTER TABLE responses ADD COLUMN heard TIMESTAMP;
ALTER TABLE responses ADD COLUMN language VARCHAR;
ALTER TABLE responses ADD COLUMN device VARCHAR;
ALTER TABLE responses ADD COLUMN panel_id VARCHAR;
