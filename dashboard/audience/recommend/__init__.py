"""The page Recommend: titles for a look, creatives for an audience, the catalogue."""
