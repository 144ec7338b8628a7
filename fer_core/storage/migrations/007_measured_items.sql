-- An item may be a film that was analysed here: the stimulus that its viewers watched.
ALTER TABLE items ADD COLUMN stimulus_id VARCHAR;
