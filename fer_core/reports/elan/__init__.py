"""For ELAN: annotations in tiers, of a session or of a study."""
