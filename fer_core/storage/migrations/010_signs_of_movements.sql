-- Movements are read from signs; the distances that came before them are nothing's any more.
-- Sessions that have ended keep the movements that were worked out from them.
ALTER TABLE timeline ADD COLUMN smile_sign FLOAT;
ALTER TABLE timeline ADD COLUMN mouth_open_sign FLOAT;
ALTER TABLE timeline ADD COLUMN brows_up_sign FLOAT;
ALTER TABLE timeline ADD COLUMN brows_drawn_sign FLOAT;
ALTER TABLE timeline DROP COLUMN mouth_width;
ALTER TABLE timeline DROP COLUMN mouth_lift;
ALTER TABLE timeline DROP COLUMN mouth_gap;
ALTER TABLE timeline DROP COLUMN brows;
ALTER TABLE timeline DROP COLUMN brows_inner;
