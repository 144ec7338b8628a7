-- People who may log in, their logins, and which studies are limited to whom.
CREATE TABLE users (
    user_id VARCHAR PRIMARY KEY,
    name VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    password VARCHAR,
    provider BOOLEAN NOT NULL DEFAULT false,
    created TIMESTAMP NOT NULL,
    disabled TIMESTAMP,
    failures INTEGER NOT NULL DEFAULT 0,
    locked_until TIMESTAMP
);
CREATE TABLE logins (
    login_id VARCHAR PRIMARY KEY,
    user_id VARCHAR NOT NULL,
    digest VARCHAR NOT NULL,
    browser VARCHAR NOT NULL DEFAULT '',
    began TIMESTAMP NOT NULL,
    expires TIMESTAMP NOT NULL
);
CREATE TABLE study_people (
    study_id VARCHAR NOT NULL,
    user_id VARCHAR NOT NULL
);
