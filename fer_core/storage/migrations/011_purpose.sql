-- What a study is for, as somebody stated it (JSON); NULL: not stated.
ALTER TABLE studies ADD COLUMN purpose VARCHAR;
