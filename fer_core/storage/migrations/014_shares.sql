-- Reports as they were when somebody shared them by a link. No backup holds them.
CREATE TABLE shares (
    share_id VARCHAR PRIMARY KEY,
    study_id VARCHAR NOT NULL,
    sessions VARCHAR NOT NULL,
    minimum INTEGER NOT NULL,
    html VARCHAR NOT NULL,
    created TIMESTAMP NOT NULL,
    ends TIMESTAMP NOT NULL
);
