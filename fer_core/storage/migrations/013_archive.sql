-- Sessions whose timelines lie in Parquet files below the home, and no longer in the table timeline.
CREATE TABLE archived (
    session_id VARCHAR NOT NULL,
    file VARCHAR NOT NULL,
    rows BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    digest VARCHAR NOT NULL,
    moved TIMESTAMP NOT NULL
);
