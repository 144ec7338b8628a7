-- From a moment on a number may be someone else: who is shown as whom holds for a span. What
-- is left out was kept by tracked viewer alone; now by shown viewer too, who has no frames of
-- absence there.
CREATE TABLE left_out (
    session_id VARCHAR NOT NULL,
    viewer INTEGER NOT NULL,
    from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL
);
INSERT INTO left_out
    SELECT DISTINCT e.session_id, coalesce(v.shown, e.viewer), e.from_ms, e.to_ms
    FROM exclusions e
    LEFT JOIN viewers v ON v.session_id = e.session_id AND v.viewer = e.viewer;
ALTER TABLE viewers ADD COLUMN from_ms INTEGER DEFAULT 0;
ALTER TABLE viewers ADD COLUMN to_ms INTEGER DEFAULT 2147483647;
