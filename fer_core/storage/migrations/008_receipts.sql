-- What was removed by a rule or by a person, by ids alone; which text a respondent agreed to, and when.
CREATE TABLE receipts (
    receipt_id VARCHAR PRIMARY KEY,
    kind VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    ids VARCHAR NOT NULL,
    files INTEGER NOT NULL,
    bytes BIGINT NOT NULL,
    removed TIMESTAMP NOT NULL
);
ALTER TABLE links ADD COLUMN consent_version INTEGER DEFAULT 1;
ALTER TABLE responses ADD COLUMN consent_version INTEGER;
ALTER TABLE responses ADD COLUMN consented TIMESTAMP;
