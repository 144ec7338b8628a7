-- What somebody wrote down about a training; NULL: nothing.
ALTER TABLE training_runs ADD COLUMN note VARCHAR;
